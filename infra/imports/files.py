"""Files as rows: CSV, TSV, JSON lines, Parquet and the entries of an XML feed, by the ending; gzipped or not."""

import csv
import gzip
import json
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterable, Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any, NamedTuple, cast
from xml.etree import ElementTree

UTF_8 = "utf-8-sig"
CHUNK = 1 << 20
LONGEST_CELL = 1 << 30
GZIPPED = ".gz"
DELIMITERS = ",\t;|"
"""What may stand between the columns of a table: whichever its first line has most of; of equally many the first."""


class SourceError(Exception):
    """A file cannot be imported; the message says where and why."""


class Row(NamedTuple):
    """One record of a file. `line` is its line, or its number where a file has no lines."""

    line: int
    values: dict[str, Any]


class Problem(NamedTuple):
    """What is wrong with one record."""

    file: str
    line: int
    field: str
    message: str


Bad = Callable[[Problem], None]
"""Told of each bad record; raises, or takes note so that the import goes on."""


def refuse(problem: Problem) -> None:
    """End the import at its first bad record."""
    raise SourceError(f"{problem.file}, line {problem.line}, {problem.field}: {problem.message}")


def rows(path: Path, bad: Bad, *, any_encoding: bool = False) -> Iterator[Row]:
    """The rows of a file; a line that cannot be read is told to `bad`. Raises `SourceError`.

    A file is UTF-8, or UTF-16 with its mark; where `any_encoding`, Windows-1252 if it is neither.
    """
    if kind(path) not in READERS:
        raise SourceError(f"{path}: a file is one of {', '.join(READERS)}, or one of these with {GZIPPED} after it.")
    # What is no UTF-8, or no Parquet, is a ValueError.
    try:
        encoding = _encoding(path) if any_encoding else UTF_8
        yield from READERS[kind(path)](path, bad, encoding)
    except (
        EOFError,  # a gzipped file that was cut short
        OSError,
        ValueError,
        csv.Error,
        ElementTree.ParseError,
    ) as error:
        raise SourceError(f"{path} cannot be read: {error}") from error


def kind(path: Path) -> str:
    """What a file is, by the ending of its name; that of a gzipped one by the ending before."""
    return (path.with_suffix("") if path.suffix.lower() == GZIPPED else path).suffix.lower()


def _opened(path: Path) -> IO[bytes]:
    return cast(IO[bytes], gzip.open(path)) if path.suffix.lower() == GZIPPED else path.open("rb")


def _text(path: Path, encoding: str, newline: str | None = None) -> TextIOWrapper:
    return TextIOWrapper(_opened(path), encoding=encoding, newline=newline)


def _encoding(path: Path) -> str:
    with _opened(path) as file:
        if file.read(2) in (BOM_UTF16_LE, BOM_UTF16_BE):
            return "utf-16"
    try:
        with _text(path, UTF_8) as text:
            while text.read(CHUNK):
                pass
    except UnicodeDecodeError:
        return "cp1252"
    return UTF_8


def _csv(path: Path, _: Bad, encoding: str) -> Iterator[Row]:
    csv.field_size_limit(LONGEST_CELL)
    with _text(path, encoding, newline="") as file:
        delimiter = max(DELIMITERS, key=file.readline().count)
        file.seek(0)
        dialect = _Unquoted if delimiter == "\t" and _has_bare_quotes(file) else csv.excel
        file.seek(0)
        for row in (reader := csv.DictReader(file, dialect=dialect, delimiter=delimiter)):
            yield Row(reader.line_num, {name: value for name, value in row.items() if name and value is not None})


class _Unquoted(csv.excel_tab):
    quoting = csv.QUOTE_NONE


def _has_bare_quotes(file: Iterable[str]) -> bool:
    """Whether a quotation mark is only a character: every line has all cells, and in one a cell only begins with it."""
    columns, bare = None, False
    for line in file:
        cells = line.rstrip("\r\n").split("\t")
        columns = columns or len(cells)
        if len(cells) != columns:
            return False
        bare |= any(cell.startswith('"') and (len(cell) == 1 or not cell.endswith('"')) for cell in cells)
    return bare


def _json_lines(path: Path, bad: Bad, encoding: str) -> Iterator[Row]:
    with _text(path, encoding) as file:
        for line, text in enumerate(file, start=1):
            if not text.strip():
                continue
            try:
                values = json.loads(text)
            except (ValueError, RecursionError) as error:
                bad(Problem(str(path), line, "", f"is not JSON: {error}"))
                continue
            if isinstance(values, dict):
                yield Row(line, values)
            else:
                bad(Problem(str(path), line, "", "is not a JSON object"))


def _parquet(path: Path, _: Bad, _encoding: str) -> Iterator[Row]:
    try:
        from pyarrow import parquet  # noqa: PLC0415 - only for those who have such files
    except ImportError as error:
        raise SourceError(f"{path} needs the package pyarrow: install it with `uv pip install pyarrow`.") from error
    number = 0
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches():
            for values in batch.to_pylist():
                number += 1
                yield Row(number, values)


def _feed(path: Path, _: Bad, _encoding: str) -> Iterator[Row]:
    """The `item`s of an RSS feed or the `entry`s of an Atom one; of a field that repeats, the first."""
    number = 0
    with _opened(path) as file:
        for _event, node in ElementTree.iterparse(file):  # noqa: S314 - the owner's own file; expat bounds entities
            if _bare(node.tag) in ("item", "entry"):
                number += 1
                values: dict[str, Any] = {}
                for field in node:
                    values.setdefault(_bare(field.tag), (field.text or field.get("href") or "").strip())
                yield Row(number, values)
                node.clear()


def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]


READERS: dict[str, Callable[[Path, Bad, str], Iterator[Row]]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".txt": _csv,
    ".jsonl": _json_lines,
    ".ndjson": _json_lines,
    ".parquet": _parquet,
    ".xml": _feed,
}
