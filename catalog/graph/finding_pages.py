"""Findings as people read them: chosen, in pages, with their history; evaluations; the policies they judged by.

A reader sees a finding if they may see all that it speaks of: the thing, its source and everything on the way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import orjson

from catalog.checks.reconciliation import SEVERITIES, STATES
from catalog.errors import InvalidQuestion
from catalog.graph import watch as watching
from catalog.graph.findings import BUCKET, Evaluation
from catalog.graph.numbered import newest_first
from catalog.graph.queries import blocks
from catalog.graph.reader import Question, Reader
from catalog.graph.store import Row
from catalog.identity import short

SHORT = 6
"""Characters of an id that may stand for it, at least."""
END = "\x0b"
"""Behind every sort key that begins with what is before it."""


class Choice(NamedTuple):
    """Which findings; None chooses all.

    Attributes:
        things: ids of things.
        due_before: due before this time, µs.
    """

    state: str | None = None
    severity: str | None = None
    policy: str | None = None
    pack: str | None = None
    things: Collection[str] | None = None
    owner: str | None = None
    due_before: int | None = None

    @property
    def ranges(self) -> list[tuple[str, str]]:
        """From where to where they are listed."""
        begin = [self.state] if self.state else list(STATES)
        if self.severity:
            begin = [f"{state}\n{SEVERITIES.index(self.severity)}" for state in begin]
        return [(text, text + END) for text in begin]


class Known(NamedTuple):
    """A finding as it is stored; times in µs.

    Attributes:
        key: kind, namespace and name of what it is about.
        last: when an evaluation that covers it found it the last time.
        since: when it was opened, or opened again.
        text: the hash of its policy's text.
        ord: its place in listings.
    """

    id: str
    policy: str
    pack: str
    text: str
    thing: str
    column: str
    key: tuple[str, str, str]
    source: str
    source_column: str
    state: str
    outcome: str
    severity: str
    message: str
    owners: tuple[str, ...]
    waiver: str
    first: int
    last: int
    since: int
    resolved: int | None
    due: int | None
    evaluation: int
    witness: Mapping[str, Any]
    ord: str


class Event(NamedTuple):
    """A transition: what became of a finding, when, and by which evaluation."""

    kind: str
    at: int
    known: int
    evaluation: int
    reason: str
    severity: str


def page(reader: Reader, choice: Choice, after: str | None, limit: int) -> list[Known]:
    """Findings by state, severity, policy and thing, behind a sort key."""
    whole = watching.watch(reader.store).whole_at

    def work(q: Question) -> list[Row]:
        found: list[Row] = []
        for begin, end in choice.ranges:
            if len(found) < limit and (after is None or after < end):
                rows = _rows(q, choice, max(begin, after or ""), end, limit - len(found))
                found += sorted(rows, key=lambda row: str(row["finding"]["ord"]))[: limit - len(found)]
        return found

    return [_known(row["finding"], whole) for row in reader.ask(work)]


def count(reader: Reader, choice: Choice) -> tuple[int, int]:
    """How many there are that the reader sees, and how many more there are."""

    def work(q: Question) -> tuple[int, int]:
        seen = total = 0
        for begin, end in choice.ranges:
            things = None if choice.things is None else sorted(choice.things)
            (row,) = q.rows("findings", "count_findings", after=begin, end=end, things=things, **_parameters(choice))
            seen, total = seen + row["seen"], total + row["n"]
        return seen, total - seen

    return reader.ask(work)


def findings(reader: Reader, ids: Iterable[str]) -> dict[str, Known]:
    """Findings by id; what is hidden or unknown is left out."""
    whole = watching.watch(reader.store).whole_at
    rows = reader.ask(lambda q: q.rows_by_id("findings", "findings_by_id", sorted(set(ids))))
    return {row["finding"]["id"]: _known(row["finding"], whole) for row in rows}


def find(reader: Reader, beginning: str) -> Known | None:
    """A finding by its id, or by a unique beginning of it if it is open or waived; None if none is seen.

    Raises:
        InvalidQuestion: the ids of several begin so.
    """
    if (whole := findings(reader, [beginning]).get(beginning)) is not None or len(beginning) < SHORT:
        return whole
    rows = reader.ask(
        lambda q: q.rows("findings", "findings_by_beginning", bucket=beginning[:BUCKET], beginning=beginning)
    )
    if len(rows) > 1:
        raise InvalidQuestion(f"the ids of several findings begin with {beginning[:80]!r}; give more of it")
    return _known(rows[0]["finding"], watching.watch(reader.store).whole_at) if rows else None


def histories(reader: Reader, ids: Iterable[str]) -> dict[str, list[Event]]:
    """What became of findings, oldest first, by id."""
    wanted = sorted(set(ids))
    found: dict[str, list[Event]] = {id_: [] for id_ in wanted}
    for row in reader.ask(lambda q: q.rows_by_id("findings", "transitions_of", wanted)):
        found[row["id"]].append(
            Event(row["kind"], row["at"], row["known"], row["evaluation"], row["reason"], row["severity"])
        )
    return {id_: sorted(events, key=lambda event: (event.known, event.at)) for id_, events in found.items()}


def policies(reader: Reader, hashes: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Policies as findings were judged by them, by the hash of their text: their canonical document."""
    rows = reader.ask(lambda q: q.rows_by_id("findings", "policies_by_hash", sorted(set(hashes) - {""})))
    return {row["id"]: orjson.loads(row["text"]) for row in rows}


def evaluations(reader: Reader, *, before: int | None = None, limit: int = 50) -> list[Evaluation]:
    """Evaluations that are kept, the newest first, below the number `before`."""
    newest, text = watching.watch(reader.store).number, blocks("findings")["evaluations_by_number"]

    def look_up(numbers: list[int]) -> list[Evaluation]:
        return [_evaluation(row["evaluation"]) for row in reader.store.rows(text, numbers=numbers)]

    return newest_first(newest, look_up, before=before, limit=limit)


def _rows(q: Question, choice: Choice, after: str, end: str, limit: int) -> list[Row]:
    parameters = {**_parameters(choice), "after": after, "end": end, "limit": limit}
    if choice.things is None:
        return q.rows("findings", "page_findings", **parameters)
    return q.rows("findings", "page_findings_of_things", things=sorted(choice.things), **parameters)


def _parameters(choice: Choice) -> dict[str, Any]:
    policy = choice.policy and short(choice.policy)
    return {
        "policy": policy,
        "pack": choice.pack,
        "severity": choice.severity,
        "owner": choice.owner,
        "due": choice.due_before,
    }


def _known(row: Row, whole: int | None) -> Known:
    return Known(
        id=row["id"],
        policy=row["policy"],
        pack=row["pack"],
        text=row["text"],
        thing=row["thing"],
        column=row["column"],
        key=(row["kind"], row["namespace"], row["name"]),
        source=row.get("source") or "",
        source_column=row.get("sourceColumn") or "",
        state=row["state"],
        outcome=row["outcome"],
        severity=row["severity"],
        message=row["message"],
        owners=tuple(row["owners"]),
        waiver=row.get("waiver") or "",
        first=row["first"],
        last=max(row["last"], whole or 0) if row.get("live") else row["last"],
        since=row["since"],
        resolved=row.get("resolved"),
        due=row.get("due"),
        evaluation=row["evaluation"],
        witness=orjson.loads(row["witness"]),
        ord=row["ord"],
    )


def _evaluation(row: Row) -> Evaluation:
    return Evaluation(
        id=row["id"],
        kind=row["kind"],
        at=row["at"],
        known_at=row["known"],
        packs=tuple(row["packs"]),
        started=row["started"],
        number=row["number"],
        seconds=row["seconds"],
        counts=orjson.loads(row["counts"]),
        policies=tuple((name, version, pack, hash_) for name, version, pack, hash_ in orjson.loads(row["policies"])),
        moved=orjson.loads(row["moved"]),
        things=row["things"],
        entries=row["entries"],
        unknown=tuple(row["unknown"]),
        done=row["done"],
    )
