"""`headwater classification` as people run it."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from catalog.cli.main import main
from tests.unit.cli_service import Answer, Heard, data
from tests.unit.cli_service import run as run_against

USERS = {"namespace": "db", "name": "shop.users"}
ONE = {
    "entity": USERS,
    "field": "email",
    "type": "text",
    "tag": "pii/email",
    "evidence": "NAME",
    "reasons": ["its name has “email”"],
    "lookedUpstream": True,
}
PAGE = {"suggestions": {"edges": [{"node": ONE}], "pageInfo": {"hasNextPage": False, "endCursor": "x"}}}
RECEIPT = {"counts": True, "notice": "accepted", "entry": {"key": "ab" * 32, "sequence": 9}}
ITEM = {"entity": {"kind": "DATASET", **USERS}, "field": "email", "tag": "pii/email"}


def run(arguments: list[str], **fields: Any) -> tuple[Result, list[Heard]]:
    """One command against a service that answers with these fields of data."""

    def script(heard: Heard) -> Answer:
        return data(**{name: value for name, value in fields.items() if name in heard.body["query"]})

    return run_against(script, "classification", *arguments)


def place(name: str, field: str | None) -> dict[str, Any]:
    return {"entity": {"kind": "DATASET", "namespace": "db", "name": name}, "field": field}


STEP = {
    "source": place("raw", "mail"),
    "target": place("mart", "digest"),
    "job": {"namespace": "jobs", "name": "load"},
    "type": "DIRECT",
    "subtype": "TRANSFORMATION",
    "description": "md5",
    "masking": "told to be masked, but by no algorithm that counts",
}
WHY = {
    "place": place("mart", "digest"),
    "how": "PROPAGATED",
    "level": None,
    "asOf": None,
    "knownAt": None,
    "stale": False,
    "complete": False,
    "originUnknown": True,
    "shortest": {"origin": place("raw", "mail"), "depth": 1, "path": [STEP]},
    "branches": [
        {"place": place("mart", "digest"), "how": "PROPAGATED", "saidBy": [], "steps": [STEP]},
        {
            "place": place("raw", "mail"),
            "how": "DIRECT",
            "steps": [],
            "saidBy": [
                {
                    "origin": "DECLARED",
                    "by": "shop",
                    "since": None,
                    "entry": "cd" * 32,
                    "verified": True,
                    "reason": None,
                }
            ],
        },
    ],
}


def test_suggestions_are_listed() -> None:
    """By dataset and column, with what they rest on."""
    shown, heard = run(["list", "db", "shop.users", "--tag", "pii", "--evidence", "name"], **PAGE)

    assert "pii/email" in shown.stdout
    assert "its name has “email”" in shown.stdout
    asked = heard[0].body["variables"]
    assert ({"kind": "DATASET", **USERS}, "pii", ["NAME"]) == (asked["dataset"], asked["tag"], asked["evidence"])


def test_one_or_all_are_decided() -> None:
    """Four names are one decision; --all decides what is suggested, and --dry-run nothing."""
    decided, heard = run(
        ["reject", "db", "shop.users", "email", "pii/email", "--as", "ann"],
        **PAGE,
        said=[RECEIPT],
    )
    assert (0, True) == (decided.exit_code, "rejected 1 suggestion" in decided.stdout)
    assert ("rejectSuggestions" in heard[1].body["query"], [ITEM], "ann") == (
        True,
        heard[1].body["variables"]["items"],
        heard[1].body["variables"]["by"],
    )
    dry, heard = run(["accept", "--all", "--dry-run"], **PAGE)
    assert (1, True) == (len(heard), "would accept 1 suggestion" in dry.stdout)
    both, heard = run(["accept", "--all", "--json"], **PAGE, said=[RECEIPT])
    assert (0, 2, [ITEM]) == (both.exit_code, len(heard), heard[1].body["variables"]["items"])
    wrong, heard = run(["accept", "db", "shop.users"], **PAGE)
    assert (2, []) == (wrong.exit_code, heard)


def test_what_nothing_suggests_is_decided_and_said_to_be_no_suggestion() -> None:
    """A tag that is misspelled is accepted as it stands: people may know better than names do."""
    given = ("accept", "db", "shop.users", "email", "pii/nope")
    decided, _ = run([*given], **PAGE, said=[RECEIPT])
    as_json, _ = run([*given, "--json"], **PAGE, said=[RECEIPT])

    assert "accepted pii/nope of email; nothing suggests it (0 of 1 was suggested)" == decided.stdout.splitlines()[0]
    assert (1, 0) == (json.loads(as_json.stdout)["decided"], json.loads(as_json.stdout)["suggested"])


def test_why_is_a_tree() -> None:
    """The shortest way, then every way, who says it where, and what is not known."""
    shown, _ = run(["why", "db", "mart", "--field", "digest", "pii/email"], whyTagged=WHY)

    how = "[by load, DIRECT/TRANSFORMATION, md5, told to be masked, but by no algorithm that counts]"
    assert [
        "mart.digest: pii/email, PROPAGATED",
        "",
        "shortest way, depth 1, from raw.mail",
        f"  -> mart.digest  {how}",
        "",
        "mart.digest  PROPAGATED",
        f"  <- raw.mail  {how}  DIRECT",
        "       by declared shop (entry cdcdcdcdcdcd)",
        "nobody told what this column is made of: there may be more",
        "not complete: there are more places, use --most",
    ] == shown.stdout.splitlines()


def test_names_are_tried_without_a_server() -> None:
    """What a name suggests, by which of its words."""
    shown = CliRunner().invoke(main, ["classification", "names", "dob", "colour", "--json"])

    assert '{\n  "dob": "pii/birth_date",\n  "colour": null\n}\n' == shown.stdout


def test_a_stop_needs_a_reason() -> None:
    """What is upstream stays as it is, so whoever stops it says why."""
    wrong, heard = run(["stop", "db", "mart", "--field", "n", "pii"], said=RECEIPT)
    right, told = run(["stop", "db", "mart", "--field", "n", "pii", "--reason", "counts"], said=RECEIPT)

    assert (2, [], 0, "counts") == (wrong.exit_code, heard, right.exit_code, told[0].body["variables"]["reason"])
