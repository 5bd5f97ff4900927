"""Records of processing against what the lineage shows: whose jobs they are, who receives their data, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from catalog.checks.filling.jurisdictions import jurisdiction
from catalog.checks.snapshot import Thing
from catalog.reports.contents.view import View


class Seen(NamedTuple):
    """Something that lineage shows of an activity.

    Attributes:
        name: of a recipient, or the code of a country.
        through: ids of the things that show it, sorted.
    """

    name: str
    through: tuple[str, ...]


def touched(view: View, job: Thing) -> tuple[list[str], list[str]]:
    """The personal data that a job reads, and those that it writes: ids by name."""
    read = [edge.source for edge in view.into(job.id) if edge.kind == "READS"]
    written = [edge.target for edge in view.out(job.id) if edge.kind == "WRITES"]
    return _personal(view, read), _personal(view, written)


def outputs(view: View, job: Thing) -> list[Thing]:
    """What a job writes that may hold personal data: what is known to, and, if it reads any, what is not known not to.

    Not known not to: nobody knows its columns, or no column lineage tells what they are made of, and nobody states
    that it holds none.
    """
    reads, _ = touched(view, job)
    written = (view.thing(edge.target) for edge in view.out(job.id) if edge.kind == "WRITES")
    return _distinct(
        thing
        for thing in written
        if thing is not None and (view.personal(thing) or (reads and unclear(view, thing, job.id)))
    )


def unclear(view: View, thing: Thing, job: str) -> bool:
    """Whether nothing tells what a job puts into a thing, and nobody states that it holds no personal data."""
    if view.said(thing, "personalData").get("contains") is False:
        return False
    return any(one.thing == thing.id and one.job == job and not one.partly for one in view.propagated.unknown)


def recipients(view: View, jobs: list[Thing]) -> list[Seen]:
    """Recipients outside that jobs pass personal data to, by name."""
    return _seen((view.recipient_name(thing), thing.id) for thing in _outputs(view, jobs) if view.external(thing))


def third_countries(view: View, jobs: list[Thing]) -> list[Seen]:
    """Countries and jurisdictions outside the EEA that jobs write personal data to, by code."""
    found = []
    for thing in _outputs(view, jobs):
        place = view.whereabouts(thing)
        if place.in_eea is False:
            found.append((place.country or place.jurisdiction or "", thing.id))
    return _seen(found)


def nowhere(view: View, jobs: list[Thing]) -> list[str]:
    """What jobs write personal data to, though nobody states where it is: ids by name."""
    return view.by_label(thing.id for thing in _outputs(view, jobs) if view.whereabouts(thing).in_eea is None)


def declared_countries(document: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """Third countries that a record states, by code, with what it says of the transfer: nothing where only a recipient
    is stated to be there.
    """
    found: dict[str, list[Mapping[str, Any]]] = {}
    for transfer in document.get("transfers") or ():
        found.setdefault(str(transfer.get("country") or transfer.get("organisation") or ""), []).append(transfer)
    for recipient in document.get("recipients") or ():
        if recipient.get("country") and jurisdiction(str(recipient["country"])) != "EEA":
            found.setdefault(str(recipient["country"]), [])
    return found


def same(name: str, other: str) -> bool:
    """Whether two names of recipients are meant as one: case and spaces mean nothing."""
    return " ".join(name.lower().split()) == " ".join(other.lower().split())


def _outputs(view: View, jobs: list[Thing]) -> list[Thing]:
    return _distinct(thing for job in jobs for thing in outputs(view, job))


def _distinct(things: Iterable[Thing]) -> list[Thing]:
    found = {thing.id: thing for thing in things}
    return [found[id] for id in sorted(found)]


def _personal(view: View, ids: list[str]) -> list[str]:
    return view.by_label(id for id in ids if (thing := view.thing(id)) is not None and view.personal(thing))


def _seen(pairs: Iterable[tuple[str, str]]) -> list[Seen]:
    found: dict[str, set[str]] = {}
    for name, id in pairs:
        found.setdefault(name, set()).add(id)
    return [Seen(name, tuple(sorted(ids))) for name, ids in sorted(found.items())]
