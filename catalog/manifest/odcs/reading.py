"""An ODCS document -> a contract of ours, and the words that it uses (domain, data product, tags)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from catalog.assets.keys import Key, Kind
from catalog.manifest.documents.contracts import Contract, Member, Property, QualityRule, Server, ServiceLevel, Table
from catalog.manifest.odcs.parts import (
    CUSTOM_PROPERTIES,
    Json,
    read_custom,
    read_tags,
    split,
    with_rest,
)
from catalog.manifest.odcs.servers import dataset_of
from catalog.manifest.references import WrongReference, check_name

KIND = "DataContract"
ELEMENTS = "[]"
"""The name of an array's elements, which have none in the standard."""
_VERSION = re.compile(r"v?(\d{1,4})\.(\d{1,4})(\.\d{1,4})?(-[\w.]{1,40})?", re.ASCII)
_SAME = ("version", "status", "tenant", "roles", "support", "price")
"""Keys that mean the same in a contract of ours."""
_READ = frozenset(
    {"kind", "id", "name", "description", "domain", "dataProduct", "tags", "servers", "slaProperties", "team", "schema"}
    | {CUSTOM_PROPERTIES}
)
"""Keys that are read each in its own way."""
_DESCRIBED = ("purpose", "limitations", "usage")


class NoContract(ValueError):
    """A document that is no contract of a version that can be read; the text says what to do."""


class Read(NamedTuple):
    """A contract that was read.

    Attributes:
        document: in the form of `documents.contracts.Contract`.
        words: entities that it refers to and that a manifest must declare with it.
        notes: what a person should know: versions not tried, tables tied to no dataset.
    """

    document: Json
    words: tuple[Key, ...]
    notes: tuple[str, ...]


def read_contract(source: Any) -> Read:
    """A contract of ours that says all that an ODCS document says.

    Raises:
        NoContract: it is none, or of another major version.
    """
    version = _check(source)
    notes = [] if version in ((3, 0), (3, 1)) else [f"apiVersion {source['apiVersion']}: newer than what was tried"]
    mapped, _ = split(Contract, {key: source[key] for key in _SAME if key in source})
    rest = {key: value for key, value in source.items() if key not in mapped and key not in _READ}
    mapped |= {"kind": "Contract", "name": source["id"]}
    _title(source, mapped, rest)
    _description(source, mapped, rest)
    for key, kind in (("domain", Kind.DOMAIN), ("dataProduct", Kind.DATA_PRODUCT)):
        _reference(source, key, kind, mapped, rest)
    _tags(source, mapped, rest)
    _several(source, "servers", _server, mapped, rest)
    _several(source, "slaProperties", _service_level, mapped, rest)
    _team(source, mapped, rest)
    ours = _custom(source, mapped, rest)
    _several(source, "schema", lambda table: _table(table, source.get("servers")), mapped, rest)
    mapped = {**ours, **mapped}
    tables = mapped.get("schema", [])
    notes += [f"table {table['name']}: tied to no dataset; add `dataset`" for table in tables if "dataset" not in table]
    return Read(with_rest(mapped, rest), tuple(sorted(_words(mapped))), tuple(notes))


def _check(source: Any) -> tuple[int, int]:
    if not isinstance(source, dict):
        raise NoContract("no ODCS document: an object with apiVersion, kind and id is expected")
    text = str(source.get("apiVersion") or source.get("dataContractSpecification") or "")
    if "dataContractSpecification" in source:
        raise NoContract(
            f"Data Contract Specification {text[:40]}: it was superseded by ODCS; "
            "export it as ODCS 3 first (`datacontract export --format odcs`)"
        )
    found = _VERSION.fullmatch(text)
    if found is None:
        raise NoContract(f"apiVersion {text[:40]!r}: no version of ODCS; expected v3.x such as v3.1.0")
    major, minor = int(found[1]), int(found[2])
    if major < 3:
        raise NoContract(
            f"apiVersion {text[:40]}: ODCS {major}.x is another format (dataset, columns, quality as lists of tables); "
            "rewrite it as 3.x, the standard's migration guide has the table of names"
        )
    if major > 3:
        raise NoContract(f"apiVersion {text[:40]}: newer than ODCS 3.x, which is what this version reads")
    if source.get("kind") != KIND:
        raise NoContract(f"kind {str(source.get('kind'))[:40]!r}: expected {KIND}")
    try:
        check_name(_text(source, "id"))
    except WrongReference as wrong:
        raise NoContract(f"id: {wrong}") from None
    if not isinstance(source.get("version"), str) or not source["version"]:
        raise NoContract("no `version`: a text such as 1.0.0 is expected")
    return major, minor


def _text(source: Mapping[str, Any], key: str) -> str:
    value = source.get(key)
    if not isinstance(value, str) or not value:
        raise NoContract(f"no `{key}`: a text is expected")
    return value


def _title(source: Json, mapped: Json, rest: Json) -> None:
    if "name" in source:
        held, left = split(Contract, {"title": source["name"]})
        mapped.update(held)
        if left:
            rest["name"] = source["name"]


def _description(source: Json, mapped: Json, rest: Json) -> None:
    if "description" not in source:
        return
    said = source["description"]
    if not isinstance(said, dict):
        rest["description"] = said
        return
    held, left = split(Contract, {key: said[key] for key in _DESCRIBED if key in said})
    mapped.update(held)
    left |= {key: value for key, value in said.items() if key not in _DESCRIBED}
    if left or not said:
        rest["description"] = left


def _reference(source: Json, key: str, kind: Kind, mapped: Json, rest: Json) -> None:
    if key in source:
        try:
            mapped[key] = f"{kind.lower()}:{check_name(_text(source, key))}"
        except (WrongReference, NoContract):
            rest[key] = source[key]


def _tags(source: Json, mapped: Json, rest: Json) -> None:
    if "tags" in source:
        tags = read_tags(source["tags"])
        (rest if tags is None else mapped)["tags"] = source["tags"] if tags is None else tags


def _several(source: Json, key: str, read: Callable[[Json], Json | None], mapped: Json, rest: Json) -> None:
    """A list, if each of its members can be read; else it is kept as it is."""
    if key not in source:
        return
    listed = source[key]
    parts = listed if isinstance(listed, list) else []
    members = [member for one in parts if isinstance(one, dict) and (member := read(one)) is not None]
    if members and len({_named(one) for one in members}) == len(parts):
        mapped[key] = members
    else:
        rest[key] = listed


def _named(member: Json) -> str:
    """What must not stand twice in a list: a name where there is one."""
    return str(member.get("name") or sorted(member.items(), key=lambda pair: pair[0]))


def _server(one: Json) -> Json | None:
    held, rest = split(Server, one, ("settings",))
    if "server" not in held or "type" not in held:
        return None
    return {**held, "settings": {**rest, **({"settings": one["settings"]} if "settings" in one else {})}}


def _service_level(one: Json) -> Json | None:
    held, rest = split(ServiceLevel, one)
    return held if not rest and {"property", "value"} <= held.keys() else None


def _member(one: Json) -> Json | None:
    held, rest = split(Member, one)
    return held if not rest and "username" in held else None


def _team(source: Json, mapped: Json, rest: Json) -> None:
    team = source.get("team")
    if isinstance(team, dict):
        inner: Json = {}
        left = {key: value for key, value in team.items() if key != "members"}
        _several(team, "members", _member, inner, left)
        if "members" in inner:
            mapped["team"] = inner["members"]
        rest["team"] = left
    elif "team" in source:
        inner = {}
        _several(source, "team", _member, inner, rest)
        mapped.update(inner)


def _custom(source: Json, mapped: Json, rest: Json) -> Json:
    """Custom properties; what of them is ours is returned, since it belongs beside the part's own keys."""
    if CUSTOM_PROPERTIES not in source:
        return {}
    found = read_custom(source[CUSTOM_PROPERTIES])
    if found is None:
        rest[CUSTOM_PROPERTIES] = source[CUSTOM_PROPERTIES]
        return {}
    custom, ours = found
    if custom:
        mapped["custom"] = custom
    return ours


def _table(one: Json, servers: Any) -> Json | None:
    mapped, rest = split(Table, one, ("properties", "quality", "tags", "dataset", "granularity", CUSTOM_PROPERTIES))
    if "name" not in mapped:
        return None
    if "dataGranularityDescription" in rest:
        held, _ = split(Table, {"granularity": rest["dataGranularityDescription"]})
        if held:
            mapped["granularity"] = rest.pop("dataGranularityDescription")
    _tags(one, mapped, rest)
    ours = _custom(one, mapped, rest)
    _several(one, "quality", _rule, mapped, rest)
    _several(one, "properties", _property, mapped, rest)
    rest |= {key: one[key] for key in ("dataset", "granularity") if key in one}
    dataset = ours.pop("dataset", None) or dataset_of(servers, one)
    if dataset:
        mapped["dataset"] = dataset
    return with_rest({**ours, **mapped}, rest)


def _property(one: Json) -> Json | None:
    mapped, rest = split(Property, one, ("properties", "items", "quality", "tags", "terms", CUSTOM_PROPERTIES))
    if "name" not in mapped:
        return None
    _tags(one, mapped, rest)
    ours = _custom(one, mapped, rest)
    _several(one, "quality", _rule, mapped, rest)
    _several(one, "properties", _property, mapped, rest)
    if "items" in one:
        items = one["items"]
        unnamed = isinstance(items, dict) and "name" not in items
        elements = _property({"name": ELEMENTS, **items} if unnamed else items) if isinstance(items, dict) else None
        (rest if elements is None else mapped)["items"] = items if elements is None else elements
    rest |= {key: one[key] for key in ("terms",) if key in one}
    return with_rest({**ours, **mapped}, rest)


def _rule(one: Json) -> Json | None:
    mapped, rest = split(QualityRule, one, (CUSTOM_PROPERTIES,))
    ours = _custom(one, mapped, rest)
    return with_rest({**ours, **mapped}, rest)


def _words(mapped: Json) -> set[Key]:
    """The domain, the data product and the tags that a contract uses."""
    found = {Key(kind, "", mapped[key].partition(":")[2]) for key, kind in _REFERENCES.items() if key in mapped}
    for part in (mapped, *_parts(mapped.get("schema", ()))):
        found |= {Key(Kind.TAG, "", tag.removeprefix("tag:")) for tag in part.get("tags", ()) if isinstance(tag, str)}
    return found


def _parts(parts: Any) -> Any:
    for part in parts:
        yield part
        yield from _parts(part.get("properties", ()))
        if "items" in part:
            yield from _parts([part["items"]])


_REFERENCES = {"domain": Kind.DOMAIN, "dataProduct": Kind.DATA_PRODUCT}
