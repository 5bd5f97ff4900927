"""What every importer does once it has its facts: plan, give way where it must, apply, send the events, report."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click
import orjson

from catalog.cli.client import Client
from catalog.cli.options import print_json, screen
from catalog.cli.plan_text import plan_text
from catalog.cli.render import clean, count
from catalog.cli.send import Letter, Outcome, batches, post
from catalog.errors import UnsafePlan
from catalog.imports.adapting import check_leave, fit, left
from catalog.imports.facts import Facts
from catalog.imports.report import Report

ROUNDS = 4
"""How often an import gives way to other manifests before it gives up."""
BATCH = 500
NAMED = 10
"""Skipped things of one reason that are named in the text; `--json` names all."""
_COUNTS = {"created": "create", "changed": "update", "removed": "remove", "unchanged": "unchanged"}
Json = dict[str, Any]


class Progress:
    """One line on standard error that says what is being done, where somebody watches."""

    def __init__(self, quiet: bool = False) -> None:
        self._watched = sys.stderr.isatty() and not quiet

    def tell(self, what: str) -> None:
        """Show what is being done now."""
        if self._watched:
            click.echo(f"\r\x1b[K{clean(what)} …", err=True, nl=False)

    def end(self) -> None:
        """Wipe the line away."""
        if self._watched:
            click.echo("\r\x1b[K", err=True, nl=False)


def carry_out(
    client: Client, facts: Facts, progress: Progress, *, by: str, removable: float, leave: Sequence[str], dry_run: bool
) -> tuple[Report, Json]:
    """Plan the documents, apply them, send the events; the report, and the plan.

    Raises:
        InvalidQuestion: `leave` names nothing.
        UnsafePlan: something stands against the plan that an import must not decide; nothing was written.
        CatalogError: as the client.
    """
    check_leave(leave)
    report = Report.of(facts)
    progress.tell(f"planning {count(len(facts.documents), 'document')}")
    plan = _planned(client, facts, report, removable, leave)
    for name, verb in _COUNTS.items():
        setattr(report, name, plan["summary"][verb])
    if dry_run:
        return report, plan
    if plan["changes"]:
        progress.tell(f"applying {count(len(plan['changes']), 'change')}")
        report.entry = client.apply_plan(plan, by)["entry"]
    _send(client, facts, report, progress)
    return report, plan


def _planned(client: Client, facts: Facts, report: Report, removable: float, leave: Sequence[str]) -> Json:
    documents = left(facts.documents, leave)
    for _ in range(ROUNDS):
        wanted = {"manifest": facts.manifest, "documents": list(documents.values()), "removable": removable}
        plan = client.plan_manifest(wanted)
        fitted = fit(documents, plan, leave)
        if not fitted.skipped or fitted.documents == documents:
            break
        for what, why in fitted.skipped:
            report.skip(what, why)
        documents = fitted.documents
    if plan["obstacles"]:
        told = "; ".join(clean(obstacle["message"], 1_000) for obstacle in plan["obstacles"][:20])
        raise UnsafePlan(f"{facts.manifest} cannot be applied: {told}")
    return plan


def _send(client: Client, facts: Facts, report: Report, progress: Progress) -> None:
    outcome = Outcome()
    for letters in batches(_letters(facts), BATCH):
        progress.tell(f"sending events: {outcome.accepted:,} of {len(facts.events):,}")
        post(client, letters, outcome)
    report.sent, report.known = outcome.created, outcome.accepted - outcome.created
    report.refused = [f"event {refusal['line']}: {refusal['reason']}" for refusal in outcome.refused]


def _letters(facts: Facts) -> Iterator[Letter]:
    for number, event in enumerate(facts.events, 1):
        yield Letter(facts.manifest, number, orjson.dumps(event), number)


def tell(report: Report, plan: Json, *, dry_run: bool, as_json: bool) -> None:
    """Print what was done, or of a dry run what would be."""
    if as_json:
        print_json({**report.to_json(), "dryRun": dry_run, **({"plan": plan} if dry_run else {})})
        return
    if dry_run and plan["changes"]:
        click.echo(f"{plan_text(plan, None, screen())}\n")
    for line in _lines(report, dry_run):
        click.echo(line)


def _lines(report: Report, dry_run: bool) -> Iterator[str]:
    counted = (f"{clean(what)} {number:,}" for what, number in sorted(report.read.items()) if number)
    yield f"read       {', '.join(counted)}"
    counts = ", ".join(f"{getattr(report, name):,} {name}" for name in _COUNTS)
    yield f"documents  {counts}{' (nothing was written)' if dry_run else ''}"
    if dry_run:
        yield f"events     {report.events:,} would be sent"
    else:
        yield f"events     {report.sent:,} new, {report.known:,} known, {len(report.refused):,} refused"
    for why, what in sorted(report.skipped.items()):
        named = ", ".join(clean(one) for one in what[:NAMED])
        more = f" and {len(what) - NAMED:,} more (--json names all)" if len(what) > NAMED else ""
        yield f"skipped    {len(what):,}: {clean(why, 300)}: {named}{more}"
    for note in report.notes:
        yield f"note       {clean(note, 500)}"
    for refusal in report.refused[:NAMED]:
        yield f"refused    {clean(refusal, 500)}"
