"""Findings in the store: reconciled with what an evaluation found, each transition exactly once.

Findings are judgements, not facts: they are no entries of the inbox, and no part of the graph's hash. All of them are
written by whoever holds the lease of `graph.watch`, in small transactions, each under its fence and whole in itself:
whoever is killed between two of them leaves findings that are right as far as they were written, and the next
evaluation writes the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple

import orjson

from catalog.assets.keys import Key, Kind
from catalog.checks.choosing import policy_place_id
from catalog.checks.judge import MAX_MESSAGE
from catalog.checks.judgement import Finding, Hop, Judgement
from catalog.checks.reconciliation import GONE, OPEN, RESOLVED, SEVERITIES, UNJUDGED, WAIVED, Move, Stored, due, moves
from catalog.checks.snapshot import Place
from catalog.errors import Conflict
from catalog.graph.queries import blocks
from catalog.graph.shapes import get_rows, put_rows
from catalog.graph.store import Row, Store, Tx
from catalog.graph.watch import MENDED, Watch, counts, hold
from catalog.identity import SORT_LENGTH, digest, short

WHOLE, TOUCHED, PLACES = "WHOLE", "TOUCHED", "PLACES"
"""Of everything; of what entries touched; of things somebody asked about."""
CHUNK = 500
BUCKET = 3
"""Characters of an id by which those that are open or waived are found: 4,096 buckets, so many asked for at once."""
BUCKETS = 1_024
MAX_WITNESS = 200_000
"""Bytes; what is longer is cut to the way and the first entries, and says so."""
MOST_ENTRIES = 200

_Q = blocks("findings")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation; times in µs.

    Attributes:
        number: its place among those that are kept: of everything, those asked for, and those that changed something.
        kind: WHOLE, TOUCHED or PLACES.
        at, known_at: the moment that was judged.
        counts: how many subjects had each outcome, by policy.
        policies: name, version, pack and hash of each.
        moved: how many findings were OPENED, REOPENED, RESOLVED, WAIVED, and how many stayed (KEPT).
        things: how many it was about.
        entries: how many entries of the inbox made it.
        done: False while it is at work, and for ever if its worker ended.
    """

    id: str
    kind: str
    at: int
    known_at: int
    packs: tuple[str, ...]
    started: int
    number: int = 0
    seconds: float = 0.0
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    policies: tuple[tuple[str, str, str, str], ...] = ()
    moved: Mapping[str, int] = field(default_factory=dict)
    things: int = 0
    entries: int = 0
    unknown: tuple[str, ...] = ()
    done: bool = True


class Covered(NamedTuple):
    """What an evaluation speaks for, and what it leaves behind once it is done.

    Attributes:
        things: their ids; None for everything.
        through: every entry up to this one is judged then; None if it says nothing of that.
        basis: of an evaluation of everything, see `Watch`.
    """

    things: frozenset[str] | None = None
    through: int | None = None
    basis: str = ""


def reconcile(
    store: Store,
    mine: Watch,
    evaluation: Evaluation,
    judgement: Judgement,
    keys: Mapping[str, Key],
    covered: Covered,
    seconds: float,
) -> Evaluation:
    """Make stored findings those of a judgement, as far as it covers them; the evaluation as it is kept.

    Args:
        keys: of all things that findings speak of, by id.

    Raises:
        LeaseLost: another worker evaluates by now.
        Conflict: a newer evaluation was here; what this one wrote before is right, and evaluating again is, too.
    """
    found = {each.id: each for each in judgement.findings}
    stored, ords = _stored(store, judgement, covered, found)
    all_moves = list(moves(stored, found))
    evaluation = _kept(evaluation, judgement, mine.number + 1, _counted(all_moves), seconds)
    writing = _Writing(mine, evaluation, covered, judgement, keys, ords)
    rows = [(move, row) for move in all_moves if (row := writing.row(move))]
    written = {move.id for move, _ in rows}
    kept = [move.id for move in all_moves if move.id not in written] if covered.things is not None else []
    chunks = [rows[at : at + CHUNK] for at in range(0, len(rows), CHUNK)]
    for chunk in chunks[:-1]:
        store.write(partial(writing.write, chunk=chunk))
        writing.pass_on(chunk)
    for at in range(0, len(kept), CHUNK):
        store.write(partial(writing.touch, ids=kept[at : at + CHUNK]))
    store.write(partial(writing.write, chunk=chunks[-1] if chunks else [], last=True))
    return evaluation


class _Writing:
    """What is written of one evaluation, chunk by chunk; a transaction's body may run twice, so it only reads this."""

    def __init__(
        self,
        mine: Watch,
        evaluation: Evaluation,
        covered: Covered,
        judgement: Judgement,
        keys: Mapping[str, Key],
        ords: Mapping[str, str],
    ) -> None:
        self._mine = mine
        self._evaluation = evaluation
        self._covered = covered
        self._keys = keys
        self._ords = ords
        self._used = {each.name: each for each in judgement.policies}
        self._policies_as_things = {policy_place_id(name): (str(Kind.POLICY), "", name) for name in self._used}
        self._open = dict(mine.open)
        self._waived = mine.waived
        self._judged = {_policy(name) for name in self._used}
        self._seen = {name for name, by in evaluation.counts.items() if by.get("ERROR")}

    def row(self, move: Move) -> Row | None:
        """The rows of a finding and of its transition; None if it stays as it is."""
        e, finding, before = self._evaluation, move.finding, move.before
        values: Row = {"state": move.state, "evaluation": e.number, "known": e.known_at, "at": e.at}
        new: Row = {}
        if finding is None:
            assert before is not None, "what is not found was there"
            ord_ = self._ords[move.id]
            values |= {"live": None, "resolved": e.at, "last": max(before.last, self._mine.whole_at or 0)}
            values |= {"due": None, "waiver": "", "ord": RESOLVED + ord_[len(before.state) :]}
            judged = self._covered.things is not None or ord_.split("\n")[2] in self._judged
            severity, reason = before.severity, GONE if judged else UNJUDGED
        else:
            new, told = self._told(finding)
            if before is not None and not move.transition and before.content == told["content"]:
                return None
            since = e.at if before is None or move.transition else before.since
            end = due(finding.severity, since) if move.state == OPEN else None
            values |= {**told, "live": move.id[:BUCKET], "last": e.at, "since": since, "due": end, "resolved": None}
            values |= {"ord": _ord(move.state, finding, self._key(finding.place.thing))}
            severity, reason = finding.severity, finding.waiver
        log = None
        if move.transition:
            what = {"finding": move.id, "kind": move.transition, "at": e.at, "known": e.known_at}
            what |= {"evaluation": e.number, "reason": reason, "severity": severity}
            log = {"id": digest("transition", move.id, e.known_at, e.at), "new": what}
        if before is None:
            return {"new": {"id": move.id, "first": e.at, **new, **_stated(values)}, "log": log}
        return {"finding": {"id": move.id, "values": values}, "log": log}

    def write(self, tx: Tx, chunk: Sequence[tuple[Move, Row]], last: bool = False) -> None:
        """One chunk, with the numbers as they are behind it; the last one ends the evaluation."""
        e = self._evaluation
        self._hold(tx)
        new = [row for _, row in chunk if "new" in row]
        put_rows(tx, _Q["new_findings"], [row["new"] for row in new])
        put_rows(tx, _Q["new_transitions"], [{"id": row["log"]["id"], **row["log"]["new"]} for row in new])
        known = [row for _, row in chunk if "new" not in row]
        put_rows(tx, _Q["put_findings"], [row["finding"] for row in known])
        put_rows(tx, _Q["put_transitions"], [row["log"] for row in known if row["log"]])
        open_, waived = self._behind(chunk)
        values: dict[str, Any] = {"known": e.known_at, "at": e.at, **counts(open_, waived)}
        if chunk or not last or e.kind != TOUCHED:
            used = {move.finding.policy for move, _ in chunk if move.finding} if e.kind != WHOLE or not last else None
            put_rows(tx, _Q["put_policies"], self._policies(used))
            tx.run(_Q["put_evaluation"], id=e.id, values=_evaluation_row(e, last))
            values["number"] = e.number
        if last:
            values |= self._end()
        tx.run(_Q["set_watch"], values=values)

    def pass_on(self, chunk: Sequence[tuple[Move, Row]]) -> None:
        """The chunk is written: the next one's numbers stand on its."""
        self._open, self._waived = self._behind(chunk)

    def touch(self, tx: Tx, ids: list[str]) -> None:
        """Findings that were seen again as they are."""
        self._hold(tx)
        tx.run(_Q["touch_findings"], ids=ids, at=self._evaluation.at)

    def _hold(self, tx: Tx) -> None:
        now, e = hold(tx, self._mine), self._evaluation
        if (e.known_at, e.at) < (now.known, now.at):
            raise Conflict(f"an evaluation up to entry {now.known} stands already; evaluate again")

    def _behind(self, chunk: Sequence[tuple[Move, Row]]) -> tuple[dict[str, int], int]:
        open_, waived = dict(self._open), self._waived
        for move, _ in chunk:
            if move.before is not None and move.before.state == OPEN:
                open_[move.before.severity] -= 1
            if move.state == OPEN and move.finding is not None:
                open_[move.finding.severity] += 1
            waived += (move.state == WAIVED) - (move.before is not None and move.before.state == WAIVED)
        return open_, waived

    def _end(self) -> dict[str, Any]:
        e = self._evaluation
        values: dict[str, Any] = {"seconds": e.seconds}
        if self._covered.through is not None:
            values |= {"through": self._covered.through, **MENDED}
        if self._covered.things is None:
            told = {"wholeAt": e.at, "basis": self._covered.basis}
            return {**values, **told, "failing": sorted(self._seen), "unknown": list(e.unknown)}
        return {**values, "failing": sorted({*self._mine.failing, *self._seen})}

    def _policies(self, names: Collection[str] | None) -> list[Row]:
        used = [each for name, each in sorted(self._used.items()) if names is None or name in names]
        return [
            {"id": p.sha256, "new": {"name": p.name, "version": p.version, "pack": p.pack, "text": p.text}}
            for p in used
        ]

    def _key(self, thing: str) -> tuple[str, str, str]:
        key = self._keys.get(thing)
        return (str(key.kind), key.namespace, key.name) if key else self._policies_as_things.get(thing, ("", "", thing))

    def _told(self, finding: Finding) -> tuple[Row, Row]:
        """What a finding is, and what it says."""
        place, source = finding.place, finding.source
        kind, namespace, name = self._key(place.thing)
        new: Row = {"policy": _policy(finding.policy), "thing": place.thing, "column": place.column}
        new |= {"kind": kind, "namespace": namespace, "name": name}
        things = {place.thing, *(end.thing for hop in finding.witness.path for end in (hop.source, hop.target))}
        things |= {hop.job for hop in finding.witness.path if hop.job}
        if source is not None:
            things.add(source.thing)
            new |= {"source": source.thing, "sourceColumn": source.column}
        known = {thing: self._key(thing) for thing in sorted(things)}
        used = self._used.get(finding.policy)
        said: Row = {
            "outcome": finding.outcome,
            "severity": finding.severity,
            "message": finding.message[:MAX_MESSAGE],
            "owners": list(finding.owners),
            "waiver": finding.waiver,
            "pack": used.pack if used else "",
            "text": used.sha256 if used else "",
            "witness": _witness(finding, known),
            "spaces": sorted({namespace for _, namespace, _ in known.values()}),
        }
        said["content"] = digest("content", *(said[name] for name in sorted(said)))
        return new, said


def _stored(
    store: Store, judgement: Judgement, covered: Covered, found: Mapping[str, Finding]
) -> tuple[dict[str, Stored], dict[str, str]]:
    if covered.things is None:
        rows = [row for some in _buckets() for row in store.rows(_Q["live_findings"], buckets=some)]
    else:
        judged = {_policy(each.policy) for each in judgement.populations}
        rows = store.read(lambda tx: get_rows(tx, _Q["live_findings_of"], covered.things or ()))
        rows = [row for row in rows if row["policy"] in judged]
    missing = found.keys() - {row["id"] for row in rows}
    rows += store.read(lambda tx: get_rows(tx, _Q["known_findings"], missing))
    stored = {
        row["id"]: Stored(row["state"], row["content"], row["severity"], row["since"], row["last"]) for row in rows
    }
    return stored, {row["id"]: row["ord"] for row in rows}


def _buckets() -> Iterator[list[str]]:
    names = [f"{number:0{BUCKET}x}" for number in range(16**BUCKET)]
    for at in range(0, len(names), BUCKETS):
        yield names[at : at + BUCKETS]


def _counted(all_moves: Sequence[Move]) -> dict[str, int]:
    moved: dict[str, int] = {}
    for move in all_moves:
        moved[move.transition or "KEPT"] = moved.get(move.transition or "KEPT", 0) + 1
    return moved


def _kept(
    evaluation: Evaluation, judgement: Judgement, number: int, moved: Mapping[str, int], seconds: float
) -> Evaluation:
    return replace(
        evaluation,
        number=number,
        moved=moved,
        seconds=seconds,
        counts={
            each.policy: {outcome: len(places) for outcome, places in sorted(each.outcomes.items()) if places}
            for each in judgement.populations
        },
        policies=tuple((p.name, p.version, p.pack, p.sha256) for p in judgement.policies),
    )


def _evaluation_row(e: Evaluation, done: bool) -> Row:
    return {
        **{"number": e.number, "kind": e.kind, "at": e.at, "known": e.known_at, "packs": list(e.packs)},
        **{"started": e.started, "seconds": e.seconds, "things": e.things, "entries": e.entries},
        **{"unknown": list(e.unknown), "done": done, "moved": _json(e.moved)},
        **{"counts": _json(e.counts), "policies": _json(e.policies)},
    }


def _stated(values: Row) -> Row:
    """Without what is null: a node has no such property, and not every store takes it for none in a whole map."""
    return {name: value for name, value in values.items() if value is not None}


def _policy(name: str) -> str:
    """A name as an index can hold it."""
    return short(name).replace("\n", " ")


def _ord(state: str, finding: Finding, key: tuple[str, str, str]) -> str:
    """What findings are listed by: state, severity, policy, thing; a bounded key of an index."""
    _, namespace, name = key
    rank = SEVERITIES.index(finding.severity)
    text = "\n".join((state, str(rank), _policy(finding.policy)))
    about = f"{namespace} {name} {finding.place.column}".replace("\n", " ")[:SORT_LENGTH]
    return f"{text}\n{about}\n{finding.id}"


def _witness(finding: Finding, known: Mapping[str, tuple[str, str, str]]) -> str:
    told = {
        "facts": dict(finding.witness.facts),
        "path": [_hop(hop) for hop in finding.witness.path],
        "entries": list(finding.witness.entries),
        "things": known,
    }
    text = _json(told)
    if len(text) <= MAX_WITNESS:
        return text
    facts = {name: _short(value) for name, value in finding.witness.facts.items()}
    return _json({**told, "facts": facts, "entries": finding.witness.entries[:MOST_ENTRIES], "cut": True})


def _short(value: Any) -> Any:
    text = _json(value)
    return value if len(text) <= MAX_MESSAGE else f"{text[:MAX_MESSAGE]}…"


def _hop(hop: Hop) -> list[str]:
    return [*hop.source, *hop.target, hop.job]


def _json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str).decode()


def places_of(rows: Sequence[Sequence[str]]) -> Iterator[tuple[Place, Place, str]]:
    """The hops of a stored witness."""
    for source, column, target, into, job in rows:
        yield Place(source, column), Place(target, into), job
