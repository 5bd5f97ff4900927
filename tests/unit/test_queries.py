"""Named Cypher blocks are loaded as they stand, their shorthands written out alike everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.graph import queries

TEXT = """\
// What this file is about, before the first block.

// name: plain
// Why it is as it is.
MATCH (n:Dataset {id: $id})
  // a comment between
RETURN n

// name: readers
// Two blocks from one: the present and the past.
MATCH (j:Job)-[r:READS]->(d) WHERE {holds r} AND {visible d} AND {visible j}
RETURN j.id AS id{steps r}

// name: always
// Steps alone make no past.
MATCH ()-[r]->() RETURN r.key AS key{steps r}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of blocks of our own."""
    monkeypatch.setattr(queries, "FOLDER", tmp_path)
    queries.blocks.cache_clear()
    yield tmp_path
    queries.blocks.cache_clear()


def load(folder: Path, text: str) -> dict[str, str]:
    (folder / "noun.cypher").write_text(text, "utf-8")
    return queries.blocks("noun")


def test_a_block_is_its_statement_without_comments(folder: Path) -> None:
    """From its name to the next one."""
    found = load(folder, TEXT)

    assert {"plain", "readers", "readers_past", "always"} == found.keys()
    assert "MATCH (n:Dataset {id: $id})\nRETURN n" == found["plain"]


def test_the_present_is_what_is_open(folder: Path) -> None:
    """`holds` is the flag alone; `steps` asks for nothing."""
    present = load(folder, TEXT)["readers"]

    assert present.startswith("MATCH (j:Job)-[r:READS]->(d) WHERE r.open AND ")
    assert present.endswith("\nRETURN j.id AS id")


def test_the_past_asks_for_the_points(folder: Path) -> None:
    """What began later or was heard later is left out by the minima; the rest is decided by its points."""
    past = load(folder, TEXT)["readers_past"]

    assert " WHERE r.s0 <= $known AND (r.t0 IS NULL OR r.t0 <= $asof) AND " in past
    assert past.endswith("AS id, r.n AS n, r.t0 AS t0, r.s0 AS s0, r.ts AS ts, r.ss AS ss, r.vs AS vs")


def test_every_statement_takes_the_reader_s_grants(folder: Path) -> None:
    """`visible` hides by namespace, and hides nothing from whoever may see everything."""
    for block in ("readers", "readers_past"):
        text = load(folder, TEXT)[block]

        assert "($grants IS NULL OR d.namespace IN $grants) AND ($grants IS NULL OR j.namespace IN $grants)" in text


def test_two_blocks_of_one_name_are_refused(folder: Path) -> None:
    """One of them would silently never run."""
    with pytest.raises(ValueError, match=r"noun\.cypher has two blocks named plain"):
        load(folder, TEXT + "\n// name: plain\n// Again.\nRETURN 1\n")


def test_a_file_without_blocks_has_none(folder: Path) -> None:
    """A comment is no block."""
    assert {} == load(folder, "// nothing here\n")


@pytest.mark.parametrize("noun", sorted(path.stem for path in queries.FOLDER.glob("*.cypher")))
def test_no_shorthand_is_left_over(noun: str) -> None:
    """A misspelt one would reach the store as text."""
    for text in queries.blocks(noun).values():
        assert not any(word in text for word in ("{visible", "{holds", "{steps", "//"))


def test_every_question_of_lineage_has_its_past() -> None:
    """Whatever can be asked as of now can be asked as of then."""
    found = queries.blocks("lineage").keys()
    present = {name for name in found if name.startswith(("upstream", "downstream")) and not name.endswith("_past")}

    assert present
    assert {f"{name}_past" for name in present} <= found
