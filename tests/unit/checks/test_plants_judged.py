"""Plants of laws, judged in memory: what is planted is found, with its way, and nothing else; nor once it is mended.

The same worlds are posted to real services elsewhere.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

import pytest

from catalog.checks.choosing import Chosen
from catalog.checks.engine import engine
from catalog.checks.evaluate import evaluate
from catalog.checks.judgement import Judgement
from catalog.checks.law import APPLIES_FROM
from catalog.checks.loading import PACKS, packs, read_policies
from catalog.checks.policy import compile_policy
from catalog.checks.snapshot import Place
from tests.planted import NOW, At, Expected, World, names, plant
from tests.planted_snapshot import place_of, snapshot_of

PACKS_OF_LAWS = ("gdpr", "hipaa", "ccpa")
PLANTED = [name for name in names() if name.startswith(PACKS_OF_LAWS)]
"""Those whose facts are all in documents and plain events; the others need what the store computes."""
POLICIES = {policy.name: policy for policy in read_policies(PACKS)}


@cache
def chosen(policy: str) -> Chosen:
    return Chosen(compile_policy(POLICIES[policy], engine()), policy.partition(".")[0])


def moment(policy: str) -> datetime:
    """When a plant is judged: once the law that its policy hangs on applies."""
    day = chosen(policy).compiled.policy.parameters.get(APPLIES_FROM)
    return max(NOW, datetime.fromisoformat(f"{day}T00:00:00Z") + timedelta(days=30)) if day else NOW


def judged(policy: str, world: World) -> Judgement:
    return evaluate(snapshot_of(world, moment(policy)), [chosen(policy)])


Told = tuple[str, str | None, str, tuple[str, ...]]


def found(judgement: Judgement) -> set[Told]:
    """Findings as plants expect them; what is about the whole catalog has no place."""
    return {
        (
            _spelled(one.place) if POLICIES[one.policy].type != "aggregate" else "world",
            _spelled(one.source) if one.source else None,
            one.outcome,
            tuple(dict.fromkeys(_spelled(p) for hop in one.witness.path for p in (hop.source, hop.target))),
        )
        for one in judgement.findings
    }


def _spelled(place: Place) -> str:
    return f"{place.thing}#{place.column}" if place.column else place.thing


def expected(told: tuple[Expected, ...], path: bool) -> set[Told]:
    def spelled(at: At) -> str:
        key, column = at
        return "world" if key is None else f"{key}#{column}" if column else str(key)

    return {
        (
            spelled(one.place),
            spelled(one.source) if one.source else None,
            one.outcome,
            tuple(map(spelled, one.path)) if path else (),
        )
        for one in told
    }


@pytest.mark.parametrize("policy", PLANTED)
def test_a_planted_violation_is_found_and_nothing_else(policy: str) -> None:
    """With the way that leads to it; a near miss is judged and is none."""
    told = plant(policy, moment(policy))
    judgement = judged(policy, told.broken)
    outcomes = {place: str(o) for p in judgement.populations for o, places in p.outcomes.items() for place in places}

    assert expected(told.found, POLICIES[policy].type == "flow") == found(judgement)
    for one in told.near:
        if one.place.key is not None and POLICIES[policy].type == "entity":
            assert one.outcome == outcomes[place_of(one.place, snapshot_of(told.broken))]


@pytest.mark.parametrize("policy", PLANTED)
def test_mended_it_is_found_no_more(policy: str) -> None:
    """The cause removed, nothing is left."""
    assert set() == found(judged(policy, plant(policy, moment(policy)).mended))


@pytest.mark.parametrize("pack", PACKS_OF_LAWS)
def test_every_policy_has_a_plant(pack: str) -> None:
    """No policy of these packs is without one."""
    shipped = next(one for one in packs() if one.name == pack)

    assert {policy.name for policy in read_policies(shipped.path)} <= set(PLANTED)
