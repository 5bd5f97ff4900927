"""`headwater import dbt`: a dbt project's artifacts, as declarations and as events."""

from __future__ import annotations

import os
from pathlib import Path

import click

from catalog.cli.client import connect
from catalog.cli.import_options import dry_run_option, leave_option, removals_option
from catalog.cli.options import as_option, examples, json_option, url_option

PATIENT = 30
"""Tries of one request while the service says 503."""


@click.command(
    epilog=examples(
        "headwater import dbt target",
        "headwater import dbt target --dry-run",
        "headwater import dbt target --namespace postgres://db:5432 --job-namespace nightly",
        "headwater import dbt target --profiles-dir ~/.dbt --target prod --no-runs --json",
        "headwater import dbt target --leave Team --leave tag:pii --as ci@shop",
    )
)
@click.argument("target_dir", metavar="TARGET_DIR", type=click.Path(path_type=Path))
@click.option("--namespace", default="", help="Namespace of the project's tables, as events name them.")
@click.option(
    "--job-namespace",
    envvar="OPENLINEAGE_NAMESPACE",
    default="dbt",
    show_default=True,
    show_envvar=True,
    help="Namespace of its jobs, as for dbt-ol.",
)
@click.option(
    "--job-names",
    type=click.Choice(["build", "run", "node"]),
    default="build",
    show_default=True,
    help="Name jobs as `dbt-ol build` does, as `dbt-ol run`, or by node as --consume-structured-logs.",
)
@click.option("--project", default="", help="The project's name, where an old manifest does not tell.")
@click.option("--profiles-dir", type=click.Path(path_type=Path), help="Where profiles.yml is.")
@click.option("--profile", default="", help="The profile in it; else what dbt_project.yml says.")
@click.option("--target", default="", help="The target of the profile; else its default.")
@click.option("--no-runs", is_flag=True, help="Leave runs and test results out: dbt-ol sends them.")
@leave_option
@removals_option
@dry_run_option
@as_option
@json_option
@url_option
@click.pass_context
def dbt(
    ctx: click.Context,
    target_dir: Path,
    namespace: str,
    job_namespace: str,
    job_names: str,
    project: str,
    profiles_dir: Path | None,
    profile: str,
    target: str,
    no_runs: bool,
    leave: tuple[str, ...],
    allow_removals: float,
    dry_run: bool,
    as_name: str,
    as_json: bool,
    url: str,
) -> None:
    """Import what dbt leaves in TARGET_DIR: manifest, catalog, run results, freshness of sources.

    What the project declares (tables, columns, tests, owners, tags, contracts, exposures, lineage) is applied as the
    manifest `dbt:PROJECT`; what left the project is removed. Runs, test results and the warehouse's columns are sent
    as events. Importing the same files again changes nothing. Exits 1 if any of it was refused.

    Only manifest.json must be there. Where the tables are is read from profiles.yml, or given by --namespace.
    """
    from catalog.cli.importing import Progress, carry_out, tell
    from catalog.imports.dbt.mapping import make_facts, project_of
    from catalog.imports.dbt.profiles import Place, Wanted, find_place
    from catalog.imports.dbt.read import read_target
    from catalog.imports.dbt.tables import Tables
    from catalog.lineage.producers.dbt import Naming

    progress = Progress(quiet=as_json)
    artifacts = read_target(target_dir, tell=progress.tell)
    manifest = artifacts.manifest
    wanted = Wanted(profiles_dir, profile, target)
    place = (
        Place(namespace, "--namespace") if namespace else find_place(target_dir, manifest.adapter, wanted, os.environ)
    )
    tables = Tables(manifest, project_of(manifest, project), place.namespace, job_namespace, Naming(job_names))
    facts = make_facts(artifacts, tables, runs=not no_runs)
    facts.notes.insert(0, f"tables are in {place.namespace} ({place.known_by}), jobs in {job_namespace}")
    with connect(url, tries=PATIENT) as client:
        report, plan = carry_out(
            client, facts, progress, by=as_name, removable=allow_removals, leave=leave, dry_run=dry_run
        )
    progress.end()
    tell(report, plan, dry_run=dry_run, as_json=as_json)
    if report.refused:
        ctx.exit(1)
