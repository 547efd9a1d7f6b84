"""`make bench`: runs every benchmark in this folder, one after the other."""

import importlib
import pkgutil

from tests import bench

for found in pkgutil.iter_modules(bench.__path__):
    if found.name.startswith("bench_"):
        print(f"# {found.name}")
        importlib.import_module(f"tests.bench.{found.name}").main()
