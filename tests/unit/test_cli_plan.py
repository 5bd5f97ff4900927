"""`plan`, `apply`, `drift`, `export`, `init` and `manifests` against a service that answers as it was told to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from catalog.cli.plan_text import drift_text, plan_text
from tests.unit.cli_service import Answer, Heard, data, in_turn, run

TEAM = {"kind": "Team", "name": "sales"}
ITEM = {
    "type": "SCHEMA",
    "kind": "Dataset",
    "namespace": "db",
    "name": "orders",
    "path": "fields[id]",
    "declared": "long",
    "observed": None,
    "since": "2026-03-01T12:00:00.000000Z",
    "entry": "ab" * 32,
    "mend": "declare it",
}


def told(*changes: dict[str, Any], obstacles: tuple[str, ...] = ()) -> dict[str, Any]:
    counts = {verb: sum(c["action"] == verb.upper() for c in changes) for verb in ("create", "update", "remove")}
    return {
        "headwater": "plan/v1",
        "manifest": "shop",
        "base": "",
        "owned": 2,
        "removable": 0.2,
        "changes": list(changes),
        "checksum": "00",
        "summary": {**counts, "unchanged": 2, "edgesAdded": 0, "edgesRemoved": 0},
        "effects": [],
        "obstacles": [{"type": "CLAIMED", "key": None, "message": message} for message in obstacles],
    }


def change(action: str, name: str, before: Any, after: Any) -> dict[str, Any]:
    return {"action": action, "kind": "Team", "namespace": "", "name": name, "before": before, "after": after}


CREATE = change("CREATE", "sales", None, TEAM)
UPDATE = change("UPDATE", "risk", {"description": "a"}, {"description": "b"})
APPLIED = {"entry": {"key": "cd" * 32, "sequence": 7, "state": "APPLIED"}, "again": False}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "headwater.yaml").write_text("kind: Manifest\nname: shop\nmaxRemovedShare: 0.5\n")
    (tmp_path / "teams.yaml").write_text("kind: Team\nname: sales\n")
    return tmp_path


def asked(*arguments: str, answers: tuple[Answer, ...]) -> tuple[Result, list[Heard]]:
    return run(in_turn(*answers), *arguments)


def test_a_plan_is_asked_for_and_shown(folder: Path) -> None:
    """What the files say goes to the service; changes, their places and a summary come out; exit codes as asked for."""
    answer = Answer(told(CREATE, UPDATE))
    plain, heard = asked("plan", str(folder), answers=(answer,))
    detailed, _ = asked("plan", str(folder), "--detailed-exitcode", answers=(answer,))
    nothing, _ = asked("plan", str(folder), "--detailed-exitcode", answers=(Answer(told()),))
    stopped, _ = asked("plan", str(folder), answers=(Answer(told(CREATE, obstacles=("is taken",))),))

    assert ["/api/v1/manifests/plan"] == [h.path for h in heard]
    heading = {"maxRemovedShare": 0.5}
    assert {"manifest": "shop", "documents": [TEAM], "removable": 0.5, "heading": heading} == heard[0].body
    assert [0, 2, 0, 1] == [result.exit_code for result in (plain, detailed, nothing, stopped)]
    assert "+ Team sales" in plain.output and "teams.yaml:1:1" in plain.output
    assert "~ Team risk\n    description: a -> b\n" in plain.output
    assert "shop: 1 to create, 1 to update, 0 to remove, 2 unchanged" in plain.output
    assert "shop: nothing to change, 2 entities as declared" in nothing.output
    assert "! is taken" in stopped.output


def test_a_changed_head_is_a_change(folder: Path) -> None:
    """What a manifest says of itself is shown with both its sides, and counts for the exit code."""
    made = {**told(), "heading": {"before": {"description": "old"}, "after": {"maxRemovedShare": 0.5}}}
    shown, _ = asked("plan", str(folder), "--detailed-exitcode", answers=(Answer(made),))

    assert 2 == shown.exit_code
    assert (
        "~ the manifest's head\n    description: old -> nothing\n    maxRemovedShare: nothing -> 0.5\n" in shown.output
    )


def test_a_kept_plan_is_applied_as_it_is(folder: Path) -> None:
    """--out writes what the service said; apply sends just that, with the name of who applies."""
    kept = folder / "shop.plan"
    asked("plan", str(folder), "--out", str(kept), answers=(Answer(told(CREATE)),))
    result, heard = asked("apply", str(kept), "--as", "ada ö", answers=(Answer(APPLIED),))

    assert 0 == result.exit_code, result.output
    assert ["/api/v1/manifests/apply"] == [h.path for h in heard]
    assert {"plan": told(CREATE)} == heard[0].body
    assert "ada %C3%B6" == heard[0].headers["x-headwater-as"]
    assert "shop: applied as entry 7, cdcdcdcdcdcd" in result.output


def test_nothing_is_applied_that_nobody_agreed_to(folder: Path) -> None:
    """Without a terminal it needs --yes; with it the plan is shown and sent; obstacles stop it."""
    refused, heard = asked("apply", str(folder), answers=(Answer(told(CREATE)),))
    agreed, sent = asked("apply", str(folder), "--yes", answers=(Answer(told(CREATE)), Answer(APPLIED)))
    stopped, unsent = asked(
        "apply", str(folder), "--yes", answers=(Answer(told(CREATE, obstacles=("is taken",))), Answer(APPLIED))
    )

    assert (1, True) == (refused.exit_code, "--yes" in refused.output)
    assert 0 == agreed.exit_code and "+ Team sales" in agreed.output
    assert (1, True) == (stopped.exit_code, "is taken" in stopped.output)
    assert [1, 2, 1] == [len(some) for some in (heard, sent, unsent)]


def test_an_apply_waits_for_its_entry(folder: Path) -> None:
    """While the entry is ACCEPTED it asks on; a rejected one is an error with its reason."""
    waiting = Answer({**APPLIED, "entry": {**APPLIED["entry"], "state": "ACCEPTED"}})  # type: ignore[dict-item]

    def state(name: str, reason: str | None = None) -> Answer:
        return data(ingestion={"key": "cd" * 32, "sequence": 7, "state": name, "reason": reason})

    applied, _ = asked(
        "apply", str(folder), "--yes", "--json", answers=(Answer(told(CREATE)), waiting, state("APPLIED"))
    )
    rejected, _ = asked(
        "apply", str(folder), "--yes", answers=(Answer(told(CREATE)), waiting, state("REJECTED", "why not"))
    )

    assert (0, "APPLIED") == (applied.exit_code, json.loads(applied.stdout)["entry"]["state"])
    assert (1, True) == (rejected.exit_code, "entry 7 is REJECTED: why not" in rejected.output)


def test_a_manifest_without_a_name_is_refused(tmp_path: Path) -> None:
    """Before anything is asked of the service; --manifest gives one."""
    (tmp_path / "a.yaml").write_text("kind: Team\nname: sales\n")
    file = str(tmp_path / "a.yaml")
    nameless, heard = asked("plan", file, answers=(Answer(told()),))
    named, sent = asked("plan", file, "--manifest", "shop", "--allow-removals", "1", answers=(Answer(told()),))

    assert (1, []) == (nameless.exit_code, heard)
    assert "--manifest NAME" in nameless.output
    assert (0, {"manifest": "shop", "documents": [TEAM], "removable": 1.0}) == (named.exit_code, sent[0].body)


def test_drift_is_shown_by_type_with_its_evidence() -> None:
    """One manifest or all; exit 2 if asked for and there is any; JSON has what the service said."""
    one = {"manifest": "shop", "compared": 3, "unseenSchemas": 1, "unseenColumnLineage": 2, "total": 1, "items": [ITEM]}
    plain, _ = asked("drift", "shop", "--detailed-exitcode", answers=(data(drift=one),))
    every, heard = asked("drift", "--json", answers=(data(manifests=[{"name": "shop"}]), data(drift=one)))
    none, _ = asked("drift", answers=(data(manifests=[]),))

    assert 2 == plain.exit_code
    assert "SCHEMA\n  Dataset db orders: fields[id]: declared long, observed nothing\n" in plain.output
    assert "since 2026-03-01 12:00:00Z, entry abababababab; declare it" in plain.output
    assert (
        "shop: 1 difference in 3 entities; the columns of 1 dataset were never observed; "
        "the column lineage of 2 datasets was never observed"
    ) in plain.output
    assert (0, 2, {"manifests": [one]}) == (every.exit_code, len(heard), json.loads(every.stdout))
    assert "no manifest was applied yet" in none.output


def test_what_is_exported_goes_into_an_empty_directory(tmp_path: Path) -> None:
    """Files with the line for editors; a directory that is not empty only with --force."""
    out = tmp_path / "out"
    heads = data(manifests=[{"name": "shop", "heading": {"description": "who sells", "maxRemovedShare": 0.5}}])
    answers = (data(exportManifest=[TEAM]), heads)
    done, heard = asked("export", "shop", "--output", str(out), answers=answers)
    again, _ = asked("export", "shop", "--output", str(out), answers=answers)
    forced, _ = asked("export", "shop", "--output", str(out), "--force", "--json", answers=answers)
    both, _ = asked("export", "shop", "--all", "--output", str(out), answers=answers)
    text = (out / "teams.yaml").read_text()

    assert [0, 1, 0, 2] == [result.exit_code for result in (done, again, forced, both)]
    assert "shop: 1 entity in 2 files" in done.output
    assert text.startswith("# yaml-language-server: $schema=http://127.0.0.1") and "kind: Team\nname: sales\n" in text
    assert {"manifest": "shop"} == heard[0].body["variables"]
    head = "kind: Manifest\nname: shop\ndescription: who sells\nmaxRemovedShare: 0.5\n"
    assert (out / "headwater.yaml").read_text().endswith(head)


def test_a_starter_says_what_it_left_out(tmp_path: Path) -> None:
    """What is declared already, and names that no document can have; nothing observed is an error."""
    begun = {"documents": [TEAM], "declared": 2, "leftOut": ["Dataset db \x1b[31mred"]}
    done, heard = asked(
        "init", "--namespace", "db", "--output", str(tmp_path / "a"), answers=(data(starterManifest=begun),)
    )
    empty = {"documents": [], "declared": 0, "leftOut": []}
    nothing, _ = asked("init", "--output", str(tmp_path / "b"), answers=(data(starterManifest=empty),))

    assert 0 == done.exit_code, done.output
    assert "2 things are declared already" in done.output and "\x1b" not in done.output
    assert {"namespaces": ["db"]} == heard[0].body["variables"]
    assert "name: a\n" in (tmp_path / "a" / "headwater.yaml").read_text()
    assert 1 == nothing.exit_code


def test_manifests_are_listed() -> None:
    """Who applied each last, and when."""
    row = {
        "name": "shop",
        "entities": 1_234,
        "appliedAt": "2026-03-01T12:00:00.000000Z",
        "appliedBy": "",
        "entry": "ab" * 32,
        "sequence": 3,
    }
    listed, _ = asked("manifests", answers=(data(manifests=[row]),))
    none, _ = asked("manifests", answers=(data(manifests=[]),))

    assert "shop      1,234     2026-03-01 12:00:00Z  -   abababababab" in listed.output
    assert "no manifest was applied yet" in none.output


def test_texts_cannot_move_the_cursor() -> None:
    """Names and values of others are escaped wherever they are shown."""
    evil = change("UPDATE", "x\x1b[2J", {"description": "\x1b"}, {"description": "\r\n"})
    shown = plan_text(told(evil, obstacles=("\x1b[31m",))) + drift_text(
        {
            "manifest": "\x1b",
            "compared": 1,
            "unseenSchemas": 0,
            "unseenColumnLineage": 0,
            "total": 1,
            "items": [{**ITEM, "name": "\x1b"}],
        }
    )

    assert "\x1b" not in shown and "\r" not in shown
