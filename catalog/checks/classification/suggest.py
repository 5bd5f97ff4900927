"""Tags and levels that may be missing: suggested for a person to accept or reject, never by themselves.

In the order of how much there is to them: what others declared in words of their own (dbt's `meta`, a contract's
`classification`, tags of another scheme), what values show, what a name or a description suggests, what arrives along
the lineage. Nothing is suggested that somebody says already, or that a person decided: a rejection of `pii` is one of
`pii/email`, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from catalog.assets.attributes import CLASSIFICATION, SUGGESTIONS
from catalog.assets.keys import Kind
from catalog.checks.classification import foreign
from catalog.checks.classification.categories import category_tag, is_category
from catalog.checks.classification.direct import decisions, level_of, scale_of, stops, tags_of
from catalog.checks.classification.names import guess, guess_in_words
from catalog.checks.classification.propagate import Propagated
from catalog.checks.classification.values import category_of
from catalog.checks.snapshot import Attributes, Column, Place, Snapshot, Thing


class Evidence(StrEnum):
    """What a suggestion rests on, the strongest first."""

    DECLARED = "DECLARED"
    VALUE = "VALUE"
    NAME = "NAME"
    PROPAGATED = "PROPAGATED"


_STRENGTH = {evidence: place for place, evidence in enumerate(Evidence)}


class Suggestion(NamedTuple):
    """A tag that a place may be missing.

    Attributes:
        tag: such as `pii/email`; a level as `classification/restricted`.
        evidence: the strongest there is.
        reasons: all there is, in words, the strongest first.
    """

    place: Place
    tag: str
    evidence: Evidence
    reasons: tuple[str, ...]


def suggestions(
    snapshot: Snapshot,
    propagated: Propagated | None = None,
    samples: Mapping[Place, Sequence[str]] | None = None,
) -> tuple[Suggestion, ...]:
    """What may be missing at columns of datasets, by thing and column, the strongest evidence first.

    Args:
        propagated: what holds of the snapshot; None to leave out what arrives along the lineage.
        samples: values of columns, where somebody has them.
    """
    levels = scale_of(snapshot).levels
    contracts = foreign.contracts(snapshot)
    found: list[Suggestion] = []
    for id_ in sorted(snapshot.things):
        thing = snapshot.things[id_]
        if thing.key.kind is not Kind.DATASET:
            continue
        for name in sorted(thing.columns):
            place, column = Place(id_, name), thing.columns[name]
            told = [
                *((Evidence.DECLARED, *one) for one in foreign.declared(thing, column, contracts, levels)),
                *_shown(column, thing, (samples or {}).get(place, ())),
                *(_arrived(propagated, place) if propagated else ()),
            ]
            found += _open(place, column.attributes, told)
    return tuple(found)


def _open(place: Place, attributes: Attributes, told: Iterable[tuple[Evidence, str, str]]) -> Iterator[Suggestion]:
    """What of it nobody said and nobody decided, each tag once."""
    said, decided = tags_of(attributes), decisions(attributes, SUGGESTIONS)
    denied = foreign.denied(attributes)
    grouped: dict[str, dict[Evidence, list[str]]] = {}
    for evidence, tag, reason in told:
        grouped.setdefault(tag, {}).setdefault(evidence, []).append(reason)
    open_ = []
    for tag, by in grouped.items():
        is_level = tag.startswith(f"{CLASSIFICATION}/")
        known = level_of(attributes) is not None if is_level else any(t == tag or t.startswith(f"{tag}/") for t in said)
        narrower = any(other.startswith(f"{tag}/") for other in grouped)
        if known or narrower or stops(tag, decided) or (denied and not is_level):
            continue
        ordered = sorted(by, key=_STRENGTH.__getitem__)
        reasons = tuple(dict.fromkeys(reason for evidence in ordered for reason in by[evidence]))
        open_.append(Suggestion(place, tag, ordered[0], reasons))
    yield from sorted(open_, key=lambda one: (_STRENGTH[one.evidence], one.tag))


def _shown(column: Column, thing: Thing, sample: Sequence[str]) -> Iterator[tuple[Evidence, str, str]]:
    category = category_of(sample)
    if category is not None:
        yield Evidence.VALUE, category_tag(category), f"most of {len(sample)} values have the form"
    by_name = _guess(column.name, column.type, thing.key.name)
    if by_name is not None:
        yield Evidence.NAME, category_tag(by_name[0]), f"its name has “{' '.join(by_name[1])}”"
    description: Any = column.attributes.get("description")
    if by_name is None and isinstance(description, str) and (told := guess_in_words(description, column.type)):
        yield Evidence.NAME, category_tag(told.category), f"its description has “{' '.join(told.words)}”"


def _arrived(propagated: Propagated, place: Place) -> Iterator[tuple[Evidence, str, str]]:
    held = propagated.of(place)
    for tag in held.propagated:
        if is_category(tag):
            yield Evidence.PROPAGATED, tag, "arrives along the lineage"


@cache
def _guess(column: str, type_: str | None, dataset: str) -> tuple[str, tuple[str, ...]] | None:
    found = guess(column, type_, dataset)
    return (found.category, found.words) if found else None
