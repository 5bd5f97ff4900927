"""The catalog at one moment, as checks and reports see it: plain values that nothing changes any more.

`catalog.graph.snapshot` reads it out of the store; tests write it down. All that is judged or reported is a function of
a snapshot and of policies, so it comes out the same again for the same moment.

Things go by ids: datasets, dashboards, model versions and deployments by that of their dataset node, pipelines by that
of their job node, all others by that of their entity. The names of one dataset are one thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from catalog.assets.keys import Key
from catalog.identity import Name

Attributes = Mapping[str, Any]
"""By attribute, as `manifest.voices` spells them, the value that counts; of a set the list of its members."""


class Place(NamedTuple):
    """A thing, or one of its columns; `column` is empty for the whole."""

    thing: str
    column: str = ""


class Column(NamedTuple):
    """A column of a dataset.

    Attributes:
        type: as the newest schema tells it; None if nobody does.
        attributes: what holds of it; nothing propagated.
        entries: by attribute, the key of the inbox's entry that its value rests on.
    """

    name: str
    type: str | None = None
    attributes: Mapping[str, Any] = {}
    entries: Mapping[str, str] = {}


class Check(NamedTuple):
    """The newest result of a check of data: an assertion of a dataset, or a test.

    Attributes:
        column: empty if it is about the whole dataset.
        severity: error or warn, where it is told.
        at: event time, µs.
        entry: the key of the entry that told it.
    """

    name: str
    column: str
    success: bool
    severity: str
    at: int
    entry: str = ""


class Run(NamedTuple):
    """A run of a job; times in µs."""

    id: str
    state: str
    started: int | None
    ended: int | None


class Training(NamedTuple):
    """A dataset that a model version was trained or evaluated on.

    Attributes:
        thing: the dataset's id.
        role: training, validation, test or evaluation, where it is told.
        version: of the dataset, where it is told.
        columns: those that were used; all, if none is named.
        origin: OBSERVED or DECLARED.
    """

    thing: str
    role: str | None = None
    version: str | None = None
    columns: tuple[str, ...] = ()
    origin: str = "DECLARED"


@dataclass(frozen=True, slots=True)
class Observed:
    """What events told of a thing; times in µs.

    Attributes:
        first, last: the first and the newest event time that spoke of it.
        written, read: when a run that wrote, read it was heard last.
        writes: the times of its last writes, the newest last, at most 60; its cadence is the median between them.
        rows: rows of its last writes, as (time, number), the newest last, at most 60.
        checks: the newest result of each check, sorted.
        schema: a hash of its columns' names and types, "" if nobody told any.
        source_code: where the job's code is, as a URL; "" if nobody told.
        runs: of a job the newest ones, the newest first, at most 20.
        aliases: of a model version those that it has at the moment.
        training: of a model version, sorted.
        metrics: of a model version what its training told of how good it is, by name, sorted.
        code_version: of a model version, of the code that trained it; "" if nobody told.
        serves: of a deployment, the ids of the model versions that it serves at the moment.
        dropped: when events said that it was dropped or truncated last, None if never: evidence that data were erased.
    """

    first: int | None = None
    last: int | None = None
    written: int | None = None
    read: int | None = None
    writes: tuple[int, ...] = ()
    rows: tuple[tuple[int, int], ...] = ()
    checks: tuple[Check, ...] = ()
    schema: str = ""
    source_code: str = ""
    runs: tuple[Run, ...] = ()
    aliases: tuple[str, ...] = ()
    training: tuple[Training, ...] = ()
    metrics: tuple[tuple[str, float], ...] = ()
    code_version: str = ""
    serves: tuple[str, ...] = ()
    dropped: int | None = None


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing that is known, declared or both.

    Attributes:
        key: what it is and is called; of several names of a dataset the canonical one.
        names: all names of a dataset or job, the canonical one first.
        declared: whether a manifest declares it.
        seen: whether an event spoke of it.
        attributes: what holds of it, merged over manifests, people and events; nothing propagated.
        entries: by attribute, the key of the inbox's entry that its value rests on.
        document: the document that declares it, canonical and whole; of several the first manifest's; {} if none.
        manifest: the manifest whose document that is.
        columns: of a dataset, by name.
    """

    id: str
    key: Key
    names: tuple[Name, ...] = ()
    declared: bool = False
    seen: bool = False
    attributes: Attributes = field(default_factory=dict)
    entries: Mapping[str, str] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)
    manifest: str = ""
    columns: Mapping[str, Column] = field(default_factory=dict)
    observed: Observed = field(default_factory=Observed)


class Edge(NamedTuple):
    """Data going from one thing to another, the way they flow.

    Attributes:
        kind: READS (dataset to job), WRITES (job to dataset), DERIVES_FROM (dataset to dataset), FED_BY (job to job).
        origins: who says so, sorted: OBSERVED, DECLARED, INFERRED.
        since: event time, µs, from which on somebody says so; None if that is not known.
        last: when somebody said so last, µs; None if that is not known.
        entry: the key of the entry that it rests on, that of `since`; "" if that is not known.
    """

    source: str
    target: str
    kind: str
    origins: tuple[str, ...] = ("OBSERVED",)
    since: int | None = None
    last: int | None = None
    entry: str = ""


class ColumnEdge(NamedTuple):
    """A column made of another one.

    Attributes:
        target: a column, or a whole dataset (`column` empty) that depends on the column by a filter or a join.
        job: the id of the job that does it; "" if none is told.
        type, subtype: DIRECT or INDIRECT, and of which sort, as OpenLineage has them; "" if not told.
        masking: as it was told: whether that counts is for `checks.classification` to say.
        description: of the transformation; it may name the algorithm.
    """

    source: Place
    target: Place
    job: str = ""
    type: str = ""
    subtype: str = ""
    masking: bool = False
    description: str = ""
    origins: tuple[str, ...] = ("OBSERVED",)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is known at a moment.

    Attributes:
        at: what `now` is for policies, µs: the moment asked about, or the clock's time for the present.
        as_of: event time that was asked about, µs; None for the present.
        known_at: the sequence up to which entries count; every entry up to it was applied.
        things: by id, sorted; all, or those that were asked for with everything upstream of them and what they are
            tied to directly. Of the latter it is not known for certain when they were heard of, nor what else they
            lead to; nor is all that leads to what is only tied to them.
        edges, column_edges: sorted.
        whole: whether it is the whole catalog.
        unknown: what could not be read or was cut off, in words; an answer built on it says so.
        hidden: edges that lead to what the reader may not see; `unknown` says so, too.
    """

    at: int
    as_of: int | None
    known_at: int
    things: Mapping[str, Thing]
    edges: tuple[Edge, ...] = ()
    column_edges: tuple[ColumnEdge, ...] = ()
    whole: bool = True
    unknown: tuple[str, ...] = ()
    hidden: int = 0
