"""Imported by the process that `bench_kill` forks from, so that a killed training is hardly more than a training."""

from tests.bench.victim import warm_up

warm_up()
