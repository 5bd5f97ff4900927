"""What a project's nodes are in the graph: the datasets they keep, the jobs that make them, and what lies behind."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from catalog.identity import Name
from catalog.imports.dbt.artifacts import MODEL, SEED, SNAPSHOT, SOURCE, Manifest, Node
from catalog.imports.members import Json
from catalog.lineage.producers.dbt import Naming, job_name, relation_name

WITH_TABLES = frozenset({MODEL, SEED, SNAPSHOT, SOURCE})
WITH_JOBS = frozenset({MODEL, SNAPSHOT})


@dataclass(frozen=True)
class Tables:
    """The names of a project's things, spelled as dbt's OpenLineage wrapper spells them.

    Attributes:
        namespace: of the datasets.
        job_namespace: of the jobs.
        naming: whose names jobs have.
    """

    manifest: Manifest
    project: str
    namespace: str
    job_namespace: str
    naming: Naming

    def dataset(self, node: Node) -> Name:
        """The dataset that a node keeps."""
        return Name(self.namespace, relation_name(*node.relation))

    def physical(self, node: Node) -> Name | None:
        """What the warehouse calls a source that the project calls otherwise; None where the names agree."""
        if not node.identifier:
            return None
        database, schema, _ = node.relation
        return Name(self.namespace, relation_name(database, schema, node.identifier))

    def job(self, node: Node) -> Name:
        """The job that makes a model or snapshot."""
        return Name(self.job_namespace, job_name(node.id, node.relation.database, node.relation.schema, self.naming))

    def stands_alone(self, check: Node) -> bool:
        """Whether a test is a query of its own, or about nothing that is kept."""
        about = self.manifest.nodes.get(check.test.about) if check.test and check.test.kind else None
        return about is None or not self.kept(about)

    def check_job(self, check: Node) -> Name:
        """The job that carries a test out: its own, or the one of all tests of a table."""
        if check.test is None or self.stands_alone(check) or self.naming is Naming.NODE:
            return Name(self.job_namespace, check.id)
        about = self.manifest.nodes[check.test.about]
        database, schema, _ = about.relation
        end = ".build.test" if self.naming is Naming.BUILD else ".test"
        return Name(self.job_namespace, relation_name(database, schema, about.id.removeprefix("model.")) + end)

    def checked(self, check: Node) -> list[Node]:
        """The tables that a test is about."""
        if check.test is None or self.stands_alone(check):
            return self.sources(check.parents)
        return [self.manifest.nodes[check.test.about]]

    def freshness_job(self, node: Node) -> Name:
        """The job that looks how fresh a source is; dbt's wrapper has none."""
        database, schema, _ = node.relation
        return Name(self.job_namespace, relation_name(database, schema, node.id) + ".freshness")

    @property
    def run_job(self) -> Name:
        """The job of the whole call of dbt."""
        return Name(self.job_namespace, f"dbt-run-{self.project}")

    def kept(self, node: Node) -> bool:
        """Whether a node is a table or view of its own."""
        return node.kind in WITH_TABLES and not node.ephemeral and bool(node.relation.table)

    def sources(self, parents: Iterable[str]) -> list[Node]:
        """The nodes with tables behind these parents, in order: what is ephemeral is looked through."""
        found: dict[str, Node] = {}
        seen: set[str] = set()
        waiting = list(reversed(list(parents)))
        while waiting:
            id_ = waiting.pop()
            node = self.manifest.nodes.get(id_)
            if node is None or id_ in seen:
                continue
            seen.add(id_)
            if self.kept(node):
                found[id_] = node
            elif node.ephemeral:
                waiting += reversed(node.parents)
        return list(found.values())

    @cached_property
    def shared(self) -> dict[Name, list[str]]:
        """Nodes that keep the same dataset, such as a source that is another package's seed, by that dataset."""
        found: dict[Name, list[str]] = {}
        for node in self.manifest.nodes.values():
            if self.kept(node):
                found.setdefault(self.dataset(node), []).append(node.id)
        return {name: ids for name, ids in found.items() if len(ids) > 1}

    def named(self, node: Node) -> Json:
        """A dataset as events name it."""
        namespace, name = self.dataset(node)
        physical = self.physical(node)
        if physical is None:
            return {"namespace": namespace, "name": name}
        same = [{"namespace": physical.namespace, "name": physical.name, "type": "TABLE"}]
        return {"namespace": namespace, "name": name, "facets": {"symlinks": {"identifiers": same}}}
