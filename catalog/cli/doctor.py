"""`headwater doctor`: what is well, what is not, and what to do about it."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import click

from catalog import __version__
from catalog.cli.options import examples, json_option, print_json, url_option
from catalog.errors import CatalogError

MIN_FREE_MB = 1_000


class Finding(NamedTuple):
    """One check: its name, whether it is well (None: does not apply), and what was seen."""

    name: str
    ok: bool | None
    seen: str


@click.command(epilog=examples("headwater doctor", "headwater doctor --url http://127.0.0.1:5001 --json"))
@json_option
@url_option
def doctor(as_json: bool, url: str) -> None:
    """Check this machine, the configured store, and the running service. Exits 1 if something is not well."""
    findings = list(_findings(url))
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        for finding in findings:
            mark = {True: "ok", False: "NOT WELL", None: "-"}[finding.ok]
            click.echo(f"{mark:<9} {finding.name:<16} {finding.seen}")
    sys.exit(1 if any(finding.ok is False for finding in findings) else 0)


def _findings(url: str) -> Iterator[Finding]:
    from catalog.settings import Settings, read_settings

    yield Finding("headwater", True, f"{__version__}, Python {platform.python_version()}, {platform.platform()}")
    try:
        settings: Settings = read_settings()
        yield Finding("settings", True, "readable")
    except CatalogError as e:
        yield Finding("settings", False, str(e))
        return
    embedded = importlib.util.find_spec("arcadedb_embedded") is not None
    yield Finding("embedded store", embedded, "installed" if embedded else "package arcadedb-embedded is not installed")
    folder = settings.data.expanduser()
    parent = next(p for p in (folder, *folder.parents) if p.exists())
    free = shutil.disk_usage(parent).free // 1_000_000
    yield Finding("disk", free > MIN_FREE_MB, f"{free:,} MB free at {parent}")
    if settings.store_url:
        yield _try("store", lambda: _store(settings))
    else:
        yield Finding("store", None, "HEADWATER_STORE_URL is not set; `headwater up` brings its own")
    service = _try(f"service {url}", lambda: _service(url))
    yield service
    if service.ok:
        yield from _retention(url)
        yield _judging(url)


def _try(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, check())
    except CatalogError as e:
        return Finding(name, False, str(e))


def _store(settings: Any) -> str:
    from catalog.bootstrap.stores import open_store
    from catalog.graph.entries import progress

    store = open_store(settings, pool=1, patience=3, silence=5)
    try:
        found = progress(store, settings.shards)
    finally:
        store.close()
    return f"{settings.store_url} answers; {found.sequence} entries, applied through {found.applied_through}"


def _service(url: str) -> str:
    from catalog.cli.client import connect

    with connect(url) as client:
        status = client.graphql("{ status { sequence appliedThrough rejected dead lagSeconds } }")["status"]
    return (
        f"answers; {status['sequence']} entries, applied through {status['appliedThrough']}, "
        f"{status['rejected']} rejected, {status['dead']} dead, lag {status['lagSeconds']:.1f} s"
    )


def _retention(url: str) -> Iterator[Finding]:
    """How the newest prune went; a service that does not answer has been told of above."""
    from catalog.cli.client import connect

    try:
        with connect(url) as client:
            found = client.graphql("{ retention { state by started completed reason everySeconds dueSeconds } }")
    except CatalogError:
        return
    newest = found["retention"]
    due, every = newest["dueSeconds"], newest["everySeconds"]
    planned = f"every {every:,.0f} s, next in {due:,.0f} s" if due is not None else "not on schedule"
    if every and due is None:
        planned = "on schedule, but nothing has an age: set a HEADWATER_KEEP_..._DAYS"
    if newest["state"] == "NEVER":
        yield Finding("prune", None, f"never pruned; {planned}")
        return
    told = f"{newest['state']} by {newest['by']} at {newest['started']}, {planned}"
    last = newest["completed"] or "never"
    well = newest["state"] in ("DONE", "RUNNING")
    yield Finding("prune", well, told if well else f"{told}; last completed {last}: {newest['reason']}")


def _judging(url: str) -> Finding:
    """Whether what is due is judged by policies."""
    from catalog.cli.client import connect
    from catalog.cli.finding_text import broken_text
    from catalog.cli.render import moment

    asked = "{ findingStanding { evaluatedAt evaluatedThrough appliedThrough broken brokenSince } }"
    try:
        with connect(url) as client:
            found = client.graphql(asked)["findingStanding"]
    except CatalogError as e:
        return Finding("findings", False, str(e))
    if found["broken"]:
        return Finding("findings", False, broken_text(found))
    if not found["evaluatedAt"]:
        return Finding("findings", None, "nothing was judged yet; a worker does so in time")
    through = f"through {found['evaluatedThrough']} of {found['appliedThrough']}"
    return Finding("findings", True, f"as of {moment(found['evaluatedAt'])}, judged {through}")
