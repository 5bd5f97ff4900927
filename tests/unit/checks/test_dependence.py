"""Laws of `catalog.checks.dependence`."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.checks.dependence import Aspect, aspects, waits_for_time
from tests.unit.checks.worlds import chosen

FLOW = {"type": "flow", "target": "flow", "from": "node.tier == 1", "to": "node.tier == 2"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"assert": "size(dataset.owners) > 0"}, {Aspect.SAID}),
        ({"assert": "size(dataset.producers) > 0"}, {Aspect.AROUND}),
        ({"assert": "'x' in dataset.tags"}, {Aspect.AROUND}),
        ({"assert": "now > timestamp(dataset.last_written)"}, {Aspect.TIME, Aspect.OBSERVED}),
        ({"assert": "dataset == dataset"}, {Aspect.SAID, Aspect.AROUND, Aspect.OBSERVED}),
        ({"type": "aggregate", "assert": "population.share > 0.5"}, {Aspect.EVERYTHING, Aspect.AROUND}),
        ({"type": "change", "assert": "before.tier == after.tier"}, {Aspect.BEFORE}),
        (FLOW, {Aspect.AROUND, Aspect.SAID}),
    ],
)
def test_a_policy_depends_on_what_its_expressions_read(fields: dict[str, Any], expected: set[Aspect]) -> None:
    """Who judges again leaves out nothing that can have changed its outcome."""
    policy = chosen(**fields).compiled

    assert expected <= aspects(policy)
    assert (Aspect.TIME in expected) == waits_for_time(policy)
