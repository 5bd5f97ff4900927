"""`headwater policy`: rules as pages, tried out on their own cases; no server is asked."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from catalog.cli.options import examples, json_option, print_json, screen
from catalog.cli.policy_text import explained, law_text, page, template
from catalog.cli.render import Cell, count, table
from catalog.cli.validate import INVALID
from catalog.cli.validate import text as problem_text
from catalog.errors import InvalidQuestion, UnknownKey

if TYPE_CHECKING:
    from catalog.checks.engine import Engine
    from catalog.checks.loading import LoadedPolicies
    from catalog.manifest.documents.policies import Policy

LISTED = "`headwater policy list` has those of the packs"
_engine_option = click.option(
    "--engine",
    "engine_name",
    type=click.Choice(["cel-cpp", "cel-python"]),
    help="The engine of CEL; without it the first of these that is installed.",
)
_file_option = click.option(
    "--file", "file", type=click.Path(), help="A file or directory with the policy; without it the packs are searched."
)


def _check_new(ctx: click.Context, param: click.Parameter, value: str) -> str:
    """A name that a document may have, in one word: it is typed behind `policy show` and `findings --policy`."""
    from catalog.manifest.references import WrongReference, check_name

    try:
        check_name(value)
    except WrongReference as wrong:
        expected = f"; expected {wrong.expected}" if wrong.expected else ""
        raise click.BadParameter(f"{wrong}{expected}", ctx, param) from wrong
    if value.split() != [value]:
        one_word = "_".join(value.lower().split())
        raise click.BadParameter(f"{value!r} has a space in it; write it in one word, such as {one_word}", ctx, param)
    return value


@click.group(
    epilog=examples(
        "headwater policy list",
        "headwater policy show hygiene.dataset.owner",
        "headwater policy new sales.orders.owner > policies/owner.yaml",
        "headwater policy test policies/",
        "headwater policy explain hygiene.dataset.fresh",
    )
)
def policy() -> None:
    """Read, write and try out policies, without a server."""


@policy.command(
    "list",
    epilog=examples("headwater policy list", "headwater policy list --pack hygiene", "headwater policy list --json"),
)
@click.option("--pack", "pack", metavar="PACK", help="Of this pack only; `all` for every one.")
@json_option
def list_(pack: str | None, as_json: bool) -> None:
    """List the policies of the packs. No pack is legal advice."""
    from catalog.checks.choosing import ALL, pack_names
    from catalog.checks.loading import packs

    names = pack_names([pack or ALL])
    chosen = [found for found in packs() if found.name in names]
    listed = [(found.name, one) for found in chosen for one in _documents(found.path)]
    if as_json:
        print_json(
            {
                "packs": [{"name": found.name, "about": found.about} for found in chosen],
                "policies": [{"pack": name, **_json(one)} for name, one in listed],
            }
        )
        return
    for found in chosen:
        click.echo(found.about.partition("\n## ")[0].partition("\n|")[0].rstrip() + "\n")
    rows = [(Cell(one.name, whole=True), Cell(one.severity), Cell(one.target), Cell(_breaks(one))) for _, one in listed]
    click.echo(table(("POLICY", "SEVERITY", "TARGET", "WHAT BREAKS"), rows, screen()))


@policy.command(
    epilog=examples("headwater policy show hygiene.dataset.owner", "headwater policy show my.rule --file policies/")
)
@click.argument("name")
@_file_option
@json_option
def show(name: str, file: str | None, as_json: bool) -> None:
    """Show the page of a policy: what breaks, why it matters, what to do, where it comes from, examples."""
    found = _find(name, file)
    if as_json:
        print_json(_json(found))
    else:
        click.echo(page(found))


@policy.command(
    epilog=examples(
        "headwater policy new sales.orders.owner > owner.yaml",
        "headwater policy new privacy.no_export --type flow > no-export.yaml",
    )
)
@click.argument("name", callback=_check_new)
@click.option("--type", "type_", type=click.Choice(["entity", "flow", "aggregate", "change"]), default="entity")
def new(name: str, type_: str) -> None:
    """Print a policy to begin with; its cases pass.

    NAME is one word, such as sales.orders.owner.
    """
    click.echo(template(name, type_), nl=False)


@policy.command(
    epilog=examples(
        "headwater policy test",
        "headwater policy test policies/",
        "headwater policy test policies/ --engine cel-python",
        notes=(
            "Every case of every policy is run. A policy is refused if a case has another outcome than it expects, or "
            "if none passes or none fails. Exit codes: 0, or 1 if any policy is refused or a file cannot be read.",
        ),
    )
)
@click.argument("path", required=False, type=click.Path())
@_engine_option
@json_option
def test(path: str | None, engine_name: str | None, as_json: bool) -> None:
    """Run the cases of the policies in PATH; without it those of all packs."""
    from catalog.checks.loading import PACKS

    engine = _engine(engine_name)
    loaded = _load(path or PACKS, engine)
    if path and not loaded.documents and not loaded.problems:
        raise InvalidQuestion(
            f"{path} has no policy: there are other documents only; one begins with `kind: Policy`, and `headwater "
            "policy new NAME` prints one to begin with"
        )
    cases = sum(len(one.tests) for one in loaded.documents)
    if as_json:
        print_json(
            {
                "engine": engine.name,
                "policies": [one.policy.name for one in loaded.policies],
                "cases": cases,
                "problems": [problem.to_json() for problem in loaded.problems],
            }
        )
    else:
        for problem in loaded.problems:
            click.echo(problem_text(problem, screen()))
        told = f"{count(len(loaded.documents), 'policy', 'policies')}, {count(cases, 'case')}, judged by {engine.name}"
        click.echo(f"{count(len(loaded.problems), 'problem')}; {told}" if loaded.problems else f"{told}: no problems")
    if loaded.problems:
        raise click.exceptions.Exit(INVALID)


@policy.command(
    epilog=examples(
        "headwater policy explain hygiene.dataset.fresh",
        "headwater policy explain hygiene.dataset.fresh --case 'silent for too long'",
    )
)
@click.argument("name")
@click.option("--case", "case", metavar="NAME", help="This case only.")
@_file_option
@_engine_option
@json_option
def explain(name: str, case: str | None, file: str | None, engine_name: str | None, as_json: bool) -> None:
    """Show how a policy judges its cases: each expression with its value, then the outcome."""
    from catalog.checks.explain import explain as explain_case
    from catalog.checks.policy import RefusedPolicy, compile_policy

    found = _find(name, file)
    chosen = [one for one in found.tests if case in (None, one.name)]
    if not chosen:
        cases = ", ".join(repr(one.name) for one in found.tests) or "none"
        raise UnknownKey(f"{name} has no case {case!r}; it has {cases}", str(case))
    try:
        compiled = compile_policy(found, _engine(engine_name))
    except RefusedPolicy as refused:
        raise InvalidQuestion(str(refused)) from None
    told = [explain_case(compiled, one) for one in chosen]
    if as_json:
        print_json([one.to_json() for one in told])
    else:
        click.echo("\n\n".join(explained(one, screen()) for one in told))


@policy.command(epilog=examples("headwater policy law", "headwater policy law --json"))
@json_option
def law(as_json: bool) -> None:
    """List the days from which provisions of law apply, as policies take them. No legal advice."""
    from catalog.checks.law import instruments

    if as_json:
        print_json([one.model_dump(mode="json", by_alias=True) for one in instruments()])
    else:
        click.echo(law_text(instruments(), screen()))


def _engine(name: str | None) -> Engine:
    from catalog.checks.engine import engine

    return engine(name or "")


def _load(path: str | Path, engine: Engine) -> LoadedPolicies:
    from catalog.checks.loading import load_policies

    return load_policies([path], engine)


def _documents(path: str | Path) -> list[Policy]:
    """The policies in files, as they stand there; their cases are not run."""
    from catalog.checks.loading import read_policies

    return read_policies(path)


def _find(name: str, file: str | None) -> Policy:
    from catalog.checks.loading import PACKS
    from catalog.manifest.validating import hint

    if file is None and Path(name).exists():
        there = ", ".join(one.name for one in _documents(name)) or "NAME"
        raise click.UsageError(f"{name} is a file, not the name of a policy; write {there} --file {name}")
    if file is not None and not Path(file).exists():
        raise InvalidQuestion(f"{file}: no such file or directory")
    known = {one.name: one for one in _documents(file or PACKS)}
    if name not in known:
        where = f" in {file}" if file else ""
        raise UnknownKey(f"no policy is called {name[:80]!r}{where}{hint(name, known, LISTED)}", name)
    return known[name]


def _breaks(one: Policy) -> str:
    return one.breaks or one.description or ""


def _json(one: Policy) -> dict[str, Any]:
    from catalog.manifest.canonical import canonical

    return canonical(one)
