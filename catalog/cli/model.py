"""`headwater model`: a model and its versions, what changed between two of them, and which to roll back to."""

from __future__ import annotations

from typing import Any

import click

from catalog.cli.client import connect
from catalog.cli.model_text import changes_text, rollback_text, version_text, versions_text
from catalog.cli.options import as_of_option, examples, json_option, known_at_option, print_json, screen, url_option
from catalog.cli.render import clean
from catalog.errors import UnknownKey

_KEY = "{ registry model version }"
_STINT = f"{{ modelVersion {_KEY} from to origin manifest sequence health region }}"
_DATA = "{ dataset { namespace name } versions columns columnsBasis origin manifest }"
_NAMED = "{ name value }"
_EXTENT = "extent { complete truncatedBy hiddenCount knownAt sequence appliedThrough stale }"
_GIVEN = "$registry: String!, $asOf: String, $knownAt: String"
_OF = "registry: $registry, asOf: $asOf, knownAt: $knownAt"
_CHANGED = "{ name before after }"
_CHANGED_DATA = "{ dataset { namespace name } before after columnsAdded columnsRemoved }"
VERSIONS = f"""
query Model($name: String!, {_GIVEN}) {{
  model(name: $name, {_OF}) {{
    registry name asOf knownAt stale complete
    versions {{ version since origins }}
    aliases {{ name stint {_STINT} }}
  }}
}}
"""
SHOW = f"""
query ModelVersion($model: String!, $version: String!, {_GIVEN}) {{
  modelVersion(model: $model, version: $version, {_OF}) {{
    registry model version origins asOf knownAt stale dataset {{ namespace name }}
    framework codeVersion stage flavor signature card allTrainings
    parameters {_NAMED} metrics {_NAMED} data {_DATA} evaluatedOn {_DATA}
    trainings {{ run {{ id runId state startedAt endedAt }} job {{ namespace name }} hiddenCount
      failedChecks {{ dataset {{ namespace name }} checks }} }}
    artifacts {{ name uri digest size }}
    aliases {{ name stint {_STINT} }}
    deployments {{ environment name stint {_STINT} }}
    declarations {{ manifest since document }}
  }}
}}
"""
DIFF = f"""
query ModelVersionDiff($model: String!, $from: String!, $to: String!, {_GIVEN}) {{
  modelVersionDiff(model: $model, from: $from, to: $to, {_OF}) {{
    from {_KEY} to {_KEY} empty unknown aliasesBefore aliasesAfter
    parameters {_CHANGED} metrics {_CHANGED} about {_CHANGED} artifacts {_CHANGED}
    data {_CHANGED_DATA} evaluatedOn {_CHANGED_DATA} {_EXTENT}
  }}
}}
"""
ROLLBACK = f"""
query Rollback($environment: String!, $deployment: String!, $on: String, $bad: BadDataInput, $knownAt: String) {{
  rollbackCandidates(environment: $environment, deployment: $deployment, on: $on, bad: $bad, knownAt: $knownAt) {{
    environment deployment on unknown current {_STINT}
    candidates {{ modelVersion {_KEY} eligible reasonsFor reasonsAgainst stints {_STINT} }} {_EXTENT}
  }}
}}
"""
MOST_NAMED = 20
"""Versions that an error names."""
Json = dict[str, Any]
_registry = click.option(
    "--registry", metavar="NAME", default="models", show_default=True, help="The registry that keeps the model."
)


@click.group(
    epilog=examples(
        "headwater model versions churn --registry mlflow",
        "headwater model show churn 3 --registry mlflow",
        "headwater model diff churn 2 3 --registry mlflow",
        "headwater model rollback prod churn-api --bad lake raw --bad-version 2",
    )
)
def model() -> None:
    """Look at models: versions, what trained them, what changed, which to go back to."""


@model.command(
    epilog=examples(
        "headwater model show churn 3 --registry mlflow",
        "headwater model show churn 3 --registry mlflow --as-of 2026-03-01T12:00:00Z --json",
        "headwater model show churn --registry mlflow",
    )
)
@click.argument("name")
@click.argument("version", required=False)
@_registry
@as_of_option
@known_at_option
@json_option
@url_option
@click.pass_context
def show(
    ctx: click.Context,
    name: str,
    version: str | None,
    registry: str,
    as_of: str | None,
    known_at: str | None,
    as_json: bool,
    url: str,
) -> None:
    """Show a version: the runs, data and columns that trained it, its results, aliases and deployments.

    Without VERSION, list the versions, as `headwater model versions` does. Exits 3 if nobody speaks of it.
    """
    place = {"registry": registry, "asOf": as_of, "knownAt": known_at}
    if version is None:
        ctx.invoke(versions, name=name, registry=registry, as_of=as_of, known_at=known_at, as_json=as_json, url=url)
        return
    with connect(url) as client:
        found = client.graphql(SHOW, {"model": name, "version": version, **place})["modelVersion"]
        known = client.graphql(VERSIONS, {"name": name, **place})["model"] if found is None else None
    if found is None:
        raise _no_version(version, name, registry, known)
    _print(found, version_text, as_json)


@model.command(
    epilog=examples(
        "headwater model versions churn --registry mlflow",
        "headwater model versions churn --registry mlflow --known-at 1234 --json",
    )
)
@click.argument("name")
@_registry
@as_of_option
@known_at_option
@json_option
@url_option
def versions(name: str, registry: str, as_of: str | None, known_at: str | None, as_json: bool, url: str) -> None:
    """List the versions of a model, newest first, and where its aliases pointed.

    Exits 3 if nobody speaks of it.
    """
    with connect(url) as client:
        given = {"name": name, "registry": registry, "asOf": as_of, "knownAt": known_at}
        found = client.graphql(VERSIONS, given)["model"]
    if found is None:
        raise _unknown(f"model {clean(name)!r}", registry, name)
    _print(found, versions_text, as_json)
    if not found["complete"] and not as_json:
        click.echo("there are more versions", err=True)


@model.command(
    epilog=examples(
        "headwater model diff churn 2 3 --registry mlflow",
        "headwater model diff churn 2 3 --registry mlflow --json",
    )
)
@click.argument("name")
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="TO")
@_registry
@as_of_option
@known_at_option
@json_option
@url_option
def diff(
    name: str, start: str, end: str, registry: str, as_of: str | None, known_at: str | None, as_json: bool, url: str
) -> None:
    """Show what changed between two versions: parameters, metrics, data, columns, code, files, aliases.

    Exits 3 if nobody speaks of one of them.
    """
    given = {"model": name, "from": start, "to": end, "registry": registry, "asOf": as_of, "knownAt": known_at}
    with connect(url) as client:
        found = client.graphql(DIFF, given)["modelVersionDiff"]
    if found is None:
        raise _unknown(f"versions {clean(start)!r} and {clean(end)!r} of model {clean(name)!r}", registry, name)
    _print(found, changes_text, as_json)


@model.command(
    epilog=examples(
        "headwater model rollback prod churn-api",
        "headwater model rollback prod churn-api --bad lake raw --bad-version 2",
        "headwater model rollback prod churn-api --on 2026-03-05T12:00:00Z --bad lake raw --bad-field age --json",
    )
)
@click.argument("environment")
@click.argument("deployment")
@click.option("--on", metavar="TIME", help="As things stood at this time (ISO-8601); now without it.")
@click.option("--bad", nargs=2, metavar="NAMESPACE NAME", help="A dataset it must not have been trained on.")
@click.option("--bad-version", metavar="VERSION", help="With --bad: only this version of it.")
@click.option("--bad-field", metavar="COLUMN", help="With --bad: only this column of it.")
@known_at_option
@json_option
@url_option
def rollback(
    environment: str,
    deployment: str,
    on: str | None,
    bad: tuple[str, str] | None,
    bad_version: str | None,
    bad_field: str | None,
    known_at: str | None,
    as_json: bool,
    url: str,
) -> None:
    """Show which version a deployment should go back to, with reasons for and against, the best first.

    Nothing is deployed. Exits 3 if there is no such deployment.
    """
    if not bad and (bad_version or bad_field):
        raise click.UsageError("--bad-version and --bad-field belong to --bad NAMESPACE NAME")
    spoilt = bad and {"namespace": bad[0], "name": bad[1], "version": bad_version, "field": bad_field}
    given = {"environment": environment, "deployment": deployment, "on": on, "bad": spoilt, "knownAt": known_at}
    with connect(url) as client:
        found = client.graphql(ROLLBACK, given)["rollbackCandidates"]
    if found is None:
        raise UnknownKey(
            f"no deployment {clean(deployment)!r} in environment {clean(environment)!r}; `headwater deployments` has "
            "all",
            deployment,
        )
    _print(found, rollback_text, as_json)


def _unknown(what: str, registry: str, name: str) -> UnknownKey:
    return UnknownKey(f"nobody speaks of {what} in registry {clean(registry)!r}; another is given by --registry", name)


def _no_version(version: str, name: str, registry: str, known: Json | None) -> UnknownKey:
    if known is None:
        return _unknown(f"model {clean(name)!r}", registry, name)
    there = ", ".join(clean(one["version"]) for one in known["versions"][:MOST_NAMED])
    more = ", and more" if len(known["versions"]) > MOST_NAMED or not known["complete"] else ""
    told = f"no version {clean(version)!r} of model {clean(name)!r} in registry {clean(registry)!r}"
    return UnknownKey(f"{told}; there are {there}{more}" if there else f"{told}, and no other", f"{name}/{version}")


def _print(found: Json, text: Any, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        click.echo(text(found, screen()))
