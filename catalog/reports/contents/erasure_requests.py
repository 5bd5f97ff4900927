"""Requests for erasure beside the plan that they follow: what became of each leaf, and what may have come back."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.checks.filling.erasure import Request, brought_back, requests
from catalog.checks.snapshot import Thing
from catalog.reports.contents.exceptions import shown
from catalog.reports.contents.saying import micros, moment, some, stated, words
from catalog.reports.contents.view import View
from catalog.reports.document import Cell, Prose, Section, Table, Tone

_REQUESTS = (
    *("Request", "Received", "To be answered by", "Settled", "Done", "Exempt", "Open", "Not listed"),
    *("Recipients not told", "Answers for it"),
)
_LEAVES = ("Request", "Where", "Status", "When", "Reason", "Evidence", "Id")
_BACK = ("Request", "Into", "From", "By", "Erased", "Written since")
_TONES: dict[str, Tone] = {"DONE": "good", "EXEMPT": "muted", "OPEN": "warn"}


def asked(view: View, starts: Iterable[Thing]) -> Section:
    """The requests whose data begin at some of these things."""
    ids = {one.id for one in starts}
    found = [one for one in requests(view.known) if any(start.id in ids for start in one.starts)]
    return Section(
        "requests",
        "Requests for erasure",
        (
            Prose(
                "What requests state of the things that their data reach. That rows are gone is shown by the evidence, "
                "not by the catalog."
            ),
            _requests(view, found),
            _leaves(view, found),
            _back(view, found),
        ),
    )


def _requests(view: View, found: list[Request]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    tones: list[Tone] = []
    for one in found:
        number = {status: sum(leaf.status == status for leaf in one.leaves) for status in _TONES}
        rows.append(
            (
                one.thing.key.name,
                moment(one.received),
                moment(one.due),
                "yes" if one.settled else "no",
                *(number["DONE"], number["EXEMPT"], number["OPEN"], len(one.missing)),
                some(one.untold),
                stated(one.thing.document.get("owner")),
            )
        )
        whole = one.settled and not one.missing
        tones.append("good" if whole else "bad" if view.snapshot.at > one.due else "warn")
    return Table("Requests", _REQUESTS, tuple(rows), tuple(tones), "No request about these data is declared.")


def _leaves(view: View, found: list[Request]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    tones: list[Tone] = []
    for one in found:
        for leaf in one.leaves:
            where = view.label(leaf.thing) if leaf.thing else leaf.name
            evidence = some(map(shown, leaf.told.get("evidence") or ()))
            rows.append(
                (
                    *(one.thing.key.name, where, leaf.status.lower(), moment(leaf.at)),
                    *(words(leaf.told.get("reason")), evidence or None, leaf.thing or "unknown"),
                )
            )
            tones.append(_TONES.get(leaf.status, ""))
        for thing in one.missing:
            rows.append((one.thing.key.name, view.label(thing.id), "not listed", None, None, None, thing.id))
            tones.append("bad")
    return Table("Leaves of the requests", _LEAVES, tuple(rows), tuple(tones))


def _back(view: View, found: list[Request]) -> Table:
    names = {one.thing.key.name for one in found}
    erased = {leaf.thing for one in found for leaf in one.leaves if leaf.thing and leaf.at is not None}
    rows: list[tuple[Cell, ...]] = [
        (
            *(back["request"], view.label(id), back["source"], back["job"]),
            *(moment(micros(back["erased"])), moment(micros(back["written"]))),
        )
        for id in view.by_label(erased)
        for back in brought_back(view.known, view.snapshot.things[id])
        if back["request"] in names
    ]
    bad: Tone = "bad"
    return Table("Data that may have come back", _BACK, tuple(sorted(rows, key=repr)), (bad,) * len(rows))
