"""`headwater inbox` as people run it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli_service import data, in_turn, page, run
from tests.unit.test_cli_render import ENTRY


def test_inbox_list_and_show() -> None:
    """The list cuts keys; show has everything."""
    listed, heard = run(in_turn(page("inbox", ENTRY)), "inbox", "list", "--state", "rejected")
    shown, _ = run(in_turn(data(ingestion=ENTRY)), "inbox", "show", "3F9A0C")
    as_json, _ = run(in_turn(data(ingestion=ENTRY)), "inbox", "show", "3f9a0c", "--json")

    assert "REJECTED" == heard[0].body["variables"]["state"]
    assert "3f9a0c000000" in listed.stdout
    assert ENTRY["key"] in shown.stdout
    assert ENTRY == json.loads(as_json.stdout)


@pytest.mark.parametrize(
    ("key", "said"),
    [("3f9", "too short"), ("3f9a0c55d1e2", "exactly one key that begins with"), ("a" * 64, "no entry has the key")],
)
def test_an_entry_that_is_not_found(key: str, said: str) -> None:
    """Why it was not is said; exit 3."""
    result, _ = run(in_turn(data(ingestion=None)), "inbox", "show", key)

    assert 3 == result.exit_code
    assert said in result.stderr


def test_retry_goes_through_all_keys() -> None:
    """One that has nothing to retry does not stop the others; exit 1."""
    answers = (data(ingestion=ENTRY), data(retryEntry=None), data(ingestion=ENTRY), data(retryEntry=ENTRY))
    result, heard = run(in_turn(*answers), "inbox", "retry", "3f9a0c", "3f9a0c0")

    assert 1 == result.exit_code
    assert "3f9a0c000000 will be tried again\n" == result.stdout
    assert "headwater: nothing to retry under 3f9a0c: it is REJECTED\n" == result.stderr
    assert ENTRY["key"] == heard[1].body["variables"]["key"]


APPLIED = {**ENTRY, "state": "APPLIED", "reason": None}


def test_replaying_what_is_applied_is_no_fault() -> None:
    """It is said, and changes nothing."""
    result, _ = run(in_turn(data(ingestion=APPLIED), data(retryEntry=None)), "inbox", "replay", "3f9a0c")

    assert 0 == result.exit_code
    assert "3f9a0c is applied already; applying it again changes nothing\n" == result.stdout


def test_all_of_a_state_are_replayed_oldest_first() -> None:
    """But for those whose events were purged, which is said."""
    older, purged = {**ENTRY, "key": "a" * 64}, {**ENTRY, "purgedAt": "2026-01-01T00:00:00Z"}
    answers = (
        page("inbox", ENTRY, purged, older),
        data(ingestion=older),
        data(retryEntry=older),
        data(ingestion=ENTRY),
        data(retryEntry=ENTRY),
    )
    result, heard = run(in_turn(*answers), "inbox", "replay", "--state", "rejected")

    assert 0 == result.exit_code
    assert [older["key"], ENTRY["key"]] == [h.body["variables"]["key"] for h in heard if "retryEntry" in str(h.body)]
    assert "1 entry passed over" in result.stderr


def test_replay_wants_keys_or_a_state() -> None:
    """Wrong usage exits 2."""
    assert [2, 2] == [
        run(in_turn(data()), "inbox", "replay", *more)[0].exit_code for more in ((), ("k", "--state", "dead"))
    ]


@pytest.mark.parametrize("yes", [False, True])
def test_purge_goes_through_all_pages_of_both_states(yes: bool) -> None:
    """A dry run by default."""
    answers = [
        data(purgePayloads={"entries": 3, "size": 2_000_000, "endCursor": "c"}),
        data(purgePayloads={"entries": 1, "size": 500_000, "endCursor": None}),
        data(purgePayloads={"entries": 0, "size": 0, "endCursor": None}),
    ]
    result, heard = run(in_turn(*answers), "inbox", "purge", "--older-than", "30d", *(["--yes"] if yes else []))
    asked = [h.body["variables"] for h in heard]

    assert 0 == result.exit_code
    assert ("purged" if yes else "would purge") + " 4 events of 2.5 MB" in result.stdout
    assert [("REJECTED", None), ("REJECTED", "c"), ("DEAD", None)] == [(a["state"], a["after"]) for a in asked]
    assert {not yes} == {a["dryRun"] for a in asked}


@pytest.mark.parametrize("age", ["0d", "d", "30", "1y", "-1d"])
def test_an_age_is_checked(age: str) -> None:
    """Wrong usage exits 2 and says what an age is."""
    result, _ = run(in_turn(data()), "inbox", "purge", "--older-than", age)

    assert 2 == result.exit_code
    assert "12h, 30d or 8w" in result.output


def test_an_edit_that_is_no_json_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a person typed into an editor is never lost."""
    monkeypatch.setattr("click.edit", lambda text, extension: text + "oops")
    result, _ = run(in_turn(data(ingestion=ENTRY), data(event={"a": 1})), "inbox", "edit", "3f9a0c")
    (kept,) = re.findall(r"--file (\S+)`", result.stderr)

    assert 1 == result.exit_code
    assert Path(kept).read_text().endswith("oops")
    Path(kept).unlink()


@pytest.mark.parametrize(("entry", "said"), [(APPLIED, "is APPLIED"), (ENTRY, "nothing was changed")])
def test_what_is_not_edited(monkeypatch: pytest.MonkeyPatch, entry: dict[str, Any], said: str) -> None:
    """An applied entry, and one that the person left as it was."""
    monkeypatch.setattr("click.edit", lambda text, extension: None)
    result, heard = run(in_turn(data(ingestion=entry), data(event={"a": 1})), "inbox", "edit", "3f9a0c")

    assert 1 == result.exit_code
    assert said in result.stderr
    assert {"/graphql"} == {h.path for h in heard}
