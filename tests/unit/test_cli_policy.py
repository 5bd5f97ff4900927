"""`headwater policy`: no server, exit codes for CI."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from catalog.cli.main import main


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["policy", *arguments])


def test_the_list_says_that_it_is_no_legal_advice() -> None:
    """Each pack with its page and its policies."""
    done = run("list", "--pack", "hygiene")

    assert 0 == done.exit_code
    assert "no legal advice" in done.stdout
    assert "hygiene.dataset.owner " in done.stdout


def test_packs_are_listed_by_name_or_all_of_them() -> None:
    """`all` stands for every pack, here as elsewhere; a name nobody knows is told the nearest."""
    whole, all_ = run("list", "--json"), run("list", "--pack", "all", "--json")
    unknown = run("list", "--pack", "gpdr")

    assert (0, whole.stdout) == (all_.exit_code, all_.stdout)
    assert (3, True) == (unknown.exit_code, "no pack is called 'gpdr'; did you mean gdpr" in unknown.stderr)


@pytest.mark.parametrize("command", ["show", "explain"])
def test_a_file_in_the_place_of_a_name_is_told_where_it_goes(tmp_path: Path, command: str) -> None:
    """With the names that are in it; wrong usage, not an unknown name."""
    file = tmp_path / "new.yaml"
    file.write_text(run("new", "a.b").stdout)
    done = run(command, str(file))

    assert (2, True) == (done.exit_code, f"write a.b --file {file}" in done.stderr)
    assert 0 == run(command, "a.b", "--file", str(file)).exit_code
    assert "no policy is called 'a.c' in " in run(command, "a.c", "--file", str(file)).stderr
    assert (1, True) == (
        (gone := run(command, "a.b", "--file", f"{file}.gone")).exit_code,
        "no such file" in gone.stderr,
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("secret words of a letter", "a text is no document; expected an object with a `kind`"),
        ("- kind: Policy", "a list is no document"),
        ("kind: Dataset\nnamespace: db\nname: orders", "has no policy: there are other documents only"),
    ],
)
def test_what_is_no_policy_is_no_success(tmp_path: Path, text: str, told: str) -> None:
    """It is said what it is, not what stands in it; a wrong path must not make CI green."""
    file = tmp_path / "other.yaml"
    file.write_text(text)
    done = run("test", str(file))

    assert (1, True, False) == (done.exit_code, told in done.output, "secret" in done.output), done.output


def test_a_policy_is_shown_as_a_page() -> None:
    """What breaks, why, what to do, source, rule and cases."""
    done = run("show", "hygiene.dataset.owner")

    assert 0 == done.exit_code
    titles = ["What breaks", "Why it matters", "What to do", "Source", "Rule", "Cases"]
    assert titles == [line for line in done.stdout.splitlines() if line in titles]


@pytest.mark.parametrize("engine", ["cel-cpp", "cel-python"])
@pytest.mark.parametrize("kind", ["entity", "flow", "aggregate", "change"])
def test_a_new_policy_passes_its_own_cases(tmp_path: Path, kind: str, engine: str) -> None:
    """What is printed to begin with is no broken example."""
    file = tmp_path / "new.yaml"
    file.write_text(run("new", "a.b", "--type", kind).stdout)
    done = run("test", str(file), "--engine", engine, "--json")

    assert (0, ["a.b"], []) == (done.exit_code, *(json.loads(done.stdout)[key] for key in ("policies", "problems")))


@pytest.mark.parametrize("name", ["Bad Name", "", " a", "a//b"])
def test_a_name_that_no_policy_should_have_is_refused(name: str) -> None:
    """In words, exit 2; nothing is printed that could be taken for a policy."""
    done = run("new", name)

    assert (2, "") == (done.exit_code, done.stdout)
    assert "Invalid value for 'NAME'" in done.stderr


@pytest.mark.parametrize("command", ["show", "explain"])
def test_a_policy_that_is_misspelled_is_told_the_nearest(command: str) -> None:
    """By both commands alike."""
    done = run(command, "hygiene.dataset.owne")

    assert (3, True) == (done.exit_code, "did you mean hygiene.dataset.owner" in done.stderr)


def test_a_refused_policy_is_told_and_exits_with_1(tmp_path: Path) -> None:
    """With its file and line."""
    file = tmp_path / "bad.yaml"
    file.write_text(run("new", "a.b").stdout.replace("dataset.owners", "dataset.ownrs"))
    done = run("test", str(file))

    assert 1 == done.exit_code
    assert f"{file}:11:9: policy a.b: `assert`, at 1:14 in it: `dataset` has no member `ownrs`" in done.stdout


def test_a_case_is_explained_part_by_part() -> None:
    """Each expression with its value, cut at its outermost `&&` and `||`."""
    done = run("explain", "hygiene.dataset.fresh", "--case", "retired", "--json")
    (told,) = json.loads(done.stdout)

    assert ("NOT_APPLICABLE", ["false", "true", "true", "false"]) == (
        told["actual"],
        [step["value"] for step in told["steps"]],
    )


def test_days_of_law_are_listed() -> None:
    """As policies take them, with what is not sure of them."""
    done = run("law")

    assert 0 == done.exit_code
    assert "ai-act.high_risk " in done.stdout
    assert "2027-12-02" in done.stdout
    assert {"EU AI Act", "GDPR", "HIPAA", "CCPA"} <= {
        one["instrument"] for one in json.loads(run("law", "--json").stdout)
    }


def test_validate_runs_the_cases_of_policies(tmp_path: Path) -> None:
    """One that does not do what it says is a problem of its file, at its place; one that is switched off is none."""
    body = "kind: Policy\nname: p\nversion: '1'\nseverity: low\ntype: entity\ntarget: dataset\n"
    body += "assert: dataset.nme == 'x'\n"
    (tmp_path / "p.yaml").write_text(body)
    (tmp_path / "q.yaml").write_text(body.replace("name: p", "name: q\nlifecycle: retired"))
    done = CliRunner().invoke(main, ["validate", str(tmp_path)])

    assert 1 == done.exit_code
    assert f"{tmp_path}/p.yaml:7:9: policy p: `assert`, at 1:9 in it: `dataset` has no member `nme`" in done.output
    assert "q.yaml" not in done.output
