"""Make a report: what is ordered at a door, and what a worker then does, from the catalog at a moment to a sealed file.

The moment is pinned when the report is ordered: what had happened by then, told by what was applied by then. So a
worker that takes the order up again makes the same report, and so does whoever asks for that moment later: it is found
sealed already, and its files are the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from catalog.checks.choosing import Chosen, pack_names
from catalog.checks.choosing import choose as choose_policies
from catalog.checks.classification.propagate import propagate
from catalog.checks.engine import engine
from catalog.checks.evaluate import evaluate
from catalog.checks.snapshot import Snapshot
from catalog.checks.snapshot_hash import state_hash
from catalog.clock import Clock, to_iso
from catalog.errors import InvalidQuestion, InvalidSetting
from catalog.graph import orders, reports
from catalog.graph.orders import Order
from catalog.graph.reader import Reader
from catalog.graph.reports import Kept
from catalog.graph.snapshot import take
from catalog.graph.walk import Moment
from catalog.lineage.fold import VERSION
from catalog.reports.canonical import content_of, sha256
from catalog.reports.contents import CONTENTS
from catalog.reports.contents.content import Content, choose
from catalog.reports.document import Report
from catalog.reports.keys import SealKey, read_key
from catalog.reports.renderers import RENDERERS
from catalog.reports.seal import Seal, seal_of, sign
from catalog.usecases.moments import moment, standing
from catalog.usecases.orders import Done, Tell
from catalog.usecases.report_names import check_things

KIND = "REPORT"
STEPS = ("reading the catalog", "judging it by policies", "writing the report", "drawing it as {}", "sealing it")


class Asked(NamedTuple):
    """A report as somebody asks for it; times as people give them."""

    name: str
    parameters: Mapping[str, str | int | None] = {}
    packs: Sequence[str] = ()
    as_of: str | None = None
    known_at: str | None = None


def order_report(reader: Reader, clock: Clock, asked: Asked, *, packs: Sequence[str], by: str) -> Order:
    """Order a report; what is wrong with the question is said at once, not by the worker.

    Args:
        packs: of policies, for a report that is judged by those that the caller chooses, and the caller chose none.

    Raises:
        UnknownKey: no such report or pack; those that are spelled nearly so are named.
        InvalidQuestion: no such parameter or moment, a moment that is not applied yet, or a name that nothing has.
        BeyondRetention: it lies behind what is kept.
        Overloaded: too much is ordered already.
    """
    content = choose(asked.name, CONTENTS)
    scope = content.scope(asked.parameters)
    chosen = _packs(content, asked.packs, packs)
    through = standing(reader).applied_through
    when = moment(reader, asked.as_of, asked.known_at)
    known = through if when.known_at is None else when.known_at
    if known > through:
        raise InvalidQuestion(f"knownAt: {known} is not applied yet, only {through} is; a report rests on what is")
    check_things(reader, content, scope)
    now = clock.now()
    if when.as_of is not None and when.as_of > now:
        raise InvalidQuestion(f"asOf: {to_iso(when.as_of)} is not yet; a report tells what was, up to {to_iso(now)}")
    pinned = {"asOf": now if when.as_of is None else when.as_of, "knownAt": known}
    parameters = {"name": content.name, "scope": dict(scope), "packs": list(chosen), **pinned}
    return orders.place(reader.store, KIND, parameters, by=by, now=now)[0]


class Reporting:
    """Makes the reports that are ordered.

    Args:
        key: the file of the key that seals; it is read for each report, so that it can be exchanged.
    """

    def __init__(self, reader: Reader, clock: Clock, key: Path | None) -> None:
        self._reader = reader
        self._clock = clock
        self._key = key

    def work(self, order: Order, tell: Tell) -> Done:
        """Make one; see `usecases.orders.Work`. Made twice, it is the same report under the same seal.

        Raises:
            InvalidSetting, InvalidKey: nothing can be sealed.
            InvalidQuestion: the catalog is not such that the report can be made.
            StoreUnavailable, LeaseLost: it is made again, or by another worker.
        """
        key = self._read_key()
        report = self._write(order, tell)
        content = content_of(report)
        if again := reports.find(self._reader.store, sha256(content)):
            return Done(result=again.id)
        bodies = dict[str, bytes]()
        for at, (format_, render) in enumerate(sorted(RENDERERS.items())):
            tell(STEPS[3].format(format_.upper()), 3 + at, 4 + len(RENDERERS))
            bodies[format_] = render(report, content)
        tell(STEPS[4], 3 + len(RENDERERS), 4 + len(RENDERERS))
        kept = self._seal(report, bodies, key, order)
        return Done(result=kept.id, ended=True)

    def _write(self, order: Order, tell: Tell) -> Report:
        asked, total = order.parameters, 4 + len(RENDERERS)
        content = choose(str(asked["name"]), CONTENTS)
        tell(STEPS[0], 0, total)
        snapshot = take(self._reader, Moment(asked["asOf"], asked["knownAt"]), at=asked["asOf"])
        tell(STEPS[1], 1, total)
        policies, wrong = _policies(content, snapshot, asked["packs"])
        propagated = propagate(snapshot)
        judgement = evaluate(snapshot, policies, tell=lambda _: tell(STEPS[1], 1, total), propagated=propagated)
        tell(STEPS[2], 2, total)
        report = content.build(snapshot, judgement, propagated, asked["scope"])
        packs = {"Packs of policies": ", ".join(asked["packs"])} if content.packs is None else {}
        return replace(
            report,
            graph=state_hash(snapshot),
            generator={**report.generator, "fold": str(VERSION)},
            unknown=(*report.unknown, *wrong),
            extra={**report.extra, **packs},
        )

    def _seal(self, report: Report, bodies: Mapping[str, bytes], key: SealKey, order: Order) -> Kept:
        now = self._clock.now()
        renderings = {format_: body for format_, body in bodies.items() if format_ != "json"}
        seal = _sealing(report, bodies["json"], renderings, at=to_iso(now) or "", by=order.by, key=key)
        return reports.keep(self._reader.store, report, bodies, seal, key.public, order=order, now=now)

    def _read_key(self) -> SealKey:
        if self._key is None:
            raise InvalidSetting(
                "no key seals reports: make one with `headwater report key --new FILE`, name it in HEADWATER_SEAL_KEY, "
                "and start the workers again; `headwater up` does that by itself"
            )
        return read_key(self._key.expanduser())


def _sealing(
    report: Report, content: bytes, renderings: Mapping[str, bytes], *, at: str, by: str, key: SealKey
) -> Callable[[int, str], Seal]:
    def seal(number: int, previous: str) -> Seal:
        return sign(seal_of(report, content, renderings, number=number, previous=previous, at=at, by=by), key)

    return seal


def _policies(content: Content, snapshot: Snapshot, packs: Sequence[str]) -> tuple[list[Chosen], list[str]]:
    """The policies of some packs and what is wrong with them; a report with packs of its own takes none beside them."""
    return choose_policies(snapshot, packs, engine(), all_declared=content.packs is None) if packs else ([], [])


def _packs(content: Content, asked: Sequence[str], otherwise: Sequence[str]) -> Sequence[str]:
    """The packs to judge by: those of the report, else those that were chosen, sorted; `all` stands for every one."""
    if content.packs is not None:
        if asked:
            told = ", ".join(content.packs) or "none"
            raise InvalidQuestion(f"the report {content.name} is judged by packs of its own: {told}; leave `packs` out")
        return content.packs
    return pack_names(asked or otherwise)
