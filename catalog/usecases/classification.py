"""What holds of columns once everything has followed the lineage, what may be missing there, and why it is so.

Nothing of it is stored: each answer is computed from a snapshot of the things asked about with all upstream of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from catalog.assets.attributes import CLASSIFICATION, PROPAGATION, STOP, Voice
from catalog.assets.keys import Key, Kind, entity_id, thing_id
from catalog.checks.classification.direct import decisions, stops, tags_of
from catalog.checks.classification.propagate import Effective, Propagated, propagate
from catalog.checks.classification.suggest import Evidence, Suggestion, suggestions
from catalog.checks.classification.why import DIRECT, MOST, STOPPED, Branch, Derivation, derivation, tree
from catalog.checks.snapshot import Place, Snapshot, Thing
from catalog.errors import InvalidQuestion, UnknownKey
from catalog.graph.assets import datasets
from catalog.graph.assets import page as listed
from catalog.graph.attributes import Description, describe, thing_of
from catalog.graph.reader import Reader
from catalog.graph.snapshot import take_part
from catalog.graph.store import Row
from catalog.graph.walk import Moment
from catalog.identity import Name, dataset_id, sort_key
from catalog.manifest.validating import hint
from catalog.usecases.curate import check_known
from catalog.usecases.moments import applied

MOST_UPSTREAM = 20_000
"""Datasets and jobs, with what is asked about, that one answer follows."""
BATCH = 50
"""Datasets that are looked at together."""
MOST_DATASETS = 500
"""Datasets that one page of suggestions looks at; then it may be short."""
MOST_APART = 20
"""Datasets that are looked at one by one where they have too much upstream together."""
ASK_ALONE = "there is too much upstream of these datasets together: ask for fewer at once"
TOO_MUCH = "there is too much upstream to follow it here: run `headwater evaluate`, which reads the whole catalog"


class Seen(NamedTuple):
    """A thing with what holds of it and its columns.

    Attributes:
        propagated: of a snapshot with all that is upstream of the thing; None if that is too much, or nothing is known.
        thing: its id in the snapshot.
        notice: what could not be told, in words; "" if all could.
    """

    propagated: Propagated | None
    thing: str
    notice: str = ""

    def of(self, column: str) -> Effective | None:
        """What holds of a column."""
        return self.propagated.of(Place(self.thing, column)) if self.propagated else None

    def is_untold(self, column: str) -> bool:
        """Whether nobody told what a column is made of, or of the whole some of its columns."""
        if self.propagated is None:
            return False
        places = {Place(self.thing), Place(self.thing, column)} if column else set(self.propagated.columns(self.thing))
        return not self.propagated.untold.isdisjoint({*places, Place(self.thing)})

    def whole(self) -> Effective | None:
        """What holds of the thing with all of its columns."""
        return self.propagated.whole(self.thing) if self.propagated else None


class WhyTagged(NamedTuple):
    """Why a place has a tag or its level.

    Attributes:
        snapshot: has the things that places name.
        how: DIRECT, PROPAGATED, INFLUENCED; "" if the place does not have it.
        level: of the classification, which one.
        shortest: the shortest way from where it is said.
        branches: all ways; the place asked about is the first.
        voices: by place who says it there, or who stopped it.
        complete: False if there are more places than were asked for.
        origin_unknown: whether nobody told what the column is made of, so that there may be more.
    """

    snapshot: Snapshot
    place: Place
    how: str
    level: str | None
    shortest: Derivation | None
    branches: tuple[Branch, ...]
    voices: dict[Place, tuple[Voice, ...]]
    complete: bool
    origin_unknown: bool


class Chosen(NamedTuple):
    """Which suggestions: those that fit everything given.

    Attributes:
        tag: this one, or one below it.
    """

    namespace: str | None = None
    dataset: Name | None = None
    evidence: frozenset[Evidence] | None = None
    tag: str | None = None


class Found(NamedTuple):
    """A suggestion with its place in the list.

    Attributes:
        looked_upstream: False if what is upstream was too much to follow, so that only names and words counted.
        cursor: where to go on behind it.
    """

    thing: Thing
    suggestion: Suggestion
    looked_upstream: bool
    cursor: tuple[str, int]


class Page(NamedTuple):
    """Some suggestions; `more` says where to go on, None at the end."""

    found: tuple[Found, ...]
    more: tuple[str, int] | None


def effective(reader: Reader, at: int, ids: Iterable[str], moment: Moment) -> dict[str, Seen]:
    """What holds of datasets and their columns, by id; `at` is the present, µs."""
    wanted = list(dict.fromkeys(ids))
    told = _propagated(reader, at, wanted, moment)
    if told is None and len(wanted) > 1:
        apart = {each: effective(reader, at, [each], moment)[each] for each in wanted[:MOST_APART]}
        return {id_: apart.get(id_) or Seen(None, id_, ASK_ALONE) for id_ in wanted}
    if told is None:
        return {id_: Seen(None, id_, TOO_MUCH) for id_ in wanted}
    of = _things(told.snapshot)
    return {id_: Seen(told, of[id_]) if id_ in of else Seen(None, id_, "nothing is known of it") for id_ in wanted}


def why_tagged(
    reader: Reader, at: int, key: Key, column: str, what: str, moment: Moment, most: int = MOST
) -> WhyTagged:
    """Why a thing or a column has a tag, or (`classification`) its level.

    Raises:
        UnknownKey: nothing is known of the entity, or it has no such column.
        InvalidQuestion: there is too much upstream of it, or nothing was known of it at the moment.
    """
    check_known(reader, key)
    id_ = thing_id(key)
    told = _propagated(reader, at, [id_], moment)
    if told is None:
        raise InvalidQuestion(TOO_MUCH)
    thing = _things(told.snapshot).get(id_)
    if thing is None:
        raise InvalidQuestion(f"nothing was known of {key.name[:200]} at that moment; ask for a later one")
    place = Place(thing, column)
    found = tree(told, place, what, most)
    columns = told.snapshot.things[thing].columns
    is_column = not column or any(name == column or name.startswith(f"{column}.") for name in columns)
    if columns and not is_column and not found.branches:
        raise UnknownKey(f"{key.kind} {key.name[:200]} has no column {column[:200]!r}{hint(column, columns)}", column)
    held = told.of(place)
    return WhyTagged(
        told.snapshot,
        place,
        "" if not found.branches or found.branches[0].how == STOPPED else found.branches[0].how,
        held.level if what == CLASSIFICATION else None,
        derivation(told, place, what),
        found.branches,
        _voices(reader, told.snapshot, found.branches, what, moment),
        found.complete,
        not told.untold.isdisjoint({place, Place(thing)}),
    )


def page(reader: Reader, at: int, chosen: Chosen, moment: Moment, after: tuple[str, int] | None, limit: int) -> Page:
    """Suggestions by dataset, the strongest evidence of each column first; a page may be short.

    Args:
        after: the cursor of the last one seen.
    """
    found: list[Found] = []
    looked = 0
    done = after[0] if after else ""
    for rows in _batches(reader, chosen, after):
        if looked >= MOST_DATASETS:
            return Page(tuple(found), (done, -1))
        looked += len(rows)
        for row, thing, some, upstream in _suggested(reader, at, rows, chosen, moment):
            done = sort_key(Name(row["namespace"], row["name"]), row["id"])
            begin = after[1] + 1 if after and after[0] == done and after[1] >= 0 else 0
            for n, one in enumerate(some):
                if n < begin:
                    continue
                if len(found) == limit:
                    return Page(tuple(found), found[-1].cursor)
                found.append(Found(thing, one, upstream, (done, n)))
        last = rows[-1]
        done = sort_key(Name(last["namespace"], last["name"]), last["id"])
    return Page(tuple(found), None)


def _batches(reader: Reader, chosen: Chosen, after: tuple[str, int] | None) -> Iterator[list[Row]]:
    if chosen.dataset is not None:
        yield from ([row] for row in datasets(reader, [dataset_id(chosen.dataset)]).values())
        return
    begin = ""
    if after:
        begin = after[0]
        if after[1] >= 0:  # the page ended within this dataset
            current = datasets(reader, [begin.rpartition("\n")[2]])
            if current:
                yield list(current.values())
    while rows := listed(reader, "Dataset", after=begin, namespace=chosen.namespace, limit=BATCH):
        yield rows
        begin = sort_key(Name(rows[-1]["namespace"], rows[-1]["name"]), rows[-1]["id"])


def _suggested(
    reader: Reader, at: int, rows: Sequence[Row], chosen: Chosen, moment: Moment
) -> Iterator[tuple[Row, Thing, list[Suggestion], bool]]:
    """By dataset what is suggested of it; of one with several names under the canonical one only."""
    ids = [row["id"] for row in rows]
    propagated = _propagated(reader, at, ids, moment)
    snapshot = propagated.snapshot if propagated else None
    if snapshot is None:
        snapshot = take_part(reader, applied(reader, moment), at=at, things=ids, alone=True)
        assert snapshot is not None, "what is upstream is not counted"
    by_thing: dict[str, list[Suggestion]] = {}
    for one in suggestions(snapshot, propagated):
        if _fits(one, chosen):
            by_thing.setdefault(one.place.thing, []).append(one)
    of = _things(snapshot)
    asked = chosen.dataset is not None
    for row in rows:
        thing = of.get(row["id"])
        if thing is not None and (thing == row["id"] or asked):
            yield row, snapshot.things[thing], by_thing.get(thing, []), propagated is not None


def _fits(one: Suggestion, chosen: Chosen) -> bool:
    if chosen.evidence is not None and one.evidence not in chosen.evidence:
        return False
    return chosen.tag is None or one.tag == chosen.tag or one.tag.startswith(f"{chosen.tag}/")


def _propagated(reader: Reader, at: int, ids: Collection[str], moment: Moment) -> Propagated | None:
    snapshot = take_part(reader, applied(reader, moment), at=at, things=ids, most=MOST_UPSTREAM)
    return propagate(snapshot) if snapshot is not None else None


def _things(snapshot: Snapshot) -> dict[str, str]:
    """The thing that each node and entity is, by id."""
    found: dict[str, str] = {}
    for id_, thing in snapshot.things.items():
        found[id_] = id_
        if thing.key.kind is not Kind.PIPELINE:
            found.update({dataset_id(name): id_ for name in thing.names})
        found[entity_id(thing.key)] = id_
    return found


def _voices(
    reader: Reader, snapshot: Snapshot, branches: Sequence[Branch], what: str, moment: Moment
) -> dict[Place, tuple[Voice, ...]]:
    """Who says it where it is said, and who stopped it."""
    told = {branch.place: branch.how for branch in branches if branch.how in (DIRECT, STOPPED)}
    things = {snapshot.things[p.thing].key: snapshot.things[p.thing] for p in told if p.thing in snapshot.things}
    if not things:
        return {}
    asked = {key: thing_of(key, thing.names) for key, thing in things.items()}
    said = describe(reader, asked, applied(reader, moment))
    return {
        place: _saying(said[snapshot.things[place.thing].key], place.column, what, how)
        for place, how in told.items()
        if place.thing in snapshot.things
    }


def _saying(description: Description, column: str, what: str, how: str) -> tuple[Voice, ...]:
    values = description.values.get(column, {})
    if how == STOPPED:
        held = [one for one in values.get(PROPAGATION, ()) if _stopping(one.value, what)]
    elif what == CLASSIFICATION:
        held = list(values.get(CLASSIFICATION) or description.values.get("", {}).get(CLASSIFICATION, ()))
    else:
        held = [one for one in values.get("tags", ()) if what in tags_of({"tags": [one.value]})]
        held += [one for one in values.get("personalData", ()) if what in tags_of({"personalData": one.value})]
    return tuple(voice for one in held for voice in (one.voice, *one.agreeing))


def _stopping(value: object, what: str) -> bool:
    given = decisions({PROPAGATION: [value]}, PROPAGATION)
    return any(word == STOP and stops(what, [tag]) for tag, word in given.items())
