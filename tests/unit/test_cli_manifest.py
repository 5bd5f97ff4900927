"""`headwater validate` and `headwater manifest`: no server, exit codes for CI, places that editors understand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from catalog.cli.main import main
from catalog.cli.render import Screen
from catalog.cli.validate import text
from catalog.manifest.load import load

GOOD = "kind: Team\nname: a\nmembers: [person:x, person:y]\n"
BAD = "kind: Team\nname: b\nowmers: []\n"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "bad.yaml").write_text(BAD)
    return tmp_path


def test_a_good_manifest_is_said_to_be_one(folder: Path) -> None:
    """Exit code 0, and how much was read."""
    done = run("validate", str(folder / "good.yaml"))

    assert (0, "1 document in 1 file: no problems\n") == (done.exit_code, done.stdout)


def test_files_without_documents_are_told(folder: Path) -> None:
    """Beside others in a notice; where there is nothing else they are the fault, as a directory without files is."""
    empty, said = folder / "empty.yaml", "the file has no documents"
    empty.write_text("# nothing yet\n")
    beside = run("validate", str(folder / "good.yaml"), str(empty))
    alone = run("validate", str(empty))
    as_json = run("validate", str(empty), "--json")
    told = json.loads(as_json.stdout)

    assert (0, "1 document in 2 files: no problems\n") == (beside.exit_code, beside.stdout)
    assert f"{empty}: {said}\n" == beside.stderr
    assert (1, f"{empty}: {said}\n") == (alone.exit_code, alone.stdout)
    assert (1, False, [str(empty)]) == (as_json.exit_code, told["valid"], told["empty"])


def test_a_bad_one_is_told_where_it_is_bad(folder: Path) -> None:
    """Exit code 1; problems on standard output, a line each, for editors and CI; the count beside it."""
    done = run("validate", str(folder))

    assert 1 == done.exit_code
    assert f"{folder}/bad.yaml:3:1: unknown field 'owmers'; did you mean owners?\n" == done.stdout
    assert "1 problem; 1 document in 2 files could be read\n" == done.stderr


def test_programs_get_the_parts(folder: Path) -> None:
    """`--json` has the place, what is wrong, what was expected and the nearest name apart."""
    done = run("validate", str(folder / "bad.yaml"), "--json")
    told = json.loads(done.stdout)

    assert 1 == done.exit_code
    assert {"valid": False, "manifest": None, "files": 1, "documents": 0} == {k: told[k] for k in list(told)[:4]}
    assert [
        {
            "file": f"{folder}/bad.yaml",
            **{"line": 3, "column": 1, "message": "unknown field 'owmers'", "expected": "", "nearest": "owners"},
            "text": "unknown field 'owmers'; did you mean owners?",
        }
    ] == told["problems"]


def test_a_terminal_shows_the_line_and_a_mark(folder: Path) -> None:
    """The source line stands below the problem, with a mark under the place; control characters do nothing."""
    (folder / "odd.yaml").write_text("kind: Team\nname: a\ncustom: {\u009b31m: x\n")
    (problem,) = load(folder / "bad.yaml").problems
    (odd,) = load(folder / "odd.yaml").problems

    shown = text(problem, Screen(width=80)).splitlines()
    assert ["    owmers: []", "    ^"] == shown[1:]
    assert "\u009b" not in text(odd, Screen(width=80))


def test_two_manifests_are_compared_by_meaning(tmp_path: Path) -> None:
    """Order in sets and comments make no difference; what does is told field by field."""
    old, same, new = tmp_path / "old.yaml", tmp_path / "same.yaml", tmp_path / "new.yaml"
    old.write_text(GOOD + "---\nkind: Tag\nname: gone\n")
    same.write_text("# again\n---\nkind: Tag\nname: gone\n---\nmembers: [y, x, y]\nname: a\nkind: Team\n")
    new.write_text("kind: Team\nname: a\nmembers: [person:x]\ndescription: words\n---\nkind: Tag\nname: born\n")

    assert (0, "no difference\n") == (lambda done: (done.exit_code, done.stdout))(
        run("manifest", "diff", str(old), str(same), "--exit-code")
    )
    done = run("manifest", "diff", str(old), str(new), "--exit-code")
    assert 1 == done.exit_code
    assert (
        "+ Tag born\n"
        "- Tag gone\n"
        "~ Team a\n"
        '    description: - -> "words"\n'
        '    members: ["person:x", "person:y"] -> ["person:x"]\n'
        "3 entities: 1 only in the new, 1 only in the old, 1 changed\n"
    ) == done.stdout
    told = json.loads(run("manifest", "diff", str(old), str(new), "--json").stdout)
    assert [("CREATE", "Tag"), ("REMOVE", "Tag"), ("UPDATE", "Team")] == [(c["action"], c["kind"]) for c in told]
    assert ["description", "members"] == [field["path"] for field in told[2]["fields"]]


def test_what_cannot_be_read_is_not_compared(folder: Path) -> None:
    """A difference to a broken manifest would be no answer: its problems are told instead."""
    done = run("manifest", "diff", str(folder / "good.yaml"), str(folder / "bad.yaml"))

    assert (1, "") == (done.exit_code, done.stdout)
    assert "bad.yaml:3:1: unknown field 'owmers'" in done.stderr


def test_kinds_and_their_schemas_are_printed() -> None:
    """Every kind has a line and a schema; a misspelt one is told the nearest."""
    kinds = [kind["kind"] for kind in json.loads(run("manifest", "kinds", "--json").stdout)]
    assert 24 == len(kinds)
    for kind in (*kinds, "document"):
        assert kind.lower() == json.loads(run("manifest", "schema", kind).stdout)["title"].lower()

    done = run("manifest", "schema", "Datset")
    assert (2, True) == (done.exit_code, "did you mean Dataset?" in done.stderr)
