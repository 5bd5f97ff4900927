"""`run_results.json` -> events: what ran, what became of it, and what its tests found.

Run ids are made of dbt's id of the call and the node's, and times are those of the file, so that the same file gives
the same events. Jobs and datasets have the names that dbt's OpenLineage wrapper gives them; its own runs of the same
call have other ids, since it makes them up, so whoever sends events with it imports without runs.

Source: openlineage-dbt 1.54.0; run results v1 to v6.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID, uuid5

from catalog.identity import Name
from catalog.imports.dbt.artifacts import TEST, Artifacts, Catalog, Node, Result, Results
from catalog.imports.dbt.tables import WITH_JOBS, Tables
from catalog.imports.events import batch, job, run_event
from catalog.imports.facts import Facts
from catalog.imports.members import Json

PRODUCER = "urn:headwater:import:dbt"
COMMANDS = frozenset({"", "run", "build", "test", "seed", "snapshot", "retry"})
"""What carries nodes out; `generate` or `compile` leave results, too, and carried nothing out."""
_RUNS = UUID("6f1d2c1e-5d0b-5b6e-9a57-6f3f6f0f5a11")
_GOOD = frozenset({"success", "pass", "warn"})
_BAD = frozenset({"error", "fail", "runtime error", "partial success"})
_KINDS = frozenset({"model", "snapshot", "seed", TEST})
_TYPES = {"model": "MODEL", "snapshot": "SNAPSHOT"}


def run_uuid(invocation: str, id_: str) -> str:
    """The id of the run of one node in one call of dbt; of the call itself for an empty id."""
    return str(uuid5(_RUNS, f"{invocation}\n{id_}"))


def run_events(artifacts: Artifacts, tables: Tables, facts: Facts) -> Iterator[Json]:
    """The events of a call; what gives none is noted as skipped."""
    results = artifacts.results
    if results is None:
        return
    if results.command not in COMMANDS:
        facts.notes.append(f"run_results.json is of `dbt {results.command}`, which runs nothing: no runs in it")
        return
    if not results.invocation or not results.generated:
        facts.notes.append("run_results.json has no invocation id or no time: its runs cannot be told apart, left out")
        return
    call = _Call(artifacts, results, tables, facts)
    found = [*call.nodes(), *call.checks()]
    if found:
        yield from call.around(found)
        yield from found


class _Call:
    """One call of dbt."""

    def __init__(self, artifacts: Artifacts, results: Results, tables: Tables, facts: Facts) -> None:
        self._results = results
        self._tables = tables
        self._facts = facts
        self._nodes = artifacts.manifest.nodes
        self._adapter = artifacts.manifest.adapter
        catalog = artifacts.catalog
        # A catalog from before the run does not say what the run left.
        self._catalog = catalog if catalog and catalog.generated >= results.generated else None

    def around(self, events: Iterable[Json]) -> Iterator[Json]:
        """The call itself: from its first node to the end of the file, failed if any part of it failed."""
        listed = list(events)
        started = min(event["eventTime"] for event in listed)
        failed = any(event["eventType"] == "FAIL" for event in listed)
        run = {"runId": run_uuid(self._results.invocation, ""), "facets": self._run_facets()}
        of = job(self._tables.run_job, {"jobType": batch("DBT", "JOB")})
        yield run_event("START", started, PRODUCER, run, of)
        ended = max(self._results.generated, max(event["eventTime"] for event in listed))
        yield run_event("FAIL" if failed else "COMPLETE", ended, PRODUCER, run, of)

    def nodes(self) -> Iterator[Json]:
        """The runs of models and snapshots."""
        for result in self._results.results:
            kind = result.id.partition(".")[0]
            node = self._nodes.get(result.id)
            if kind == TEST:
                continue
            if kind not in _KINDS:
                self._facts.skip(f"run of {result.id}", f"no job of its own ({kind.replace('_', ' ')})")
            elif node is None:
                self._facts.skip(f"run of {result.id}", "the manifest does not have it: is it of another project?")
            elif node.kind not in WITH_JOBS:
                self._facts.skip(f"run of {result.id}", f"no job of its own ({node.kind})")
            elif result.status not in _GOOD | _BAD:
                self._facts.skip(f"run of {result.id}", f"its status is {result.status or 'not told'}")
            elif not self._tables.kept(node):
                self._facts.skip(f"run of {result.id}", "it is ephemeral and has no table")
            else:
                self._facts.read["runs"] += 1
                yield from self._node(node, result)

    def _node(self, node: Node, result: Result) -> Iterator[Json]:
        good = result.status in _GOOD
        facets = self._run_facets(parent=True)
        if not good and result.message:
            facets["errorMessage"] = {"message": result.message, "programmingLanguage": "SQL"}
        if result.query_id:
            facets["externalQuery"] = {"externalQueryId": result.query_id, "source": self._tables.namespace}
        run = {"runId": run_uuid(self._results.invocation, node.id), "facets": facets}
        about: Json = {"jobType": batch("DBT", _TYPES[node.kind]), "dbt_node": node_facet(node)}
        if sql := result.sql or node.sql:
            about["sql"] = {"query": sql, "dialect": self._adapter}
        of = job(self._tables.job(node), about)
        inputs = [self._dataset(source) for source in self._tables.sources(node.parents)]
        output = self._dataset(node)
        if result.rows is not None and node.materialized != "view":
            output["outputFacets"] = {"outputStatistics": {"rowCount": result.rows}}
        ended = result.ended or self._results.generated
        if result.started:
            bare = {key: value for key, value in output.items() if key != "outputFacets"}
            yield run_event("START", result.started, PRODUCER, run, of, inputs, [bare])
        yield run_event("COMPLETE" if good else "FAIL", ended, PRODUCER, run, of, inputs, [output] if good else [])

    def checks(self) -> Iterator[Json]:
        """The runs of tests: one for all those of a dataset, and one for each that is a query of its own."""
        by_job: dict[Name, tuple[Node, list[tuple[Node, Result]]]] = {}
        for result in self._results.results:
            if result.id.partition(".")[0] != TEST:
                continue
            node = self._nodes.get(result.id)
            if node is None or node.test is None:
                self._facts.skip(f"result of {result.id}", "the manifest does not have this test")
                continue
            if result.status not in _GOOD | _BAD:
                self._facts.skip(f"result of {result.id}", f"its status is {result.status or 'not told'}")
                continue
            self._facts.read["test results"] += 1
            if self._tables.stands_alone(node):
                yield from self._alone(node, result)
                continue
            (about,) = self._tables.checked(node)
            by_job.setdefault(self._tables.check_job(node), (about, []))[1].append((node, result))
        for name, (about, found) in by_job.items():
            yield from self._together(name, about, found)

    def _together(self, name: Name, about: Node, found: list[tuple[Node, Result]]) -> Iterator[Json]:
        dataset = self._tables.named(about)
        dataset["inputFacets"] = {"dataQualityAssertions": {"assertions": [_assertion(*pair) for pair in found]}}
        run = {
            "runId": run_uuid(self._results.invocation, f"tests of {name.name}"),
            "facets": self._run_facets(parent=True),
        }
        of = job(name, {"jobType": batch("DBT", "TEST"), "dbt_node": node_facet(about)})
        times = [time for _, result in found for time in (result.started, result.ended) if time]
        failed = any(_failed(*pair) for pair in found)
        if times:
            bare = {key: value for key, value in dataset.items() if key != "inputFacets"}
            yield run_event("START", min(times), PRODUCER, run, of, [bare])
        ended = max(times, default=self._results.generated)
        yield run_event("FAIL" if failed else "COMPLETE", ended, PRODUCER, run, of, [dataset])

    def _alone(self, node: Node, result: Result) -> Iterator[Json]:
        """A test that is a query of its own, or one of nothing that is kept."""
        told = _assertion(node, result)
        status = "pass" if told.pop("success") else "fail"
        told.pop("assertion")
        kind = node.test.kind if node.test and node.test.kind else "singular"
        test = {**told, "name": node.id, "status": status, "type": kind}
        run = {
            "runId": run_uuid(self._results.invocation, node.id),
            "facets": {**self._run_facets(parent=True), "test": {"tests": [test]}},
        }
        of = job(self._tables.check_job(node), {"jobType": batch("DBT", "TEST"), "dbt_node": node_facet(node)})
        inputs = [self._tables.named(source) for source in self._tables.checked(node)]
        if result.started:
            yield run_event("START", result.started, PRODUCER, run, of, inputs)
        state = "FAIL" if _failed(node, result) else "COMPLETE"
        yield run_event(state, result.ended or self._results.generated, PRODUCER, run, of, inputs)

    def _dataset(self, node: Node) -> Json:
        named = self._tables.named(node)
        if self._catalog and (schema := schema_facet(self._catalog, node)):
            named["facets"] = {**named.get("facets", {}), "schema": schema}
        return named

    def _run_facets(self, *, parent: bool = False) -> Json:
        return run_facets(self._tables, self._results.dbt, self._results.invocation, parent=parent)


def run_facets(tables: Tables, dbt: str, invocation: str, *, parent: bool) -> Json:
    """The facets of every run of a call."""
    facets: Json = {
        "processing_engine": {"name": "dbt", "version": dbt},
        "dbt_run": {"invocation_id": invocation, "project_name": tables.project, "dbt_runtime": "core"},
    }
    if parent:
        facets["parent"] = {"run": {"runId": run_uuid(invocation, "")}, "job": tables.run_job._asdict()}
    return facets


def schema_facet(catalog: Catalog, node: Node) -> Json | None:
    """The columns of a table as the warehouse has them; None where the catalog does not know it."""
    found = catalog.tables.get(node.id)
    if found is None or not found.columns:
        return None
    fields = [
        {"name": name, **({"type": type_} if type_ else {}), **({"description": comment} if comment else {})}
        for name, type_, comment in found.columns
    ]
    return {"fields": fields}


def _assertion(node: Node, result: Result) -> Json:
    """A result as a facet; a test that could not be carried out has not passed."""
    test = node.test
    assert test is not None
    found: Json = {
        "assertion": test.kind or node.name,
        "name": node.name,
        "success": result.status in ("pass", "success"),
        "severity": "warn" if result.status == "warn" else test.severity,
    }
    if test.column:
        found["column"] = test.column
    if node.description:
        found["description"] = node.description
    if result.failures is not None:
        found |= {"expected": test.expected, "actual": str(result.failures)}
    elif result.status == "error":
        found["actual"] = f"not carried out: {result.message}"[:1_000]
    if test.params:
        found["params"] = test.params
    return found


def _failed(node: Node, result: Result) -> bool:
    """Whether a result fails the run: what only warns does not."""
    return result.status in _BAD and not (result.status == "fail" and node.test and node.test.severity == "warn")


def node_facet(node: Node) -> Json:
    """The facet by which a node is known in every mode of dbt."""
    database, schema, table = node.relation
    return {
        "unique_id": node.id,
        "database": database or None,
        "schema": schema or None,
        "alias": table,
        "original_file_path": node.path,
    }
