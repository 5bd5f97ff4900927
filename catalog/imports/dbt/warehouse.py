"""`catalog.json` and `sources.json` -> events: what the warehouse has, and how fresh it is.

What the warehouse has is said of the datasets themselves, apart from what the project declares: columns and types as
they are, sizes where it counts them. How fresh a source is, is a check with a run of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from catalog.imports.dbt.artifacts import Age, Artifacts, Freshness, Node
from catalog.imports.dbt.runs import PRODUCER, node_facet, run_facets, run_uuid, schema_facet
from catalog.imports.dbt.tables import Tables
from catalog.imports.events import batch, dataset_event, job, run_event
from catalog.imports.facts import Facts
from catalog.imports.members import Json

_TYPES = {"VIEW": "VIEW", "MATERIALIZED VIEW": "VIEW", "BASE TABLE": "TABLE", "TABLE": "TABLE"}
_STALE = frozenset({"warn", "error"})


def table_events(artifacts: Artifacts, tables: Tables, facts: Facts) -> Iterator[Json]:
    """One event for each table of the catalog; two nodes of one table say it once."""
    catalog = artifacts.catalog
    if catalog is None:
        return
    for error in catalog.errors:
        facts.notes.append(f"dbt could not read all of the warehouse: {error}")
    if not catalog.generated:
        facts.notes.append("catalog.json has no time: what it says of tables has no place in history, left out")
        return
    told = set()
    for id_, found in catalog.tables.items():
        node = artifacts.manifest.nodes.get(id_)
        if node is None or not tables.kept(node):
            facts.skip(f"table of {id_}", "the manifest does not have it")
            continue
        facts.read["tables of the warehouse"] += 1
        name = tables.dataset(node)
        facets: Json = {}
        if schema := schema_facet(catalog, node):
            facets["schema"] = schema
        if type_ := _TYPES.get(found.type.upper()):
            facets["datasetType"] = {"datasetType": type_}
        if found.rows is not None or found.bytes is not None:
            sizes = {"rowCount": found.rows, "bytes": found.bytes}
            facets["dataQualityMetrics"] = {"columnMetrics": {}, **{k: v for k, v in sizes.items() if v is not None}}
        if not facets or name in told:
            continue
        told.add(name)
        named = tables.named(node)
        yield dataset_event(catalog.generated, PRODUCER, {**named, "facets": {**named.get("facets", {}), **facets}})


def freshness_events(artifacts: Artifacts, tables: Tables, facts: Facts) -> Iterator[Json]:
    """One run for each source that was looked at; failed where it is staler than its project allows."""
    ages = artifacts.freshness
    if ages is None:
        return
    if not ages.invocation or not ages.generated:
        facts.notes.append("sources.json has no invocation id or no time: its checks cannot be told apart, left out")
        return
    for age in ages.results:
        node = artifacts.manifest.nodes.get(age.id)
        if node is None:
            facts.skip(f"freshness of {age.id}", "the manifest does not have this source")
            continue
        facts.read["freshness checks"] += 1
        yield _freshness(node, age, ages, tables)


def _freshness(node: Node, age: Age, ages: Freshness, tables: Tables) -> Json:
    checked: Json = {"assertion": "freshness", "name": f"freshness of {node.id}", "success": age.status == "pass"}
    checked["severity"] = "warn" if age.status == "warn" else "error"
    if age.expected:
        checked["expected"] = age.expected
    if age.seconds is not None:
        checked["actual"] = f"{age.seconds:.0f} s"
    elif age.status not in {"pass", *_STALE}:
        checked["actual"] = f"not carried out: {age.error or age.status}"[:1_000]
    facets: Json = {"dataQualityAssertions": {"assertions": [checked]}}
    if age.newest:
        facets["dataQualityMetrics"] = {"columnMetrics": {}, "lastUpdated": age.newest}
    run: Json = {
        "runId": run_uuid(ages.invocation, f"freshness of {node.id}"),
        "facets": run_facets(tables, ages.dbt, ages.invocation, parent=False),
    }
    if age.error:
        run["facets"]["errorMessage"] = {"message": age.error, "programmingLanguage": "SQL"}
    of = job(tables.freshness_job(node), {"jobType": batch("DBT", "TEST"), "dbt_node": node_facet(node)})
    state = "COMPLETE" if age.status in ("pass", "warn") else "FAIL"
    dataset = {**tables.named(node), "inputFacets": facets}
    return run_event(state, age.looked or ages.generated, PRODUCER, run, of, [dataset])
