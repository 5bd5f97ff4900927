"""A snapshot of the whole catalog that is kept: brought up to date by what changed, and cut to what a judgement needs.

Reading again what nobody spoke of is most of what judging one event costs: all that lies upstream of all that is
downstream of it. Whoever has the whole as it was then reads what was touched, and has the whole as it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from catalog.assets.keys import Kind
from catalog.checks.snapshot import Snapshot, Thing
from catalog.identity import dataset_id

_FLOWING = frozenset({Kind.DATASET, Kind.PIPELINE, Kind.MODEL_VERSION, Kind.DEPLOYMENT, Kind.DASHBOARD})
_BY_THE_CLOCK = frozenset({Kind.MODEL_VERSION, Kind.DEPLOYMENT})
"""Kinds of which something holds for a time only: aliases, what is served."""


def renewed(kept: Snapshot, fresh: Snapshot, touched: Collection[str]) -> Snapshot | None:
    """The whole catalog at the moment of `fresh`; None where the two do not fit together, so that it has to be read.

    Args:
        kept: the whole as it was.
        fresh: some things as they are, with what they are tied to directly.
        touched: ids of all things that may be others since, which are those that `fresh` was asked for.
    """
    if any(_is_named(thing, touched) for id_, thing in kept.things.items() if id_ not in touched):
        return None
    things = {id_: thing for id_, thing in kept.things.items() if id_ not in touched}
    things.update((id_, thing) for id_, thing in fresh.things.items() if id_ in touched)
    edges = [edge for edge in kept.edges if edge.source not in touched and edge.target not in touched]
    new_edges = [edge for edge in fresh.edges if edge.source in touched or edge.target in touched]
    columns = [
        edge for edge in kept.column_edges if edge.source.thing not in touched and edge.target.thing not in touched
    ]
    new_columns = [edge for edge in fresh.column_edges if edge.source.thing in touched or edge.target.thing in touched]
    ends = {end for edge in new_edges for end in (edge.source, edge.target)}
    ends |= {end.thing for edge in new_columns for end in (edge.source, edge.target)}
    if not ends <= things.keys():
        return None
    return replace(
        fresh,
        things={id_: things[id_] for id_ in sorted(things)},
        edges=tuple(sorted(edges + new_edges)),
        column_edges=tuple(sorted(columns + new_columns)),
        whole=True,
        unknown=kept.unknown,
        hidden=kept.hidden,
    )


def cut(whole: Snapshot, asked: Collection[str]) -> Snapshot | None:
    """Some things with everything upstream of them and around them, and with all that data never flow through.

    None where something that is not asked for may be another one by the clock alone, as time goes on.
    """
    sources: dict[str, set[str]] = defaultdict(set)
    near: set[str] = set()
    for source, target in _steps(whole):
        sources[target].add(source)
        if source in asked or target in asked:
            near.update((source, target))
    reached = _upstream(sources, whole.things.keys() & asked)
    if any(whole.things[id_].key.kind in _BY_THE_CLOCK for id_ in reached | near if id_ not in asked):
        return None
    apart = {id_ for id_, thing in whole.things.items() if thing.key.kind not in _FLOWING}
    within = reached | near | apart
    return replace(
        whole,
        things={id_: thing for id_, thing in whole.things.items() if id_ in within},
        edges=tuple(edge for edge in whole.edges if edge.source in within and edge.target in within),
        column_edges=tuple(
            edge for edge in whole.column_edges if edge.source.thing in within and edge.target.thing in within
        ),
        whole=False,
    )


def _is_named(thing: Thing, touched: Collection[str]) -> bool:
    """Whether another of the names of a dataset is among what was touched: then it is not what it was."""
    return len(thing.names) > 1 and any(dataset_id(name) in touched for name in thing.names)


def _steps(whole: Snapshot) -> Iterator[tuple[str, str]]:
    """From where to where data go, and what is made of what."""
    for edge in whole.edges:
        yield edge.source, edge.target
    yield from {(edge.source.thing, edge.target.thing) for edge in whole.column_edges}
    for id_, thing in whole.things.items():
        if thing.key.kind in _BY_THE_CLOCK:
            told = (*thing.observed.serves, *(one.thing for one in thing.observed.training))
            yield from ((other, id_) for other in told if other in whole.things)


def _upstream(sources: Mapping[str, Iterable[str]], ids: Iterable[str]) -> set[str]:
    found = set(ids)
    left = list(found)
    while left:
        new = set(sources.get(left.pop(), ())) - found
        found |= new
        left += new
    return found
