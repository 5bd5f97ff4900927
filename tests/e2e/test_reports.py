"""Reports over HTTP and on the command line: made, sealed, handed on, verified, and the same again after a restart."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.corpus import scenario
from tests.e2e.commands import run
from tests.e2e.conftest import UNJUDGED, Up
from tests.servers import plain
from tests.servers.asking import Asking

FORMATS = ("json", "csv", "html", "md", "pdf")
KINDS = "{ reportKinds { name packs parameters { name type required } } }"
LISTED = "{ reports(first: 500) { edges { node { id number files { format mediaType path } } } } }"


@pytest.fixture(scope="module")
def made(laptop: Up, tmp_path_factory: pytest.TempPathFactory) -> tuple[Up, Path]:
    """A service with some lineage, a report of it as a file, and its public key."""
    folder = tmp_path_factory.mktemp("reports")
    laptop.wait_applied(laptop.send(*scenario("CLL")))
    done = run(laptop.url, "report", "run", "policy-compliance", "--output", str(folder / "first.pdf"), "--as", "ann")
    assert 0 == done.returncode, done.stdout + done.stderr
    (folder / "pub.pem").write_text(run(laptop.url, "report", "key").stdout)
    return laptop, folder


def newest(service: Asking) -> dict[str, str]:
    found: dict[str, str] = service.ask(LISTED)["reports"]["edges"][0]["node"]
    return found


def test_every_format_is_served_and_holds(made: tuple[Up, Path]) -> None:
    """With the right type and name, never run by a browser; the files hold with the public key that is served."""
    service, folder = made
    for file in newest(service)["files"]:
        assert isinstance(file, dict)
        answer = plain.get(service.url + file["path"])
        (folder / f"all.{file['format']}").write_bytes(answer.content)
        name = f'filename="policy-compliance-{newest(service)["number"]}.{file["format"]}"'

        assert (200, file["mediaType"]) == (answer.status_code, answer.headers["content-type"])
        assert answer.headers["content-disposition"].endswith(name)
        assert "sandbox" in answer.headers["content-security-policy"]
    files = [str(folder / f"all.{format_}") for format_ in FORMATS]
    done = run("http://127.0.0.1:9", "report", "verify", *files, "--key", str(folder / "pub.pem"))

    assert (0, 5) == (done.returncode, done.stdout.count("HOLDS: policy-compliance")), done.stdout


def test_a_file_that_was_changed_is_found_on_the_command_line(made: tuple[Up, Path]) -> None:
    """One byte of the PDF."""
    _, folder = made
    file = bytearray((folder / "first.pdf").read_bytes())
    file[len(file) // 2] ^= 1
    (folder / "changed.pdf").write_bytes(file)
    done = run("http://127.0.0.1:9", "report", "verify", str(folder / "changed.pdf"), "--key", str(folder / "pub.pem"))

    assert 1 == done.returncode
    assert "NO  content: the report was changed" in done.stdout


def test_the_chain_that_the_service_has_is_whole(made: tuple[Up, Path]) -> None:
    """Signatures, numbers, links."""
    service, folder = made
    done = run(service.url, "report", "chain", "--key", str(folder / "pub.pem"), "--json")

    assert {"holds": True, "faults": []}.items() <= json.loads(done.stdout).items()


def test_reports_are_compared_over_graphql(made: tuple[Up, Path]) -> None:
    """As `report diff` does; one that is not there is null."""
    service, _ = made
    asked = (
        "{ reportDiff(before: %s, after: %s) { before { number } empty new fixed unchanged head policies facts rows } }"
    )
    told = service.ask(asked % ('"1"', '"1"'))["reportDiff"]

    assert {"before": {"number": 1}, "empty": True, "new": [], "fixed": [], "head": []}.items() <= told.items()
    assert told["unchanged"]
    assert None is service.ask(asked % ('"1"', '"99"'))["reportDiff"]


def test_what_is_wrong_with_an_order_is_said_at_once(made: tuple[Up, Path]) -> None:
    """By the door, in words; a report that cannot be made fails in the worker's words."""
    service, _ = made
    for arguments, code, says in (
        (["run", "gdpr-art31"], 3, "did you mean"),
        (["run", "policy-compliance", "--pack", "gdrp"], 3, "did you mean"),
        (["list", "--name", "gdpr-art31"], 3, "did you mean"),
        (["run", "policy-compliance", "--set", "colour=red"], 1, "no parameter"),
        (["run", "policy-compliance", "--known-at", "99999"], 1, "not applied yet"),
        (["run", "policy-compliance", "--as-of", "9999-01-01"], 1, "is not yet"),
        (["run", "policy-compliance", "--set", "domain=nowhere"], 1, "no domain"),
    ):
        done = run(service.url, "report", *arguments)

        assert (code, True) == (done.returncode, says in done.stderr), done.stderr


def test_doors_of_reports_refuse_in_words(made: tuple[Up, Path]) -> None:
    """No such report, no such format, no such key: never a 500."""
    service, _ = made
    at = f"{service.url}/api/v1/reports"
    answers = [
        plain.get(f"{at}/{path}")
        for path in ("999", "x" * 500, "1?format=exe", "key?id=none", "chain?first=0x1", "%00", "%F0%9F%98%80")
    ]

    assert [404, 404, 400, 404, 400, 404, 404] == [answer.status_code for answer in answers]
    assert all("detail" in answer.json() for answer in answers)


def test_kinds_are_told_with_their_parameters(made: tuple[Up, Path]) -> None:
    """All eight."""
    service, _ = made
    kinds = service.ask(KINDS)["reportKinds"]

    assert 8 == len(kinds)
    assert {"entity"} == {
        p["name"] for k in kinds if k["name"] == "lineage-evidence" for p in k["parameters"] if p["required"]
    }


@pytest.mark.slow
def test_the_same_moment_gives_the_same_files_after_a_restart(start: Callable[..., Up], tmp_path: Path) -> None:
    """The service stops and comes back, more is sent, and each format is the same bytes; the key stays, too."""
    up = start(env=UNJUDGED).wait_up()
    up.wait_applied(up.send(*scenario("CLL")))
    first = run(up.url, "report", "run", "policy-compliance", "--json")
    told, files = json.loads(first.stdout), {}
    for format_ in FORMATS:
        run(up.url, "report", "show", told["id"], "--output", str(tmp_path / f"first.{format_}"))
        files[format_] = (tmp_path / f"first.{format_}").read_bytes()
    key = run(up.url, "report", "key").stdout
    up.stop()
    again = start(data=up.data, env=UNJUDGED).wait_up()
    again.wait_applied(again.send(*scenario("airflow")))
    moment = ["--as-of", told["asOf"], "--known-at", str(told["knownAt"])]

    assert key == run(again.url, "report", "key").stdout
    assert told == json.loads(run(again.url, "report", "run", "policy-compliance", *moment, "--json").stdout)
    for format_ in FORMATS:
        output = tmp_path / f"second.{format_}"
        done = run(again.url, "report", "show", told["id"], "--output", str(output))
        assert 0 == done.returncode, done.stderr
        assert files[format_] == output.read_bytes()
