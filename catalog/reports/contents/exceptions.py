"""What is not judged by policies alone: waivers that people approved, and what people attest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.assets.keys import Kind
from catalog.checks.filling.attestation import covers
from catalog.checks.snapshot import Thing
from catalog.checks.waivers import in_force_until
from catalog.reports.contents.judged import Judged
from catalog.reports.contents.saying import compact, micros, some, stated
from catalog.reports.contents.view import View
from catalog.reports.document import Cell, Prose, Section, Table, Tone

_WAIVER = ("Waiver", "Policy", "Approved by", "Reason", "Ends", "Findings waived", "Document")


def ending(judged: Judged, framework: str) -> tuple[Section, ...]:
    """What reports about a law end with: what was found, what is excepted, and what it was judged by."""
    judges = bool(judged.judgement.policies)
    return (
        *judged.found(),
        *((waivers(judged),) if judges else ()),
        attestations(judged.view, (framework,)),
        *((judged.policies(), judged.population()) if judges else ()),
    )


def waivers(judged: Judged) -> Section:
    """Waivers with who approved them and until when: those that were applied, that have ended, and all others."""
    view = judged.view
    used: dict[str, int] = {}
    for finding in judged.of("WAIVED"):
        used[finding.waiver] = used.get(finding.waiver, 0) + 1
    policies = {used.name for used in judged.judgement.policies}
    rows: dict[str, list[tuple[Cell, ...]]] = {"applied": [], "ended": [], "idle": [], "other": []}
    for thing in view.of_kind(Kind.WAIVER):
        row = _waiver(view, thing, used.get(thing.key.name, 0))
        if in_force_until(thing, view.snapshot.at) is None:
            rows["ended"].append(row)
        elif used.get(thing.key.name):
            rows["applied"].append(row)
        else:
            rows["idle" if row[1] in policies else "other"].append(row)
    return Section(
        "waivers",
        "Waivers",
        (
            Prose("A waived finding is no pass: somebody answers for it until a day. It is counted apart."),
            _table("Waivers applied", rows["applied"], "warn"),
            _table("Waivers that have ended or were withdrawn: what they excused counts again", rows["ended"], "bad"),
            _table("Waivers that covered nothing", rows["idle"]),
            *([_table("Waivers of policies that were not judged", rows["other"])] if rows["other"] else []),
        ),
    )


def attestations(view: View, frameworks: tuple[str, ...] = ()) -> Section:
    """What people attest since metadata cannot decide it; by framework, if any is named."""
    rows: list[tuple[Cell, ...]] = []
    tones: list[Tone] = []
    for thing in view.known.attestations:
        if not frameworks or _control(thing)[0] in frameworks:
            over = _over(view, thing)
            rows.append(_attested(view, thing, over))
            tones.append("bad" if over else "")
    columns = ("Control", "Statement", "Applies to", "Stated by", "Stated on", "Counts", "Review", "Evidence", "Name")
    return Section(
        "attestations",
        "Attestations",
        (
            Prose(
                "Statements that people made where metadata cannot decide. They are listed as they are, not verified."
            ),
            Table("Attested", columns, tuple(rows), tuple(tones), "Nobody attested anything."),
        ),
    )


def vouched(view: View, framework: str, refs: Iterable[str], thing: Thing) -> list[Thing]:
    """The attestations of some controls about a thing that still count."""
    wanted = {(framework, ref) for ref in refs}
    return [
        one
        for one in view.known.attestations
        if _control(one) in wanted and not _over(view, one) and covers(view.known, one, thing)
    ]


def _table(title: str, rows: list[tuple[Cell, ...]], tone: Tone = "") -> Table:
    return Table(title, _WAIVER, tuple(rows), (tone,) * len(rows))


def _waiver(view: View, thing: Thing, findings: int) -> tuple[Cell, ...]:
    document = thing.document
    policy = str(document.get("policy") or "").removeprefix("policy:")
    approver, reason = stated(document.get("approver")), stated(document.get("reason"))
    return thing.key.name, policy or None, approver, reason, _day(document.get("expires")), findings, thing.manifest


def _attested(view: View, thing: Thing, over: bool) -> tuple[Cell, ...]:
    document = thing.document
    return (
        " ".join(_control(thing)).strip() or None,
        stated(document.get("statement")),
        _about(view, document),
        stated(document.get("owner")),
        _day(document.get("date")),
        "no, it is out of date" if over else "yes",
        _day(document.get("review")),
        some(shown(one) for one in document.get("evidence") or ()),
        thing.key.name,
    )


def _about(view: View, document: Mapping[str, Any]) -> str:
    entities = [found.id for one in document.get("entities") or () if (found := view.referred(one)) is not None]
    lost = [str(one) for one in document.get("entities") or () if view.referred(one) is None]
    chosen = [f"all with {compact(document['select'])}"] if document.get("select") else []
    return some([*map(view.label, view.by_label(entities)), *sorted(lost), *chosen]) or "the whole house"


def shown(evidence: Mapping[str, Any]) -> str:
    """A piece of evidence in words, with where it is and its hash."""
    told = [str(evidence[name]) for name in ("url", "digest") if evidence.get(name)]
    return f"{evidence.get('name', '')} ({', '.join(told)})" if told else str(evidence.get("name", ""))


def _control(thing: Thing) -> tuple[str, str]:
    control = thing.document.get("control")
    return (
        (str(control.get("framework", "")), str(control.get("ref", ""))) if isinstance(control, Mapping) else ("", "")
    )


def _day(text: Any) -> Cell:
    return text[:10] if isinstance(text, str) else None


def _over(view: View, thing: Thing) -> bool:
    """Whether its day of review has come; one without such a day counts no longer either."""
    ends = micros(thing.document.get("review"))
    return ends is None or ends <= view.snapshot.at
