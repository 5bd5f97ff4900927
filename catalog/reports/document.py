"""What a report is made of: a head that says what it rests on, and sections of blocks.

A report knows nothing of formats: renderers show any report, since they know the blocks. Everything in it is a function
of a moment, of policies and of parameters; nothing says when or where it was made, so it comes out the same again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Cell = str | int | float | bool | None
"""None is shown as "not stated", an empty text as "none"."""
Tone = Literal["", "good", "bad", "warn", "muted"]


class Prose(NamedTuple):
    """A paragraph."""

    text: str
    tone: Tone = ""


class Facts(NamedTuple):
    """Labels with values, one under the other."""

    rows: tuple[tuple[str, Cell], ...]
    title: str = ""


class Table(NamedTuple):
    """Rows under headings; every row is as long as `columns`.

    Attributes:
        tone: by row, how it is marked; may be empty.
        empty: what is said where there are no rows.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    tone: tuple[Tone, ...] = ()
    empty: str = "None."


class Node(NamedTuple):
    """A node of a drawing; `kind` is a word such as Dataset, `note` a short second line."""

    id: str
    label: str
    kind: str
    tone: Tone = ""
    note: str = ""


class Lineage(NamedTuple):
    """Lineage to be drawn, in the direction of the data.

    Attributes:
        edges: (source id, target id, tone).
        left_out: nodes that were left out since nobody could read the drawing; they are in the tables.
    """

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str, Tone], ...]
    left_out: int = 0


Block = Prose | Facts | Table | Lineage


class Section(NamedTuple):
    """A part of a report; `id` is stable, so that two reports can be compared by it."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A report.

    Attributes:
        name: such as `gdpr-art30`; `version` is raised when the same facts would be told otherwise.
        as_of, known_at: the moment, as ISO-8601 and as a sequence; both always told.
        scope: what was chosen, by parameter.
        generator: name, version and fold version of what made it.
        graph: sha256 of the snapshot it rests on.
        policies: (name, version, pack, sha256, canonical text) of each.
        populations: (policy, selected, and the number of each of `checks.judgement.OUTCOMES`) that add up.
        unknown: what was not known; never left out.
        disclaimer: that it is no legal advice.
    """

    name: str
    version: int
    title: str
    as_of: str
    known_at: int
    scope: Mapping[str, Cell]
    generator: Mapping[str, str]
    graph: str
    policies: tuple[tuple[str, str, str, str, str], ...]
    populations: tuple[tuple[Cell, ...], ...]
    sections: tuple[Section, ...]
    unknown: tuple[str, ...] = ()
    disclaimer: str = "This report is drawn from metadata. It is no legal advice and no proof of compliance."
    extra: Mapping[str, Cell] = field(default_factory=dict)
