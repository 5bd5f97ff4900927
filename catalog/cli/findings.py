"""`headwater findings`: what does not hold, since when, for whom, and one finding with all that it rests on."""

from __future__ import annotations

from typing import Any

import click

from catalog.cli.client import Client, connect
from catalog.cli.named import entity_in, kind_option
from catalog.cli.options import examples, json_option, limit_option, print_json, screen, url_option
from catalog.errors import UnknownKey

SEVERITIES = ("critical", "high", "medium", "low", "info")
STATES = ("open", "resolved", "waived", "all")
_PLACE = "entity { kind namespace name } field"
_FINDING = f"""
  id state outcome severity message policyName {_PLACE} owners waiver firstSeen lastSeen openedAt resolvedAt dueAt
"""
_STANDING = """
  evaluatedAt evaluatedThrough appliedThrough stale wholeAt failingPolicies unknown broken brokenSince packs waived
  open { severity count }
"""
FINDINGS = f"""
query Findings($policy: String, $pack: String, $severity: Severity, $state: FindingState, $entity: EntityRef,
               $owner: String, $dueBefore: String, $first: Int!, $after: String) {{
  findings(policy: $policy, pack: $pack, severity: $severity, state: $state, entity: $entity, owner: $owner,
           dueBefore: $dueBefore, first: $first, after: $after) {{
    edges {{ node {{ {_FINDING} }} }} pageInfo {{ hasNextPage endCursor }} totalCount hiddenCount notices
    standing {{ {_STANDING} }}
  }}
}}
"""
FINDING = f"""
query Finding($id: ID!) {{
  finding(id: $id) {{
    {_FINDING} evaluation source {{ kind namespace name }} sourceField
    policy {{ name version pack sha256 breaks description remedy source controls {{ framework ref }} }}
    history {{ kind at knownAt evaluation severity reason }}
    witness {{
      facts entries cut
      path {{ nodes {{ id {_PLACE} }} edges {{ source target job {{ kind namespace name }} }} }}
    }}
  }}
}}
"""
FINDABLE = (
    "`headwater findings --json` has their ids; a resolved one takes its whole id, since a beginning finds only those "
    "that are open or waived"
)
PAGE = 500
Json = dict[str, Any]


@click.group(
    invoke_without_command=True,
    epilog=examples(
        "headwater findings",
        "headwater findings --severity critical --owner team:orders",
        "headwater findings --pack gdpr --due-before 2026-03-01",
        "headwater findings --entity 'postgres://db:5432 shop.public.orders' --state all",
        "headwater findings show 5f2c0e17a9b3",
        notes=(
            "Exit codes: 0 answered, whatever it says; 1 a time is none; 2 wrong usage; 3 no such finding, or "
            "nobody knows the policy, the pack or the entity; 4 the service did not answer.",
        ),
    ),
)
@click.option("--policy", metavar="NAME", help="Only of this policy.")
@click.option("--pack", metavar="NAME", help="Only of this pack, or declared by this manifest.")
@click.option("--severity", type=click.Choice(SEVERITIES), help="Only of this severity.")
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True, help="Only in this state.")
@click.option("--entity", metavar="REF", help="Only about this: 'NAMESPACE NAME', or one word such as team:orders.")
@kind_option
@click.option("--owner", metavar="OWNER", help="Only those that it answers for, such as team:orders.")
@click.option("--due-before", metavar="TIME", help="Only those due before this time (ISO-8601).")
@limit_option(50)
@json_option
@url_option
@click.pass_context
def findings(
    ctx: click.Context,
    policy: str | None,
    pack: str | None,
    severity: str | None,
    state: str,
    entity: str | None,
    kind: str,
    owner: str | None,
    due_before: str | None,
    limit: int,
    as_json: bool,
    url: str,
) -> None:
    """List what does not hold, the worst first; `show` has one with all that it rests on.

    A finding is a policy that does not hold of a thing or a column, or could not be evaluated there, which is no pass.
    It stays the same over evaluations until one does not find it any more.
    """
    if ctx.invoked_subcommand:
        return
    wanted: Json = {
        **{"policy": policy, "pack": pack, "owner": owner, "dueBefore": due_before},
        "severity": severity.upper() if severity else None,
        "state": None if state == "all" else state.upper(),
        "entity": entity_in(entity, kind) if entity else None,
    }
    with connect(url) as client:
        found = _pages(client, wanted, limit)
    if as_json:
        print_json({**found, "complete": len(found["findings"]) == found["total"]})
        return
    from catalog.cli.finding_text import list_text, standing_text

    click.echo(list_text(found["findings"], screen()) or "nothing is found that fits")
    for line in standing_text(found):
        click.echo(line, err=True)


@findings.command(
    epilog=examples("headwater findings show 5f2c0e17a9b3", "headwater findings show 5f2c0e17a9b3 --json")
)
@click.argument("id")
@json_option
@url_option
def show(id: str, as_json: bool, url: str) -> None:
    """Show a finding: what is wrong, why it matters, what to do, what it rests on, and what became of it.

    ID is what the list shows, or any unique beginning of 6 characters or more; a resolved finding takes its whole id,
    which `headwater findings --state resolved --json` has.
    """
    with connect(url) as client:
        found = client.graphql(FINDING, {"id": id})["finding"]
    if found is None:
        raise UnknownKey(f"there is no finding {id!r} to be seen; {FINDABLE}", id)
    if as_json:
        print_json(found)
        return
    from catalog.cli.finding_text import finding_text

    click.echo(finding_text(found, screen()))


def _pages(client: Client, wanted: Json, limit: int) -> Json:
    nodes: list[Json] = []
    after = None
    while True:
        asked = {**wanted, "first": min(PAGE, limit - len(nodes)), "after": after}
        page = client.graphql(FINDINGS, asked)["findings"]
        nodes += [edge["node"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if len(nodes) >= limit or not page["pageInfo"]["hasNextPage"]:
            break
    told = {
        "total": page["totalCount"],
        "hidden": page["hiddenCount"],
        "notices": page["notices"],
        "standing": page["standing"],
    }
    return {"findings": nodes, **told}
