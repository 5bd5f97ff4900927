"""`headwater evaluate`: the catalog judged now, or as of another moment; for CI, too."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from catalog.cli.client import connect
from catalog.cli.findings import SEVERITIES
from catalog.cli.formats import format_options, printed_format
from catalog.cli.named import entity_in, kind_option
from catalog.cli.options import (
    as_of_option,
    as_option,
    examples,
    json_option,
    known_at_option,
    screen,
    url_option,
)
from catalog.cli.orders import wait_for
from catalog.cli.report_files import check_free, write

FOUND = 1
"""Exit code where something at or above --fail-on does not hold."""
FORMATS = ("text", "json", "junit", "sarif", "github")
EVALUATE = "mutation Evaluate($input: EvaluateInput!) { evaluate(input: $input) { id } }"
OUTCOME = "query Outcome($id: ID!) { order(id: $id) { outcome } }"
Json = dict[str, Any]


@click.command(
    epilog=examples(
        "headwater evaluate",
        "headwater evaluate --pack gdpr --as-of 2026-01-01T00:00:00Z",
        "headwater evaluate --entity 'postgres://db:5432 shop.public.orders' --fail-on medium",
        "headwater evaluate --format github --report sarif=findings.sarif",
        notes=(
            "Exit codes: 0 nothing at or above --fail-on is open; 1 something is, or there was no evaluation: a "
            "reference or a moment is none, the worker gave up; 2 wrong usage; 3 no such pack, or none of these "
            "entities was known then; 4 the service did not answer, or no worker did it in time.",
        ),
    )
)
@click.option(
    "--pack", "packs", metavar="NAME", multiple=True, help="By this pack, or `all`; may be given more than once."
)
@click.option(
    "--entity",
    "entities",
    metavar="REF",
    multiple=True,
    help="Only this: 'NAMESPACE NAME', or one word such as team:orders; may be given more than once.",
)
@kind_option
@as_of_option
@known_at_option
@click.option(
    "--fail-on",
    type=click.Choice([*SEVERITIES, "never"]),
    default="high",
    show_default=True,
    help="Exit with 1 if a finding of this severity, or a worse one, is open.",
)
@format_options(*FORMATS)
@click.option(
    "--wait",
    metavar="SECONDS",
    type=click.FloatRange(min=1),
    default=600.0,
    show_default=True,
    help="Wait so long for a worker to do it.",
)
@as_option
@json_option
@url_option
@click.pass_context
def evaluate(
    ctx: click.Context,
    packs: tuple[str, ...],
    entities: tuple[str, ...],
    kind: str,
    as_of: str | None,
    known_at: str | None,
    fail_on: str,
    form: str,
    reports: list[tuple[str, Path]],
    wait: float,
    as_name: str,
    as_json: bool,
    url: str,
) -> None:
    """Judge the catalog by policies, and say what does not hold.

    Without options everything is judged as it is now, by the packs that the service is set to, and its findings are
    brought up to date. By other packs, or as of another moment, the question is answered and findings stay as they are.
    A policy that cannot be evaluated somewhere counts as broken there.
    """
    printed = printed_format(ctx, form, as_json=as_json)
    for _, file in reports:
        check_free(file, force=True)
    asked = {
        **{"packs": list(packs), "entities": [entity_in(one, kind) for one in entities]},
        **{"asOf": as_of, "knownAt": known_at, "by": as_name or None},
    }
    with connect(url) as client:
        order = client.graphql(EVALUATE, {"input": asked})["evaluate"]["id"]
        wait_for(client, order, seconds=wait)
        outcome: Json = client.graphql(OUTCOME, {"id": order})["order"]["outcome"]
    for name, file in reports:
        write(_told(name, outcome).encode(), file)
    click.echo(_told(printed, outcome, painted=True), nl=False)
    if fails(outcome, fail_on):
        ctx.exit(FOUND)


def fails(outcome: Json, fail_on: str) -> bool:
    """Whether something of that severity, or worse, is open."""
    if fail_on == "never":
        return False
    worse = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
    return any(outcome["open"][severity] for severity in worse)


def _told(form: str, outcome: Json, *, painted: bool = False) -> str:
    from catalog.cli import evaluation_formats as formats

    forms: dict[str, Callable[[], str]] = {
        "text": lambda: formats.as_text(outcome, screen() if painted else None),
        "json": lambda: json.dumps(outcome, indent=2, ensure_ascii=False) + "\n",
        "junit": lambda: formats.as_junit(outcome),
        "sarif": lambda: json.dumps(formats.as_sarif(outcome), indent=2, ensure_ascii=False) + "\n",
        "github": lambda: formats.as_github(outcome),
    }
    return forms[form]()
