"""`headwater report`: have reports made, get them as files, compare and verify them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from catalog.cli.client import connect
from catalog.cli.options import (
    as_of_option,
    as_option,
    examples,
    json_option,
    known_at_option,
    limit_option,
    print_json,
    screen,
    url_option,
)
from catalog.cli.orders import wait_for
from catalog.cli.report_files import (
    REPORTS,
    check_free,
    chosen_format,
    download,
    force_option,
    format_option,
    keys_in,
    keys_option,
    output_option,
    report_at,
    verdict_on,
    write,
)
from catalog.cli.report_text import difference_text, kinds_text, list_text, report_text, verdict_text
from catalog.errors import UnknownKey

if TYPE_CHECKING:
    from catalog.reports.seal import Seal

REPORT = """
  id number name title asOf knownAt sealedAt by hash key seal files { format mediaType size path }
"""
SHOW = f"query Report($id: String!) {{ report(id: $id) {{ {REPORT} }} }}"
LIST = f"""
query Reports($name: String, $first: Int!, $after: String) {{
  reports(name: $name, first: $first, after: $after) {{
    edges {{ node {{ {REPORT} }} }} pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
RUN = """
mutation Run($input: ReportInput!, $asOf: String, $knownAt: String, $by: String) {
  runReport(input: $input, asOf: $asOf, knownAt: $knownAt, by: $by) { id }
}
"""
KINDS = """
{ reportKinds { name version title description packs
    parameters { name type description required default choices } } }
"""


@click.group(
    epilog=examples(
        "headwater report kinds",
        "headwater report run policy-compliance --pack gdpr --output compliance.pdf",
        "headwater report run gdpr-art30 --as-of 2026-01-01T00:00:00Z --output art30.html",
        "headwater report verify compliance.pdf --key headwater.pub",
        "headwater report diff 3 7",
    )
)
def report() -> None:
    """Have reports made and sealed, get them as files, compare and verify them."""


@report.command(epilog=examples("headwater report kinds", "headwater report kinds --json"))
@json_option
@url_option
def kinds(as_json: bool, url: str) -> None:
    """List the reports that can be made, with what each is asked with. None is legal advice."""
    with connect(url) as client:
        found = client.graphql(KINDS)["reportKinds"]
    if as_json:
        print_json(found)
    else:
        click.echo(kinds_text(found, screen()))


@report.command(
    epilog=examples(
        "headwater report run policy-compliance",
        "headwater report run policy-compliance --pack hygiene --pack gdpr --output compliance.html",
        "headwater report run erasure-plan --set subjects=customers --format json > plan.json",
        "headwater report run gdpr-art30 --as-of 2026-01-01T00:00:00Z --known-at 1234 --output art30.pdf",
        notes=(
            "Asked again for the same moment, the files are the same bytes. `report kinds` lists names and parameters.",
        ),
    )
)
@click.argument("name")
@as_of_option
@known_at_option
@click.option(
    "--pack",
    "packs",
    metavar="NAME",
    multiple=True,
    help="By this pack, or `all`, where `report kinds` leaves them to you; may be given more than once.",
)
@click.option(
    "--set",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    help="A parameter of the report; may be given more than once.",
)
@format_option
@output_option
@force_option
@click.option(
    "--wait",
    metavar="SECONDS",
    type=click.FloatRange(0),
    default=900.0,
    show_default=True,
    help="Wait so long for a worker to do it.",
)
@as_option
@json_option
@url_option
def run(
    name: str,
    as_of: str | None,
    known_at: str | None,
    packs: tuple[str, ...],
    parameters: tuple[str, ...],
    format_: str | None,
    output: Path | None,
    force: bool,
    wait: float,
    as_name: str,
    as_json: bool,
    url: str,
) -> None:
    """Have the report NAME made and sealed, and write it.

    Without FILE and format it says what was made. Progress goes to standard error. Exits 1 if it cannot be made, 3 if
    there is no such report or pack, 4 if no worker made it in time.
    """
    wanted = chosen_format(format_, output)
    check_free(output, force=force)
    with connect(url) as client:
        asked = {"name": name, "packs": list(packs), "parameters": _values(parameters)}
        order = client.graphql(RUN, {"input": asked, "asOf": as_of, "knownAt": known_at, "by": as_name or None})
        made = wait_for(client, order["runReport"]["id"], seconds=wait)["result"]
        found = _find(client.graphql(SHOW, {"id": made})["report"], made)
        file = download(client, made, wanted) if wanted else None
    _hand_over(found, file, output, as_json=as_json)


@report.command(
    "list", epilog=examples("headwater report list", "headwater report list --name gdpr-art30 --limit 5 --json")
)
@click.option("--name", metavar="NAME", help="Only of this kind.")
@limit_option(20)
@json_option
@url_option
def list_(name: str | None, limit: int, as_json: bool, url: str) -> None:
    """List the reports that were made, the newest first."""
    with connect(url) as client:
        found, whole = client.collect(LIST, {"name": name}, "reports", limit)
    if as_json:
        print_json({"reports": found, "complete": whole})
        return
    click.echo(list_text(found, screen()) if found else "no report was made yet: `headwater report run NAME`")
    if not whole:
        click.echo(f"these are the newest {limit}; --limit shows more", err=True)


@report.command(epilog=examples("headwater report show 3", "headwater report show 5b1f0c22a9e4 --output report.pdf"))
@click.argument("id_", metavar="ID")
@format_option
@output_option
@force_option
@json_option
@url_option
def show(id_: str, format_: str | None, output: Path | None, force: bool, as_json: bool, url: str) -> None:
    """Show a report that was made, or write it.

    ID is its number, its id, or at least the first 12 characters of that. Exits 3 if there is none.
    """
    wanted = chosen_format(format_, output)
    check_free(output, force=force)
    with connect(url) as client:
        found = _find(client.graphql(SHOW, {"id": id_})["report"], id_)
        file = download(client, found["id"], wanted) if wanted else None
    _hand_over(found, file, output, as_json=as_json)


@report.command(epilog=examples("headwater report diff 3 7", "headwater report diff old.json new.json --json"))
@click.argument("before")
@click.argument("after")
@json_option
@url_option
def diff(before: str, after: str, as_json: bool, url: str) -> None:
    """Show what differs between two reports: findings that are new, fixed or unchanged, and facts that changed.

    Each is a JSON file, or the number or id of a report that the service has.
    """
    from catalog.reports.diff import diff as differ

    found = differ(report_at(before, url), report_at(after, url))
    if as_json:
        print_json(found.to_json())
    else:
        click.echo(difference_text(found, screen()))


@report.command(
    epilog=examples(
        "headwater report verify compliance.pdf --key headwater.pub",
        "headwater report key > headwater.pub",
        "headwater report verify reports/*.json --key headwater.pub --json",
    )
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@keys_option
@json_option
@click.pass_context
def verify(ctx: click.Context, files: tuple[Path, ...], keys: tuple[Path, ...], as_json: bool) -> None:
    """Find out whether files are as they were sealed; no service is asked.

    Of several files it is checked, too, that their seals are of one chain. Exits 1 if anything does not hold.
    """
    from catalog.reports.verify import chain_faults

    known = keys_in(keys)
    verdicts = {str(path): verdict_on(path, known) for path in files}
    seals = [verdict.seal for verdict in verdicts.values() if verdict.holds and verdict.seal]
    faults = chain_faults(seals, known, whole=False)
    if as_json:
        told = [
            {
                **{"file": name, "holds": verdict.holds, "format": verdict.format},
                **{"parts": [part._asdict() for part in verdict.parts], "seal": _seal(verdict)},
            }
            for name, verdict in verdicts.items()
        ]
        print_json({"files": told, "chain": faults})
    else:
        click.echo("\n".join(verdict_text(name, verdict, screen()) for name, verdict in verdicts.items()))
        for fault in faults:
            click.echo(f"  NO  {fault}")
    if faults or not all(verdict.holds for verdict in verdicts.values()):
        ctx.exit(1)


@report.command(
    epilog=examples(
        "headwater report chain --key headwater.pub",
        "headwater report chain --key headwater.pub --key older.pub --json",
    )
)
@keys_option
@json_option
@url_option
@click.pass_context
def chain(ctx: click.Context, keys: tuple[Path, ...], as_json: bool, url: str) -> None:
    """Verify the chain of all seals that the service has: signatures, gaps, forks. Exits 1 if it is not whole."""
    import json

    from catalog.reports.seal import read_seal
    from catalog.reports.verify import chain_faults

    known, newest = keys_in(keys), 1
    seals: list[Seal] = []
    with connect(url) as client:
        while len(seals) < newest:
            page = json.loads(client.download(f"{REPORTS}/chain?first={len(seals) + 1}"))
            newest = page["newest"]
            if not page["seals"]:
                break
            seals += [read_seal(seal) for seal in page["seals"]]
    faults = chain_faults(seals, known)
    if len(seals) < newest:
        faults.append(f"the service says that there are {newest} seals, and has {len(seals)}")
    if as_json:
        print_json({"seals": len(seals), "holds": not faults, "faults": faults})
    else:
        click.echo("\n".join([f"{len(seals)} seals: {'NOT WHOLE' if faults else 'whole'}", *faults]))
    if faults:
        ctx.exit(1)


@report.command(
    epilog=examples(
        "headwater report key > headwater.pub",
        "headwater report key --new seal-key.pem",
        notes=("Ask for the public key over a way you trust: who can exchange it can exchange reports.",),
    )
)
@click.option(
    "--new",
    "new",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Make a private key in FILE (mode 0600), for HEADWATER_SEAL_KEY; no service is asked.",
)
@url_option
def key(new: Path | None, url: str) -> None:
    """Print the public keys that verify reports, with their ids, the present one first."""
    if new is not None:
        from catalog.reports.keys import make_key

        check_free(new, force=False, final=True)
        made = make_key(new).public
        click.echo(f"private key in {new}; set HEADWATER_SEAL_KEY to it. Its public key:", err=True)
        click.echo(f"key {made.id}\n{made.pem}", nl=False)
        return
    with connect(url) as client:
        click.echo(client.download(f"{REPORTS}/key").decode(), nl=False)


def _hand_over(found: dict[str, Any], file: bytes | None, output: Path | None, *, as_json: bool) -> None:
    """The file where it belongs, and the rest beside it."""
    if file is not None:
        write(file, output)
        if output is None:
            return
        click.echo(f"{output}: report {found['number']}, {len(file):,} bytes", err=True)
    if as_json:
        print_json(found)
    elif file is None:
        click.echo(report_text(found, screen()))


def _values(given: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise click.UsageError(f"--set {text!r}: write NAME=VALUE")
        found[name.strip()] = value
    return found


def _find(found: dict[str, Any] | None, id_: str) -> dict[str, Any]:
    if found is None:
        raise UnknownKey(f"no report has the number or id {id_!r}; `headwater report list` shows them", id_)
    return found


def _seal(verdict: Any) -> dict[str, Any] | None:
    from catalog.reports.seal import to_json

    return to_json(verdict.seal) if verdict.seal else None
