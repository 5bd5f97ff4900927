"""Records of processing against what the lineage shows: the differences that policies find, with what shows them."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.checks.filling import activity as found
from catalog.checks.filling import in_law
from catalog.checks.filling.activity import reached
from catalog.checks.filling.entity import block
from catalog.checks.filling.jurisdictions import jurisdiction
from catalog.checks.snapshot import Thing
from catalog.reports.contents.saying import some
from catalog.reports.contents.view import View
from catalog.reports.document import Cell

BOTH = ""
UNSEEN = "on record, but no lineage shows it"
UNDECLARED = "the lineage shows it, but it is not on record"
NAMELESS = "the lineage shows it, but nobody says who receives it"
KEEPS = "keeps the data"
Row = tuple[Cell, ...]
"""(name, on record, in the lineage, difference)."""


def touched(view: View, job: Thing) -> tuple[list[str], list[str]]:
    """The personal data that a job reads and those that it writes, by name; what only may hold some is marked so."""
    written = set(view.known.upstream.outputs(job.id))
    told: tuple[list[str], list[str]] = ([], [])
    for thing in in_law.touched(view.known, job):
        sure = view.personal(thing)
        told[thing.id in written].append(view.label(thing.id) if sure else f"{view.label(thing.id)} (perhaps)")
    return sorted(told[0]), sorted(told[1])


def recipients(view: View, activity: Thing) -> list[Row]:
    """Recipients on record and in the lineage."""
    known = view.known
    unseen, undeclared = set(found.unseen_recipients(known, activity)), found.undeclared_recipients(known, activity)
    outside = [one for one in reached(known, activity) if view.external(one)]
    rows: list[Row] = []
    for one in activity.document.get("recipients") or ():
        name = str(one.get("name"))
        if one.get("role") != found.WITHIN:
            through = view.labels(thing.id for thing in outside if _same(view.recipient_name(thing), name))
            gone = name in unseen
            rows.append(
                (
                    name,
                    party({**one, "name": ""}) or "yes",
                    "no" if gone else through or KEEPS,
                    UNSEEN if gone else BOTH,
                )
            )
    for name in sorted({str(one["name"]) for one in undeclared}):
        through = view.labels(one["id"] for one in undeclared if one["name"] == name)
        rows.append((name, "no", through, UNDECLARED))
    rows += [
        (view.label(one.id), "no", view.label(one.id), NAMELESS)
        for one in outside
        if not view.recipient(one).get("name")
    ]
    return sorted(rows, key=str)


def countries(view: View, activity: Thing) -> list[Row]:
    """Third countries on record as transfers, and in the lineage."""
    known = view.known
    unseen, undeclared = set(found.unseen_countries(known, activity)), found.undeclared_countries(known, activity)
    declared: dict[str, list[str]] = {}
    for one in activity.document.get("transfers") or ():
        declared.setdefault(str(one.get("country") or one.get("organisation")), []).append(party(one))
    rows: list[Row] = []
    for name, told in declared.items():
        law = jurisdiction(name)
        through = view.labels(one.id for one in reached(known, activity) if view.whereabouts(one).jurisdiction == law)
        gone = name in unseen
        rows.append((name, some(told), "no" if gone or not through else through, UNSEEN if gone else BOTH))
    for name in sorted({str(one["country"]) for one in undeclared}):
        through = view.labels(one["id"] for one in undeclared if one["country"] == name)
        rows.append((name, "no", through, UNDECLARED))
    return sorted(rows, key=str)


def nowhere(view: View, activity: Thing) -> list[str]:
    """What its personal data reach though nobody states where that is, by name; models are nowhere themselves."""
    lost = (one for one in reached(view.known, activity) if view.whereabouts(one).jurisdiction is None)
    return view.by_label(one.id for one in lost if one.key.kind != "ModelVersion")


def homeless(view: View, jobs: Iterable[Thing]) -> list[Thing]:
    """Jobs that touch personal data, or what is made of some, and are on no record."""
    return [job for job in jobs if job.id not in view.known.activities and in_law.touched(view.known, job)]


def party(told: object) -> str:
    """A controller, a recipient or a transfer in a line."""
    one = block(told)
    name = str(one.get("name") or one.get("organisation") or "")
    keys = ("role", "contact", "country", "mechanism", "agreement")
    more = [str(one[key]).replace("_", " ") for key in keys if one.get(key)]
    return f"{name} ({', '.join(more)})" if name and more else name or ", ".join(more)


def _same(name: str, other: str) -> bool:
    return " ".join(name.casefold().split()) == " ".join(other.casefold().split())
