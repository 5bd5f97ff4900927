"""`headwater runs`: runs of jobs, newest first."""

from __future__ import annotations

import click

from catalog.cli.client import connect
from catalog.cli.lineage import not_found
from catalog.cli.options import (
    as_of_option,
    examples,
    json_option,
    known_at_option,
    limit_option,
    print_json,
    screen,
    url_option,
)
from catalog.cli.render import count, runs_table

RUNS = """
query Runs($runId: String, $job: JobRef, $state: RunState, $first: Int!, $after: String, $asOf: String,
           $knownAt: String) {
  runs(runId: $runId, job: $job, state: $state, first: $first, after: $after, asOf: $asOf, knownAt: $knownAt) {
    edges { node { id runId state startedAt endedAt startedInferred durationSeconds job { namespace name } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
KNOWN = "query Known($namespace: String!, $name: String!) { job(namespace: $namespace, name: $name) { name } }"
STATES = ("NEW", "RUNNING", "COMPLETED", "FAILED", "ABORTED", "UNKNOWN")


@click.command(
    epilog=examples(
        "headwater runs --state failed",
        "headwater runs --job airflow nightly_orders --limit 5 --json",
        "headwater runs --state running --as-of 2026-03-01T12:00:00Z",
    )
)
@click.option("--job", nargs=2, metavar="NAMESPACE NAME", help="Runs of this job only.")
@click.option("--state", type=click.Choice(STATES, case_sensitive=False), help="Runs in this state only.")
@click.option("--run-id", help="Runs with this id only; several jobs may share one.")
@limit_option(20)
@click.option("--all", "everything", is_flag=True, help="Show all, whatever --limit says.")
@as_of_option
@known_at_option
@json_option
@url_option
def runs(
    job: tuple[str, str] | None,
    state: str | None,
    run_id: str | None,
    limit: int,
    everything: bool,
    as_of: str | None,
    known_at: str | None,
    as_json: bool,
    url: str,
) -> None:
    """List runs of jobs, newest first.

    A start marked with ~ was inferred: no event told it. At an earlier moment runs are shown in the states they had.
    Exits 3 if there is no such job.
    """
    variables = {
        "runId": run_id,
        "job": job and {"namespace": job[0], "name": job[1]},
        "state": state,
        "asOf": as_of,
        "knownAt": known_at,
    }
    with connect(url) as client:
        found, complete = client.collect(RUNS, variables, "runs", None if everything else limit)
        if job and not found and client.graphql(KNOWN, {"namespace": job[0], "name": job[1]})["job"] is None:
            raise not_found(client, "job", *job)
    if as_json:
        print_json({"runs": found, "complete": complete})
        return
    if found:
        click.echo(runs_table(found, screen()))
    else:
        click.echo("no runs", err=True)
    if not complete:
        click.echo(f"the newest {count(len(found), 'run')}; there are more, use --limit or --all", err=True)
