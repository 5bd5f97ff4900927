"""Understand a moment as people give it: as of a time, and as known at a time or at a sequence of the inbox."""

from __future__ import annotations

from typing import NamedTuple

from catalog.clock import to_iso
from catalog.errors import BeyondRetention, InvalidEvent, InvalidQuestion
from catalog.graph import entries, retention
from catalog.graph.reader import Reader
from catalog.graph.walk import Moment
from catalog.lineage.steps import FOREVER
from catalog.lineage.wire import read_time

TIMES = "give an ISO-8601 time such as 2026-03-01T12:00:00Z"


class Standing(NamedTuple):
    """How far the inbox was when a question was asked."""

    sequence: int
    applied_through: int

    def is_stale(self, moment: Moment) -> bool:
        """Whether an entry the answer should count is not applied, or not even accepted, yet."""
        wanted = self.sequence if moment.known_at is None else moment.known_at
        return wanted > self.applied_through


def standing(reader: Reader) -> Standing:
    """How far the inbox is."""
    progress = entries.progress(reader.store, reader.shards)
    return Standing(progress.sequence, progress.applied_through)


def applied(reader: Reader, asked: Moment) -> Moment:
    """A moment as far as it is applied; whoever answers says whether that is less than was asked for."""
    through = standing(reader).applied_through
    return asked if asked.known_at is None or asked.known_at <= through else asked._replace(known_at=through)


def moment(reader: Reader, as_of: str | None = None, known_at: str | None = None) -> Moment:
    """The moment of a question: what had happened by `as_of`, told by what was accepted by `known_at`.

    Args:
        as_of: an ISO-8601 time; without a zone it is UTC.
        known_at: the same, or a sequence: digits alone. A time stands for the newest entry received by then.

    Raises:
        InvalidQuestion: one of them is neither.
        BeyondRetention: it lies behind what is kept.
    """
    if as_of is None and known_at is None:
        return Moment()
    asked = Moment(
        as_of=None if as_of is None else time_of("asOf", as_of),
        known_at=None if known_at is None else _sequence(reader, known_at),
    )
    _check_kept(reader, asked)
    return asked


def _check_kept(reader: Reader, asked: Moment) -> None:
    kept = retention.kept(reader.store)
    if kept.history is None:
        return
    if asked.as_of is not None and asked.as_of < kept.history:
        raise BeyondRetention(f"asOf: the history is kept from {to_iso(kept.history)} on")
    if asked.known_at is not None and asked.known_at < kept.known:
        raise BeyondRetention(f"knownAt: what was known is kept from sequence {kept.known} on")


def _sequence(reader: Reader, text: str) -> int:
    digits = text.strip()
    if digits.isascii() and digits.isdigit():
        if len(digits) > len(str(FOREVER)) or int(digits) >= FOREVER:
            raise InvalidQuestion(f"knownAt: {digits[:40]} is no sequence; the newest entry's is in `status`")
        return int(digits)
    return entries.received_by(reader.store, time_of("knownAt", text, f"{TIMES}, or the sequence of an entry"))


def time_of(argument: str, text: str, advice: str = TIMES) -> int:
    """The time (µs) that an argument gives; without a zone it is UTC.

    Raises:
        InvalidQuestion: it is none; the message names the argument.
    """
    try:
        return read_time(text, [])
    except InvalidEvent as e:
        raise InvalidQuestion(f"{argument}: {text[:80]!r} is no moment; {advice}") from e
