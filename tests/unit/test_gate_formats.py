"""How the gate's verdict is told: text, Markdown, JSON, JUnit XML and SARIF say the same, and nothing of their own."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from catalog.assets.keys import Key, Kind
from catalog.manifest.gate import findings as rules
from catalog.manifest.gate.as_json import as_json
from catalog.manifest.gate.findings import RULES, At, Finding, Impact, Level, Reached, Start, Verdict
from catalog.manifest.gate.junit import as_junit
from catalog.manifest.gate.sarif import as_sarif
from catalog.manifest.gate.text import MOST_REACHED, as_markdown, as_text, summary

ORDERS = Key(Kind.DATASET, "postgres://db:5432", "shop.public.orders")
CONTRACT = Key(Kind.CONTRACT, "", "orders")
BREACH = Finding(
    rules.COLUMN_DROPPED, Level.ERROR, ORDERS, "email", "dropped (was text)", CONTRACT, At("shop/orders.yaml", 12, 3)
)
NOTE = Finding(rules.COMPATIBLE, Level.NOTE, ORDERS, "note", "added", at=At("shop/orders.yaml", 12, 3))
REACHED = Reached(
    "Dashboard", "https://bi", "finance/revenue", "", ("team:finance",), ("orders", "nightly", "finance/revenue")
)
IMPACT = Impact(Start(ORDERS, "email", "dropped (was text)"), (REACHED,), at=At("shop/orders.yaml", 12))
VERDICT = Verdict("shop", "main", 7, (BREACH, NOTE), (IMPACT,))


def test_text_has_a_line_for_each_finding_and_the_way_to_whom_it_reaches() -> None:
    """What, where, under which contract, whom it reaches by which way, and how much in all."""
    subject = "Dataset postgres://db:5432 shop.public.orders"

    assert (
        f"✗ column-dropped  {subject} · email: dropped (was text) [contract orders]  (shop/orders.yaml:12)\n"
        f"· compatible-change  {subject} · note: added  (shop/orders.yaml:12)\n"
        f"  {subject} · email (dropped (was text)) reaches 1:\n"
        "    Dashboard https://bi finance/revenue  owned by team:finance\n"
        "      orders → nightly → finance/revenue\n"
        "1 breach, 0 breaking under no contract, 1 compatible or announced, 1 things downstream; "
        "against main, 7 entities compared" == as_text(VERDICT)
    )


def test_what_was_not_seen_is_said_in_every_form() -> None:
    """A walk that was cut off, or never begun, is no clean answer (law 5)."""
    cut = replace(VERDICT, impacts=(replace(IMPACT, truncated_by=("NODES",), hidden=2),), stale=True)
    unwalked = replace(VERDICT, impacts=None, unwalked="no service was asked")

    assert "cut off by NODES: there is more downstream; 2 things downstream are hidden from you" in summary(cut)
    assert "lineage impact not evaluated: no service was asked" in summary(unwalked)
    for verdict, word in ((cut, "cut off by NODES"), (unwalked, "not evaluated")):
        notices = as_sarif(verdict)["runs"][0]["invocations"][0]["toolExecutionNotifications"]
        assert word in notices[0]["message"]["text"]
        assert word in as_markdown(verdict)
        assert not as_json(verdict)["complete"]
    assert 1 == len(ET.fromstring(as_junit(cut)).findall(".//error"))
    assert 1 == len(ET.fromstring(as_junit(unwalked)).findall(".//skipped"))


def test_json_is_the_whole_verdict() -> None:
    """Programs get everything, in JSON's own types."""
    said = json.loads(json.dumps(as_json(VERDICT)))

    assert {"error": 1, "warning": 0, "note": 1} == said["counts"]
    assert {"file": "shop/orders.yaml", "line": 12, "column": 3, "before": False} == said["findings"][0]["at"]
    assert ["orders", "nightly", "finance/revenue"] == said["impact"][0]["reached"][0]["path"]
    assert (["team:finance"], True) == (said["owners"], said["complete"])


def test_junit_fails_for_breaches_alone() -> None:
    """Each finding is a case; only an error fails."""
    root = ET.fromstring(as_junit(VERDICT))

    assert ("testsuites", "3", "1", "0") == (root.tag, *(root.get(k) for k in ("tests", "failures", "errors")))
    assert ["contracts", "lineage"] == [suite.get("name") for suite in root]
    assert ["column-dropped"] == [str(failure.get("type")) for failure in root.iter("failure")]


def test_sarif_points_at_lines_and_rules() -> None:
    """Each result names its rule by id and place, and its file and line; what is gone has no line any more."""
    gone = replace(BREACH, at=At("old file.yaml", 9, old=True))
    (run,) = as_sarif(replace(VERDICT, findings=(BREACH, gone, NOTE)))["runs"]
    results = run["results"]

    assert ["error", "error", "note", "note"] == [one["level"] for one in results]
    assert [rule.id for rule in RULES] == [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(run["tool"]["driver"]["rules"][one["ruleIndex"]]["id"] == one["ruleId"] for one in results)
    assert {"startLine": 12, "startColumn": 3} == results[0]["locations"][0]["physicalLocation"]["region"]
    assert {"artifactLocation": {"uri": "old%20file.yaml"}} == results[1]["locations"][0]["physicalLocation"]
    assert results[0]["partialFingerprints"] == results[1]["partialFingerprints"]


@pytest.mark.parametrize("form", [as_text, as_markdown, as_junit, lambda v: json.dumps(as_sarif(v))])
def test_names_of_other_people_cannot_break_the_form(form: object) -> None:
    """Line breaks, markup, control characters and mentions in names stay what they are: text."""
    nasty = "a|b\n\x00\x1b[2J](x) <script>@team `</testcase>"
    key = Key(Kind.DATASET, nasty, nasty)
    one = Finding(rules.COLUMN_DROPPED, Level.ERROR, key, nasty, nasty, Key(Kind.CONTRACT, "", nasty), At(nasty, 1))
    reached = Reached("Dataset", nasty, nasty, nasty, (nasty,), (nasty, nasty))
    verdict = Verdict(nasty, nasty, 1, (one,), (Impact(Start(key, nasty, nasty), (reached,)),))
    assert callable(form)

    said = form(verdict)

    assert "\x1b" not in said and "\x00" not in said
    if form is as_markdown:
        outside = re.sub(r"`[^`\n]*`", "", said.replace("\\`", ""))
        assert not [bad for bad in ("<script>", "@team", "</testcase>") if bad in outside]
        assert 5 == len(re.split(r"(?<!\\)\|", next(x for x in said.splitlines() if x.startswith("| column-")))[1:])
    if form is as_junit:
        assert 2 == len(list(ET.fromstring(said).iter("testcase")))


def test_long_lists_are_cut_and_counted() -> None:
    """A terminal and a comment list so many; the count says how many more, and JSON has them all."""
    many = tuple(replace(REACHED, name=f"d{i}") for i in range(MOST_REACHED + 5))
    verdict = replace(VERDICT, impacts=(replace(IMPACT, reached=many),))

    assert "and 5 more" in as_text(verdict)
    assert "and 5 more" in as_markdown(verdict)
    assert MOST_REACHED + 5 == len(as_json(verdict)["impact"][0]["reached"])
