"""`headwater identity` as people run it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.cli_service import data, fault, in_turn, page, run

NAMES = ("s3://lake", "orders", "hive://hive:10000", "shop.orders")
DECISION = {
    "key": "3f9a0c" + "0" * 58,
    "sequence": 7,
    "state": "ACCEPTED",
    "kind": "identity/v1",
    "subject": "hive://hive:10000 shop.orders = s3://lake orders",
}


def _name(namespace: str, name: str) -> dict[str, str]:
    return {"namespace": namespace, "name": name}


def _alias(name: str, **told: Any) -> dict[str, Any]:
    through = _name("s3://lake", "orders")
    return {**_name("hive", name), "origin": "PERSON", "since": 7, "by": None, "reason": "", "through": through, **told}


def _dataset(*aliases: dict[str, Any], complete: bool = True) -> dict[str, Any]:
    return {
        **_name("s3://lake", "orders"),
        "knownAt": None,
        "canonical": _name("hive", "shop.orders"),
        "aliases": list(aliases),
        "aliasesComplete": complete,
    }


def _conflict(updated: str | None = None) -> dict[str, Any]:
    job = _name("air", "load")
    alike = [
        {**_name("db", name), "updatedAt": updated, "writtenBy": [job], "readBy": []} for name in ("orders", "Orders")
    ]
    return {
        "rules": [{"name": "CASE", "words": "case of letters"}],
        "columnsInCommon": ["id"],
        "open": [],
        "datasets": alike,
    }


@pytest.mark.parametrize(("verb", "mutation"), [("merge", "mergeDatasets"), ("split", "splitDatasets")])
def test_a_decision_in_both_forms(verb: str, mutation: str) -> None:
    """Its receipt; what is sent has both names as given, who and why."""
    words = ("identity", verb, *NAMES, "--reason", "same files", "--by", "ada")
    plain, heard = run(in_turn(data(decision=DECISION)), *words)
    as_json, _ = run(in_turn(data(decision=DECISION)), *words, "--json")

    assert (0, 0) == (plain.exit_code, as_json.exit_code)
    assert f"accepted as 7, 3f9a0c000000: {DECISION['subject']}\n" == plain.stdout
    assert DECISION == json.loads(as_json.stdout)
    assert mutation in heard[0].body["query"]
    assert {"a": _name(*NAMES[:2]), "b": _name(*NAMES[2:]), "reason": "same files", "by": "ada"} == heard[0].body[
        "variables"
    ]


def test_who_decides_is_who_is_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--by` is for those who decide in another's name."""
    monkeypatch.setenv("USER", "grace")
    _, heard = run(in_turn(data(decision=DECISION)), "identity", "merge", *NAMES, "--reason", "x")

    assert "grace" == heard[0].body["variables"]["by"]


@pytest.mark.parametrize("words", [("merge", *NAMES), ("split", *NAMES[:3], "--reason", "x"), ("show", "db")])
def test_half_a_decision_is_wrong_usage(words: tuple[str, ...]) -> None:
    """Two whole names and a reason; exit 2, and nothing is sent."""
    result, heard = run(in_turn(data(decision=DECISION)), "identity", *words)

    assert (2, []) == (result.exit_code, heard)


@pytest.mark.parametrize("verb", ["merge", "split"])
@pytest.mark.parametrize(("code", "exit_code"), [("INVALID_QUESTION", 1), ("NOT_FOUND", 3), ("STORE_DOWN", 1)])
def test_a_refusal_has_the_exit_code_of_its_kind(verb: str, code: str, exit_code: int) -> None:
    """And is said on stderr; for programs on stdout."""
    refused = fault("tied through others only", code=code, retryable=False)
    result, _ = run(in_turn(refused), "identity", verb, *NAMES, "--reason", "x", "--json")

    assert exit_code == result.exit_code
    assert "headwater: tied through others only\n" == result.stderr
    assert {"code": code, "message": "tied through others only"} == json.loads(result.stdout)["error"]


def test_show_says_who_ties_each_name() -> None:
    """A symlink, or a person with the reason; and whether these are all names."""
    found = _dataset(
        _alias("a", origin="OBSERVED", since=3),
        _alias("b", by="ada", reason="same files"),
        _alias("c"),
        complete=False,
    )
    plain, heard = run(in_turn(data(dataset=found)), "identity", "show", *NAMES[:2], "--known-at", "9")
    as_json, _ = run(in_turn(data(dataset=found)), "identity", "show", *NAMES[:2], "--json")

    assert 0 == plain.exit_code
    assert "shown as hive shop.orders" == plain.stdout.splitlines()[0]
    for said in ("a symlink, entry 3", "ada, entry 7: same files", "somebody, entry 7"):
        assert said in plain.stdout
    assert "there are more names, or some you may not see\n" == plain.stderr
    assert {**_name(*NAMES[:2]), "knownAt": "9"} == heard[0].body["variables"]
    assert found == json.loads(as_json.stdout)


def test_show_of_one_name_alone_and_of_none() -> None:
    """Nothing to list is said; a dataset that is not there exits 3."""
    alone, _ = run(in_turn(data(dataset=_dataset())), "identity", "show", *NAMES[:2])
    nothing, _ = run(in_turn(data(dataset=None)), "identity", "show", *NAMES[:2], "--json")

    assert "no other names are known" in alone.stdout
    assert (3, "NOT_FOUND") == (nothing.exit_code, json.loads(nothing.stdout)["error"]["code"])


def test_what_names_say_cannot_steer_the_terminal() -> None:
    """They come from producers, reasons from anybody."""
    found = _dataset(_alias("a\x1b[31m", by="x\x1b]0;t\x07", reason="\x1b[2J"))
    result, _ = run(in_turn(data(dataset=found)), "identity", "show", *NAMES[:2])

    assert "\x1b" not in result.stdout and "\x07" not in result.stdout


def test_conflicts_in_both_forms() -> None:
    """What is different between the names, and the evidence; or the conflicts and whether they are all."""
    plain, heard = run(
        in_turn(page("identityConflicts", _conflict(), more=True)),
        *("identity", "conflicts", "--namespace", "db", "--limit", "1"),
    )
    as_json, _ = run(in_turn(page("identityConflicts", _conflict())), "identity", "conflicts", "--json")
    none, _ = run(in_turn(page("identityConflicts")), "identity", "conflicts")

    assert [
        "case of letters",
        "  db orders  (1 write it, 0 read it, newest facet never)",
        "  db Orders  (1 write it, 0 read it, newest facet never)",
    ] == plain.stdout.splitlines()
    assert "the first 1; there are more, use --limit\n" == plain.stderr
    assert ("db", 1) == (heard[0].body["variables"]["namespace"], heard[0].body["variables"]["first"])
    assert {"conflicts": [_conflict()], "complete": True} == json.loads(as_json.stdout)
    assert (0, "", "no names are alike\n") == (none.exit_code, none.stdout, none.stderr)


def test_decisions_in_both_forms() -> None:
    """What was decided, by whom, why, and whether it was taken back; or the decisions and whether they are all."""
    name = {"namespace": "db", "name": "a\x1b"}
    one = {"a": name, "b": {**name, "name": "b"}, "same": True, "holds": False, "by": "ann", "reason": "one table"}
    one |= {"at": "2026-03-01T12:00:00Z", "sequence": 7, "entry": "ab" * 32}
    plain, heard = run(in_turn(page("identityDecisions", one, more=True)), "identity", "list", "--limit", "1")
    as_json, _ = run(in_turn(page("identityDecisions", one)), "identity", "list", "--json")
    none, _ = run(in_turn(page("identityDecisions")), "identity", "list")

    assert "merge, taken back" in plain.output and "one table" in plain.output and "\x1b" not in plain.output
    assert "the newest 1; there are more, use --limit" in plain.output
    assert {"decisions": [one], "complete": True} == json.loads(as_json.stdout)
    assert "nobody decided" in none.output
    assert 1 == len(heard)
