"""Great Expectations: metrics and results under keys from before the specification had any.

Its action sends a `dataQuality` facet, what `dataQualityMetrics` is now (OpenLineage #146), and a
`greatExpectations_assertions` facet whose members have other names than those of `dataQualityAssertions` (OpenLineage
#221); older releases send nothing else. Both come among a dataset's own facets or those of an input.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from catalog.lineage.assertions import Json
from catalog.lineage.facets.places import GREAT_EXPECTATIONS
from catalog.lineage.wire import WireDataset, WireEvent

METRICS, RESULTS = "dataQualityMetrics", "dataQualityAssertions"
OLD_METRICS, OLD_RESULTS = "dataQuality", "greatExpectations_assertions"


def with_standard_keys(event: WireEvent) -> WireEvent:
    """The facets stand under the keys of the specification, where those are not sent as well."""
    listed = [*event.inputs, *event.outputs]
    if all(GREAT_EXPECTATIONS.isdisjoint(d.facets) and GREAT_EXPECTATIONS.isdisjoint(d.place_facets) for d in listed):
        return event
    return replace(event, inputs=list(map(_standard, event.inputs)), outputs=list(map(_standard, event.outputs)))


def _standard(dataset: WireDataset) -> WireDataset:
    sent = dataset.facets.keys() | dataset.place_facets.keys()
    return replace(dataset, facets=_renamed(dataset.facets, sent), place_facets=_renamed(dataset.place_facets, sent))


def _renamed(facets: dict[str, Json], sent: set[str]) -> dict[str, Json]:
    found = dict(facets)
    if OLD_METRICS in facets and METRICS not in sent:
        found[METRICS] = found.pop(OLD_METRICS)
    if OLD_RESULTS in facets and RESULTS not in sent:
        found[RESULTS] = _results(found.pop(OLD_RESULTS))
    return found


def _results(facet: Json) -> Json:
    told = facet.get("assertions") if isinstance(facet, dict) else None
    return {**facet, "assertions": list(map(_result, told))} if isinstance(told, list) else facet


def _result(assertion: Any) -> Any:
    if not isinstance(assertion, dict):
        return assertion
    names = {"expectationType": "assertion", "columnId": "column"}
    return {names.get(key, key): value for key, value in assertion.items()}
