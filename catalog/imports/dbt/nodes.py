"""Nodes of a manifest: the versions of its schema differ in where things stand, not in what they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.imports.dbt.artifacts import SOURCE, TEST, Check, Column, Node, Owner, Relation
from catalog.imports.members import Json, mapping, member, objects, text, texts

_ANY_ROW = "!=0"


def read_node(id_: str, kind: str, told: Json, parents: tuple[str, ...], groups: Mapping[str, Owner | None]) -> Node:
    """A node of any version.

    Args:
        parents: from the manifest's map of parents, for nodes that do not tell theirs.
        groups: the owners of the project's groups.
    """
    name = text(told, "name") or id_.rpartition(".")[2]
    identifier = text(told, "identifier")
    table = name if kind == SOURCE else text(told, "alias") or name
    meta = {**mapping(told, "config", "meta"), **mapping(told, "meta")}
    group = text(told, "group") or text(told, "config", "group")
    listed = dict.fromkeys((*texts(told, "depends_on", "nodes"), *(() if told.get("depends_on") else parents)))
    return Node(
        id=id_,
        kind=kind,
        package=text(told, "package_name"),
        name=name,
        relation=Relation(text(told, "database"), text(told, "schema"), table),
        identifier=identifier if kind == SOURCE and identifier != table else "",
        description=text(told, "description"),
        columns=tuple(_column(name, column) for name, column in mapping(told, "columns").items()),
        tags=tuple(dict.fromkeys((*texts(told, "tags"), *texts(told, "config", "tags")))),
        meta=meta,
        owners=_owners(meta, groups.get(group)),
        group=group,
        materialized=text(told, "config", "materialized"),
        access=text(told, "access") or text(told, "config", "access"),
        version=text(told, "version"),
        path=text(told, "original_file_path"),
        parents=tuple(listed),
        sql=text(told, "compiled_code") or text(told, "compiled_sql"),
        contract=member(told, "contract", "enforced") is True or member(told, "config", "contract", "enforced") is True,
        loader=text(told, "loader"),
        freshness=mapping(told, "freshness"),
        test=_test(told, parents or tuple(listed)) if kind == TEST else None,
    )


def read_owner(told: Any) -> Owner | None:
    """An owner of a group or an exposure, or what people write under `meta.owner`; None where nobody is named."""
    if isinstance(told, str) and told.strip():
        return Owner(told.strip(), "")
    name, email = text(told, "name").strip(), text(told, "email").strip()
    email = email or next(iter(texts(told, "email")), "")  # from 1.10 on a list, too
    return Owner(name, email) if name or email else None


def _owners(meta: Json, of_group: Owner | None) -> tuple[Owner, ...]:
    told = meta.get("owner", meta.get("owners"))
    listed = [read_owner(part) for part in (told if isinstance(told, list) else [told])]
    return tuple(dict.fromkeys(owner for owner in (*listed, of_group) if owner))


def _column(name: str, told: Any) -> Column:
    return Column(
        name=text(told, "name") or name,
        type=text(told, "data_type"),
        description=text(told, "description"),
        tags=tuple(dict.fromkeys((*texts(told, "tags"), *texts(told, "config", "tags")))),
        meta={**mapping(told, "config", "meta"), **mapping(told, "meta")},
        constraints=tuple(text(part, "type") for part in objects(told, "constraints")),
    )


def _test(told: Json, parents: tuple[str, ...]) -> Check:
    """A test; where dbt does not say what it is attached to, its last parent counts, as in the OpenLineage wrapper."""
    about = [parent for parent in parents if parent.partition(".")[0] in ("model", "source", "seed", "snapshot")]
    kwargs = mapping(told, "test_metadata", "kwargs")
    severity = text(told, "config", "severity").lower() or "error"
    threshold = text(told, "config", "warn_if" if severity == "warn" else "error_if")
    return Check(
        kind=text(told, "test_metadata", "name"),
        about=text(told, "attached_node") or (about[-1] if about else ""),
        column=text(kwargs, "column_name") or text(told, "column_name"),
        severity=severity,
        expected="0" if "".join(threshold.split()) in ("", _ANY_ROW) else threshold,
        params={key: value for key, value in kwargs.items() if key not in ("model", "column_name")},
    )
