"""Plants: for each policy a small world that breaks it, as a manifest and events; `plants/README.md` has the form."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from catalog.assets.keys import NAMESPACED, Key, Kind

Json = dict[str, Any]
FOLDER = Path(__file__).parent / "plants"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
"""What `NOW` is where a test does not say: in the past, so that real services may be asked about it."""
DECLARED = NOW - timedelta(days=100)
"""When the documents of a world were applied; those that mend it at `MENDED`."""
MENDED = NOW - timedelta(minutes=30)
BEFORE = NOW - timedelta(days=1)
"""What policies of type change compare with."""
PRODUCER = "https://example.org/plants"
WORLD = "world"
_SPAN = re.compile(r"([+-]?\d+)([dhm])")
_MOMENT = re.compile(r"NOW([+-]\d+[dhm])?")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_KINDS = {kind.lower(): kind for kind in Kind}


class At(NamedTuple):
    """A thing, or one of its columns; `key` None is the whole catalog."""

    key: Key | None
    column: str = ""


class Expected(NamedTuple):
    """A finding that a plant expects, or a place that is nearly one; `path` of a flow, its ends included."""

    place: At
    outcome: str
    source: At | None = None
    path: tuple[At, ...] = ()


class World(NamedTuple):
    """What people declare and what events tell; events in the order of their times."""

    documents: tuple[Json, ...]
    events: tuple[Json, ...]


def whose(key: Key) -> str:
    """The policy to whose world a thing belongs; some word else if it is of none."""
    return key.namespace.removeprefix("deployment:") or key.name.partition("/")[0]


class Plant(NamedTuple):
    """A policy broken once, and once nearly.

    Attributes:
        broken: the world in which it is; of another plant than this it has nothing.
        mended: the same once its cause is gone.
        added: the events that are only in the mended world.
    """

    policy: str
    broken: World
    mended: World
    added: tuple[Json, ...]
    found: tuple[Expected, ...]
    near: tuple[Expected, ...]


def names() -> list[str]:
    """The policies that have a plant."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def plant(policy: str, now: datetime = NOW) -> Plant:
    """The plant of a policy, with its moments counted from `now`."""
    told = _placed(_read(policy), policy, now)
    mend = told.get("mend", {})
    before = {_key(document, policy): document for document in told.get("documents", ())}
    after = {**before, **{_key(document, policy): document for document in mend.get("documents", ())}}
    for place in mend.get("without", ()):
        after = {key: document for key, document in after.items() if key != _at(place, policy).key}
    events, added = (tuple(_events(part.get("events", ()), policy, now)) for part in (told, mend))
    return Plant(
        policy,
        World(tuple(before.values()), events),
        World(tuple(after.values()), (*events, *added)),
        added,
        tuple(_expected(one, policy, "FAIL") for one in told["found"]),
        tuple(_expected(one, policy, "PASS") for one in told["near"]),
    )


@cache
def _read(policy: str) -> Json:
    found = yaml.load((FOLDER / f"{policy}.yaml").read_bytes(), Loader=yaml.CSafeLoader)
    assert isinstance(found, dict)
    assert found.keys() <= {"documents", "events", "found", "near", "mend"}, policy
    return found


def _placed(value: Any, here: str, now: datetime) -> Any:
    """A value with HERE and NOW in place; keys too, since columns have no other name."""
    if isinstance(value, str):
        moment = _MOMENT.fullmatch(value)
        if moment:
            return (now + _span(moment[1] or "0d")).isoformat().replace("+00:00", "Z")
        return value.replace("HERE", here)
    if isinstance(value, dict):
        return {key: _placed(item, here, now) for key, item in value.items()}
    return [_placed(item, here, now) for item in value] if isinstance(value, list) else value


def _span(text: str) -> timedelta:
    found = _SPAN.fullmatch(text)
    assert found, f"{text!r} is no span such as -2d, +36h, -90m"
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _key(document: Json, here: str) -> Key:
    from catalog.manifest.references import key_of

    found = key_of(document)
    assert here in (found.namespace, found.name.partition("/")[0]), f"{found} is not of the world {here}"
    return found


def _at(text: str, here: str) -> At:
    if text == WORLD:
        return At(None)
    word, _, named = text.partition(":")
    name, _, column = named.partition("#")
    kind = _KINDS[word]
    if kind in NAMESPACED:
        return At(Key(kind, here, name), column)
    return At(Key(kind, "", f"{here}/{name}" if name else here), column)


def _expected(told: Json, here: str, outcome: str) -> Expected:
    source = _at(told["source"], here) if "source" in told else None
    path = tuple(_at(place, here) for place in told.get("path", ()))
    return Expected(_at(told["place"], here), told.get("outcome", outcome), source, path)


def _events(told: Any, here: str, now: datetime) -> Iterator[Json]:
    found = []
    for one in told:
        every = _span(one["every"]) if "every" in one else timedelta()
        last = now + _span(str(one["at"]))
        for number in range(one.get("times", 1)):
            found.append(_event(one, here, last - number * every))
    yield from sorted(found, key=lambda event: str(event["eventTime"]))


def _event(told: Json, here: str, at: datetime) -> Json:
    moment = at.isoformat().replace("+00:00", "Z")
    head = {"eventTime": moment, "producer": PRODUCER}
    if "job" not in told:
        return {**head, "schemaURL": _schema("DatasetEvent"), "dataset": _dataset(told["dataset"], here, "dataset")}
    run = uuid.uuid5(uuid.NAMESPACE_URL, f"{here} {told['job']} {told.get('run', moment)}")
    code = {"sourceCodeLocation": _facet({"type": "git", "url": told["code"]})} if "code" in told else {}
    return {
        **head,
        "schemaURL": _schema("RunEvent"),
        "eventType": told.get("state", "COMPLETE"),
        "run": {"runId": str(run), "facets": _facets(told.get("run_facets", {}))},
        "job": {
            **{"namespace": here, "name": told["job"]},
            "facets": {**code, **_facets(told.get("job_facets", {}))},
        },
        "inputs": [_dataset(one, here, "input") for one in told.get("reads", ())],
        "outputs": [_dataset(one, here, "output") for one in told.get("writes", ())],
    }


def _dataset(told: str | Json, here: str, side: str) -> Json:
    more: Json = {"name": told} if isinstance(told, str) else told
    facets, sided = {**more.get("facets", {})}, {}
    if "version" in more:
        facets["version"] = {"datasetVersion": more["version"]}
    if "schema" in more:
        facets["schema"] = {"fields": [{"name": name, "type": type_} for name, type_ in more["schema"].items()]}
    if "change" in more:
        facets["lifecycleStateChange"] = {"lifecycleStateChange": more["change"]}
    if "columns" in more:
        facets["columnLineage"] = {"fields": {out: _made_of(of, here) for out, of in more["columns"].items()}}
    if "rows" in more:
        sided["outputStatistics" if side == "output" else "inputStatistics"] = {"rowCount": more["rows"]}
    if "checks" in more:
        (sided if side == "input" else facets)["dataQualityAssertions"] = {"assertions": more["checks"]}
    found = {"namespace": more.get("namespace", here), "name": more["name"], "facets": _facets(facets)}
    return {**found, f"{side}Facets": _facets(sided)} if sided else found


def _made_of(sources: list[Any], here: str) -> Json:
    fields = []
    for one in sources:
        told = {"from": one} if isinstance(one, str) else one
        dataset, _, column = told["from"].rpartition(".")
        how = {key: told[key] for key in ("type", "subtype", "masking", "description") if key in told}
        found: Json = {"namespace": here, "name": dataset, "field": column}
        fields.append({**found, "transformations": [how]} if how else found)
    return {"inputFields": fields}


def _facets(told: Mapping[str, Any]) -> Json:
    return {key: _facet(facet) for key, facet in told.items()}


def _facet(told: Json) -> Json:
    return {"_producer": PRODUCER, "_schemaURL": _schema("BaseFacet"), **told}


def _schema(name: str) -> str:
    return f"https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/{name}"
