"""Policies as people read them: the page of one, how it judges a case, and one to begin with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from catalog.cli.render import PLAIN, Cell, Screen, clean, paint, table

if TYPE_CHECKING:
    from catalog.checks.explain import Explanation
    from catalog.checks.law import Instrument
    from catalog.manifest.documents.policies import Policy

NO_ADVICE = "Policies are no legal advice."
_LONGEST = 4_096


def page(policy: Policy) -> str:
    """A policy as a page."""
    controls = ", ".join(f"{control.framework} {control.ref}" for control in policy.controls)
    head = f"{policy.name}  version {policy.version}, {policy.severity}, {policy.type} policy about: {policy.target}"
    sections = [
        ("What breaks", policy.breaks),
        ("Why it matters", policy.description),
        ("What to do", policy.remedy),
        ("Source", "; ".join(part for part in (policy.source, controls) if part)),
        ("Applies", _applies(policy)),
        ("Rule", "\n".join(_rules(policy))),
        (
            "Cases",
            "\n".join(f"{_one(test.expect)}  {test.name}: {_one(test.graph or test.input)}" for test in policy.tests),
        ),
    ]
    parts = [clean(head, _LONGEST), *(f"{title}\n{_indented(text)}" for title, text in sections if text), NO_ADVICE]
    return "\n\n".join(parts)


def law_text(known: Sequence[Instrument], screen: Screen = PLAIN) -> str:
    """What is known of the days and spans of law."""
    rows = [
        (
            Cell(one.id, whole=True),
            Cell(one.status.replace("_", " ")),
            Cell(one.applies_from or "-", whole=True),
            Cell(one.checked_at, whole=True),
            Cell(one.provision + (" *" if one.mark else "")),
        )
        for instrument in known
        for one in instrument.provisions
    ]
    spans = [
        (Cell(one.id, whole=True), Cell(one.duration, whole=True), Cell(one.checked_at, whole=True), Cell(one.period))
        for instrument in known
        for one in instrument.periods
    ]
    listed = table(("ID", "STATUS", "APPLIES FROM", "CHECKED", "PROVISION"), rows, screen)
    listed += "\n\n" + table(("ID", "WITHIN", "CHECKED", "WHAT HAS TO BE DONE"), spans, screen)
    return f"{listed}\n\n* has to be compared with the primary text. {NO_ADVICE}"


def explained(told: Explanation, screen: Screen = PLAIN) -> str:
    """How a case was judged."""
    ran = told.ran
    lines = [f"{clean(ran.name)}: {_one(ran.actual)}" + ("" if ran.ok else f", expected {_one(ran.expected)}")]
    for step in told.steps:
        style = "good" if step.value == "true" else "bad"
        title = f"{step.field}: " if not step.depth else "  "
        value = paint(clean(step.value, _LONGEST), style, screen.color)
        lines.append(f"  {title}{clean(step.expression, _LONGEST)}  =>  {value}")
    if ran.told:
        lines.append(f"  {clean(ran.told, _LONGEST)}")
    return "\n".join(lines)


def template(name: str, type_: str) -> str:
    """A policy whose cases pass, to be changed."""
    head = _HEAD.format(name=json.dumps(name), type=type_)
    return head + _BODIES[type_]


def _applies(policy: Policy) -> str:
    """From when on a policy applies, if it hangs on a provision."""
    if policy.law is None:
        return ""
    from catalog.checks.law import APPLIES_FROM, UnknownProvision, dated

    try:
        day = dated(policy).parameters[APPLIES_FROM]
    except UnknownProvision as wrong:
        return str(wrong)
    return f"from {day} on ({policy.law})" if day else f"not yet: {policy.law} is proposed only"


def _rules(policy: Policy) -> list[str]:
    fields = {
        **{"when": policy.when, "assert": policy.assert_, "from": policy.from_, "to": policy.to},
        **{"barrier": policy.barrier, "unless": policy.unless, "message": policy.message},
    }
    found = [f"{field}: {clean(text, _LONGEST)}" for field, text in fields.items() if text is not None]
    return [*found, f"params: {_one(policy.parameters)}"] if policy.parameters else found


def _indented(text: str) -> str:
    return "\n".join(f"  {clean(line, _LONGEST)}" for line in text.splitlines())


def _one(value: Any) -> str:
    return clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), _LONGEST)


_HEAD = """kind: Policy
name: {name}
version: "1"
severity: medium
breaks: Say in a sentence what is wrong where this fails.
description: Say why that matters.
remedy: Say what to do about it.
source: Say where the rule comes from.
type: {type}
"""
_BODIES = {
    "entity": """target: dataset
assert: size(dataset.owners) > 0
message: "'The dataset ' + dataset.name + ' has no owner.'"
tests:
  - {name: owned, input: {dataset: {name: orders, owners: ["team:orders"]}}, expect: PASS}
  - {name: not owned, input: {dataset: {name: orders}}, expect: FAIL}
""",
    "flow": """target: flow
from: "'pii' in node.tags && node.location.jurisdiction == 'EEA'"
to: node.location.jurisdiction != 'EEA'
barrier: edge.masking == true
unless: sink.transfer.mechanism in ['adequacy', 'scc', 'bcr']
maxDepth: 50
message: "source.name + ' reaches ' + sink.name"
tests:
  - name: masked on the way
    graph:
      nodes:
        a: {name: customers, tags: [pii], location: {jurisdiction: EEA}}
        b: {name: export, location: {jurisdiction: US}}
      edges: [{from: a, to: b, masking: true}]
    expect: PASS
  - name: leaves by way of a copy
    graph:
      nodes:
        a: {name: customers, tags: [pii], location: {jurisdiction: EEA}}
        b: {name: copy, location: {jurisdiction: EEA}}
        c: {name: export, location: {jurisdiction: US}}
      edges: [{from: a, to: b}, {from: b, to: c}]
    expect: [a -> b -> c]
""",
    "aggregate": """target: dataset
when: size(dataset.owners) > 0
assert: population.share >= 0.9
message: Fewer than nine in ten have an owner.
tests:
  - {name: all owned, input: {members: [{dataset: {owners: ["team:a"]}}]}, expect: PASS}
  - {name: half owned, input: {members: [{dataset: {owners: ["team:a"]}}, {dataset: {}}]}, expect: FAIL}
""",
    "change": """target: dataset
when: "!created && !deleted"
assert: before.domain == after.domain
message: "after.name + ' moved to another domain.'"
tests:
  - {name: unchanged, input: {before: {domain: "domain:a"}, after: {domain: "domain:a"}}, expect: PASS}
  - {name: moved, input: {before: {domain: "domain:a"}, after: {name: x, domain: "domain:b"}}, expect: FAIL}
""",
}
