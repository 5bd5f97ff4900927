"""A manifest to begin with, out of what was observed: datasets with columns, pipelines with inputs and outputs, owners.

What is there is what producers said, so applied as it is, nothing of it drifts. Owners become teams, or persons where
their names say so; a person is declared under a pseudonym, since names of people do not belong into a catalog.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from catalog.assets.keys import Key, Kind, entity_id, manifest_id
from catalog.errors import InvalidQuestion
from catalog.graph import assets
from catalog.graph.entities import claims
from catalog.graph.entities import manifests as heads
from catalog.graph.reader import Reader
from catalog.graph.schemas import schemas
from catalog.graph.sight import first_sights
from catalog.manifest.canonical import canonical
from catalog.manifest.owners import owner_of
from catalog.manifest.references import key_of

PAGE = 500
MOST = 50_000
"""Datasets and jobs of one starter: more would be no manifest to begin with."""
Json = dict[str, Any]


class Started(NamedTuple):
    """What a manifest may begin with.

    Attributes:
        documents: canonical, sorted by key.
        declared: how many datasets and pipelines are left out, since a manifest declares them.
        left_out: what has a name that no document can have.
    """

    documents: list[Json]
    declared: int
    left_out: list[Key]


def starter(reader: Reader, namespaces: Sequence[str] | None = None) -> Started:
    """Documents of what was observed and is not declared yet.

    Args:
        namespaces: of datasets and jobs; None for all.

    Raises:
        InvalidQuestion: more was observed than one manifest should hold.
    """
    datasets = list(_pages(reader, "Dataset", namespaces))
    jobs = list(_pages(reader, "Job", namespaces))
    if len(datasets) + len(jobs) > MOST:
        raise InvalidQuestion(
            f"{len(datasets) + len(jobs):,} datasets and jobs were observed, and a manifest to begin with has at most "
            f"{MOST:,}; name some namespaces"
        )
    things = [*_datasets(reader, datasets), *_pipelines(reader, jobs)]
    owners = {owner: key for thing in things for owner in thing.owners if (key := owner_of(owner))}
    keys = {key_of(thing.body) for thing in things} | set(owners.values())
    taken = claims(reader, [entity_id(key) for key in keys])
    free = {key for key in keys if entity_id(key) not in taken}
    found: dict[Key, Json] = {}
    left_out: list[Key] = []
    for thing in things:
        key = key_of(thing.body)
        if key not in free:
            continue
        answering = [owners[owner] for owner in thing.owners if owner in owners]
        named = [f"{owner.kind.lower()}:{owner.name}" for owner in answering]
        try:
            found[key] = canonical({**thing.body, **({"owners": named} if named else {})})
        except ValidationError:
            left_out.append(key)
        else:
            found.update({o: canonical({"kind": o.kind.value, "name": o.name}) for o in answering if o in free})
    declared = len(things) - sum(key_of(thing.body) in free for thing in things)
    return Started([found[key] for key in sorted(found)], declared, sorted(left_out))


class _Thing(NamedTuple):
    """A document without its owners, and those as a producer names them."""

    body: Json
    owners: list[str]


def _pages(reader: Reader, label: str, namespaces: Sequence[str] | None) -> Iterator[Json]:
    """Datasets or jobs that events told of."""
    manifests = [manifest_id(head.manifest) for head in heads(reader)]
    for namespace in namespaces if namespaces is not None else (None,):
        after = ""
        while page := assets.page(reader, label, after=after, namespace=namespace, limit=PAGE):
            seen = first_sights(reader, [row["id"] for row in page], manifests)
            yield from (row for row in page if row["id"] in seen)
            after = page[-1]["ord"]


def _datasets(reader: Reader, rows: Sequence[Json]) -> Iterator[_Thing]:
    ids = [row["id"] for row in rows]
    facets = assets.facets(reader, ids)
    columns = schemas(reader, ids)
    for row in rows:
        said = facets[row["id"]]
        document: Json = {
            "kind": Kind.DATASET.value,
            "namespace": row["namespace"],
            "name": row["name"],
        }
        if text := _text(said, "documentation", "description"):
            document["description"] = text
        if columns[row["id"]]:
            document["fields"] = [
                {
                    "name": ".".join(column.path),
                    **({"type": column.type} if column.type else {}),
                    **({"description": column.description} if column.description else {}),
                }
                for column in columns[row["id"]]
            ]
        yield _Thing(document, list(_owners(said)))


def _pipelines(reader: Reader, rows: Sequence[Json]) -> Iterator[_Thing]:
    ids = [row["id"] for row in rows]
    facets = assets.facets(reader, ids)
    around = {side: assets.around(reader, side, ids) for side in ("inputs", "outputs")}
    named = assets.datasets(reader, {other for side in around.values() for some in side.values() for other in some})
    for row in rows:
        said = facets[row["id"]]
        document: Json = {
            "kind": Kind.PIPELINE.value,
            "namespace": row["namespace"],
            "name": row["name"],
        }
        if text := _text(said, "documentation", "description"):
            document["description"] = text
        for side, found in around.items():
            ends = [named[other] for other in found[row["id"]] if other in named]
            if ends:
                document[side] = [
                    {"kind": "Dataset", "namespace": end["namespace"], "name": end["name"]} for end in ends
                ]
        yield _Thing(document, list(_owners(said)))


def _text(facets: Json, facet: str, field: str) -> str:
    body = facets.get(facet)
    text = body.get(field) if isinstance(body, dict) else None
    return text.strip() if isinstance(text, str) else ""


def _owners(facets: Json) -> Iterator[str]:
    body = facets.get("ownership")
    listed: Iterable[Any] = body.get("owners") or () if isinstance(body, dict) else ()
    for owner in listed if isinstance(listed, list) else ():
        if isinstance(owner, dict) and isinstance(owner.get("name"), str) and owner["name"].strip():
            yield owner["name"].strip()
