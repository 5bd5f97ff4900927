"""A manifest of dbt -> documents: what the project declares of its tables, jobs, exposures and people.

What dbt has a word for and documents have not is kept under `custom.dbt`. Nothing that changes with every call of dbt
goes in (ids of calls, times, paths of the machine), so that an unchanged project is an unchanged manifest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from catalog.assets.keys import Key, Kind
from catalog.identity import Name, digest
from catalog.imports.dbt.artifacts import SOURCE, TEST, Column, Exposure, Manifest, Node, Owner
from catalog.imports.dbt.tables import WITH_JOBS, Tables
from catalog.imports.facts import Facts
from catalog.imports.members import Json, mapping, text, whole
from catalog.manifest.references import WrongReference, check_name

NAMESPACE_OF_EXPOSURES = "dbt:"
_RANK = {"model": 0, "snapshot": 1, "seed": 2, "source": 3}
"""Of two nodes that keep one table, the one of the lower rank speaks first."""
_VIEWS = frozenset({"view", "materialized_view"})
_PERIODS = {"minute": "PT{}M", "hour": "PT{}H", "day": "P{}D"}
_URL = re.compile(r"https?://\S+")


def documents(manifest: Manifest, tables: Tables, facts: Facts) -> Iterator[Json]:
    """The documents of a project, as they are written; those of people and tags behind what refers to them."""
    return _Writer(manifest, tables, facts).all()


class _Writer:
    """Writes the documents of one project, and remembers whom and what they refer to."""

    def __init__(self, manifest: Manifest, tables: Tables, facts: Facts) -> None:
        self._manifest = manifest
        self._tables = tables
        self._facts = facts
        self._referred: dict[Key, None] = {}
        self._checks: dict[str, list[Node]] = {}
        for node in manifest.nodes.values():
            if node.kind == TEST and node.test:
                self._checks.setdefault(node.test.about, []).append(node)

    def all(self) -> Iterator[Json]:
        """Everything, what is referred to last."""
        kept = [node for node in self._manifest.nodes.values() if self._tables.kept(node)]
        by_dataset: dict[tuple[str, str], list[Node]] = {}
        for node in sorted(kept, key=lambda node: (_RANK[node.kind], node.id)):
            by_dataset.setdefault(self._tables.dataset(node), []).append(node)
        for nodes in by_dataset.values():
            yield self._dataset(nodes)
        for node in kept:
            if node.kind in WITH_JOBS:
                yield self._pipeline(node)
            if node.contract:
                yield self._contract(node)
        yield from self._jobs_beside()
        for exposure in self._manifest.exposures.values():
            yield self._dashboard(exposure)
        yield from self._people_and_tags()

    def _dataset(self, nodes: list[Node]) -> Json:
        first, *others = nodes
        for other in others:
            self._facts.skip(f"{other.id} ({first.id})", "its table is another node's, whose document speaks for both")
        namespace, name = self._tables.dataset(first)
        columns: dict[str, Column] = {}
        for node in nodes:
            for column in node.columns:
                columns.setdefault(column.name, column)
        found: Json = {
            "kind": Kind.DATASET.value,
            "namespace": namespace,
            "name": name,
            "description": next((node.description for node in nodes if node.description), ""),
            "owners": self._owners(owner for node in nodes for owner in node.owners),
            "tags": self._tags(tag for node in nodes for tag in node.tags),
            "fields": [self._field(column) for column in columns.values()],
            "quality": self._quality(nodes),
            "custom": {"dbt": self._custom(first, columns.values())},
        }
        if first.kind != SOURCE:
            found["type"] = "view" if first.materialized in _VIEWS else "table"
        if first.contract:
            found["contract"] = f"contract:{_contract_name(first)}"
        return found

    def _field(self, column: Column) -> Json:
        found: Json = {"name": column.name, "tags": self._tags(column.tags)}
        if column.type:
            found["type"] = column.type
        if column.description:
            found["description"] = column.description
        if "primary_key" in column.constraints:
            found["key"] = True
        if {"primary_key", "not_null"} & set(column.constraints):
            found["nullable"] = False
        return found

    def _quality(self, nodes: list[Node]) -> Json:
        """The tests as expectations, the allowed age of a source as freshness."""
        listed = {}
        for check in (check for node in nodes for check in self._checks.get(node.id, ())):
            test = check.test
            if test is None:
                continue
            rule: Json = {"name": check.name, "rule": test.kind or "sql", "parameters": test.params}
            rule["severity"] = "warning" if test.severity == "warn" else "error"
            if test.column:
                rule["column"] = test.column
            listed[check.name] = rule
        found: Json = {"expectations": list(listed.values())} if listed else {}
        if age := next((age for node in nodes if (age := _allowed_age(node))), ""):
            found["freshness"] = age
        return found

    def _custom(self, node: Node, columns: Iterable[Column]) -> Json:
        told = {column.name: column.meta for column in columns if column.meta}
        found = {
            "id": node.id,
            "package": node.package,
            "materialized": node.materialized,
            "path": node.path,
            "access": node.access,
            "group": node.group,
            "version": node.version,
            "loader": node.loader,
            "identifier": node.identifier,
            "meta": _without_owner(node.meta),
            "columns": told,
        }
        return {key: value for key, value in found.items() if value}

    def _pipeline(self, node: Node) -> Json:
        namespace, name = self._tables.job(node)
        found: Json = {
            "kind": Kind.PIPELINE.value,
            "namespace": namespace,
            "name": name,
            "owners": self._owners(node.owners),
            "inputs": [self._tables.dataset(source)._asdict() for source in self._tables.sources(node.parents)],
            "outputs": [self._tables.dataset(node)._asdict()],
            "custom": {"dbt": {"id": node.id, "materialized": node.materialized}},
        }
        if node.path:
            found["sourceCode"] = node.path
        missing = [parent for parent in node.parents if parent not in self._manifest.nodes]
        for parent in missing:
            self._facts.skip(f"{node.id} from {parent}", "the manifest does not have what it depends on")
        return found

    def _jobs_beside(self) -> Iterator[Json]:
        """The jobs that make no table: of a whole call of dbt, of tests, of looking how fresh sources are."""
        read: dict[Name, dict[Name, None]] = {self._tables.run_job: {}}
        for check in (check for checks in self._checks.values() for check in checks):
            tables = [self._tables.dataset(table) for table in self._tables.checked(check)]
            read.setdefault(self._tables.check_job(check), {}).update(dict.fromkeys(tables))
        for node in self._manifest.nodes.values():
            if node.kind == SOURCE and _allowed_age(node):
                read[self._tables.freshness_job(node)] = {self._tables.dataset(node): None}
        for job, tables_read in read.items():
            inputs = [table._asdict() for table in tables_read]
            yield {"kind": Kind.PIPELINE.value, **job._asdict(), "inputs": inputs}

    def _contract(self, node: Node) -> Json:
        dataset = self._tables.dataset(node)
        columns = [
            {
                "name": column.name,
                **({"physicalType": column.type} if column.type else {}),
                **({"description": column.description} if column.description else {}),
                **({"required": True} if {"not_null", "primary_key"} & set(column.constraints) else {}),
                **({"unique": True} if {"unique", "primary_key"} & set(column.constraints) else {}),
                **({"primaryKey": True} if "primary_key" in column.constraints else {}),
            }
            for column in node.columns
        ]
        table: Json = {"name": node.relation.table, "dataset": dataset._asdict(), "properties": columns}
        if node.description:
            table["description"] = node.description
        return {
            "kind": Kind.CONTRACT.value,
            "name": _contract_name(node),
            "version": node.version or "1",
            "title": node.name,
            "status": "active",
            "owners": self._owners(node.owners),
            "schema": [table],
            "custom": {"dbt": {"id": node.id}},
        }

    def _dashboard(self, exposure: Exposure) -> Json:
        inputs = self._tables.sources(exposure.parents)
        if not inputs:
            self._facts.notes.append(f"{exposure.id} depends on no table that the manifest has")
        found: Json = {
            "kind": Kind.DASHBOARD.value,
            "namespace": f"{NAMESPACE_OF_EXPOSURES}{self._tables.project}",
            "name": exposure.name,
            "description": exposure.description,
            "owners": self._owners([exposure.owner]),
            "tags": self._tags(exposure.tags),
            "inputs": [self._tables.dataset(source)._asdict() for source in inputs],
        }
        custom = {
            "id": exposure.id,
            "type": exposure.kind,
            "label": exposure.label,
            "maturity": exposure.maturity,
            "meta": _without_owner(exposure.meta),
        }
        found["custom"] = {"dbt": {key: value for key, value in custom.items() if value}}
        if _URL.fullmatch(exposure.url):
            found["links"] = [{"name": exposure.label or exposure.name, "url": exposure.url}]
        elif exposure.url:
            self._facts.skip(f"url of {exposure.id}", f"{exposure.url[:80]!r} is no address of the web")
        return found

    def _owners(self, owners: Iterable[Owner]) -> list[str]:
        return self._refer(Kind.TEAM, (found for owner in owners if (found := owner_key(owner))), "owner")

    def _tags(self, tags: Iterable[str]) -> list[str]:
        return self._refer(Kind.TAG, (Key(Kind.TAG, "", tag.strip()) for tag in tags if tag.strip()), "tag")

    def _refer(self, kind: Kind, keys: Iterable[Key], what: str) -> list[str]:
        found = []
        for key in dict.fromkeys(keys):
            try:
                check_name(key.name)
            except WrongReference as wrong:
                self._facts.skip(f"{what} {key.name[:80]!r}", str(wrong))
                continue
            self._referred[key] = None
            found.append(f"{key.kind.lower()}:{key.name}")
        return found

    def _people_and_tags(self) -> Iterator[Json]:
        known = dict(self._referred)
        for key in self._referred:
            name = key.name
            while key.kind is Kind.TAG and "/" in name:
                name = name.rpartition("/")[0]
                known[Key(Kind.TAG, "", name)] = None
        for key in known:
            yield {"kind": key.kind.value, "name": key.name}


def owner_key(owner: Owner) -> Key | None:
    """Whom an owner stands for: a team by its name, or a person under a pseudonym.

    A name with an @ in it (an address, a handle), or an address alone, is a person's; persons are never kept by name.
    """
    if owner.name and "@" not in owner.name:
        return Key(Kind.TEAM, "", owner.name)
    known_by = (owner.email or owner.name).strip().lower()
    return Key(Kind.PERSON, "", digest("person", known_by)[:12]) if known_by else None


def _contract_name(node: Node) -> str:
    return f"dbt:{node.id.partition('.')[2]}"


def _without_owner(meta: Json) -> Json:
    """What a project keeps beside the owners, who are told as such."""
    return {key: value for key, value in meta.items() if key not in ("owner", "owners")}


def _allowed_age(node: Node) -> str:
    """How old a source may be at most, as an ISO-8601 duration; "" where the project does not say."""
    for name in ("error_after", "warn_after"):
        limit = mapping(node.freshness, name)
        count, period = whole(limit, "count"), text(limit, "period")
        if count is not None and count > 0 and period in _PERIODS:
            return _PERIODS[period].format(count)
    return ""
