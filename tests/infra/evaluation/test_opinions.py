"""Labelled texts are read as files have them, and none is lost without a word."""

from pathlib import Path

import pytest

from infra.evaluation.opinions import Labelled, labelled
from infra.imports.files import SourceError, refuse, rows


def read(folder: Path, content: bytes | str, name: str = "texts.csv") -> Labelled:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return labelled(path, "text", "label", {}, None)


def test_rows_without_text_or_label_are_counted(tmp_path: Path) -> None:
    found = read(tmp_path, "text,label\ngood,positive\nshort\n,negative\nbad,negative\nodd,None\nodd,N/A\nodd,nan\n")
    assert found.texts == ["good", "bad"]
    assert found.left_out == {"without text or label": 5}


def test_records_may_lack_a_field(tmp_path: Path) -> None:
    lines = '{"text": "good", "label": 1}\n{"text": "who knows"}\n{"label": 0}\n{"text": "bad", "label": 0}\n'
    found = read(tmp_path, lines, "texts.jsonl")
    assert (found.texts, found.left_out) == (["good", "bad"], {"without text or label": 2})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_any_usual_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    text = "Très bon café, 5 €: “great”"
    assert read(tmp_path, f'text,label\n"{text.replace(chr(34), "")}",1\nbad,0\n'.encode(encoding)).texts[0] == text


def test_what_is_kept_must_be_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_bytes("item_id,title\na,café\n".encode("cp1252"))
    with pytest.raises(SourceError, match="cannot be read"):
        list(rows(path, refuse))


def test_a_long_text_is_read(tmp_path: Path) -> None:
    assert len(read(tmp_path, f"text,label\n{'long ' * 60_000},1\nbad,0\n").texts[0]) == 299_999


def test_a_bare_quotation_mark_swallows_no_lines(tmp_path: Path) -> None:
    lines = ["text\tlabel", '"Great, they said\t1', "bad\t0", '5" is too small\t0', '"quoted"\t1', 'not "so" bad\t1']
    found = read(tmp_path, "\n".join(lines) + "\n", "texts.tsv")
    assert found.texts == ['"Great, they said', "bad", '5" is too small', '"quoted"', 'not "so" bad']


def test_a_quoted_cell_may_have_lines_and_tabs(tmp_path: Path) -> None:
    found = read(tmp_path, 'text\tlabel\n"two\nlines\tand a tab"\t1\n"quoted"\t0\n', "texts.tsv")
    assert found.texts == ["two\nlines\tand a tab", "quoted"]
