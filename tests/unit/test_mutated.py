"""Real events made wrong are understood as far as they go, and whoever drops a part of one says so.

`HEADWATER_TESTS_SEED=N` gives other events; a failure names its case, for `mutant(SEED, NUMBER)`.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson
import pytest

from catalog.errors import InvalidEvent
from catalog.lineage.canonical import parse
from catalog.lineage.observe import Record, observe
from catalog.lineage.translate import translate
from catalog.lineage.understand import Understanding
from catalog.lineage.wire import Kind
from catalog.usecases.accept import prepare
from tests.mutated import Mutant, Path, mutants, seed_from_environment, shown

SEED = seed_from_environment()
CASES = 3_000
MANY = int(float(os.environ.get("HEADWATER_SOAK_SECONDS", "120")) * 500)

ALL = object()
"""All that is here is kept as it stands."""


class Listed(NamedTuple):
    """A list, by what its members are."""

    of: dict[str, Any]


def _members(*names: str, **more: Any) -> dict[str, Any]:
    return {**dict.fromkeys(names, ALL), **more}


_NAME = _members("namespace", "name")
_FACETS: dict[str, Any] = {"*": {"_producer": None, "_schemaURL": None, "*": ALL}}
_TRANSFORMATION = Listed(_members("type", "subtype", "description", "masking"))
_SOURCES = Listed(_members("namespace", "name", "field", transformations=_TRANSFORMATION))
_COLUMN = _members("transformationType", "transformationDescription", inputFields=_SOURCES)
_FIELDS = Listed(_members("name", "type", "description"))
_FIELDS.of["fields"] = _FIELDS
_DATASET = {
    **_NAME,
    "facets": {
        **_FACETS,
        "schema": {"fields": _FIELDS},
        "columnLineage": {"fields": {"*": _COLUMN}, "dataset": _SOURCES},
        "symlinks": {"identifiers": Listed(_NAME)},
    },
}
_RUN_FACETS = {**_FACETS, "spark.logicalPlan": None, "spark_unknown": None}
_JOB = {**_NAME, "facets": _RUN_FACETS}
_PLACES = {
    "inputs": Listed({**_DATASET, "inputFacets": _FACETS}),
    "outputs": Listed({**_DATASET, "outputFacets": _FACETS}),
}
_ANY = _members("eventTime", "producer")
PLACES: dict[Kind, dict[str, Any]] = {
    Kind.RUN: {**_ANY, "eventType": ALL, "run": {"runId": ALL, "facets": _RUN_FACETS}, "job": _JOB, **_PLACES},
    Kind.JOB: {**_ANY, "job": _JOB, **_PLACES},
    Kind.DATASET: {**_ANY, "dataset": _DATASET},
}
"""What the specification knows of an event, as far as anything is to be kept of it.

None: left out on purpose (the envelope of a facet; noise of megabytes). What is not here is a member that nobody knows,
and may be left out without a word; what is here has to be kept, or its loss told.
"""


def may_be_lost(kind: Kind, path: Path) -> bool:
    """Whether nothing that anybody knows is at this place."""
    node: Any = PLACES[kind]
    for key in path:
        if isinstance(node, Listed) and isinstance(key, int):
            node = node.of
        elif isinstance(node, dict) and isinstance(key, str):
            node = node.get(key, node.get("*"))
            if node is None:
                return True
        else:
            return False  # in a value that is kept whole, or of another type than the known one
    return False


def understood(mutant: Mutant, understanding: Understanding) -> Record | str:
    """What becomes of it: a record, or the reason for which it is refused or rejected.

    It is understood the same with a memory of those before it and without.
    """
    try:
        entry = prepare(parse(mutant.body), mutant.body)
        event = orjson.loads(entry.payload)
        record = understanding.record(event, entry.key, 1)
    except InvalidEvent as e:
        return f"{e.field}: {e}"
    assert observe(translate(event), entry.key, 1) == record
    return record


def is_null(event: Any, path: Path) -> bool:
    """Whether a member has no value: it says as little as one that is not there, whatever its name is."""
    for key in path:
        event = event[key]
    return event is None


def silently_lost(mutant: Mutant, record: Record) -> set[str]:
    """The places of texts that were known, are not kept, and of which nothing is said."""
    if record.warnings:
        return set()
    kept = repr(record)
    gone = [mark for mark in mutant.marks if mark.text not in kept and not is_null(mutant.event, mark.path)]
    kind = Kind.RUN if mutant.event.get("run") is not None else Kind.JOB
    kind = kind if mutant.event.get("job") is not None else Kind.DATASET
    return {shown(mark.path) for mark in gone if not may_be_lost(kind, mark.path)}


def check(wrong: Iterable[Mutant]) -> Counter[str]:
    """Understand them all; how many came to which end."""
    understanding = Understanding()
    ends: Counter[str] = Counter()
    for mutant in wrong:
        try:
            result = understood(mutant, understanding)
        except Exception as e:
            raise AssertionError(str(mutant)) from e
        if isinstance(result, str):
            assert result.strip(": "), f"no reason: {mutant}"
            ends["refused"] += 1
            continue
        assert set() == silently_lost(mutant, result), mutant
        ends["warned" if result.warnings else "whole"] += 1
    return ends


def test_nothing_of_a_wrong_event_is_lost_without_a_word() -> None:
    """Kept, told in a warning, or the whole refused with a reason; never another exception, and all of it happens."""
    ends = check(mutants(SEED, CASES))
    print(f"seed {SEED}: {dict(ends)}")

    assert CASES == ends.total()
    assert all(ends[end] > CASES / 20 for end in ("refused", "warned", "whole"))


@pytest.mark.soak
def test_nothing_of_many_wrong_events_is_lost_without_a_word() -> None:
    """The same with others, as many as HEADWATER_SOAK_SECONDS gives time for."""
    print(f"seed {SEED}: {dict(check(mutants(SEED, MANY, CASES)))}")
