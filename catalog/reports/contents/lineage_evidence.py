"""lineage-evidence: where the data of something come from and go to, with who says so of each step, and since when."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from catalog.assets.keys import Kind
from catalog.checks.classification.propagate import Propagated
from catalog.checks.classification.ways import Gait, gait_of
from catalog.checks.filling.known import version_of
from catalog.checks.filling.serving import versions
from catalog.checks.judgement import Judgement
from catalog.checks.snapshot import Edge, Snapshot, Thing
from catalog.reports.contents.content import Content, Parameter, Scope
from catalog.reports.contents.drawing import draw
from catalog.reports.contents.finding import find
from catalog.reports.contents.head import report
from catalog.reports.contents.saying import day, moment, some, stated
from catalog.reports.contents.view import View
from catalog.reports.document import Cell, Facts, Report, Section, Table, Tone

KINDS = (Kind.DATASET, Kind.PIPELINE, Kind.DASHBOARD, Kind.MODEL, Kind.MODEL_VERSION, Kind.DEPLOYMENT)
"""Kinds that lineage reaches; of a model it is that of its versions."""
WAYS = {"READS": "is read by", "WRITES": "writes", "DERIVES_FROM": "becomes", "FED_BY": "starts"}
GAITS = {
    Gait.VALUE: "value goes on",
    Gait.MASKED: "masked",
    Gait.ANONYMIZED: "made anonymous",
    Gait.INFLUENCE: "only decides about rows",
    Gait.WHOLE: "whole",
}


class Walked(NamedTuple):
    """What a walk found.

    Attributes:
        steps: (datasets away, edge), sorted.
        away: by id of a thing that holds data, how many datasets away it is.
        beyond: ids of the things that the depth left out, next after the last.
    """

    steps: list[tuple[int, Edge]]
    away: dict[str, int]
    beyond: set[str]


def build(snapshot: Snapshot, judgement: Judgement, propagated: Propagated, scope: Scope) -> Report:
    """Write the report.

    Raises:
        InvalidQuestion: there is no such thing, or several.
    """
    view = View(snapshot, propagated)
    thing = find(view, str(scope["entity"]), KINDS)
    starts = versions_of(view, thing) if thing.key.kind is Kind.MODEL else [thing]
    depth = int(scope["depth"] or 0)
    up = walk(view, starts, depth, view.into, lambda edge: edge.source)
    down = walk(view, starts, depth, view.out, lambda edge: edge.target)
    tones: dict[str, Tone] = {one.id: "good" for one in starts}
    ids = [one.id for one in starts] + sorted({*up.away, *down.away}, key=lambda id: _nearness(view, id, up, down))
    sections = (
        Section("about", "What it is", (about(view, thing),)),
        Section("drawing", "Where its data come from and go to", (draw(view, view.label(thing.id), ids, tones),)),
        _steps(view, "upstream", "Where its data come from", up),
        _steps(view, "downstream", "Where its data go to", down),
        Section("columns", "What its columns are made of", tuple(columns(view, one) for one in starts)),
    )
    return report(CONTENT, snapshot, Judgement((), (), ()), scope, sections, _unknown(view, starts, up, down))


def walk(
    view: View,
    starts: Iterable[Thing],
    depth: int,
    edges: Callable[[str], tuple[Edge, ...]],
    end: Callable[[Edge], str],
) -> Walked:
    """Walk from things by levels; jobs between them cost nothing, and of a job the first level is what it touches."""
    first = {one.id for one in starts}
    away, found = dict.fromkeys(first, 0), dict[Edge, int]()
    level, distance = sorted(first), 0
    while level:
        reached: set[str] = set()
        for id in level:
            for edge in edges(id):
                job = end(edge) if view.is_job(end(edge)) and edge.kind in ("READS", "WRITES") else ""
                for step in (edge, *(other for other in edges(job) if job and other.kind in ("READS", "WRITES"))):
                    if distance < depth:
                        found.setdefault(step, distance + 1)
                    if not view.is_job(end(step)):
                        reached.add(end(step))
        level = sorted(reached - away.keys())
        if distance == depth:
            return Walked(sorted(((at, edge) for edge, at in found.items()), key=repr), _data(view, away), set(level))
        distance += 1
        away |= dict.fromkeys(level, distance)
    return Walked(sorted(((at, edge) for edge, at in found.items()), key=repr), _data(view, away), set())


def about(view: View, thing: Thing) -> Facts:
    """What is known of a thing."""
    place = view.whereabouts(thing)
    where = some(part for part in (place.region, place.country, place.jurisdiction) if part)
    told = view.propagated.whole(thing.id)
    rows: tuple[tuple[str, Cell], ...] = (
        ("Kind", view.kind(thing.id)),
        ("Name", thing.key.name),
        ("Namespace", thing.key.namespace),
        ("Description", stated(thing.attributes.get("description"))),
        ("Answers for it", view.owners(thing) or None),
        ("Classification, with its columns", told.level),
        ("Tags, with its columns", some(told.tags) or None),
        ("Where", where or None),
        ("Declared by", thing.manifest if thing.declared else "nobody"),
        ("First seen in events", moment(thing.observed.first) or "never"),
        ("Seen in events last", moment(thing.observed.last) or "never"),
        ("Id", thing.id),
    )
    return Facts(rows)


def columns(view: View, thing: Thing) -> Table:
    """Each column of a thing with those that it is made of."""
    rows: list[tuple[Cell, ...]] = []
    told = set()
    for edge in view.columns_into(thing.id):
        told.add(edge.target.column)
        rows.append(
            (
                edge.target.column or "the whole",
                view.place(edge.source),
                GAITS[gait_of(edge)],
                edge.description or edge.subtype.lower().replace("_", " ") or None,
                view.label(edge.job) if edge.job else "no job is known",
                who(edge.origins),
            )
        )
    rows += [(name, None, None, None, None, None) for name in sorted(thing.columns) if name not in told]
    headings = ("Column", "Made of", "How", "In words", "By", "Who says so")
    return Table(
        f"Columns of {view.label(thing.id)}", headings, tuple(sorted(rows, key=repr)), empty="No column is known."
    )


def who(origins: Iterable[str]) -> str:
    """Who says that data flow, in words."""
    words = {"OBSERVED": "events", "DECLARED": "a manifest", "INFERRED": "inferred from SQL"}
    return some(words.get(origin, origin.lower()) for origin in sorted(origins, reverse=True))


def versions_of(view: View, model: Thing) -> list[Thing]:
    """The versions of a model, in the order of their names, numbers as numbers."""
    return sorted(versions(view.known, model.key), key=lambda thing: _order(version_of(thing)))


def _order(version: str) -> tuple[tuple[int, int, str], ...]:
    parts = version.replace("-", ".").split(".")
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


def _data(view: View, away: dict[str, int]) -> dict[str, int]:
    return {id: distance for id, distance in away.items() if not view.is_job(id)}


def _nearness(view: View, id: str, up: Walked, down: Walked) -> tuple[int, str, str]:
    most = len(up.away) + len(down.away)
    return min(up.away.get(id, most), down.away.get(id, most)), view.label(id), id


def _steps(view: View, id: str, title: str, walked: Walked) -> Section:
    return Section(id, title, (steps_table(view, "Steps", walked),))


def steps_table(view: View, title: str, walked: Walked) -> Table:
    """The steps of a walk with who says so of each, the nearest first."""
    rows = [
        (
            at,
            view.label(edge.source),
            WAYS.get(edge.kind, edge.kind.lower()),
            view.label(edge.target),
            who(edge.origins),
            day(edge.since),
            day(edge.last),
            edge.entry or None,
        )
        for at, edge in walked.steps
    ]
    headings = ("Datasets away", "From", "How", "To", "Who says so", "Since", "Last told", "Event")
    return Table(title, headings, tuple(sorted(rows, key=lambda row: (row[0], row[1:4]))), empty="Nothing is known.")


def _unknown(view: View, starts: list[Thing], up: Walked, down: Walked) -> list[str]:
    found = []
    for walked, where in ((up, "upstream"), (down, "downstream")):
        if walked.beyond:
            found.append(f"`depth` leaves out what lies further {where}; the next there: {len(walked.beyond)}.")
    seen = {one.id for one in starts} | up.away.keys() | down.away.keys()
    for one in view.propagated.unknown:
        if one.thing in seen and not one.partly and view.kind(one.thing) == "Dataset":
            by = f" by {view.label(one.job)}" if one.job else ""
            found.append(f"No column lineage tells what {view.label(one.thing)} is made of{by}.")
    return found


CONTENT = Content(
    name="lineage-evidence",
    version=1,
    title="Evidence of lineage",
    description="Where the data of something come from and go to, with who says so of each step and since when.",
    parameters=(
        Parameter(
            "entity",
            "text",
            "What it is about: a name such as `shop.public.orders`, `churn/4`, or with its kind and namespace.",
            required=True,
            kinds=KINDS,
        ),
        Parameter("depth", "number", "How many datasets away, in both directions.", default=3, most=50),
    ),
    packs=(),
    build=build,
)
