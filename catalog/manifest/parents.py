"""Parents of teams, domains, terms and tags: what is its own parent, through however many others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.assets.keys import Key, Kind
from catalog.manifest.meaning import meaning

HIERARCHIES = (Kind.TEAM, Kind.DOMAIN, Kind.TERM, Kind.TAG)
"""Kinds whose entities have parents."""


def circles(documents: Mapping[Key, Mapping[str, Any]]) -> Iterator[tuple[Key, str]]:
    """Each circle of parents once, at the entity whose key is the least, in words."""
    parents = {
        key: next((found for role, found in meaning(key, dict(body)).refs if role == "parent"), None)
        for key, body in documents.items()
        if key.kind in HIERARCHIES
    }
    done: set[Key] = set()
    for start in sorted(parents):
        way: list[Key] = []
        at: Key | None = start
        while at is not None and at not in done and at not in way:
            way.append(at)
            at = parents.get(at)
        if at in way:
            circle = way[way.index(at) :]
            least = min(circle)
            turned = [*circle[circle.index(least) :], *circle[: circle.index(least)], least]
            shown = " -> ".join(key.name for key in turned)
            yield least, f"{least} is its own parent: {shown}" if len(turned) == 2 else f"a circle of parents: {shown}"
        done.update(way)
