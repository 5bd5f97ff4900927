"""`headwater send`: batches, refusals by file and line, and waiting."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from catalog.cli.client import Client
from catalog.cli.main import main
from catalog.cli.send import Letter, Outcome, batches, post, read_files
from tests.unit.cli_service import Answer, Heard, Script, data, in_turn, serving


def event(number: int, **more: Any) -> dict[str, Any]:
    return {"eventTime": "2024-08-06T13:26:49Z", "n": number, **more}


def lines(*events: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(e).encode() + b"\n" for e in events)


def taken(heard: Heard) -> Answer:
    """The spec's batch answer: events with `bad` are refused, `busy` ones may come again."""
    failed, receipts = [], []
    for index, sent in enumerate(heard.body):
        if "bad" in sent or "busy" in sent:
            failed.append({"index": index, "reason": "run: not an object", "retriable": "busy" in sent})
        else:
            receipts.append({"index": index, "key": f"k{sent['n']}", "sequence": sent["n"], "state": "ACCEPTED"})
    return Answer({"status": "partial_success", "failed_events": failed, "receipts": receipts})


def send(path: Path | str, *arguments: str, script: Script = taken, given: bytes = b"") -> tuple[Result, list[Heard]]:
    with serving(script) as service:
        command = ["send", str(path), *arguments, "--url", service.url]
        return CliRunner().invoke(main, command, input=given), service.heard


def test_events_go_in_batches(tmp_path: Path) -> None:
    """As many in one request as were asked for; the summary counts them all."""
    file = tmp_path / "events.ndjson"
    file.write_bytes(lines(*(event(n) for n in range(1, 6))))
    result, heard = send(file, "--batch", "2")

    assert (0, "5 accepted, 0 refused\n", "") == (result.exit_code, result.stdout, result.stderr)
    assert [[1, 2], [3, 4], [5]] == [[e["n"] for e in h.body] for h in heard]


def test_a_file_of_something_else_does_not_fill_the_screen(tmp_path: Path) -> None:
    """The first refusals are told, all are counted, and --json has them all."""
    file = tmp_path / "pipeline.yaml"
    file.write_text("- a: b\n" * 300)
    told, listed = send(file)[0], send(file, "--json")[0]

    assert (1, "0 accepted, 300 refused\n", 51) == (told.exit_code, told.stdout, len(told.stderr.splitlines()))
    assert "further refusals are counted only; --json lists them all" == told.stderr.splitlines()[-1]
    assert 300 == len(json.loads(listed.stdout)["refused"])


def test_each_refused_event_is_told_by_file_and_line(tmp_path: Path) -> None:
    """Whoever refused it, the service or we; the others are sent. Exit 1."""
    file = tmp_path / "events.ndjson"
    file.write_bytes(lines(event(1)) + b"oops\n\n" + lines(event(2, bad=True), event(3)))
    result, heard = send(file)

    assert 1 == result.exit_code
    assert "2 accepted, 2 refused\n" == result.stdout
    first, second = result.stderr.splitlines()
    assert first.startswith(f"{file}:2: not JSON")
    assert f"{file}:4: run: not an object" == second
    assert 1 == len(heard)


def test_for_programs_everything_is_in_one_document(tmp_path: Path) -> None:
    """Refusals and receipts with their lines."""
    file = tmp_path / "events.json.gz"
    file.write_bytes(gzip.compress(json.dumps([event(7), event(8, bad=True)], indent=0).encode()))
    result, _ = send(file, "--json")

    assert 1 == result.exit_code
    assert {
        "accepted": 1,
        "refused": [{"file": str(file), "line": 6, "reason": "run: not an object"}],
        "receipts": [{"file": str(file), "line": 2, "key": "k7", "sequence": 7, "state": "ACCEPTED"}],
        "sequence": 7,
    } == json.loads(result.stdout)


@pytest.mark.parametrize("packed", [False, True])
def test_standard_input_is_a_file_too(packed: bool) -> None:
    """Also packed."""
    content = lines(event(1)) + b"x\n"
    result, _ = send("-", given=gzip.compress(content) if packed else content)

    assert "1 accepted, 1 refused\n" == result.stdout
    assert result.stderr.startswith("stdin:2: not JSON")


def test_a_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    """Nothing is sent."""
    result, heard = send(tmp_path / "none")

    assert (2, []) == (result.exit_code, heard)


def test_a_file_that_cannot_be_read_is_told_and_the_next_one_sent(tmp_path: Path) -> None:
    """One bad file does not keep the others back."""
    good = tmp_path / "good"
    good.write_bytes(lines(event(1)))
    outcome = Outcome()

    letters = list(read_files([str(tmp_path), str(good)], outcome))

    assert [event(1)] == [json.loads(letter.raw) for letter in letters]
    assert "cannot be read" in outcome.refused[0]["reason"]


def test_what_may_come_again_is_sent_again() -> None:
    """Retriable failures, a bounded number of times; then they count as refused."""
    outcome = Outcome()
    waits: list[float] = []
    letters = [Letter("f", 1, b'{"n": 1}'), Letter("f", 2, b'{"n": 2, "busy": 1}')]
    with serving(taken) as service, Client(service.url) as client:
        post(client, letters, outcome, sleep=waits.append)

    assert [2, 1, 1] == [len(h.body) for h in service.heard]
    assert [1.0, 2.0] == waits
    assert (1, [2]) == (outcome.accepted, [r["line"] for r in outcome.refused])


def test_a_batch_that_is_too_large_is_halved() -> None:
    """Down to the one event that is too large by itself."""

    def script(heard: Heard) -> Answer:
        if any("huge" in e for e in heard.body):
            return Answer({"code": "TOO_LARGE", "detail": "too large", "limit": 9}, 413)
        return taken(heard)

    outcome = Outcome()
    letters = [Letter("f", n, json.dumps(event(n, **({"huge": 1} if n == 3 else {}))).encode()) for n in range(1, 5)]
    with serving(script) as service, Client(service.url) as client:
        post(client, letters, outcome)

    assert 3 == outcome.accepted
    assert [{"file": "f", "line": 3, "reason": "too large"}] == outcome.refused


def test_silence_about_an_event_is_not_success() -> None:
    """An event that the answer does not mention counts as refused."""
    outcome = Outcome()
    with serving(in_turn(Answer({"status": "success"}))) as service, Client(service.url) as client:
        post(client, [Letter("f", 1, b"{}")], outcome)

    assert (0, 1) == (outcome.accepted, len(outcome.refused))


def test_batches_are_bounded_by_bytes_too() -> None:
    """Unless one event alone is larger."""
    letters = [Letter("f", n, b"x" * size) for n, size in enumerate([5, 5, 20, 3, 3], 1)]

    assert [[1, 2], [3], [4, 5]] == [[letter.line for letter in b] for b in batches(letters, 9, most_bytes=10)]


def test_a_service_that_goes_away_says_how_far_it_was(tmp_path: Path) -> None:
    """Exit 4, the count so far, and that sending again is harmless."""
    file = tmp_path / "events"
    file.write_bytes(lines(event(1), event(2)))
    answers = [taken(Heard("", {}, [event(1)])), Answer("<html>", 502)]
    result, _ = send(file, "--batch", "1", script=in_turn(*answers))

    assert 4 == result.exit_code
    assert "(1 accepted, 0 refused so far; sending all of it again is harmless)" in result.stderr


def status(through: int, rejected: int = 0) -> Answer:
    return data(status={"appliedThrough": through, "rejected": rejected, "dead": 0})


def waiting(*answers: Answer) -> Script:
    told = in_turn(*answers)
    return lambda heard: told(heard) if heard.path == "/graphql" else taken(heard)


def test_waiting_ends_when_all_is_applied(tmp_path: Path) -> None:
    """It asks until the highest sequence received is settled, and tells what was rejected meanwhile."""
    file = tmp_path / "events"
    file.write_bytes(lines(event(9), event(4)))
    result, _ = send(file, "--wait", script=waiting(status(3), status(4), status(9, rejected=1)))

    assert 0 == result.exit_code
    assert (
        "2 accepted, 0 refused; applied through 9; "
        "1 entry rejected meanwhile, see `headwater inbox list --state rejected`\n"
    ) == result.stdout


def test_waiting_is_bounded(tmp_path: Path) -> None:
    """It gives up in time, says so, and exits 1."""
    file = tmp_path / "events"
    file.write_bytes(lines(event(9)))
    result, _ = send(file, "--wait", "--timeout", "0.2", script=waiting(status(3)))
    as_json, _ = send(file, "--wait", "--timeout", "0", "--json", script=waiting(status(3)))

    assert 1 == result.exit_code == as_json.exit_code
    assert "applied through 3 of 9 after 0.2 seconds" in result.stdout
    assert {"applied": False, "appliedThrough": 3}.items() <= json.loads(as_json.stdout).items()
