"""The command line against a running service, as its exit codes and JSON promise."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from catalog.graph.embedded import free_port
from tests.corpus import scenario
from tests.e2e.commands import apart, run
from tests.servers.asking import Asking, wait_for


def _rejected(service: Asking, event: dict[str, Any]) -> str:
    """Send an event that cannot be understood; its key, once it is listed."""
    sent = run(service.url, "send", "-", "--json", stdin=json.dumps(event))
    assert 0 == sent.returncode, sent.stdout + sent.stderr
    (receipt,) = json.loads(sent.stdout)["receipts"]
    service.wait_applied(receipt["sequence"], 90)
    edges = service.ask("{ inbox(state: REJECTED) { edges { node { key } } } }")["inbox"]["edges"]
    assert receipt["key"] in [edge["node"]["key"] for edge in edges]
    key: str = receipt["key"]
    return key


@pytest.fixture(scope="module")
def filled(service: Asking, tmp_path_factory: pytest.TempPathFactory) -> Asking:
    """The service, filled by `headwater send`."""
    path = tmp_path_factory.mktemp("events") / "cll.ndjson"
    path.write_text("\n".join(json.dumps(event) for event in scenario("CLL")))
    sent = run(service.url, "send", str(path), "--wait", "--json")
    assert 0 == sent.returncode, sent.stderr
    return service


def test_lineage_json_has_the_promised_members(filled: Asking) -> None:
    """Root, nodes, edges, and every honesty field."""
    done = run(filled.url, "lineage", "file", "/tmp/cll_test/tbl1", "--json")
    answer: dict[str, Any] = json.loads(done.stdout)

    assert 0 == done.returncode
    assert {"root", "nodes", "edges", "complete", "truncatedBy", "frontier", "sequence", "appliedThrough"} <= set(
        answer
    )
    assert {"id", "kind", "namespace", "name"} <= set(answer["nodes"][0])
    assert {"source", "target", "kind"} <= set(answer["edges"][0])
    ends = {edge[end] for edge in answer["edges"] for end in ("source", "target")}
    assert ends <= {node["id"] for node in answer["nodes"]}
    assert answer["complete"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("lineage", "file", "/tmp/cll_test/tbl1"), ("tbl1", "cll_source1", "COMPLETED", "complete: 9 nodes")),
        (("lineage", "file", "/tmp/cll_test/tbl1", "--field", "agg"), ("agg", "AGGREGATION", "INDIRECT/GROUP_BY")),
        (("lineage", "file", "/tmp/cll_test/cll_source1", "--direction", "both"), ("upstream", "downstream")),
        (("lineage", "file", "/tmp/cll_test/tbl1", "--depth", "1"), ("truncated by DEPTH",)),
        (("lineage", "file", "/tmp/cll_test/tbl1", "--latest", "--origin", "observed"), ("cll_source1",)),
        (("lineage", "file", "/tmp/cll_test/tbl1", "--known-at", "0"), ("complete: 1 node", "as known at sequence 0")),
        (("show", "dataset", "file", "/tmp/cll_test/tbl1"), ("written by: ", "COLUMN", "FACET")),
        (("diff", "file", "/tmp/cll_test/tbl1", "--from", "@0"), ("+ READS  dataset", "(told by run ", "0 removed")),
        (("diff", "file", "/tmp/cll_test/tbl1", "--from", "@0", "--to", "@0"), ("nothing changed",)),
        (("search", "cll", "source"), ("/tmp/cll_test/cll_source1", "dataset")),
        (("runs", "--state", "COMPLETED", "--limit", "3"), ("COMPLETED",)),
        (("inbox", "list", "--limit", "1000"), ("APPLIED", "RunEvent")),
        (("doctor",), ("ok", "answers")),
    ],
)
def test_people_see_what_they_asked_for(filled: Asking, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    """Trees and tables, exit code 0."""
    done = run(filled.url, *arguments)

    assert 0 == done.returncode, done.stderr
    assert [] == [word for word in words if word not in done.stdout + done.stderr]


def test_exit_codes_tell_apart_what_went_wrong(filled: Asking) -> None:
    """Of a process: 2 wrong usage, 3 not found, 4 no service, 1 refused."""
    codes = [
        apart(filled.url, "lineage", "file").returncode,
        apart(filled.url, "lineage", "file", "/tmp/no-such-thing").returncode,
        apart(f"http://127.0.0.1:{free_port()}", "search", "x").returncode,
        apart(filled.url, "send", "-", stdin='{"no": "event"}').returncode,
    ]

    assert [2, 3, 4, 1] == codes


def test_not_found_names_what_is_near(filled: Asking) -> None:
    """A typing mistake costs one look, not a search."""
    done = run(filled.url, "lineage", "file", "/tmp/cll_test/cll_source")

    assert "/tmp/cll_test/cll_source1" in done.stderr


def test_an_entry_is_followed_from_receipt_to_reason(filled: Asking) -> None:
    """send -> show by the beginning of its key -> retry."""
    bad = {"eventTime": "yesterday", "job": {"namespace": "cli", "name": "x"}, "run": {"runId": "1"}}
    key = _rejected(filled, bad)
    shown = run(filled.url, "inbox", "show", key[:12])
    again = run(filled.url, "inbox", "retry", key)

    assert "ISO-8601" in shown.stdout
    assert 0 == again.returncode, again.stderr


def test_a_rejected_event_is_shown_corrected_and_purged(filled: Asking) -> None:
    """show --event -> edit, which gives a new entry that names the old one and is applied -> purge, which is said."""
    bad = {"eventTime": "soon", "job": {"namespace": "cli", "name": "edited"}, "run": {"runId": "77"}}
    old = _rejected(filled, bad)
    shown = json.loads(run(filled.url, "inbox", "show", old, "--event").stdout)
    unchanged = run(filled.url, "inbox", "edit", old, "--file", "-", stdin=json.dumps(bad))
    good = json.dumps({**shown, "eventTime": "2026-03-01T12:00:00Z"})
    edited = json.loads(run(filled.url, "inbox", "edit", old[:12], "--file", "-", "--json", stdin=good).stdout)
    new = edited["receipt"]["key"]
    filled.wait_applied(edited["receipt"]["sequence"])
    links = filled.ask(
        "query ($o: String!, $n: String!) {"
        " old: ingestion(key: $o) { editedAs edits state }"
        " new: ingestion(key: $n) { editedAs edits state run { runId } job { namespace name } dataset { name } } }",
        o=old,
        n=new,
    )
    again = run(filled.url, "inbox", "edit", new, "--file", "-", stdin=good)
    replayed = run(filled.url, "inbox", "replay", new)
    page = "mutation ($b: String!) { purgePayloads(state: REJECTED, before: $b, dryRun: false) { entries endCursor } }"
    filled.ask(page, b="2100-01-01T00:00:00Z")
    purged = run(filled.url, "inbox", "show", old)
    gone = [run(filled.url, "inbox", *words, old) for words in (("show", "--event"), ("replay",))]

    assert bad == shown
    assert 1 == unchanged.returncode and "nothing was changed" in unchanged.stderr
    assert {
        "old": {"editedAs": [new], "edits": None, "state": "REJECTED"},
        "new": {
            "editedAs": [],
            "edits": old,
            "state": "APPLIED",
            "run": {"runId": "77"},
            "job": {"namespace": "cli", "name": "edited"},
            "dataset": None,
        },
    } == links
    assert 1 == again.returncode and "only REJECTED or DEAD" in again.stderr
    assert 0 == replayed.returncode and "applied already" in replayed.stdout
    assert "purged    its event" in purged.stdout and f"edited as {new}" in purged.stdout
    assert [1, 1] == [done.returncode for done in gone]
    assert all("purged" in done.stderr for done in gone)


def test_an_import_is_cut_off_and_goes_on(filled: Asking, tmp_path: Path) -> None:
    """kill -9 in the middle; the same command again brings in the rest, and everything is there once."""
    events = [
        {
            "eventTime": f"2026-03-01T12:{n // 60 % 60:02}:{n % 60:02}Z",
            "eventType": "COMPLETE",
            "job": {"namespace": "import", "name": f"j{n % 7}"},
            "run": {"runId": f"import-{n}"},
        }
        for n in range(1_200)
    ]
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "array.json.gz").write_bytes(gzip.compress(json.dumps(events[:600]).encode()))
    (tmp_path / "lines.ndjson").write_text("\n".join(json.dumps(event) for event in events[600:]))
    state = tmp_path / "state"
    words = ["import", "openlineage", str(tmp_path), "--batch", "50", "--resume", str(state), "--json"]
    env = {**os.environ, "HEADWATER_URL": filled.url}
    first = subprocess.Popen([sys.executable, "-m", "catalog.cli.main", *words], env=env, stdout=subprocess.DEVNULL)
    wait_for(state.exists)
    first.kill()
    first.wait()
    done = run(filled.url, *words)
    again = run(filled.url, "import", "openlineage", str(tmp_path / "deep"))
    answer = json.loads(done.stdout)
    filled.wait_applied(answer["sequence"], 90)
    found = filled.ask(
        '{ runs(job: {namespace: "import", name: "j0"}, first: 500) { edges { node { runId } } } }',
    )

    assert 0 == done.returncode, done.stderr
    assert 1_200 >= answer["new"] + answer["known"] >= 1_150
    assert 0 == answer["refused"]
    assert again.stdout.startswith("0 new, 600 known")
    assert len(events[::7]) == len({edge["node"]["runId"] for edge in found["runs"]["edges"]})


def test_a_missing_file_is_said(filled: Asking, tmp_path: Path) -> None:
    """With its name, and no stack trace."""
    done = run(filled.url, "send", str(tmp_path / "nope.json"))

    assert 0 != done.returncode
    assert "nope.json" in done.stderr
    assert "Traceback" not in done.stderr
