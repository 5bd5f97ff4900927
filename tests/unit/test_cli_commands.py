"""The commands as people run them: their list, their help, their exit codes, their two forms of output."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner
from graphql import build_schema, parse, validate

from catalog.api.graphql.limits import DEFAULT_LIMITS, check
from catalog.api.graphql.schema import schema
from catalog.cli import entity, entries, identity, inbox, lineage, purge, run_lineage, runs, search, send, show
from catalog.cli.main import SECTIONS, Listed, main
from catalog.errors import CatalogError, ServiceUnreachable, UnknownKey
from tests.unit.cli_service import Answer, Heard, data, fault, in_turn, page, run, serving
from tests.unit.test_cli_render import RUN
from tests.unit.test_cli_tree import answer, dataset, edge, job

LISTED = [entry for section in SECTIONS for entry in section.commands]
HEAVY = ("httpx", "rich", "strawberry", "starlette", "neo4j", "celery", "orjson", "pydantic", "catalog.settings")
HIT = {"id": "1", "kind": "DATASET", "namespace": "db", "name": "t.orders"}


def every(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    """A command and those below it."""
    yield path, command
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from every(below, f"{path} {name}")


def test_help_lists_every_command() -> None:
    """Each with what it does."""
    result = CliRunner().invoke(main, ["-h"], terminal_width=200)

    assert 0 == result.exit_code
    for entry in LISTED:
        assert f"{entry.name} " in result.output
        assert entry.help in result.output


@pytest.mark.parametrize("entry", LISTED, ids=[entry.name for entry in LISTED])
def test_the_list_says_what_the_command_says(entry: Listed) -> None:
    """The list is written twice, so that help imports nothing; both say the same."""
    assert entry.help.rstrip(".") == entry.load().get_short_help_str(200).rstrip(".")


@pytest.mark.parametrize("entry", LISTED, ids=[entry.name for entry in LISTED])
def test_help_of_every_command_has_examples(entry: Listed) -> None:
    """Two of them at least, each a whole command line."""
    for path, command in every(entry.load(), f"headwater {entry.name}"):
        text = command.get_help(click.Context(command, info_name=path))
        lines = [line for line in text.partition("Examples:")[2].splitlines() if line.strip()]
        assert 2 <= len(lines), path
        assert path in lines[0]


def test_help_and_completion_import_nothing_heavy() -> None:
    """Starting is paid by every command and every press of the tab key."""
    code = (
        "import sys, catalog.cli.main as m\n"
        "m.main(['--help'], standalone_mode=False)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert "[]" == done.stderr.strip()


@pytest.mark.parametrize("entry", LISTED, ids=[entry.name for entry in LISTED])
def test_importing_a_command_imports_nothing_heavy(entry: Listed) -> None:
    """Its help is fast too: what is heavy is imported when it runs."""
    entry.load()
    module = entry.target.partition(":")[0]
    code = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert "[]" == done.stdout.strip()


@pytest.mark.parametrize(
    "question",
    [
        lineage.LINEAGE,
        search.SEARCH,
        runs.RUNS,
        show.DATASET,
        show.JOB,
        entity.SHOW,
        entity.LIST,
        run_lineage.RUN_LINEAGE,
        run_lineage.RUNS_OF_ID,
        inbox.INBOX,
        entries.ENTRY,
        entries.EVENT,
        inbox.RETRY,
        purge.PURGE,
        send.STATUS,
        identity.MERGE,
        identity.SPLIT,
        identity.SHOW,
        identity.CONFLICTS,
    ],
)
def test_every_question_fits_the_schema(question: str) -> None:
    """The service can answer what the command line asks."""
    document = parse(question)

    assert [] == validate(build_schema(schema.as_str()), document)
    check(document, DEFAULT_LIMITS)


def test_an_unknown_command_is_told_the_nearest() -> None:
    """Wrong usage exits 2."""
    result = CliRunner().invoke(main, ["lineeage"])

    assert 2 == result.exit_code
    assert "Did you mean lineage?" in result.output


@pytest.mark.parametrize(
    ("error", "code"), [(CatalogError("x"), 1), (UnknownKey("x", "k"), 3), (ServiceUnreachable("x"), 4)]
)
def test_errors_end_at_the_top(error: CatalogError, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One form for people on stderr, one for programs on stdout, and an exit code of its own."""

    def fail(_: str) -> None:
        raise error

    monkeypatch.setattr(search, "connect", fail)
    plain, as_json = (CliRunner().invoke(main, ["search", "x", *flag]) for flag in ([], ["--json"]))

    assert (code, "", "headwater: x\n") == (plain.exit_code, plain.stdout, plain.stderr)
    assert (code, "headwater: x\n") == (as_json.exit_code, as_json.stderr)
    assert {"error": {"code": error.code, "message": "x"}} == json.loads(as_json.stdout)


@pytest.mark.parametrize("url", ["127.0.0.1:5000", "ftp://host", "http://host:99999", "http://u:p@host", "http://"])
def test_an_address_that_is_none_is_wrong_usage(url: str) -> None:
    """Before anything is sent; a password in it is not printed."""
    result = CliRunner().invoke(main, ["search", "x"], env={"HEADWATER_URL": url})

    assert 2 == result.exit_code
    assert "u:p@" not in result.output


@pytest.mark.parametrize("name", ["", "  "])
def test_nobody_speaks_as_an_empty_name(name: str) -> None:
    """It is a slip, such as a variable that is not set: exit 2, and no word is sent."""
    done, heard = run(in_turn(data()), "tag", "db", "t", "x", "--as", name)

    assert (2, [], True) == (done.exit_code, heard, "the name is empty" in done.stderr)


def test_the_token_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never from an option, which others could read in the list of processes."""
    monkeypatch.setenv("HEADWATER_API_TOKEN", "secret")
    _, heard = run(in_turn(data(search=[])), "search", "x")

    assert "Bearer secret" == heard[0].headers["authorization"]


def test_a_closed_pipe_is_quiet() -> None:
    """`headwater … | head` says nothing about its reader going away."""
    reader, writer = os.pipe()
    os.close(reader)
    many = data(search=[HIT] * 20)
    with serving(in_turn(many)) as service:
        command = [sys.executable, "-m", "catalog.cli.main", "search", "x", "--url", service.url]
        code = "import sys; from catalog.cli.main import main; sys.exit(main())"
        command = [sys.executable, "-c", code, *command[3:]]
        done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)

    assert (141, "") == (done.returncode, done.stderr)


def test_an_interruption_is_quiet() -> None:
    """Ctrl-C ends a command without a stack trace."""

    def never(_: Heard) -> Answer:
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        return data(search=[])

    with serving(never) as service:
        # Whoever runs the tests in the background may have SIGINT ignored, and children inherit that.
        code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        code += "from catalog.cli.main import main; main()"
        command = [sys.executable, "-c", code, "search", "x", "--url", service.url]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        out, err = process.communicate(timeout=30)

    assert (130, "", "") == (process.returncode, out, err)


def test_lineage_in_both_forms() -> None:
    """A tree for people; for programs nodes and edges without what does not apply to them."""
    told = answer("a", [dataset("a"), job("j")], [edge("j", "a", "WRITES", origin="OBSERVED", job="j", masking=None)])
    plain, heard = run(in_turn(data(lineage=told)), "lineage", "db", "t.a", "--depth", "3", "--direction", "both")
    as_json, _ = run(in_turn(data(lineage=told)), "lineage", "db", "t.a", "--json")

    assert 0 == plain.exit_code == as_json.exit_code
    assert "complete: 2 nodes, 1 edge" == plain.stdout.splitlines()[-1]
    assert {
        "root": {"kind": "DATASET", "namespace": "db", "name": "t.a", "field": None},
        "direction": "BOTH",
        "depth": 3,
        "granularity": "ALL",
        "asOf": None,
        "knownAt": None,
        "view": "ALL",
        "seenSince": None,
        "origins": None,
        "transformations": None,
        "rollUp": False,
    } == heard[0].body["variables"]
    assert {
        "root": "a",
        "nodes": [
            {"id": "a", "kind": "DATASET", "namespace": "db", "name": "t.a"},
            {
                "id": "j",
                "kind": "JOB",
                "namespace": "air",
                "name": "j.j",
                "latestRun": told["nodes"][1]["job"]["latestRun"],
            },
        ],
        "edges": [{"source": "j", "target": "a", "kind": "WRITES", "origin": "OBSERVED", "job": "j"}],
        "complete": True,
        "truncatedBy": [],
        "frontier": [],
        "hiddenCount": 0,
        "sequence": 9,
        "appliedThrough": 9,
        "asOf": None,
        "knownAt": None,
        "stale": False,
    } == json.loads(as_json.stdout)


def test_a_column_asks_for_columns() -> None:
    """`--field` says the granularity too; a job has none."""
    told = answer("a", [dataset("a")], [])
    _, heard = run(in_turn(data(lineage=told)), "lineage", "db", "t.a", "--field", "x")
    result, _ = run(in_turn(data(lineage=told)), "lineage", "db", "t.a", "--field", "x", "--kind", "job")

    assert "FIELD" == heard[0].body["variables"]["granularity"]
    assert 2 == result.exit_code


def test_what_is_not_there_is_told_its_neighbours() -> None:
    """The likest of what a search finds, five at most; exit 3."""
    names = ["t.orders", "t.order_items", "t.customers", "t.a", "t.b", "t.c"]
    hits = [{"id": name, "kind": "DATASET", "namespace": "db", "name": name} for name in names]

    def script(heard: Heard) -> Answer:
        if "lineage" in heard.body["query"]:
            return data(lineage=None)
        return data(**{key: hits for key in heard.body["variables"]})

    result, heard = run(script, "lineage", "db", "t.ordesr")
    lines = result.stderr.splitlines()

    assert 3 == result.exit_code
    assert "headwater: no dataset 't.ordesr' in namespace 'db'; near it:" == lines[0]
    assert ["dataset", "t.orders", "db"] == lines[2].split()
    assert 7 == len(lines)
    assert {"t0": "t.ordesr", "t1": "orde"} == heard[1].body["variables"]
    assert [] == validate(build_schema(schema.as_str()), parse(heard[1].body["query"]))


def test_neighbours_that_cannot_be_found_hide_nothing() -> None:
    """The question has its answer, also when the second one fails."""
    result, _ = run(in_turn(data(lineage=None), fault("down", code="STORE_DOWN")), "lineage", "db", "x", "--json")

    assert 3 == result.exit_code
    assert {"code": "NOT_FOUND", "message": "no dataset 'x' in namespace 'db'"} == json.loads(result.stdout)["error"]


def test_search_in_both_forms() -> None:
    """A table, or hits and whether they are all."""
    plain, _ = run(in_turn(data(search=[HIT])), "search", "orders", "--limit", "1")
    as_json, heard = run(in_turn(data(search=[HIT])), "search", "orders", "--kind", "dataset", "--json")

    assert ["dataset", "t.orders", "db"] == plain.stdout.splitlines()[1].split()
    assert "there may be more" in plain.stderr
    assert {"hits": [HIT], "complete": True} == json.loads(as_json.stdout)
    assert {"text": "orders", "kind": "DATASET", "limit": 20} == heard[0].body["variables"]


def test_runs_in_both_forms() -> None:
    """A table, or runs and whether they are all; filters go into the question."""
    plain, _ = run(in_turn(page("runs", RUN, more=True)), "runs", "--limit", "1")
    as_json, heard = run(in_turn(page("runs", RUN)), "runs", "--job", "air", "j", "--state", "failed", "--json")

    assert "FAILED" == plain.stdout.splitlines()[1].split()[0]
    assert "there are more" in plain.stderr
    assert {"runs": [RUN], "complete": True} == json.loads(as_json.stdout)
    assert {"namespace": "air", "name": "j"} == heard[0].body["variables"]["job"]
    assert "FAILED" == heard[0].body["variables"]["state"]


def test_runs_of_a_job_that_nobody_heard_of_are_not_none() -> None:
    """A job without runs (in a state) has none; one that is nowhere exits 3, with what is near."""
    none = page("runs")
    idle, _ = run(in_turn(none, data(job={"name": "j"})), "runs", "--job", "air", "j")
    unknown, _ = run(in_turn(none, data(job=None), data(t0=[HIT], t1=[])), "runs", "--job", "air", "orderz")

    assert (0, "no runs\n") == (idle.exit_code, idle.stderr)
    assert (3, True) == (unknown.exit_code, "no job 'orderz' in namespace 'air'; near it:" in unknown.stderr)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    """They ask this program."""
    result = CliRunner().invoke(main, ["completion", shell])

    assert 0 == result.exit_code
    assert "_HEADWATER_COMPLETE" in result.output


def test_names_of_commands_are_completed() -> None:
    """By the list."""
    script = "from catalog.cli.main import main; main(prog_name='headwater')"
    environment = {
        **os.environ,
        "_HEADWATER_COMPLETE": "bash_complete",
        "COMP_WORDS": "headwater se",
        "COMP_CWORD": "1",
    }
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=False)

    assert ["plain,serve", "plain,search", "plain,send"] == done.stdout.split()
