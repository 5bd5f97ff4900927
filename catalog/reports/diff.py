"""What differs between two reports: findings that are new, fixed or still there, and facts that changed.

Findings go by their identity over evaluations, which tables have in a column `Finding`; other tables are compared row
by row, facts by their labels. Both reports are told the same way, so what is equal says nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from catalog.errors import InvalidQuestion
from catalog.reports.document import Cell, Facts, Report, Section, Table

FINDING = "Finding"
HELD = ("findings", "errors")
"""Sections whose tables list what does not hold; others may cite a finding, too."""
Row = tuple[Cell, ...]


class Listed(NamedTuple):
    """A finding as a report lists it: its values by column."""

    id: str
    told: dict[str, Cell]


class Changed(NamedTuple):
    """A fact that is told otherwise; None where it was not told at all."""

    section: str
    label: str
    before: Cell
    after: Cell


class Rows(NamedTuple):
    """Rows of a table that only one of the reports has."""

    section: str
    table: str
    columns: tuple[str, ...]
    gone: tuple[Row, ...]
    come: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs.

    Attributes:
        head: what the reports rest on, where that differs: moment, scope, facts, versions.
        policies: names of policies that came, went, or have another text.
        unchanged: ids of findings that both have.
    """

    head: tuple[Changed, ...]
    policies: tuple[Changed, ...]
    new: tuple[Listed, ...]
    fixed: tuple[Listed, ...]
    unchanged: tuple[str, ...]
    facts: tuple[Changed, ...]
    rows: tuple[Rows, ...]

    @property
    def is_empty(self) -> bool:
        """Whether the reports say the same of their moments."""
        return not (self.policies or self.new or self.fixed or self.facts or self.rows)

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        told = asdict(self)
        for name in ("head", "policies", "facts", "rows"):
            told[name] = [one._asdict() for one in getattr(self, name)]
        for name in ("new", "fixed"):
            told[name] = [{"finding": one.id, **one.told} for one in getattr(self, name)]
        return told


def diff(before: Report, after: Report) -> Difference:
    """What the second says otherwise than the first.

    Raises:
        InvalidQuestion: they are of different kinds, so that nothing of the one can be found in the other.
    """
    if before.name != after.name:
        raise InvalidQuestion(
            f"a report {before.name} and a report {after.name} say different things; two of one kind can be compared"
        )
    old, new = dict(_findings(before)), dict(_findings(after))
    return Difference(
        head=_changed("", _head(before), _head(after)),
        policies=_changed("", _policies(before), _policies(after)),
        new=tuple(Listed(id_, new[id_]) for id_ in sorted(set(new) - set(old))),
        fixed=tuple(Listed(id_, old[id_]) for id_ in sorted(set(old) - set(new))),
        unchanged=tuple(sorted(set(old) & set(new))),
        facts=tuple(_facts(before, after)),
        rows=tuple(_rows(before, after)),
    )


def _head(report: Report) -> dict[str, Cell]:
    return {
        "version": report.version,
        "as of": report.as_of,
        "known at": report.known_at,
        "facts": report.graph,
        **{f"scope: {name}": cell for name, cell in report.scope.items()},
        **{f"made by: {name}": text for name, text in report.generator.items()},
        **{f"also: {name}": cell for name, cell in report.extra.items()},
    }


def _policies(report: Report) -> dict[str, Cell]:
    return {name: f"{version} {hash_}" for name, version, _, hash_, _ in report.policies}


def _findings(report: Report) -> Iterator[tuple[str, dict[str, Cell]]]:
    for section in report.sections:
        for block in section.blocks:
            if section.id in HELD and isinstance(block, Table) and FINDING in block.columns:
                at = block.columns.index(FINDING)
                for row in block.rows:
                    told = dict(zip(block.columns, row, strict=True))
                    del told[FINDING]
                    yield str(row[at]), told


def _facts(before: Report, after: Report) -> Iterator[Changed]:
    for section, one, other in _both(before, after):
        yield from _changed(section, _labels(one), _labels(other))


def _labels(section: Section | None) -> dict[str, Cell]:
    blocks = section.blocks if section else ()
    return {
        f"{block.title}: {label}" if block.title else label: value
        for block in blocks
        if isinstance(block, Facts)
        for label, value in block.rows
    }


def _rows(before: Report, after: Report) -> Iterator[Rows]:
    for section, one, other in _both(before, after):
        olds, news = _tables(one), _tables(other)
        for name in dict.fromkeys((*olds, *news)):
            old, new = olds.get(name), news.get(name)
            columns = (new or old or Table("", (), ())).columns
            if section in HELD and FINDING in columns:
                continue
            gone, come = Counter(old.rows if old else ()), Counter(new.rows if new else ())
            if gone != come:
                yield Rows(section, name, columns, _more(gone, come), _more(come, gone))


def _tables(section: Section | None) -> dict[str, Table]:
    """Tables by title; several of one title are told apart by their place."""
    found: dict[str, Table] = {}
    for block in section.blocks if section else ():
        if isinstance(block, Table):
            name = block.title or "table"
            found[name if name not in found else f"{name} ({len(found) + 1})"] = block
    return found


def _more(these: Counter[Row], those: Counter[Row]) -> tuple[Row, ...]:
    return tuple(sorted((these - those).elements(), key=lambda row: tuple(map(str, row))))


def _both(before: Report, after: Report) -> Iterator[tuple[str, Section | None, Section | None]]:
    olds, news = ({section.id: section for section in report.sections} for report in (before, after))
    for id_ in dict.fromkeys((*olds, *news)):
        yield id_, olds.get(id_), news.get(id_)


def _changed(section: str, before: dict[str, Cell], after: dict[str, Cell]) -> tuple[Changed, ...]:
    names = dict.fromkeys((*before, *after))
    return tuple(
        Changed(section, name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name) or (name in before) != (name in after)
    )
