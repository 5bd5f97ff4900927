"""A contract of ours -> an ODCS document."""

from __future__ import annotations

from typing import Any

from catalog.manifest.odcs.parts import CUSTOM_PROPERTIES, ODCS, Json, rest_of, write_custom, write_tags
from catalog.manifest.odcs.reading import ELEMENTS, KIND
from catalog.manifest.odcs.servers import dataset_of

VERSION = "v3.1.0"
"""Of contracts that were never read from a file of another version."""
_TOP = ("version", "status", "tenant", "slaProperties", "roles", "support", "price")
_SAME = frozenset({"name", "version", "title", "purpose", "limitations", "usage", "kind", "schema", "team", "servers"})
_RULE = frozenset({"custom"})
_ORDER = ("apiVersion", "kind", "id", "name", "version", "status")


def write_contract(document: Json) -> Json:
    """The ODCS document that says all that a contract says; what the standard cannot say is a custom property.

    Args:
        document: canonical, as stored.
    """
    rest = rest_of(document)
    known = {"custom", "domain", "dataProduct", "tags", *_SAME, *_TOP}
    ours = {key: value for key, value in document.items() if key not in known}
    out: Json = {"apiVersion": rest.get("apiVersion", VERSION), "kind": KIND, "id": document["name"]}
    out |= {key: document[key] for key in _TOP if key in document}
    if "title" in document:
        out["name"] = document["title"]
    described = {key: document[key] for key in ("purpose", "limitations", "usage") if key in document}
    if described:
        out["description"] = {**_object(rest.get("description")), **described}
    for key in ("domain", "dataProduct"):
        if key in document:
            out[key] = document[key].partition(":")[2]
    _tags(document, out, ours)
    if "servers" in document:
        out["servers"] = [_server(one) for one in document["servers"]]
    if "schema" in document:
        out["schema"] = [_table(one, out.get("servers")) for one in document["schema"]]
    _team(document, rest, out)
    return _ordered(_finished(out, document, ours, rest))


def _team(document: Json, rest: Json, out: Json) -> None:
    members = document.get("team")
    if isinstance(rest.get("team"), dict):
        out["team"] = {**rest["team"], **({"members": members} if members else {})}
    elif members:
        old = str(out["apiVersion"]).startswith("v3.0") or ODCS in document.get("custom", {})
        out["team"] = members if old else {"members": members}


def _server(one: Json) -> Json:
    return {**{key: value for key, value in one.items() if key != "settings"}, **one.get("settings", {})}


def _table(one: Json, servers: Any) -> Json:
    ours: Json = {}
    plain = ("tags", "custom", "dataset", "granularity", "properties", "quality")
    out = {key: value for key, value in one.items() if key not in plain}
    if "granularity" in one:
        out["dataGranularityDescription"] = one["granularity"]
    if "properties" in one:
        out["properties"] = [_property(part) for part in one["properties"]]
    if "quality" in one:
        out["quality"] = [_rule(rule) for rule in one["quality"]]
    if "dataset" in one and one["dataset"] != dataset_of(servers, one):
        ours["dataset"] = one["dataset"]
    _tags(one, out, ours)
    return _finished(out, one, ours, rest_of(one))


def _property(one: Json) -> Json:
    ours: Json = {"terms": one["terms"]} if "terms" in one else {}
    plain = ("tags", "custom", "properties", "items", "quality", "terms")
    out = {key: value for key, value in one.items() if key not in plain}
    if out.get("name") == ELEMENTS:
        del out["name"]
    if "properties" in one:
        out["properties"] = [_property(part) for part in one["properties"]]
    if "items" in one:
        out["items"] = _property(one["items"])
    if "quality" in one:
        out["quality"] = [_rule(rule) for rule in one["quality"]]
    _tags(one, out, ours)
    return _finished(out, one, ours, rest_of(one))


def _rule(one: Json) -> Json:
    return _finished({key: value for key, value in one.items() if key not in _RULE}, one, {}, rest_of(one))


def _tags(document: Json, out: Json, ours: Json) -> None:
    plain, valued = write_tags(document.get("tags", ()))
    if valued:
        ours["tags"] = document["tags"]
    elif plain:
        out["tags"] = plain


def _finished(out: Json, document: Json, ours: Json, rest: Json) -> Json:
    """With what was kept, where nothing newer stands, and with custom properties."""
    listed = write_custom(document.get("custom", {}), ours)
    if listed:
        kept = rest.get(CUSTOM_PROPERTIES) or []
        out[CUSTOM_PROPERTIES] = [*(kept if isinstance(kept, list) else []), *listed]
    return {**{key: value for key, value in rest.items() if key not in out}, **out}


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _ordered(out: Json) -> Json:
    return {key: out[key] for key in (*_ORDER, *(key for key in out if key not in _ORDER)) if key in out}
