"""Datasets whose names are alike and of which nobody said whether they are one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from catalog.graph.identity import names_of
from catalog.graph.reader import Question, Reader
from catalog.graph.store import Row
from catalog.identity import Name
from catalog.lineage.naming import BUCKET_DIGITS, Rule, groups, reasons

MOST_OF_GROUP = 100
"""Names of one group that are compared with each other."""
AT_ONCE = 256
"""Buckets asked for in one statement."""
MOST_READ = 20_000
"""Datasets read for one page: a page of a large catalog may be short."""
MOST_OF_BUCKET = 50_000
_BUCKETS = [f"{i:0{BUCKET_DIGITS}x}" for i in range(16**BUCKET_DIGITS)]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Names that are alike.

    Attributes:
        place: where it stands in the list: bucket, then the id of its first member.
        members: rows of the datasets, by name.
        rules: the differences between the names.
        open: pairs of ids of which nobody said whether they are one thing; one pair for each two things.
    """

    place: tuple[str, str]
    members: list[Row]
    rules: list[Rule]
    open: list[tuple[str, str]]


class Page(NamedTuple):
    """Some of the list, and from where to go on; None at its end."""

    found: list[Likeness]
    after: tuple[str, str] | None


def conflicts(reader: Reader, namespace: str | None, after: tuple[str, str], limit: int) -> Page:
    """Groups of names that are alike, behind a place, at most `limit`; fewer where much had to be read."""

    def work(q: Question) -> Page:
        found: list[Likeness] = []
        left = [name for name in _BUCKETS if name >= after[0]]
        read = 0
        while left and read < MOST_READ:
            some, left = left[:AT_ONCE], left[AT_ONCE:]
            rows = q.rows("identity", "alike", buckets=some, limit=MOST_OF_BUCKET)
            read += len(rows)
            new = sorted(_open_groups(q, rows, namespace), key=lambda group: group.place)
            found += [group for group in new if group.place > after]
            if len(found) > limit:
                return Page(found[:limit], found[limit - 1].place)
        return Page(found, (left[0], "") if left else None)

    return reader.ask(work)


def _open_groups(q: Question, rows: list[Row], namespace: str | None) -> list[Likeness]:
    by_name = {Name(row["namespace"], row["name"]): row for row in rows}
    alike = groups(by_name)
    if namespace is not None:
        alike = [names for names in alike if any(name.namespace == namespace for name in names)]
    ids = sorted({by_name[name]["id"] for names in alike for name in names})
    thing = {id_: min(names.ids) for id_, names in names_of(q, ids).items()}
    apart = {frozenset((row["id"], row["other"])) for row in q.rows_by_id("identity", "apart", ids)}
    found = []
    for names in alike:
        members = [by_name[name] for name in names[:MOST_OF_GROUP]]
        pairs = _open_pairs([row["id"] for row in members], thing, apart)
        if pairs:
            place = (members[0]["near"], min(row["id"] for row in members))
            found.append(Likeness(place, members, reasons(names), pairs))
    return found


def _open_pairs(ids: list[str], thing: dict[str, str], apart: set[frozenset[str]]) -> list[tuple[str, str]]:
    """A pair for each two things of which no pair of names was taken apart."""
    pairs: dict[frozenset[str], tuple[str, str]] = {}
    closed = set()
    for at, a in enumerate(ids):
        for b in ids[at + 1 :]:
            things = frozenset((thing[a], thing[b]))
            if frozenset((a, b)) in apart:
                closed.add(things)
            elif len(things) > 1:
                pairs.setdefault(things, (a, b))
    return [pair for things, pair in pairs.items() if things not in closed]
