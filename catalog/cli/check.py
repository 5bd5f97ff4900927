"""`headwater check`: what a change of manifests breaks, and whom it reaches, before it is merged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from catalog.cli.against import SERVER, Side, of_directory, of_revision, of_service, other_contracts
from catalog.cli.client import Client, connect
from catalog.cli.formats import format_options, printed_format
from catalog.cli.options import examples, json_option, screen, url_option
from catalog.cli.render import paint
from catalog.errors import InvalidQuestion

if TYPE_CHECKING:
    from catalog.manifest.gate.findings import Finding, Impact, Level, Start, Verdict

BREACHES = 5
"""Exit code where a contract is breached."""
AT_ONCE = 20
"""Changes whose impact is asked for in one question."""
FORMATS = ("text", "json", "markdown", "junit", "sarif")
IMPACT = """
query Impact($roots: [ImpactRoot!]!, $depth: Int!) {
  impact(roots: $roots, depth: $depth) {
    of { known truncatedBy hiddenCount
         reached { entity { kind namespace name } field certain owners path { namespace name field } } }
    stale
  }
}
"""
_STYLES = {"error": "bad", "warning": "busy", "note": "dim"}
Json = dict[str, Any]


@click.command(
    epilog=examples(
        "headwater check manifests/shop --against main",
        "headwater check manifests/shop --against server --url https://headwater.example.com",
        "headwater check manifests/shop --against main --report sarif=check.sarif --report markdown=check.md",
        notes=(
            "Exit codes: 0 no breach, 5 a contract is breached (with --strict also by what breaks under no contract), "
            "1 something could not be read, 4 the service did not answer.",
        ),
    )
)
@click.argument("path", default=".", type=click.Path(exists=True))
@click.option(
    "--against",
    metavar="REVISION|DIR|server",
    required=True,
    help="What to compare with: a revision of git (main), another directory, or what the service has.",
)
@click.option("--manifest", metavar="NAME", help="The manifest's name, where PATH has no headwater.yaml.")
@click.option(
    "--impact/--no-impact",
    default=None,
    help="Ask the service whom the change reaches. Done if --url or HEADWATER_URL is given, or with `server`.",
)
@click.option("--depth", metavar="N", type=click.IntRange(1, 100), default=20, show_default=True, help="Datasets far.")
@click.option("--strict", is_flag=True, help="Exit with 5 also for breaking changes that no contract covers.")
@format_options(*FORMATS)
@json_option
@url_option
@click.pass_context
def check(
    ctx: click.Context,
    path: str,
    against: str,
    manifest: str | None,
    impact: bool | None,
    depth: int,
    strict: bool,
    form: str,
    reports: list[tuple[str, Path]],
    as_json: bool,
    url: str,
) -> None:
    """Say what a change of manifests breaks, and whom it reaches, before it is merged.

    PATH is compared with what it was. A change that takes something away is a breach where a contract in force covers
    it; it is only announced if the contract's major version rises with it. Everything downstream is listed with the way
    to it and with its owners.
    """
    printed = printed_format(ctx, form, as_json=as_json)
    asked = ctx.get_parameter_source("url") is not ParameterSource.DEFAULT
    after = of_directory(path)
    name = manifest or after.name
    if against == SERVER or impact or (impact is None and asked):
        with connect(url) as client:
            before = _before(path, against, client, name)
            verdict = _judged(before, after, name, client, depth, walk=impact is not False)
    else:
        verdict = _judged(_before(path, against, None, name), after, name, None, depth, walk=False)
    for kind, file in reports:
        file.write_text(_told(kind, verdict), encoding="utf-8")
    click.echo(_told(printed, verdict, painted=True), nl=False)
    if _breached(verdict, strict=strict):
        ctx.exit(BREACHES)


def _before(path: str, against: str, client: Client | None, name: str | None) -> Side:
    if against == SERVER:
        if name is None:
            raise InvalidQuestion(f"{path} has no headwater.yaml that names the manifest; say --manifest NAME")
        assert client is not None  # it is asked
        return of_service(client, name)
    if Path(against).exists():
        return of_directory(against, old=True)
    return of_revision(path, against)


def _judged(before: Side, after: Side, name: str | None, client: Client | None, depth: int, *, walk: bool) -> Verdict:
    from catalog.manifest.gate.findings import Verdict
    from catalog.manifest.gate.judge import judge, starts

    others = other_contracts(client, name or "") if client else {}
    old, new = ({**others, **side.documents} for side in (before, after))
    found = judge(old, new, after.places, before.places, after.levels or before.levels)
    begun = starts(old, new, found)
    impacts, stale = (_walked(client, begun, after, before, depth)) if client and walk else (None, False)
    return Verdict(
        manifest=name or "the manifest",
        against=before.words,
        compared=len(before.documents.keys() | after.documents.keys()),
        findings=found,
        impacts=impacts,
        unwalked="" if impacts is not None else "--no-impact" if client else "no service was asked; give --url",
        stale=stale,
    )


def _walked(
    client: Client, begun: tuple[Start, ...], after: Side, before: Side, depth: int
) -> tuple[tuple[Impact, ...], bool]:
    impacts: list[Impact] = []
    stale = False
    for at in range(0, len(begun), AT_ONCE):
        some = begun[at : at + AT_ONCE]
        roots = [
            {"kind": s.key.kind.name, "namespace": s.key.namespace, "name": s.key.name, "field": s.field or None}
            for s in some
        ]
        answer = client.graphql(IMPACT, {"roots": roots, "depth": depth})["impact"]
        stale = stale or answer["stale"]
        for start, one in zip(some, answer["of"], strict=True):
            impacts.append(_impact(start, one, after.places.get(start.key) or before.places.get(start.key)))
    return tuple(impacts), stale


def _impact(start: Start, one: Json, at: Any) -> Impact:
    from catalog.manifest.gate.findings import Impact, Reached

    reached = tuple(
        Reached(
            kind=_kind(each["entity"]["kind"]),
            namespace=each["entity"]["namespace"],
            name=each["entity"]["name"],
            field=each["field"] or "",
            owners=tuple(each["owners"]),
            path=tuple(f"{s['name']} · {s['field']}" if s["field"] else s["name"] for s in each["path"]),
            certain=each["certain"],
        )
        for each in one["reached"]
    )
    return Impact(start, reached, one["known"], tuple(one["truncatedBy"]), one["hiddenCount"], at)


def _kind(word: str) -> str:
    from catalog.assets.keys import Kind

    return str(Kind[word])


def _told(form: str, verdict: Verdict, *, painted: bool = False) -> str:
    from catalog.manifest.gate.as_json import as_json
    from catalog.manifest.gate.junit import as_junit
    from catalog.manifest.gate.sarif import as_sarif
    from catalog.manifest.gate.text import as_markdown, as_text

    color = painted and screen().color

    def painter(line: str, level: Level) -> str:
        return paint(line, _STYLES[level.value], color)

    forms: dict[str, Callable[[], str]] = {
        "text": lambda: as_text(verdict, painter) + "\n",
        "json": lambda: _json(as_json(verdict)),
        "markdown": lambda: as_markdown(verdict),
        "junit": lambda: as_junit(verdict),
        "sarif": lambda: _json(as_sarif(verdict)),
    }
    return forms[form]()


def _json(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _breached(verdict: Verdict, *, strict: bool) -> bool:
    from catalog.manifest.gate.findings import Level

    counts: list[list[Finding]] = [verdict.of(Level.ERROR), verdict.of(Level.WARNING) if strict else []]
    return any(counts)
