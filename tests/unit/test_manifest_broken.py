"""Broken manifests, each with the exact words that are said of it: `manifests/broken/NAME.*` and `NAME.txt`."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.manifest import yaml_text
from catalog.manifest.files import MAX_BYTES
from catalog.manifest.load import load

BROKEN = Path(__file__).parent / "manifests" / "broken"
CASES = sorted(path for path in BROKEN.iterdir() if path.suffix != ".txt")


def told(path: Path) -> str:
    """What is said of a path, a line for each problem, with places relative to the folder of cases."""
    return "".join(f"{problem}\n".replace(f"{BROKEN}/", "") for problem in load(path).problems)


def test_there_are_at_least_fifty() -> None:
    """Every case has its words, and no words are without their case."""
    assert len(CASES) >= 50
    assert {path.with_suffix(".txt") for path in CASES} == set(BROKEN.glob("*.txt"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_exactly_this_is_said(path: Path) -> None:
    """Every fault of a case is told with its place, what is wrong and what was expected, all at once and sorted."""
    expected = path.with_suffix(".txt").read_text("utf-8")

    assert expected
    assert expected == told(path)


def test_a_file_of_a_hundred_megabytes_is_refused_unread(tmp_path: Path) -> None:
    """Size is looked at before the text is."""
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(100_000_000)

    assert [f"{path}: the file has 100,000,000 bytes; expected at most {MAX_BYTES:,}; split it"] == [
        str(problem) for problem in load(path).problems
    ]


def test_brackets_without_end_end_in_words(tmp_path: Path) -> None:
    """A million open brackets are a fault with a place; libyaml alone, or recursion, would end the process."""
    path = tmp_path / "deep.yaml"
    path.write_text("a: " + "[" * 1_000_000)

    also = path.with_suffix(".json")
    also.write_text("[" * 1_000_000)

    assert [f"{path}:1:66: values within values, more than 64 deep"] == [str(p) for p in load(path).problems]
    assert [f"{also}:1:66: values within values, more than 64 deep"] == [str(p) for p in load(also).problems]


def test_too_many_documents_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is beyond the bound is not read; the place is the first of them."""
    monkeypatch.setattr(yaml_text, "MAX_DOCUMENTS", 2)
    path = tmp_path / "many.yaml"
    path.write_text("kind: Team\nname: a\n---\nkind: Team\nname: b\n---\nkind: Team\nname: c\n---\n[")

    assert [f"{path}:7:1: more than 2 documents"] == [str(problem) for problem in load(path).problems]


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    """A path that leads nowhere is a problem like any other."""
    assert [f"{tmp_path}/gone.yaml: no such file or directory"] == [
        str(problem) for problem in load(tmp_path / "gone.yaml").problems
    ]
