"""The head that every report has: the moment, what was chosen, what it rests on, and what was not known."""

from __future__ import annotations

from collections.abc import Iterable

from catalog import __version__
from catalog.checks.judgement import OUTCOMES, Judgement
from catalog.checks.snapshot import Snapshot
from catalog.clock import to_iso
from catalog.reports.contents.content import Content, Scope
from catalog.reports.document import Report, Section


def report(
    content: Content,
    snapshot: Snapshot,
    judgement: Judgement,
    scope: Scope,
    sections: Iterable[Section],
    unknown: Iterable[str] = (),
) -> Report:
    """A report out of its sections; the hash of the graph is set by whoever seals it, once for all that rests on it."""
    told = dict.fromkeys((*snapshot.unknown, *sorted(unknown), *_cut_off(snapshot, judgement)))
    return Report(
        name=content.name,
        version=content.version,
        title=content.title,
        as_of=to_iso(snapshot.at if snapshot.as_of is None else snapshot.as_of) or "",
        known_at=snapshot.known_at,
        scope=dict(sorted(scope.items())),
        generator={"name": "headwater", "version": __version__},
        graph="",
        policies=tuple((*used,) for used in sorted(judgement.policies)),
        populations=tuple(
            (one.policy, one.selected, *(one.count(outcome) for outcome in OUTCOMES))
            for one in sorted(judgement.populations, key=lambda one: one.policy)
        ),
        sections=tuple(sections),
        unknown=tuple(told),
    )


def _cut_off(snapshot: Snapshot, judgement: Judgement) -> Iterable[str]:
    if not snapshot.whole:
        yield "Only a part of the catalog was looked at: the things asked for, and what is upstream of them."
    for population in sorted(judgement.populations, key=lambda one: one.policy):
        if not population.complete:
            yield f"{population.policy}: its walk ended at its depth; what lies beyond was not judged."
