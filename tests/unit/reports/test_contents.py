"""What holds of every report: order means nothing, numbers add up, parameters are checked, cells fit their columns."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.assets.keys import Kind
from catalog.checks.classification.propagate import propagate
from catalog.checks.judgement import OUTCOMES, Judgement
from catalog.errors import InvalidQuestion, UnknownKey
from catalog.reports.contents import CONTENTS
from catalog.reports.contents.content import choose
from catalog.reports.document import Lineage, Report, Table
from tests.unit.reports import company
from tests.unit.reports.asked import made, table
from tests.unit.reports.building import declared, key
from tests.unit.reports.judging import judgement
from tests.unit.reports.plain import GOLDEN, golden

every = pytest.mark.parametrize("name", sorted(CONTENTS))


@every
@given(seed=st.integers(0, 10**6))
@settings(max_examples=5, deadline=None)
def test_the_order_of_what_is_given_means_nothing(name: str, seed: int) -> None:
    """Equal facts give equal reports, however they are ordered."""
    dice, seen = random.Random(seed), company.snapshot()
    judged = judgement(seen)

    def mixed(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(dice.sample(items, len(items)))

    other = replace(
        seen,
        things=dict(mixed(tuple(seen.things.items()))),
        edges=mixed(seen.edges),
        column_edges=mixed(seen.column_edges),
    )
    shuffled = Judgement(mixed(judged.policies), mixed(judged.populations), mixed(judged.findings))

    assert made(name) == made(name, other, shuffled)


@every
def test_a_report_says_what_it_said(name: str) -> None:
    """The golden file; `python -m tests.unit.reports.plain` writes it anew where another text is meant."""
    assert (GOLDEN / f"{name}.txt").read_text("utf-8") == golden(name)


@every
def test_rows_fit_their_columns_and_drawings_their_nodes(name: str) -> None:
    """A row is as long as its headings, tones are as many as rows, no drawing has an edge without its ends."""
    report = made(name)
    blocks = [block for section in report.sections for block in section.blocks]

    for block in blocks:
        if isinstance(block, Table):
            assert {len(block.columns)} >= {len(row) for row in block.rows}, block.title
            assert len(block.tone) in (0, len(block.rows)), block.title
        if isinstance(block, Lineage):
            ids = {node.id for node in block.nodes}
            assert {end for start, stop, _ in block.edges for end in (start, stop)} <= ids
            assert len(ids) == len(block.nodes) <= 40
    assert len({section.id for section in report.sections}) == len(report.sections)


@every
def test_the_population_adds_up_and_is_listed_whole(name: str) -> None:
    """Outcomes add up to the subjects, and the sets have every one of them."""
    report = made(name)
    if not report.policies:
        return
    listed = table(report, "Everything that was evaluated")
    members: dict[object, int] = {}
    for number, _, _, count, _ in table(report, "Sets"):
        members[number] = members.get(number, 0) + int(count or 0)
    assert members == {number: count for _, _, count, number in listed}

    for policy, selected, *counts in report.populations:
        assert selected == sum(int(count or 0) for count in counts)
        told = {outcome: 0 for outcome in OUTCOMES}
        for row in listed:
            if row[0] == policy:
                told[str(row[1])] += int(row[2] or 0)
        assert list(counts) == list(told.values())


@pytest.mark.parametrize(
    ("name", "asked", "words"),
    [
        ("policy-complience", {}, "no report is called 'policy-complience'; did you mean policy-compliance?"),
        ("policy-compliance", {"framwork": "GDPR"}, "has no parameter 'framwork'; did you mean framework?"),
        ("policy-compliance", {"framework": "GPDR"}, "of the framework 'GPDR'; did you mean GDPR?"),
        ("policy-compliance", {"domain": "cares"}, "there is no domain 'cares'; did you mean care?"),
        ("policy-compliance", {"domain": "domain:Care"}, "there is no domain 'Care'; did you mean care?"),
        ("policy-compliance", {"domain": "team:care"}, "'team:care' is a Team, which cannot stand here; expected"),
        ("policy-compliance", {"domain": "care/"}, "the name 'care/' has an empty part beside a slash"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_can(name: str, asked: dict[str, str], words: str) -> None:
    """Errors say what is wrong and name the nearest that is there."""
    with pytest.raises((InvalidQuestion, UnknownKey)) as told:
        content = choose(name, CONTENTS)
        seen = company.snapshot()
        content.build(seen, judgement(seen), propagate(seen), content.scope(asked))

    assert words in str(told.value)


def test_a_framework_narrows_policies_and_their_population() -> None:
    """Only policies with such a control are counted, and their numbers stay whole."""
    report = made("policy-compliance", framework="HIPAA")

    assert (("hipaa.agreement", 10, 9, 0, 1, 0, 0),) == report.populations
    assert ["hipaa.agreement"] == [policy[0] for policy in report.policies]


def test_a_domain_narrows_subjects_and_keeps_policies() -> None:
    """Parts of a domain belong to it; who owns nothing there is not counted."""
    report = made("policy-compliance", domain="care")

    assert {"patients", "visits", "billing", "patient_360"} == {row[1] for row in table(report, "Sets")}
    assert [4, 4, 4, 15, 4] == [row[1] for row in report.populations]


def test_a_domain_is_given_as_everywhere() -> None:
    """With its word or without it: one report. Its parts are also those that say so without a slash in their name."""
    seen, content = company.snapshot(), CONTENTS["policy-compliance"]
    one = declared({"kind": "Domain", "name": "care", "parent": "domain:health"}, key(Kind.DOMAIN, "care"))
    seen = replace(seen, things={**seen.things, one.id: one})

    def about(domain: str) -> Report:
        return content.build(seen, judgement(seen), propagate(seen), content.scope({"domain": domain}))

    assert about("care") == about("domain:care")
    assert about("care").populations == about("health").populations
    assert {"domain": "health", "framework": None} == about("domain:health").scope


@every
def test_a_report_is_documented_with_its_parameters(name: str) -> None:
    """The page has it, what it judges by, and each parameter; descriptions say what holds without it."""
    page = (Path(__file__).parents[3] / "docs" / "reports.md").read_text("utf-8")
    content = CONTENTS[name]
    row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))

    assert f"\n## {name}\n" in page
    assert [] == [one.name for one in content.parameters if f"`{one.name}`" not in row]
    assert [] == [pack for pack in content.packs or () if pack not in row.rsplit("|", 2)[1]]
    assert [] == [one.name for one in content.parameters if not one.description.endswith(".")]
