"""`headwater import openlineage`: files and folders in bulk, and a place to go on from."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from catalog.cli.main import main
from tests.unit.cli_service import Answer, Heard, Script, serving


def event(number: int, **more: Any) -> dict[str, Any]:
    return {"eventTime": "2024-08-06T13:26:49Z", "n": number, **more}


def lines(*events: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(e).encode() + b"\n" for e in events)


def service() -> Script:
    """Knows an event the second time it comes; refuses those that are `bad`."""
    known: set[int] = set()

    def answer(heard: Heard) -> Answer:
        failed, receipts = [], []
        for index, sent in enumerate(heard.body):
            if "bad" in sent:
                failed.append({"index": index, "reason": "run: not an object", "retriable": False})
                continue
            receipt = {"index": index, "key": f"k{sent['n']}", "sequence": sent["n"], "state": "ACCEPTED"}
            receipts.append({**receipt, "created": sent["n"] not in known})
            known.add(sent["n"])
        return Answer({"failed_events": failed, "receipts": receipts})

    return answer


def bring(*arguments: str, script: Script | None = None, given: bytes = b"") -> tuple[Result, list[Heard]]:
    with serving(script or service()) as running:
        command = ["import", "openlineage", *arguments, "--url", running.url]
        return CliRunner().invoke(main, command, input=given), running.heard


def numbers(heard: list[Heard]) -> list[int]:
    return [sent["n"] for request in heard for sent in request.body]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Events one to six in three files of two folders, and things that are no events."""
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / "a.ndjson").write_bytes(lines(event(1), event(2)))
    (tmp_path / "b" / "c" / "x.json.gz").write_bytes(gzip.compress(json.dumps([event(5), event(6)]).encode()))
    (tmp_path / "b" / "b.jsonl").write_bytes(lines(event(3), event(4)))
    (tmp_path / "README.md").write_text("about these")
    (tmp_path / ".hidden.json").write_text("{}")
    return tmp_path


def test_folders_are_read_in_the_order_of_names(folder: Path) -> None:
    """Those in them too; what is no file of events is passed over, and said."""
    result, heard = bring(str(folder), "--batch", "4")

    assert (0, "6 new, 0 known, 0 refused; 2 other files passed over\n") == (result.exit_code, result.stdout)
    assert [1, 2, 3, 4, 5, 6] == numbers(heard)
    assert [4, 2] == [len(request.body) for request in heard]


def test_what_is_known_is_counted_apart(folder: Path) -> None:
    """Importing again is harmless; a named file is read whatever it is called."""
    script = service()
    bring(str(folder / "a.ndjson"), script=script)
    (folder / "a.ndjson").rename(folder / "events")
    result, _ = bring(str(folder / "events"), "-", "--json", script=script, given=lines(event(7)))

    assert {
        "new": 1,
        "known": 2,
        "refused": 0,
        "refusals": [],
        "passedOver": 0,
        "sequence": 7,
    } == json.loads(result.stdout)


def test_refusals_have_file_line_and_reason(tmp_path: Path) -> None:
    """Exit 1, and the rest is in."""
    file = tmp_path / "events.ndjson"
    file.write_bytes(lines(event(1)) + b"oops\n" + lines(event(2, bad=True), event(3)))
    result, _ = bring(str(file))

    assert 1 == result.exit_code
    assert "2 new, 0 known, 2 refused\n" == result.stdout
    first, second = result.stderr.splitlines()
    assert first.startswith(f"{file}:2: not JSON")
    assert f"{file}:3: run: not an object" == second


def test_an_interrupted_import_goes_on(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Behind the last batch that was stored; counts go through; later it takes what was added."""
    state = tmp_path_factory.mktemp("state") / "state"
    (folder / "b" / "b.jsonl").write_bytes(lines(event(3)) + b"oops\n" + lines(event(4)))
    script = service()
    left = [2]

    def breaking(heard: Heard) -> Answer:
        left[0] -= 1
        return script(heard) if left[0] >= 0 else Answer("nonsense", 500)

    arguments = (str(folder), "--batch", "2", "--resume", str(state))
    broken, first = bring(*arguments, script=breaking)
    whole, second = bring(*arguments, script=script)
    (folder / "z.json").write_bytes(lines(event(9)))
    again, third = bring(*arguments, script=script)

    assert 4 == broken.exit_code
    assert f"--resume {state} goes on from here" in broken.stderr
    assert [1, 2, 3, 4, 5, 6] == numbers(first)
    assert [5, 6] == numbers(second)
    assert "6 new, 0 known, 1 refused; 2 other files passed over\n" == whole.stdout
    assert [9] == numbers(third)
    assert again.stdout.startswith("7 new, 0 known, 1 refused")


def test_a_state_that_is_none_is_said(folder: Path, tmp_path: Path) -> None:
    """It is not written over."""
    (tmp_path / "state").write_text("mine")
    result, heard = bring(str(folder), "--resume", str(tmp_path / "state"))

    assert 1 == result.exit_code
    assert "is no state of an import" in result.stderr
    assert [] == heard
    assert "mine" == (tmp_path / "state").read_text()


def test_a_busy_service_is_waited_for(folder: Path) -> None:
    """503 is back-pressure, not an end."""
    script, left = service(), [9]

    def busy(heard: Heard) -> Answer:
        left[0] -= 1
        problem = {"code": "OVERLOADED", "detail": "later"}
        return script(heard) if left[0] < 0 else Answer(problem, 503, {"Retry-After": "0"})

    result, _ = bring(str(folder), script=busy)

    assert (0, 6) == (result.exit_code, int(result.stdout.split()[0]))
