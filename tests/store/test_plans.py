"""How Neo4j would run each Cypher block: from an index, one row at a time, or with a reason written here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import neo4j
import pytest

from catalog.graph.queries import FOLDER, blocks
from catalog.graph.store import Store
from tests.benchmarks.layered import several_runs
from tests.servers.stores import NEO4J, StoreServer
from tests.store.conftest import accept_events, drain

BATCH = "rows of one batch, bounded by the caller, held for one statement"
ONE = "one node"
FEW = "few nodes of this kind: shards, migrations"
TROUBLE = "the index holds only the few entries that are in trouble"
TOTAL = "a total, asked for by name only, counts what the reader may see"
ASKED = "one number for each day or subject asked about, bounded by the caller"
REBUILT = "there are few namespaces, and a rebuild asks for all of them, once"
RECENT = "an index on the newest event would be written by every event; pages in this order read every job instead"

_BATCHES = """put_uses put_obs put_jobs put_datasets put_runs put_registers put_reads put_writes put_reads_of_wide
put_writes_of_wide put_child_of put_field_from_field put_dataset_from_field put_dataset_from_dataset put_same_as
guard_jobs guard_datasets insert blame settle link_edits purge drop_chunks put_fed_by put_follows put_precedes put_maps
put_samples put_within count_gone forget_log forget_runs forget_registers forget_job_edges forget_field_edges
forget_dataset_edges forget_samples forget_months guard_manifests guard_entities put_manifests put_entities put_refers
forget_entity_edges forget_orders forget_evaluations put_findings forget_shapes
put_shapes"""
REASONS = {
    "Eager": {
        **dict.fromkeys(_BATCHES.split(), BATCH),
        **dict.fromkeys(
            (
                "guard",
                "guard_shard",
                "retry",
                "move_head",
                "guard_orders",
                "guard_order",
                "guard_watch",
                "guard_pruning",
                "guard_reports",
            ),
            ONE,
        ),
    },
    "EagerAggregation": {
        "count_datasets": TOTAL,
        "count_jobs": TOTAL,
        "count_findings": TOTAL,
        "oldest_again": "the minimum of very few",
        **dict.fromkeys(("last_of_days", "completed_on_days", "heard_of_subjects", "heard_on", "runs_on"), ASKED),
        **dict.fromkeys(
            ("count_log", "count_samples", "count_within", "count_within_once", "datasets_in_flows"), ASKED
        ),
    },
    "NodeIndexScan": {"troubled": TROUBLE, "oldest_again": TROUBLE, "again": TROUBLE},
    "NodeByLabelScan": {
        "count_datasets": TOTAL,
        "count_jobs": TOTAL,
        "page_jobs_updated": RECENT,
        "shards": FEW,
        "manifests": FEW,
        "fence_off": FEW,
        "stop_appliers": FEW,
        "applied": FEW,
        "all_namespaces": REBUILT,
        "seal_keys": "few keys ever sealed, and whoever verifies asks for all of them",
    },
}
"""Operator and block that would be wrong in general, and why it is right here."""

_SEEKS = {"NodeUniqueIndexSeek", "NodeUniqueIndexSeek(Locking)"}
_WRONG = re.compile(r"AllNodesScan|AllRelationshipsScan|LabelScan|TypeScan|IndexScan|CartesianProduct|Eager")


@pytest.fixture
def filled(store: Store, server: StoreServer) -> Iterator[neo4j.Driver]:
    """A driver on a store whose statistics are those of a real graph, not of an empty one."""
    accept_events(store, several_runs(8, 50, 3, range(2)))
    drain(store)
    login = (server.env["HEADWATER_STORE_USER"], server.env["HEADWATER_STORE_PASSWORD"])
    with neo4j.GraphDatabase.driver(
        server.env["HEADWATER_STORE_URL"], auth=login, notifications_min_severity="OFF"
    ) as driver:
        driver.execute_query("CALL db.resampleOutdatedIndexes()")
        yield driver


@pytest.mark.parametrize("server", [pytest.param(NEO4J, marks=pytest.mark.neo4j)], indirect=True)
def test_no_statement_scans_multiplies_or_waits_without_a_reason(filled: neo4j.Driver) -> None:
    """Every operator of every plan is harmless, or its block gives a reason above, and no reason is for nothing.

    The embedded store's EXPLAIN names no operators.
    """
    found = {(operator, name) for name, plan in _plans(filled) for operator in _wrong(plan)}
    reasons = {(operator, name) for operator, names in REASONS.items() for name in names}

    assert set() == found - reasons
    # which index of very few entries is walked is the planner's mood
    assert set() == {(operator, name) for operator, name in reasons - found if operator != "NodeIndexScan"}


def _plans(driver: neo4j.Driver) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(FOLDER.glob("*.cypher")):
        for name, text in blocks(path.stem).items():
            parameters = dict.fromkeys(re.findall(r"\$(\w+)", text))
            plan = driver.execute_query(f"EXPLAIN {text}", parameters).summary.plan
            assert plan is not None
            yield name, plan


def _wrong(plan: dict[str, Any]) -> Iterator[str]:
    operator = plan["operatorType"].split("@")[0]
    children = plan.get("children", [])
    if _WRONG.search(operator) and not (operator == "CartesianProduct" and all(map(_is_one_row, children))):
        yield operator
    for child in children:
        yield from _wrong(child)


def _is_one_row(plan: dict[str, Any]) -> bool:
    """A look-up by a unique key: the product of two such is one row."""
    return plan["operatorType"].split("@")[0] in _SEEKS and not plan.get("children")
