"""`headwater`: the list of commands, and what becomes of their errors.

A command's module is imported when the command is run, so that `headwater --help` and shell completion stay fast.

Exit codes: 0 done; 1 an error, or something was refused; 2 wrong usage; 3 not found; 4 no usable answer from the
service; 5 `check` found a breach; 130 interrupted; 141 the reader of our output went away.
"""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from catalog import __version__
from catalog.cli.options import examples, wants_json
from catalog.errors import CatalogError, ServiceUnreachable, UnknownKey

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

EXIT_CODES = {UnknownKey.code: 3, ServiceUnreachable.code: 4}
INTERRUPTED = 130
PIPE_CLOSED = 141


class Listed(NamedTuple):
    """A command: its name, where it is (`module:attribute`), and what it does in one line."""

    name: str
    target: str
    help: str

    def load(self) -> click.Command:
        """Import the command."""
        module, _, attribute = self.target.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command), self.target
        return command


class Section(NamedTuple):
    """Commands under one heading of the help page."""

    title: str
    commands: tuple[Listed, ...]


SECTIONS = (
    Section(
        "Run the service",
        (
            Listed("up", "catalog.cli.up:up", "Run store, API and workers until Ctrl-C."),
            Listed(
                "demo",
                "catalog.cli.demo:demo",
                "Start everything in a temporary directory, send events, apply manifests, seal a report, stop.",
            ),
            Listed("serve", "catalog.cli.serve:serve", "Serve the API: OpenLineage in, GraphQL out."),
            Listed(
                "worker",
                "catalog.cli.worker:worker",
                "Apply accepted events to the graph, evaluate policies, make reports.",
            ),
            Listed("kafka", "catalog.cli.kafka:kafka", "Accept OpenLineage events from Kafka topics."),
            Listed(
                "migrate",
                "catalog.cli.migrate:migrate",
                "Bring the store's schema up to date; running it again is harmless.",
            ),
            Listed(
                "prune",
                "catalog.cli.prune:prune",
                "Show what is older than it need be, and with --yes take it away.",
            ),
            Listed(
                "doctor",
                "catalog.cli.doctor:doctor",
                "Check this machine, the configured store, and the running service.",
            ),
        ),
    ),
    Section(
        "Ask it",
        (
            Listed("search", "catalog.cli.search:search", "Find things by the words of their names."),
            Listed("lineage", "catalog.cli.lineage:lineage", "Show where something came from, or what it feeds."),
            Listed(
                "impact",
                "catalog.cli.impact:impact",
                "Show what follows from a change: things, owners, deadlines, each with the way to it.",
            ),
            Listed("diff", "catalog.cli.diff:diff", "Show what changed in a lineage between two moments."),
            Listed(
                "schema",
                "catalog.cli.schema:schema",
                "Show the columns of a dataset, the schemas it had, or what changed between two of them.",
            ),
            Listed("show", "catalog.cli.show:show", "Show what is said of a dataset or a job."),
            Listed("entity", "catalog.cli.entity:entity", "Show and list what people declare, describe and own."),
            Listed(
                "findings",
                "catalog.cli.findings:findings",
                "List what does not hold, the worst first; `show` has one with all that it rests on.",
            ),
            Listed(
                "evaluate",
                "catalog.cli.evaluate:evaluate",
                "Judge the catalog by policies, and say what does not hold.",
            ),
            Listed("runs", "catalog.cli.runs:runs", "List runs of jobs, newest first."),
            Listed(
                "model",
                "catalog.cli.model:model",
                "Look at models: versions, what trained them, what changed, which to go back to.",
            ),
            Listed(
                "deployments",
                "catalog.cli.deployments:deployments",
                "List deployments of models and what they serve, or served at a time.",
            ),
        ),
    ),
    Section(
        "Feed it",
        (
            Listed("send", "catalog.cli.send:send", "Send OpenLineage events from files or standard input."),
            Listed(
                "import",
                "catalog.cli.import_:import_",
                "Bring in what another tool has kept; what is interrupted goes on.",
            ),
            Listed(
                "identity",
                "catalog.cli.identity:identity",
                "Decide which names are one thing, and see who said so.",
            ),
            Listed("inbox", "catalog.cli.inbox:inbox", "Look at what was sent; retry, edit or purge what failed."),
        ),
    ),
    Section(
        "Declare",
        (
            Listed("validate", "catalog.cli.validate:validate", "Check manifests, without a server."),
            Listed(
                "init",
                "catalog.cli.export:init",
                "Write a manifest to begin with, out of what was observed: datasets, pipelines, owners.",
            ),
            Listed(
                "plan",
                "catalog.cli.plan:plan",
                "Show what applying the manifest in PATH would change; nothing is written.",
            ),
            Listed(
                "apply",
                "catalog.cli.apply:apply",
                "Apply a plan that was kept, or plan the manifest in PATH, show it, ask, and apply.",
            ),
            Listed(
                "check",
                "catalog.cli.check:check",
                "Say what a change of manifests breaks, and whom it reaches, before it is merged.",
            ),
            Listed(
                "contract",
                "catalog.cli.odcs:contract",
                "Write contracts for tools that speak the Open Data Contract Standard.",
            ),
            Listed("drift", "catalog.cli.drift:drift", "Show where what was observed differs from what is declared."),
            Listed(
                "export",
                "catalog.cli.export:export",
                "Write what MANIFEST declares as YAML into a directory; planned from there, nothing changes.",
            ),
            Listed(
                "manifests",
                "catalog.cli.manifests:manifests",
                "List the manifests that were applied: how much each declares, and who applied it last.",
            ),
            Listed(
                "manifest",
                "catalog.cli.manifest:manifest",
                "Look at what manifests may say, and compare two of them, without a server.",
            ),
            Listed("policy", "catalog.cli.policy:policy", "Read, write and try out policies, without a server."),
        ),
    ),
    Section(
        "Prove it",
        (
            Listed(
                "report",
                "catalog.cli.report:report",
                "Have reports made and sealed, get them as files, compare and verify them.",
            ),
        ),
    ),
    Section(
        "Say what you know",
        (
            Listed("describe", "catalog.cli.people:describe", "Say what an entity or a column is."),
            Listed("tag", "catalog.cli.people:tag", "Give an entity or a column a tag."),
            Listed("untag", "catalog.cli.people:untag", "Take back a tag that people gave."),
            Listed("own", "catalog.cli.people:own", "Name a team or a person that answers for an entity."),
            Listed("disown", "catalog.cli.people:disown", "Take back an owner that people named."),
            Listed("classify", "catalog.cli.people:classify", "Say how confidential an entity or a column is."),
            Listed("certify", "catalog.cli.people:certify", "Say that an entity may be relied on."),
            Listed("deprecate", "catalog.cli.people:deprecate", "Say that nobody should begin to use an entity."),
            Listed("comment", "catalog.cli.people:comment", "Leave a comment at an entity or a column."),
            Listed(
                "classification",
                "catalog.cli.classification:classification",
                "Decide about suggested tags, and see why something is tagged.",
            ),
            Listed("words", "catalog.cli.people:words", "List what people said of an entity."),
            Listed("undo", "catalog.cli.people:undo", "Take one word back."),
        ),
    ),
    Section(
        "Shell",
        (Listed("completion", "catalog.cli.completion:completion", "Print the completion script of a shell."),),
    ),
)


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to run it."""

    def __init__(self, *args: Any, sections: Sequence[Section] = (), **attrs: Any) -> None:
        super().__init__(*args, **attrs)
        self.sections = tuple(sections)
        self.listed = {entry.name: entry for section in self.sections for entry in section.commands}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the list."""
        return list(self.listed)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself; this imports its module."""
        entry = self.listed.get(cmd_name)
        return entry.load() if entry else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command to run; an unknown name is told its nearest ones."""
        name = args[0]
        if name not in self.listed and not name.startswith("-"):
            import difflib

            near = difflib.get_close_matches(name, self.listed, n=2)
            ctx.fail(f"No such command {name!r}." + (f" Did you mean {' or '.join(near)}?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands, without importing them."""
        widest = max(map(len, self.listed), default=0)
        for section in self.sections:
            with formatter.section(section.title):
                formatter.write_dl([(entry.name.ljust(widest), entry.help) for entry in section.commands])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name, without importing any."""
        from click.shell_completion import CompletionItem

        names = [CompletionItem(e.name, help=e.help) for e in self.listed.values() if e.name.startswith(incomplete)]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]


class Headwater(LazyGroup):
    """The group at the top: every error of every command ends here."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; say what went wrong in one place and one form."""
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may not know our lines and dots
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except CatalogError as error:
            _report(error, as_json=wants_json(ctx))
            ctx.exit(EXIT_CODES.get(error.code, 1))
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            _discard_output()
            ctx.exit(PIPE_CLOSED)


def _report(error: CatalogError, *, as_json: bool) -> None:
    if as_json:
        import json

        click.echo(json.dumps({"error": {"code": error.code, "message": str(error)}}, ensure_ascii=False))
    click.echo(f"headwater: {error}", err=True)


def _discard_output() -> None:
    """Nobody reads any more: let the interpreter's last flush go nowhere, without a complaint."""
    with suppress(OSError, ValueError):  # a test's stream has no descriptor
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(
    cls=Headwater,
    sections=SECTIONS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=examples(
        "headwater up",
        "headwater send events.ndjson --wait",
        "headwater lineage postgres://db shop.public.orders",
        notes=(
            "Commands that ask a running service find it by HEADWATER_URL or --url, and send HEADWATER_API_TOKEN "
            "as their token if it is set.",
        ),
    ),
)
@click.version_option(__version__, prog_name="headwater", message="%(prog)s %(version)s")
def main() -> None:
    """Headwater: a metadata and lineage catalog. Events go in, one graph comes out."""


if __name__ == "__main__":
    main()
