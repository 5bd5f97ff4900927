"""Every policy that is shipped, through both engines."""

from __future__ import annotations

import pytest

from catalog.checks.engine import Engine, engine
from catalog.checks.fixtures import run
from catalog.checks.loading import PACKS, Pack, load_policies, packs, read_policies
from catalog.checks.policy import compile_policy
from catalog.manifest.documents.policies import Policy
from tests.unit.checks.engines import both

POLICIES = read_policies(PACKS)


@both
@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_every_case_has_the_outcome_it_says(on: Engine, policy: Policy) -> None:
    """In one engine as in the other."""
    compiled = compile_policy(policy, on)
    ran = [run(compiled, test) for test in policy.tests]

    assert [one.expected for one in ran] == [one.actual for one in ran], [one.told for one in ran]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_every_policy_is_a_page(policy: Policy) -> None:
    """It says what breaks, why, what to do and where it comes from; it passes, fails and errs in its cases."""
    parts = [policy.breaks, policy.description, policy.remedy, policy.source, policy.message]

    assert all(parts)
    assert {"PASS", "FAIL", "ERROR"} <= {str(test.expect) for test in policy.tests}


@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.name)
def test_every_pack_says_that_it_is_no_legal_advice(pack: Pack) -> None:
    """On its page; and it has policies, whose names begin with its own."""
    names = [policy.name for policy in read_policies(pack.path)]

    assert "no legal advice" in pack.about
    assert names
    assert all(name.startswith(f"{pack.name}.") for name in names)


@pytest.mark.parametrize("pack", packs(), ids=lambda pack: pack.name)
def test_every_policy_is_in_the_table_of_its_pack(pack: Pack) -> None:
    """Whoever reads what a pack decides misses none; some pages leave the pack's name out."""
    names = [policy.name for policy in read_policies(pack.path)]
    short = {name: name.removeprefix(f"{pack.name}.") for name in names}

    assert [] == [name for name in names if not {f"`{name}`", f"`{short[name]}`"} & set(_code(pack.about))]


def _code(text: str) -> list[str]:
    return [f"`{part}`" for part in text.split("`")[1::2]]


def test_the_packs_load() -> None:
    """No pack has a policy that is refused; that the other engine gives every case its outcome is shown above."""
    loaded = load_policies([PACKS], engine())

    assert [] == loaded.problems
    assert len(POLICIES) == len(loaded.policies) > 0
