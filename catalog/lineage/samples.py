"""Which facets of an event are one sample of a dataset: what a run (or a declaration) measured, checked or saw of it.

They belong to their moment, so they are kept as rows of a log, whole; `series` makes numbers, checks and versions of
them when somebody asks.
"""

from __future__ import annotations

from catalog.identity import Name
from catalog.lineage.assertions import Assertions, Json
from catalog.lineage.canonical import canonical
from catalog.lineage.facets.model import MODEL

ASSERTIONS = "dataQualityAssertions"
RUN_TESTS = "test"
SAMPLED = frozenset(
    {
        "version",
        "dataQualityMetrics",
        ASSERTIONS,
        "inputStatistics",
        "outputStatistics",
        "icebergScanReport",
        "icebergCommitReport",
        RUN_TESTS,
    }
)
"""The keys of dataset facets that are sampled."""
_VERSION = frozenset({"registry", "model", "version"})
"""Of a facet that tells which version of a model a run read or wrote, what a sample keeps."""

Facets = dict[str, Json]


def samples(said: Assertions) -> dict[tuple[Name, str], Facets]:
    """The sampled facets of an event by dataset and place: "input", "output", "dataset", or "run".

    Tests of the run itself (spec TestRunFacet 1-0-1) are told of no dataset; they count for those the event reads.
    """
    found: dict[tuple[Name, str], Facets] = {}
    for dataset in said.datasets:
        bound = {key: facet for key, facet in dataset.run_facets.items() if key in SAMPLED and isinstance(facet, dict)}
        version = dataset.facets.get(MODEL)
        if isinstance(version, dict) and said.run and dataset.role in ("input", "output"):
            bound[MODEL] = {key: version[key] for key in _VERSION & version.keys()}
        if bound:
            place = (dataset.name, dataset.role)
            found[place] = joined(found.get(place, {}), bound)
    tests = said.run_facets.get(RUN_TESTS)
    if isinstance(tests, dict):
        for dataset in said.datasets:
            if dataset.role == "input":
                found[dataset.name, "run"] = {RUN_TESTS: tests}
    return found


def joined(first: Facets, second: Facets) -> Facets:
    """Facets of two places as those of one: the second place's hold, but checks told in either all count."""
    both = {**first, **second}
    listed = [facet.get("assertions") for facet in map(_object, (first.get(ASSERTIONS), second.get(ASSERTIONS)))]
    if all(isinstance(part, list) for part in listed):
        both[ASSERTIONS] = {**both[ASSERTIONS], "assertions": _distinct([*listed[0], *listed[1]])}
    return both


def _object(facet: Json) -> Json:
    return facet if isinstance(facet, dict) else {}


def _distinct(checks: list[Json]) -> list[Json]:
    """Each once: `openlineage-dbt` says all of them in two places."""
    seen: set[bytes] = set()
    kept = []
    for check in checks:
        spelt = canonical(check)
        if spelt not in seen:
            seen.add(spelt)
            kept.append(check)
    return kept
