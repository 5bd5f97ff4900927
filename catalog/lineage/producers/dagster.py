"""Dagster: the severity of an asset check is told beside its result.

`dagster-openlineage` 0.2.1 sends the result as a `dataQualityAssertions` facet without `severity`, which that facet has
since 1-1-0 (OpenLineage #4252), and the severity in a run facet of its own, `dagster_asset_check`: a check that only
warns would count as an error. Its assets share one run id; a run is known by its job, too.
Source: dagster-io/community-integrations, libraries/dagster-openlineage, schema of `dagster_asset_check`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from catalog.lineage.wire import WireDataset, WireEvent

ASSERTIONS = "dataQualityAssertions"


def with_severities(event: WireEvent) -> WireEvent:
    """Assertions of inputs get the severity that the run's checks of the same name have."""
    facet = event.run_facets.get("dagster_asset_check")
    checks = facet.get("checks") if isinstance(facet, dict) else None
    if not isinstance(checks, list):
        return event
    severities = {
        check["assertion"]: check["severity"].lower()
        for check in checks
        if isinstance(check, dict)
        and isinstance(check.get("assertion"), str)
        and isinstance(check.get("severity"), str)
    }
    return replace(event, inputs=[_graded(dataset, severities) for dataset in event.inputs])


def _graded(dataset: WireDataset, severities: dict[str, str]) -> WireDataset:
    facet = dataset.place_facets.get(ASSERTIONS)
    told = facet.get("assertions") if isinstance(facet, dict) else None
    if not isinstance(facet, dict) or not isinstance(told, list):
        return dataset
    graded = {**facet, "assertions": [_with_severity(assertion, severities) for assertion in told]}
    return replace(dataset, place_facets={**dataset.place_facets, ASSERTIONS: graded})


def _with_severity(assertion: Any, severities: dict[str, str]) -> Any:
    if not isinstance(assertion, dict) or assertion.get("severity") is not None:
        return assertion
    name = assertion.get("assertion")
    severity = severities.get(name) if isinstance(name, str) else None
    return assertion if severity is None else {**assertion, "severity": severity}
