"""The defaults of a manifest's head: fields for documents that do not have them themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from catalog.assets.keys import Kind
from catalog.manifest.documents import DOCUMENTS
from catalog.manifest.documents.blocks import Entity
from catalog.manifest.documents.manifest import Manifest
from catalog.manifest.documents.shape import Strict
from catalog.manifest.nodes import Piece
from catalog.manifest.problems import Problem
from catalog.manifest.references import identity_fields
from catalog.manifest.validating import EVERY, nearest, problems_of


@dataclass(frozen=True)
class Defaults:
    """Fields by kind."""

    by_kind: dict[str, dict[str, Any]] = field(default_factory=dict)

    def fill(self, body: dict[str, Any]) -> dict[str, Any]:
        """A document with the fields that it does not have itself; those of its kind count before those of all."""
        if not self.by_kind:
            return body
        return {**self.by_kind.get(EVERY, {}), **self.by_kind.get(body["kind"], {}), **body}


def read_defaults(manifest: Manifest, piece: Piece, file: str, problems: list[Problem]) -> Defaults:
    """The defaults of a head; those with faults are left out: they are told once, not of every document."""
    found = {}
    for kind, fields in manifest.defaults.items():
        path = ("defaults", kind)
        if kind != EVERY and kind not in DOCUMENTS:
            near = nearest(kind, DOCUMENTS)
            message, expected = f"{kind[:80]!r} is no kind", "" if near else "a kind, or `*` for all"
            problems.append(Problem(file, *piece.find(path, key=True), message, expected, near))
            continue
        bad = set()
        for name in fields.keys() & identity_fields(kind):
            problems.append(Problem(file, *piece.find((*path, name), key=True), f"`{name}` can have no default"))
            bad.add(name)
        for problem, name in _wrong(kind, fields, piece, file):
            if name not in bad:
                problems.append(problem)
        bad |= {name for _, name in _wrong(kind, fields, piece, file)}
        found[kind] = {name: value for name, value in fields.items() if name not in bad}
    return Defaults(found)


def _wrong(kind: str, fields: dict[str, Any], piece: Piece, file: str) -> list[tuple[Problem, str]]:
    """Faults of the fields themselves, each with the name of its field; that others are missing is none."""
    model: type[Strict] = Entity if kind == EVERY else DOCUMENTS[Kind(kind)]
    try:
        model.model_validate(fields)
    except ValidationError as error:
        faults = [detail for detail in error.errors() if detail["loc"] and detail["loc"][0] in fields]
        names = [str(detail["loc"][0]) for detail in faults]
        texts = problems_of(faults, kind, file, lambda at, key: piece.find(("defaults", kind, *at), key=key))
        return list(zip(texts, names, strict=True))
    return []
