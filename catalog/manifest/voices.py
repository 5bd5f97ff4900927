"""What documents, people and events say of attributes, brought into one form, so that they can be compared.

Members of sets become objects: an owner `{name, type}`, a tag `{key, value}` without the word `tag:` before its name, a
term `{name}`, a link `{name, url}`, a comment or a decision about a tag `{name, value}`. A person's and a producer's
`team:orders` is then the one of a manifest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from catalog.assets.attributes import ACCEPTED, CLASSIFICATION, SETS, SUGGESTIONS
from catalog.lineage.assertions import Json
from catalog.lineage.facets import about, privacy
from catalog.lineage.facets.known import DATASET, read_facet
from catalog.lineage.producers.airflow import is_masked

BLOCKS = ("location", "personalData", "retention", "quality", "protection", "custom")
SINGLE = ("description", "steward", "domain", "tier", "critical", "lifecycle", CLASSIFICATION, *BLOCKS)
OF_FIELDS = ("type", "description", "critical", "necessity", CLASSIFICATION, "personalData")
FACETS = ("documentation", "ownership", "tags", privacy.PROCESSING, privacy.CONVENTION)
"""The shared facets that tell of attributes."""
_TAG = "tag:"


class Said(NamedTuple):
    """One value, or one member of a set; `field` is the dotted path of a column, empty for the whole."""

    attribute: str
    field: str
    value: Json


def said_in_document(document: Mapping[str, Any]) -> Iterator[Said]:
    """What a canonical document says of its entity and of the entity's columns."""
    yield from _said(document, "", SINGLE)
    columns = document.get("fields")
    for column in columns if isinstance(columns, list) else ():
        if isinstance(column, Mapping) and column.get("name"):
            yield from _said(column, str(column["name"]), OF_FIELDS)


def said_in_facet(place: str, key: str, facet: Json) -> Iterator[Said]:
    """What a shared facet of an event says; `place` is one of `lineage.facets.known`."""
    read = read_facet(place, key, facet)
    if isinstance(read, about.Documentation):
        yield Said("description", "", read.description)
    elif isinstance(read, privacy.Processing):
        yield Said("personalData", "", read.block())
    for member in read if isinstance(read, tuple) else ():
        if isinstance(member, about.Owner) and not is_masked(member.name):
            yield Said("owners", "", _object(name=member.name, type=member.type))
        elif isinstance(member, about.Tag):
            field = member.field or ""
            yield Said("tags", field, _object(key=member.key, value=member.value))
            if member.key.lower() == CLASSIFICATION and member.value:
                yield Said(CLASSIFICATION, field, member.value)
    if place == DATASET and key == "tags":
        yield from _by_convention(read or ())


def _by_convention(tags: tuple[about.Tag, ...]) -> Iterator[Said]:
    """What tags of the art30-emit convention say; of a column its personal data alone."""
    for field in sorted({tag.field or "" for tag in tags}):
        blocks = privacy.told_by_tags(tag for tag in tags if (tag.field or "") == field)
        yield from (Said(name, field, block) for name, block in blocks.items() if not field or name in OF_FIELDS)


def said_by_person(attribute: str, field: str, item: str, value: Json) -> Said:
    """What a person's word says. Of a set `item` is the member, and the value tells more of it, or is just true."""
    if not item:
        return Said(attribute, field, _member(attribute, value) if attribute in SETS else value)
    more = value if isinstance(value, Mapping) else {} if isinstance(value, bool) else {"value": value}
    return Said(attribute, field, {**_member(attribute, item), **more})


def accepted(said: Said) -> Said | None:
    """What a person says by accepting a suggestion: a tag, or a level; None if the word is another one.

    A level is suggested as `classification/confidential`.
    """
    if said.attribute != SUGGESTIONS or said.value.get("value") != ACCEPTED:
        return None
    name = _tag(said.value["name"])
    scale, _, level = name.partition("/")
    if scale == CLASSIFICATION and level:
        return Said(CLASSIFICATION, said.field, level)
    return Said("tags", said.field, {"key": name})


def _said(told: Mapping[str, Any], field: str, single: tuple[str, ...]) -> Iterator[Said]:
    for attribute in single:
        if told.get(attribute) is not None:
            yield Said(attribute, field, told[attribute])
    for attribute in sorted(SETS):
        members = told.get(attribute)
        for member in members if isinstance(members, list) else ():
            yield Said(attribute, field, _member(attribute, member))


def _member(attribute: str, value: Json) -> Json:
    if attribute == "tags":
        if isinstance(value, Mapping):
            return _object(key=_tag(value.get("tag", value.get("key"))), value=value.get("value"))
        return {"key": _tag(value)}
    if isinstance(value, Mapping):
        return dict(value)
    return {"url" if attribute == "links" else "name": str(value)}


def _tag(name: Json) -> str:
    return str(name).removeprefix(_TAG)


def _object(**members: Json) -> Json:
    return {key: value for key, value in members.items() if value is not None}
