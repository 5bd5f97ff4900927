"""`headwater report`: what needs no service, and what is refused before one is asked."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from catalog.cli.main import main
from catalog.reports.canonical import content_of
from catalog.reports.contents import CONTENTS
from catalog.reports.document import Facts, Report, Section, Table
from catalog.reports.keys import read_key
from catalog.reports.renderers import RENDERERS
from catalog.reports.seal import seal_of, sealed, sign
from tests.unit.reports.a_report import a_small_report

NOWHERE = "http://127.0.0.1:9"


def run(*arguments: object) -> Result:
    return CliRunner(env={"HEADWATER_URL": NOWHERE}).invoke(main, ["report", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two sealed reports in several formats, and the public key."""
    made = run("key", "--new", tmp_path / "key.pem")
    assert 0 == made.exit_code, made.output
    (tmp_path / "pub.pem").write_text(made.stdout)
    key, before = read_key(tmp_path / "key.pem"), ""
    for number in (1, 2, 3):
        report = replace(a_small_report(), title=f"Report {number}")
        content = content_of(report)
        bodies = {format_: RENDERERS[format_](report, content) for format_ in ("csv", "md")}
        seal = sign(seal_of(report, content, bodies, number=number, previous=before, at="", by=""), key)
        before = seal.hash
        for format_, body in {"json": content, **bodies}.items():
            (tmp_path / f"{number}.{format_}").write_bytes(sealed(format_, body, seal))
    (tmp_path / "key.bin").write_bytes(b"\xff\x00")
    (tmp_path / "changed.json").write_bytes((tmp_path / "1.json").read_bytes().replace(b"Report 1", b"Report 9"))
    return tmp_path


@pytest.mark.parametrize("page", ["docs/cli.md", "docs/reports.md", "README.md"])
def test_examples_set_parameters_that_there_are(page: str) -> None:
    """What a page has to copy is not refused: each `report run NAME --set PARAMETER=…` fits that report."""
    text = (Path(__file__).parents[2] / page).read_text("utf-8")
    shown = re.findall(r"headwater report run (\S+)(.*)", text)
    named = {(name, one) for name, rest in shown if name in CONTENTS for one in re.findall(r"--set (\w+)=", rest)}

    assert shown
    assert set() == {(name, one) for name, one in named if one not in {p.name for p in CONTENTS[name].parameters}}


def finding(*ids: str, days: int = 3) -> Report:
    rows = tuple((f"thing {id_}", "owner", id_) for id_ in ids)
    table = Table("What does not hold", ("Where", "Policy", "Finding"), rows)
    return replace(
        a_small_report(),
        sections=(Section("findings", "Findings", (Facts((("Days", days), ("Same", 1))), table)),),
    )


def test_files_are_verified_without_a_service(folder: Path) -> None:
    """Any format, several at once, of one chain."""
    done = run("verify", *sorted(folder.glob("[12].*")), "--key", folder / "pub.pem")

    assert (0, 6) == (done.exit_code, done.output.count("HOLDS"))


def test_a_changed_file_is_told_with_its_part(folder: Path) -> None:
    """Exit code 1, also with --json; the others hold."""
    file = folder / "1.md"
    file.write_bytes(file.read_bytes().replace(b"Report 1", b"Report 9"))
    done = run("verify", file, folder / "2.md", "--key", folder / "pub.pem", "--json")
    told = json.loads(done.stdout)["files"]

    assert (1, [False, True]) == (done.exit_code, [one["holds"] for one in told])
    assert ["content"] == [part["name"] for part in told[0]["parts"] if not part["holds"]]


def test_a_file_that_cannot_be_read_does_not_hold_and_the_others_are_looked_at(folder: Path) -> None:
    """A directory among the files is told with its name; the file behind it is verified all the same."""
    done = run("verify", folder, folder / "2.md", "--key", folder / "pub.pem", "--json")
    told = json.loads(done.stdout)["files"]

    assert (1, [False, True]) == (done.exit_code, [one["holds"] for one in told])
    assert f"{folder} cannot be read: Is a directory" == told[0]["parts"][0]["says"]


def test_seals_of_two_chains_are_told(folder: Path) -> None:
    """Each file holds, and yet one of them was put between."""
    report = a_small_report()
    forged = sign(
        seal_of(report, content_of(report), {}, number=2, previous="", at="", by=""), read_key(folder / "key.pem")
    )
    (folder / "2b.json").write_bytes(sealed("json", content_of(report), forged))
    done = run("verify", folder / "2.json", folder / "2b.json", "--key", folder / "pub.pem")

    assert 1 == done.exit_code
    assert "the chain forks" in done.output


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["verify", "{}/1.md", "--key", "{}/key.pem"], 1, "private key"),
        (["verify", "{}/none.md", "--key", "{}/pub.pem"], 1, "cannot be read"),
        (["verify", "{}/1.md", "--key", "{}/none.pem"], 1, "none.pem cannot be read: No such file"),
        (["verify", "{}/1.md", "--key", "{}/key.bin"], 1, "key.bin holds no public key"),
        (["verify", "{}/1.md"], 2, "--key"),
        (["key", "--new", "{}/key.pem"], 1, "is there already; choose another name\n"),
        (["run", "policy-compliance", "--output", "{}/1.md"], 1, "is there already"),
        (["run", "policy-compliance", "--output", "{}/report"], 2, "which format"),
        (["run", "policy-compliance", "--output", "{}/no/such/report.pdf"], 1, "no directory"),
        (["run", "policy-compliance", "--set", "months"], 2, "NAME=VALUE"),
        (["run", "policy-compliance"], 4, "no service answers"),
        (["show", "1"], 4, "no service answers"),
        (["list"], 4, "no service answers"),
        (["kinds"], 4, "no service answers"),
        (["diff", "{}/1.json", "{}/1.md"], 1, "/1.md: it cannot be read as JSON"),
        (["diff", "{}/1.json", "none.json"], 1, "none.json cannot be read: No such file"),
        (["diff", "{}/1.json", "{}/changed.json"], 1, "/changed.json: the report was changed: its content is not what"),
    ],
)
def test_what_cannot_be_done_says_so(folder: Path, arguments: list[str], code: int, says: str) -> None:
    """In words, with the exit codes of all commands, and nothing is written."""
    done = run(*(argument.format(folder) for argument in arguments))

    assert code == done.exit_code, done.output
    assert says in done.output


def test_reports_of_two_kinds_are_not_compared(tmp_path: Path) -> None:
    """Nothing of the one can be found in the other, so all of it would be new and fixed."""
    for name in ("one", "other"):
        (tmp_path / f"{name}.json").write_bytes(content_of(replace(a_small_report(), name=name)))
    done = run("diff", tmp_path / "one.json", tmp_path / "other.json")

    assert (
        1,
        "headwater: a report one and a report other say different things; two of one kind can be compared\n",
    ) == (
        done.exit_code,
        done.stderr,
    )


def test_two_reports_are_compared_by_their_findings(tmp_path: Path) -> None:
    """New, fixed, unchanged; facts and policies that changed; nothing where they say the same."""
    before, after = finding("a", "b"), replace(finding("b", "c", days=5), known_at=9)
    for name, report in (("before", before), ("after", after)):
        (tmp_path / f"{name}.json").write_bytes(content_of(report))
    done = run("diff", tmp_path / "before.json", tmp_path / "after.json", "--json")
    told = json.loads(done.stdout)
    text = run("diff", tmp_path / "before.json", tmp_path / "after.json").stdout
    same = run("diff", tmp_path / "after.json", tmp_path / "after.json").stdout

    assert (["c"], ["a"], ["b"]) == (
        [one["finding"] for one in told["new"]],
        [one["finding"] for one in told["fixed"]],
        told["unchanged"],
    )
    assert [{"section": "findings", "label": "Days", "before": 3, "after": 5}] == told["facts"]
    assert [("known at", 4711, 9)] == [(one["label"], one["before"], one["after"]) for one in told["head"]]
    assert "1 new finding, 1 fixed, 1 unchanged" in text
    assert "both say the same" in same
