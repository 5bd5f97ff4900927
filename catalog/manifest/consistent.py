"""Faults that no document has alone: one entity twice, circles of parents, levels that no scale has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from catalog.assets.attributes import CLASSIFICATION, SCALE, levels_of
from catalog.assets.keys import Key
from catalog.manifest.nodes import Path as Inside
from catalog.manifest.nodes import Piece
from catalog.manifest.parents import circles
from catalog.manifest.problems import Document, Place, Problem
from catalog.manifest.validating import nearest


def inconsistencies(
    documents: Sequence[Document], levels: Sequence[str], pieces: Callable[[str], Iterable[Piece]]
) -> list[Problem]:
    """The faults between documents.

    Args:
        documents: those with faults of their own too, as far as their keys can be read.
        levels: of classification, as the manifest's head states them; empty: the scale among the documents, or the
            usual one.
        pieces: reads a file of these documents again, by its name.
    """
    first: dict[Key, Document] = {}
    problems = []
    places = _Places(pieces)
    for document in sorted(documents, key=lambda document: document.place):
        known = first.setdefault(document.key, document)
        if known is not document:
            problems.append(Problem(*document.place, f"{document.key} is declared twice, first at {known.place}"))
    problems += _circles(first, places)
    problems += _levels(documents, levels_of(first[SCALE].body if SCALE in first else None, levels), places)
    return problems


def _circles(documents: dict[Key, Document], places: _Places) -> Iterator[Problem]:
    for key, message in circles({key: document.body for key, document in documents.items()}):
        line, column = places.find(documents[key].place, ("parent",))
        yield Problem(documents[key].place.file, line, column, message)


def _levels(documents: Sequence[Document], levels: Sequence[str], places: _Places) -> Iterator[Problem]:
    known = set(levels)
    for document in documents:
        for path, level in _classified(document.body):
            if level not in known:
                near = nearest(level, levels)
                expected = "" if near else "one of " + ", ".join(levels)
                line, column = places.find(document.place, path)
                message = f"{level[:80]!r} is no level of classification"
                yield Problem(document.place.file, line, column, message, expected, near)


def _classified(body: dict[str, Any]) -> Iterator[tuple[Inside, str]]:
    """Every classification of an entity, of its columns and of a contract's, with its path."""
    yield from _stated(body, ())
    for i, column in _members(body, "fields"):
        yield from _stated(column, ("fields", i))
    for i, table in _members(body, "schema"):
        for k, column in _members(table, "properties"):
            yield from _stated(column, ("schema", i, "properties", k))


def _stated(value: Any, path: Inside) -> Iterator[tuple[Inside, str]]:
    if isinstance(value, dict) and isinstance(value.get(CLASSIFICATION), str):
        yield (*path, CLASSIFICATION), value[CLASSIFICATION]


def _members(value: Any, name: str) -> Iterator[tuple[int, Any]]:
    listed = value.get(name) if isinstance(value, dict) else None
    yield from enumerate(listed if isinstance(listed, list) else ())


class _Places:
    """Finds places within documents by reading their files again: only where there is something to tell."""

    def __init__(self, pieces: Callable[[str], Iterable[Piece]]) -> None:
        self._pieces = pieces
        self._files: dict[str, dict[tuple[int, int], Piece]] = {}

    def find(self, place: Place, path: Inside) -> tuple[int, int]:
        """Line and column of the value at a path of a document."""
        if place.file not in self._files:
            self._files[place.file] = {piece.place: piece for piece in self._pieces(place.file)}
        piece = self._files[place.file].get((place.line, place.column))
        return piece.find(path) if piece is not None else (place.line, place.column)
