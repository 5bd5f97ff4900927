"""policy-compliance: which policies hold of what, with the numbers, the evidence and what was not judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from catalog.assets.keys import Kind
from catalog.checks.classification.propagate import Propagated
from catalog.checks.judgement import OUTCOMES, Judgement, Population
from catalog.checks.reconciliation import SEVERITIES
from catalog.checks.snapshot import Place, Snapshot
from catalog.errors import InvalidQuestion
from catalog.manifest.references import WrongReference, parse
from catalog.manifest.validating import hint
from catalog.reports.contents.content import Content, Parameter, Scope
from catalog.reports.contents.exceptions import attestations, waivers
from catalog.reports.contents.head import report
from catalog.reports.contents.judged import HEADINGS, TONES, Judged
from catalog.reports.contents.saying import percent
from catalog.reports.contents.view import View, kind_words
from catalog.reports.document import Cell, Facts, Report, Section, Table, Tone

JUDGED_KINDS = (
    *(Kind.DATASET, Kind.PIPELINE, Kind.MODEL, Kind.MODEL_VERSION, Kind.DEPLOYMENT, Kind.DASHBOARD),
    *(Kind.WAIVER, Kind.PROCESSING_ACTIVITY),
)
"""Kinds of which a reader may expect that policies look at them."""


def build(snapshot: Snapshot, judgement: Judgement, propagated: Propagated, scope: Scope) -> Report:
    """Write the report.

    Raises:
        InvalidQuestion: no policy is for the framework, or no such domain.
    """
    view = View(snapshot, propagated)
    scope = {**scope, "domain": _domain(scope["domain"])}
    chosen = _narrowed(view, judgement, str(scope["framework"] or ""), str(scope["domain"] or ""))
    judged = Judged(view, chosen)
    sections = (
        _summary(judged),
        *judged.found(),
        waivers(judged),
        attestations(view, (str(scope["framework"]),) if scope["framework"] else ()),
        _not_judged(judged),
        judged.policies(),
        judged.population(),
    )
    return report(CONTENT, snapshot, chosen, scope, sections)


def _narrowed(view: View, judgement: Judgement, framework: str, domain: str) -> Judgement:
    if framework:
        judged = Judged(view, judgement)
        of = {used.name: {name for name, _ in judged.controls(used.name)} for used in judgement.policies}
        known = set[str]().union(*of.values())
        if framework not in known:
            what = f"no policy that is judged has a control of the framework {framework[:80]!r}"
            raise InvalidQuestion(f"{what}{hint(framework, known)}")
        names = {name for name, frameworks in of.items() if framework in frameworks}
        judgement = Judgement(
            tuple(used for used in judgement.policies if used.name in names),
            tuple(one for one in judgement.populations if one.policy in names),
            tuple(finding for finding in judgement.findings if finding.policy in names),
        )
    return _of_domain(view, judgement, domain) if domain else judgement


def _of_domain(view: View, judgement: Judgement, domain: str) -> Judgement:
    """What is about things of a domain, or of a part of it: by what domains declare, else by the slashes of names."""
    of = {thing.id: set(view.known.domains(thing)) for thing in view.snapshot.things.values()}
    known = {name for names in of.values() for name in names} | {one.key.name for one in view.of_kind(Kind.DOMAIN)}
    if domain not in known and not any(name.startswith(f"{domain}/") for name in known):
        raise InvalidQuestion(f"there is no domain {domain[:80]!r}{hint(domain, known)}")
    ids = {id for id, names in of.items() if domain in names}
    return replace(
        judgement,
        populations=tuple(_only(one, ids) for one in judgement.populations),
        findings=tuple(finding for finding in judgement.findings if finding.place.thing in ids),
    )


def _domain(given: Cell) -> Cell:
    """The name of a domain that is given as manifests refer to it: `sales`, `domain:sales`."""
    if not given:
        return None
    try:
        return parse(str(given), (Kind.DOMAIN,)).name
    except WrongReference as wrong:
        expected = f"; expected {wrong.expected}" if wrong.expected else ""
        raise InvalidQuestion(f"`domain`: {wrong}{expected}") from None


def _only(population: Population, ids: set[str]) -> Population:
    outcomes = {
        outcome: tuple(place for place in places if place.thing in ids)
        for outcome, places in population.outcomes.items()
    }
    return replace(population, outcomes=outcomes)


def _summary(judged: Judged) -> Section:
    counted = [sum(one.count(outcome) for one in judged.populations) for outcome in OUTCOMES]
    passed, failed, errors, not_applicable, waived = counted
    things = {place.thing for one in judged.populations for places in one.outcomes.values() for place in places}
    worst = {severity: [f for f in judged.of("FAIL") if f.severity == severity] for severity in SEVERITIES}
    by_severity = tuple(
        (severity, len(found), len({f.place for f in found}), len({f.policy for f in found}))
        for severity, found in worst.items()
        if found
    )
    numbers = Facts(
        (
            ("Policies that were judged", len(judged.judgement.policies)),
            ("Things that were looked at", len(things)),
            ("Times a policy was asked of something", sum(counted)),
            ("Passed", passed),
            ("Failed", failed),
            ("Could not be evaluated", errors),
            ("Waived", waived),
            ("Not applicable", not_applicable),
            ("Passed, of those that apply", percent(passed, passed + failed + errors + waived)),
        ),
        "In numbers",
    )
    severities = Table(
        "Findings by severity",
        ("Severity", "Findings", "Places", "Policies"),
        by_severity,
        tuple(TONES[str(row[0])] for row in by_severity),
        "No findings.",
    )
    return Section("summary", "Summary", (numbers, severities, _by_control(judged), _by_policy(judged)))


def _by_control(judged: Judged) -> Table:
    found: dict[tuple[str, str], list[Population]] = {}
    for population in judged.populations:
        for control in judged.controls(population.policy) or [("", "")]:
            found.setdefault(control, []).append(population)
    rows: list[tuple[Cell, ...]] = []
    tones = []
    for (framework, ref), populations in sorted(found.items()):
        numbers = [sum(one.count(outcome) for one in populations) for outcome in OUTCOMES]
        rows.append((framework or "none named", ref, len(populations), *numbers))
        tones.append(_tone(*numbers))
    columns = ("Framework", "Control", "Policies", *HEADINGS[2:])
    title = "By control; a policy that serves several counts at each"
    return Table(title, columns, tuple(rows), tuple(tones))


def _by_policy(judged: Judged) -> Table:
    rows: list[tuple[Cell, ...]] = []
    tones = []
    for one in judged.populations:
        numbers = [one.count(outcome) for outcome in OUTCOMES]
        rows.append((one.policy, judged.severity(one.policy) or None, *numbers))
        tones.append(_tone(*numbers))
    columns = ("Policy", "Severity", *HEADINGS[2:])
    return Table("By policy", columns, tuple(rows), tuple(tones), "No policy was judged.")


def _tone(passed: int, failed: int, errors: int, not_applicable: int, waived: int) -> Tone:
    if failed:
        return "bad"
    return "warn" if errors or waived else "good" if passed else "muted"


def _not_judged(judged: Judged) -> Section:
    view = judged.view
    seen = {place.thing for one in judged.populations for places in one.outcomes.values() for place in places}
    things = view.of_kind(*JUDGED_KINDS)
    silent = tuple(
        (kind_words(thing.key.kind), view.label(thing.id), "; ".join(_known(thing.declared, thing.seen)), thing.id)
        for thing in things
        if thing.id not in seen
    )
    columns = {Place(thing.id, name) for thing in things for name in thing.columns}
    judged_columns = {place for one in judged.populations for places in one.outcomes.values() for place in places}
    nobody = tuple((one.policy,) for one in judged.populations if not one.selected and not one.waits)
    waits = tuple((one.policy, one.waits) for one in judged.populations if one.waits)
    return Section(
        "not-judged",
        "What was not judged",
        (
            Facts((("Columns that are known", len(columns)), ("of them judged", len(columns & judged_columns)))),
            Table("Things that no policy looked at", ("Kind", "Name", "Known from", "Id"), silent),
            Table("Policies that found nobody to look at", ("Policy",), nobody),
            Table("Policies of law that does not apply yet", ("Policy", "Why"), waits),
        ),
    )


def _known(declared: bool, seen: bool) -> Iterator[str]:
    if declared:
        yield "declared"
    if seen:
        yield "seen in events"


CONTENT = Content(
    name="policy-compliance",
    version=1,
    title="Compliance with policies",
    description="Which policies hold of what: findings with evidence, waivers, attestations, and the whole population.",
    parameters=(
        Parameter("framework", "text", "Only policies with a control of this framework, such as GDPR; all without it."),
        Parameter(
            "domain",
            "text",
            "Only what is about things of this domain (`sales` or `domain:sales`), or of its parts; all without it.",
        ),
    ),
    packs=None,
    build=build,
)
