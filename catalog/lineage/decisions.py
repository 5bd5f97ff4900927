"""Entries that are no OpenLineage events: what people decided.

Such an entry is a JSON object that names its kind, `{"headwater": "identity/v1", …}`. It is accepted, applied once,
listed and replayed like every other entry (law 1), but never through the door that is open to producers.

An identity decision says that two names are one thing (`same`) or two (`apart`). It holds at every event time and
is bounded by knowledge alone; of several about one pair the newest one known wins, and any of them beats what symlinks
say. Nothing is merged but a tie between two names, so a decision that is taken back leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from catalog.errors import InvalidEvent
from catalog.identity import Name
from catalog.lineage.assertions import Assertions, EventType, Origin, Verdict
from catalog.lineage.steps import ABSENT, FOREVER, OPEN, Point, Points, push
from catalog.lineage.wire import read_name, read_time

KIND = "headwater"
"""The key that tells such an entry from an event; its value is the kind."""
IDENTITY = "identity/v1"
SAME, APART = "same", "apart"
MAX_WORDS = 2_000
"""Characters of a reason, and of who gave it."""
EntryReaders = Mapping[str, Callable[[dict[str, Any]], Assertions]]
"""What reads each kind of entry, by its name."""


class Ruled(NamedTuple):
    """One decision about a pair, in the order in which they count: by time, then by entry key."""

    t: int
    key: str
    s: int
    same: bool


def read_entry(entry: dict[str, Any], readers: EntryReaders | None = None) -> Assertions:
    """What an entry that is no event asserts.

    Args:
        readers: of the kinds that are read above this layer.

    Raises:
        InvalidEvent: its kind is unknown, or a part of it cannot be read.
    """
    kind = entry.get(KIND)
    known_kinds = {**_READERS, **(readers or {})}
    reader = known_kinds.get(kind) if isinstance(kind, str) else None
    if reader is None:
        known = ", ".join(sorted(known_kinds))
        raise InvalidEvent(f"{str(kind)[:80]!r} is no kind of entry this version knows (it knows {known})", KIND)
    return reader(entry)


def identity_entry(verdict: Verdict, decided_at: str) -> dict[str, Any]:
    """The entry of a decision; `decided_at` is ISO-8601."""
    a, b = sorted((verdict.a, verdict.b))
    return {
        KIND: IDENTITY,
        "verdict": SAME if verdict.same else APART,
        "a": a._asdict(),
        "b": b._asdict(),
        "decidedAt": decided_at,
        "by": verdict.by,
        "reason": verdict.reason,
    }


def tie(seen: int, ruled: Iterable[Ruled]) -> Points:
    """Whether two names are one thing, as Steps that are read at the end of time, at any sequence.

    What was observed stands below all decisions, whenever it was.

    Args:
        seen: the first sequence of a symlink between them, FOREVER if there is none.
    """
    points: Points = []
    if seen < FOREVER:
        push(points, Point(-FOREVER, seen, OPEN))
    for decision in sorted(ruled):
        push(points, Point(decision.t, decision.s, OPEN if decision.same else ABSENT))
    return points


def rests_on(points: Points, known_at: int = FOREVER) -> Origin:
    """On whose word a tie with these Steps holds: a person's where it makes a difference, else what was observed."""
    seen = [point for point in points if point.s <= known_at]
    return Origin.PERSON if seen and seen[-1].t > -FOREVER else Origin.OBSERVED


def _identity(entry: dict[str, Any]) -> Assertions:
    verdict = entry.get("verdict")
    if verdict not in (SAME, APART):
        raise InvalidEvent(f"{str(verdict)[:80]!r} is no verdict; it is {SAME!r} or {APART!r}", "verdict")
    decided = entry.get("decidedAt")
    if not isinstance(decided, str):
        raise InvalidEvent("`decidedAt` must be a time such as 2026-03-01T12:00:00Z", "decidedAt")
    a, b = _dataset(entry, "a"), _dataset(entry, "b")
    if a == b:
        raise InvalidEvent("`a` and `b` are one name; a decision is about two", "b")
    warnings: list[str] = []
    said = Verdict(a, b, verdict == SAME, _words(entry, "by", warnings), _words(entry, "reason", warnings))
    return Assertions(
        time=read_time(decided, warnings),
        origin=Origin.DECLARED,
        event_type=EventType.OTHER,
        producer="",
        job=None,
        run=None,
        verdicts=(said,),
        warnings=tuple(warnings),
    )


def _dataset(entry: dict[str, Any], key: str) -> Name:
    name = read_name(entry.get(key), key, [])
    if name is None:
        raise InvalidEvent(f"`{key}` must be a dataset: an object with a namespace and a name, neither empty", key)
    return name


def _words(entry: dict[str, Any], key: str, warnings: list[str]) -> str:
    words = entry.get(key)
    if isinstance(words, str) and len(words) <= MAX_WORDS:
        return words
    if words is not None:
        warnings.append(f"{key}: not a text of at most {MAX_WORDS:,} characters, cut")
    return "" if words is None else str(words)[:MAX_WORDS]


_READERS: EntryReaders = {IDENTITY: _identity}
