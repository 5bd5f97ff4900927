"""Every named Cypher block is well formed, explained and used, and every use finds its block.

`catalog/graph/<noun>.py` asks `queries.blocks("<noun>")`. Block names are written whole in Python, never put
together, so that a search for a name finds both ends; that is also what these tests go by.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

_HEAD = re.compile(r"^// name: (\w+)$")
_ALMOST_A_HEAD = re.compile(r"^\s*//\s*name\b", re.IGNORECASE)

Texts = dict[str, list[str]]
Trees = dict[str, ast.Module]


@pytest.fixture(scope="module")
def texts(root: Path) -> Texts:
    """The lines of each Cypher file, by noun."""
    folder = root / "catalog/graph/cypher"
    return {path.stem: path.read_text("utf-8").splitlines() for path in sorted(folder.glob("*.cypher"))}


@pytest.fixture(scope="module")
def trees(root: Path) -> Trees:
    """The syntax tree of each Python file that may use them, by path."""
    folder = root / "catalog/graph"
    return {str(path.relative_to(root)): ast.parse(path.read_text("utf-8")) for path in sorted(folder.rglob("*.py"))}


def test_every_line_belongs_to_a_named_block(texts: Texts) -> None:
    """A heading the loader does not recognise would silently join its block to the one above."""
    wrong = set()
    for noun, lines in texts.items():
        started = False
        for number, line in enumerate(lines, 1):
            started = started or bool(_HEAD.match(line))
            stray = not started and bool(line.strip()) and not line.startswith("//")
            if stray or (_ALMOST_A_HEAD.match(line) and not _HEAD.match(line)):
                wrong.add(f"{noun}.cypher:{number} {line}")

    assert texts
    assert set() == wrong


def test_names_are_unique_within_a_noun(texts: Texts) -> None:
    """One name, one text."""
    counts = Counter((noun, name) for noun, lines in texts.items() for name, _ in _blocks(lines))

    assert set() == {block for block, count in counts.items() if count > 1}


def test_every_block_says_why(texts: Texts) -> None:
    """The line below a block's name is a comment: what it is for, and why its locks are as they are."""
    silent = {
        f"{noun}.cypher {name}"
        for noun, lines in texts.items()
        for name, body in _blocks(lines)
        if not (body and body[0].startswith("//") and body[0].strip("/ "))
    }

    assert set() == silent


def test_every_block_has_a_statement(texts: Texts) -> None:
    """A block of comments alone would be sent to the store as an empty text."""
    empty = {
        f"{noun}.cypher {name}"
        for noun, lines in texts.items()
        for name, body in _blocks(lines)
        if not any(line.strip() and not line.lstrip().startswith("//") for line in body)
    }

    assert set() == empty


def test_every_block_is_used(texts: Texts, trees: Trees) -> None:
    """A block whose name stands in no file that loads its noun is dead."""
    used = {
        (noun, text)
        for tree in trees.values()
        for noun in _nouns(tree)
        for text in (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    }
    dead = {(noun, name) for noun, lines in texts.items() for name, _ in _blocks(lines)} - used

    assert set() == dead


def test_every_use_finds_its_block(texts: Texts, trees: Trees) -> None:
    """`blocks("noun")["name"]`, also through a variable, names a block that exists."""
    known = {(noun, name) for noun, lines in texts.items() for name, _ in _blocks(lines)}
    wanted = {(*use, path) for path, tree in trees.items() for use in _uses(tree)}

    assert set() == {(noun, name, path) for noun, name, path in wanted if (noun, name) not in known}


def test_every_loaded_noun_has_a_file(texts: Texts, trees: Trees) -> None:
    """A noun is loaded by a literal name, and its file is there."""
    assert set() == {noun for tree in trees.values() for noun in _nouns(tree)} - set(texts)


def _blocks(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Each block's name and the lines below it."""
    heads = [(index, found[1]) for index, line in enumerate(lines) if (found := _HEAD.match(line))]
    ends = [index for index, _ in heads[1:]] + [len(lines)]
    for (start, name), end in zip(heads, ends, strict=True):
        yield name, lines[start + 1 : end]


def _noun(node: ast.AST) -> str | None:
    """The noun of a call: `blocks("noun")`, `q.rows("noun", …)`, or `walk.around(q, …)`, which speaks of lineage."""
    match node:
        case ast.Call(func=ast.Attribute(attr="rows" | "rows_by_id"), args=[ast.Constant(value=str(noun)), _, *_]):
            return noun
        case ast.Call(func=ast.Attribute(attr="around"), args=[ast.Name(id="q") | ast.Attribute(attr="q"), *_]):
            return "lineage"
        case ast.Call(func=ast.Name(id="blocks") | ast.Attribute(attr="blocks"), args=[ast.Constant(value=str(noun))]):
            return noun
    return None


def _nouns(tree: ast.Module) -> set[str]:
    return {noun for node in ast.walk(tree) if (noun := _noun(node))}


def _uses(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Noun and name of each literal subscript on loaded blocks."""
    variables: dict[str, str] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=variable)], value=value) if noun := _noun(value):
                variables[variable] = noun
            case ast.AnnAssign(target=ast.Name(id=variable), value=ast.Call() as value) if noun := _noun(value):
                variables[variable] = noun
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="rows" | "rows_by_id"),
                args=[ast.Constant(value=str(noun)), ast.Constant(value=str(name)), *_],
            ):
                yield noun, name
            case ast.Subscript(value=ast.Name(id=variable), slice=ast.Constant(value=str(name))):
                if variable in variables:
                    yield variables[variable], name
            case ast.Subscript(value=loaded, slice=ast.Constant(value=str(name))):
                if noun := _noun(loaded):
                    yield noun, name
