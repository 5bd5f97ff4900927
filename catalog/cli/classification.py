"""`headwater classification`: suggested tags, what people decide about them, and why something is tagged."""

from __future__ import annotations

from typing import Any

import click

from catalog.cli.classification_text import guesses_table, suggestions_table, why_text
from catalog.cli.client import Client, connect
from catalog.cli.named import entity_of, field_option, kind_option, reason_option, split_last
from catalog.cli.options import (
    as_of_option,
    as_option,
    examples,
    json_option,
    known_at_option,
    limit_option,
    print_json,
    screen,
    several,
    url_option,
)
from catalog.cli.render import clean, count

CHUNK = 100
"""Decisions that one request takes."""
EVIDENCE = ("DECLARED", "VALUE", "NAME", "PROPAGATED")
_PLACE = "{ entity { kind namespace name } field }"
_STEP = f"{{ source {_PLACE} target {_PLACE} job {{ namespace name }} type subtype description masking }}"
LIST = """
query Suggestions($namespace: String, $dataset: EntityRef, $tag: String, $evidence: [SuggestionEvidence!], $first: Int!,
    $after: String, $asOf: String, $knownAt: String) {
  suggestions(namespace: $namespace, dataset: $dataset, tag: $tag, evidence: $evidence, first: $first, after: $after,
      asOf: $asOf, knownAt: $knownAt) {
    edges { node { entity { namespace name } field type tag evidence reasons lookedUpstream } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
WHY = f"""
query Why($entity: EntityRef!, $tag: String!, $field: String, $most: Int!, $asOf: String, $knownAt: String) {{
  whyTagged(entity: $entity, tag: $tag, field: $field, most: $most, asOf: $asOf, knownAt: $knownAt) {{
    place {_PLACE} how level asOf knownAt stale complete originUnknown
    shortest {{ origin {_PLACE} depth path {_STEP} }}
    branches {{ place {_PLACE} how saidBy {{ origin by since entry verified reason }} steps {_STEP} }}
  }}
}}
"""
_RECEIPT = "{ counts notice entry { key sequence } }"
_SPREAD = "$entity: EntityRef!, $field: String, $tag: String!, $reason: String!, $by: String"
_SPREADS = f"(entity: $entity, field: $field, tag: $tag, reason: $reason, by: $by) {_RECEIPT}"
Json = dict[str, Any]

_tag = click.option("--tag", metavar="TAG", help="Only this tag, or one below it, such as pii.")
_evidence = click.option(
    "--evidence",
    type=click.Choice(EVIDENCE, case_sensitive=False),
    multiple=True,
    help="Only with such evidence; may be given more than once.",
)
_names = click.argument("names", metavar="[NAMESPACE [NAME]]", nargs=-1)
_decided = click.argument("names", metavar="[NAMESPACE [NAME [COLUMN TAG]]]", nargs=-1)
_every = click.option("--all", "every", is_flag=True, help="All suggestions that fit, not a single one.")
_dry_run = click.option("--dry-run", is_flag=True, help="Only show which; nothing is decided.")
_deciding = several(_decided, _every, _tag, _evidence, _dry_run, reason_option, as_option, json_option, url_option)


@click.group(
    epilog=examples(
        "headwater classification list",
        "headwater classification accept postgres://db:5432 shop.public.users email pii/email",
        "headwater classification why postgres://db:5432 mart.revenue --field contact pii/email",
    )
)
def classification() -> None:
    """Decide about suggested tags, and see why something is tagged.

    Names, descriptions, contracts and lineage suggest tags such as pii/email; nothing is tagged until a person accepts.
    """


@classification.command(
    "list",
    epilog=examples(
        "headwater classification list",
        "headwater classification list postgres://db:5432 shop.public.users --json",
        "headwater classification list --tag pii --evidence declared --evidence name --limit 500",
    ),
)
@_names
@_tag
@_evidence
@limit_option(50)
@as_of_option
@known_at_option
@json_option
@url_option
def list_(
    names: tuple[str, ...],
    tag: str | None,
    evidence: tuple[str, ...],
    limit: int,
    as_of: str | None,
    known_at: str | None,
    as_json: bool,
    url: str,
) -> None:
    """List the tags and levels that columns may be missing.

    By dataset, the strongest evidence first. What is said or decided already is never listed.
    """
    if len(names) > 2:
        raise click.UsageError(f"{' '.join(names)!r} is more than a namespace and a name")
    with connect(url) as client:
        asked = {**_filters(names, tag, evidence), "asOf": as_of, "knownAt": known_at}
        found, complete = client.collect(LIST, asked, "suggestions", limit)
    if as_json:
        print_json({"suggestions": found, "complete": complete})
        return
    click.echo(suggestions_table(found, screen()) if found else "nothing is suggested")
    if not complete:
        click.echo(f"the first {len(found)}; there are more, use --limit", err=True)


@classification.command(
    epilog=examples(
        "headwater classification accept postgres://db:5432 shop.public.users email pii/email",
        "headwater classification accept --all --evidence declared --dry-run",
        "headwater classification accept postgres://db:5432 --all --tag pii/email --reason 'seen' --as ann --json",
    )
)
@_deciding
def accept(**given: Any) -> None:
    """Accept suggestions: each is a tag, or a level, by you from then on.

    One by its four names, or with --all every suggestion that fits. `headwater undo` takes one back.
    """
    _decide("accept", **given)


@classification.command(
    epilog=examples(
        "headwater classification reject postgres://db:5432 shop.public.machines serial pii/online_id",
        "headwater classification reject postgres://db:5432 --all --tag pii/location --dry-run --json",
    )
)
@_deciding
def reject(**given: Any) -> None:
    """Reject suggestions: they are remembered, and not made again.

    One by its four names, or with --all every suggestion that fits. `headwater undo` takes one back.
    """
    _decide("reject", **given)


@classification.command(
    epilog=examples(
        "headwater classification stop postgres://db:5432 mart.counts --field n pii/email --reason 'a number of rows'",
        "headwater classification stop postgres://db:5432 mart.counts --field n '*' --reason 'nothing is left' --json",
    )
)
@click.argument("words", metavar="ENTITY... TAG", nargs=-1, required=True)
@several(kind_option, field_option)
@click.option("--reason", metavar="TEXT", required=True, help="Why; kept with the word.")
@as_option
@json_option
@url_option
def stop(words: tuple[str, ...], **given: Any) -> None:
    """Let a tag, or the level, come no further along the lineage than here.

    TAG is a tag, with all below it, `classification` for the level, or `*` for everything. What is said of the place
    itself stays.
    """
    _spread("stop", words, **given)


@classification.command(
    epilog=examples(
        "headwater classification resume postgres://db:5432 mart.counts --field n pii/email",
        "headwater classification resume postgres://db:5432 mart.counts --field n '*' --reason 'was wrong' --json",
    )
)
@click.argument("words", metavar="ENTITY... TAG", nargs=-1, required=True)
@several(kind_option, field_option, reason_option)
@as_option
@json_option
@url_option
def resume(words: tuple[str, ...], **given: Any) -> None:
    """Take a stop back."""
    _spread("resume", words, **given)


@classification.command(
    epilog=examples(
        "headwater classification why postgres://db:5432 mart.revenue --field contact pii/email",
        "headwater classification why postgres://db:5432 mart.revenue classification --as-of 2026-03-01",
    )
)
@click.argument("words", metavar="ENTITY... TAG", nargs=-1, required=True)
@several(kind_option, field_option)
@click.option(
    "--most",
    metavar="N",
    type=click.IntRange(1, 2_000),
    default=200,
    show_default=True,
    help="Show at most so many places.",
)
@as_of_option
@known_at_option
@json_option
@url_option
def why(
    words: tuple[str, ...],
    kind: str,
    field: str | None,
    most: int,
    as_of: str | None,
    known_at: str | None,
    as_json: bool,
    url: str,
) -> None:
    """Show why a thing or a column has a tag, or its level.

    Every way it came, who says it where, what became of masking. TAG is a tag, or `classification`. Exits 3 if nothing
    is known of the entity, or it has no such column.
    """
    names, tag = split_last(words, "TAG")
    asked = {"entity": entity_of(names, kind), "tag": tag, "field": field, "most": most}
    with connect(url) as client:
        found = client.graphql(WHY, {**asked, "asOf": as_of, "knownAt": known_at})["whyTagged"]
    if as_json:
        print_json(found)
        return
    click.echo(why_text(tag, found, screen()))


@classification.command(
    epilog=examples(
        "headwater classification names email dob is_email_verified",
        "headwater classification names name --dataset shop.public.customers --type text --json",
    )
)
@click.argument("names", metavar="COLUMN...", nargs=-1, required=True)
@click.option("--type", "type_", metavar="TYPE", help="The type of the columns, as their source spells it.")
@click.option("--dataset", metavar="NAME", default="", help="The dataset they are in: it may speak of people.")
@json_option
def names(names: tuple[str, ...], type_: str | None, dataset: str, as_json: bool) -> None:
    """Try what names of columns suggest, without a server."""
    from catalog.checks.classification.names import guess

    found = [(name, guess(name, type_, dataset)) for name in names]
    if as_json:
        print_json({name: f"pii/{told.category}" if told else None for name, told in found})
        return
    click.echo(guesses_table([(n, f"pii/{t.category}" if t else "", " ".join(t.words) if t else "") for n, t in found]))


def _filters(names: tuple[str, ...], tag: str | None, evidence: tuple[str, ...]) -> Json:
    return {
        "namespace": names[0] if len(names) == 1 else None,
        "dataset": {"kind": "DATASET", "namespace": names[0], "name": names[1]} if len(names) > 1 else None,
        "tag": tag,
        "evidence": [word.upper() for word in evidence] or None,
    }


def _decide(
    verb: str,
    *,
    names: tuple[str, ...],
    every: bool,
    tag: str | None,
    evidence: tuple[str, ...],
    dry_run: bool,
    reason: str,
    as_name: str,
    as_json: bool,
    url: str,
) -> None:
    if every and len(names) > 2:
        raise click.UsageError("--all takes at most a namespace and a name")
    if not every and (len(names) != 4 or tag or evidence):
        raise click.UsageError("Give NAMESPACE NAME COLUMN TAG, or --all with what they must fit.")
    with connect(url) as client:
        if every:
            found, _ = client.collect(LIST, _filters(names, tag, evidence), "suggestions", None)
        else:
            found = [{"entity": {"namespace": names[0], "name": names[1]}, "field": names[2], "tag": names[3]}]
        suggested = len(found) if every else _suggested(client, names)
        receipts = [] if dry_run else _send(client, verb, found, reason, as_name)
    if as_json:
        told = {"decided": len(receipts), "suggested": suggested, "dryRun": dry_run}
        print_json({**told, "suggestions": found, "receipts": receipts})
        return
    if every and found:
        click.echo(suggestions_table(found, screen()))
    what = f"would {verb}" if dry_run else f"{verb}ed"
    if suggested == len(found):
        click.echo(f"{what} {count(len(found), 'suggestion')}")
    else:
        click.echo(f"{what} {clean(names[3])} of {clean(names[2])}; nothing suggests it (0 of 1 was suggested)")
    for receipt in receipts if not every else ():
        click.echo(f"{clean(receipt['notice'])}  (entry {receipt['entry']['key'][:12]})")


def _suggested(client: Client, names: tuple[str, ...]) -> int:
    """How many suggestions the four names mean, before anything is decided: one or none."""
    column, tag = names[2], names[3].removeprefix("tag:")
    found, _ = client.collect(LIST, _filters(names[:2], tag, ()), "suggestions", None)
    return sum((one["field"], one["tag"]) == (column, tag) for one in found)


def _send(client: Client, verb: str, found: list[Json], reason: str, by: str) -> list[Json]:
    query = (
        "mutation Decide($items: [SuggestionRef!]!, $reason: String!, $by: String) "
        f"{{ said: {verb}Suggestions(items: $items, reason: $reason, by: $by) {_RECEIPT} }}"
    )
    receipts: list[Json] = []
    for start in range(0, len(found), CHUNK):
        items = [
            {
                "entity": {"kind": "DATASET", "namespace": one["entity"]["namespace"], "name": one["entity"]["name"]},
                "field": one["field"],
                "tag": one["tag"],
            }
            for one in found[start : start + CHUNK]
        ]
        receipts += client.graphql(query, {"items": items, "reason": reason, "by": by})["said"]
    return receipts


def _spread(
    verb: str,
    words: tuple[str, ...],
    *,
    kind: str,
    field: str | None,
    reason: str,
    as_name: str,
    as_json: bool,
    url: str,
) -> None:
    entity, tag = split_last(words, "TAG")
    asked = {"entity": entity_of(entity, kind), "field": field, "tag": tag, "reason": reason, "by": as_name}
    with connect(url) as client:
        said = client.graphql(f"mutation Spread({_SPREAD}) {{ said: {verb}Propagation{_SPREADS} }}", asked)["said"]
    if as_json:
        print_json(said)
        return
    click.echo(f"{clean(said['notice'])}  (entry {said['entry']['key'][:12]}, sequence {said['entry']['sequence']:,})")
