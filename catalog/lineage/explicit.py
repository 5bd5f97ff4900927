"""The explicit `lineage` facet (spec 1-0-0): what feeds what, as far as an event knows all of it.

On a run or job event it is a job facet with `entries`, each a target with its inputs; on a dataset event a dataset
facet, whose target is the dataset. Where it is present there is no product of inputs and outputs, and `columnLineage`
is not heard. `inputs: []` says that a target has no inputs; a target without `inputs` and `fields` is left open, as is
an output that no entry names. A job without a name is the event's own.

Source: OpenLineage #4804 (LineageJobFacet, LineageDatasetFacet), proposals #4359 and #4468.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from catalog.identity import Name
from catalog.lineage.assertions import Basis, ColumnEdge, DatasetAssertion, Flow, Sources
from catalog.lineage.columns import INDIRECT, column_edges
from catalog.lineage.wire import MAX_TEXT, check_count, read_list, read_name

LINEAGE = "lineage"
JOB, DATASET = "JOB", "DATASET"


@dataclass(slots=True)
class Fed:
    """What a facet gives for one target.

    Attributes:
        known: its inputs are given, if only as none.
    """

    known: bool = False
    datasets: set[Name] = field(default_factory=set)
    jobs: set[Name] = field(default_factory=set)
    columns: set[ColumnEdge] = field(default_factory=set)

    def sources(self) -> Sources:
        """As the sources of an output."""
        basis = Basis.EXPLICIT if self.known else Basis.DANGLING
        return Sources(basis, tuple(sorted(self.datasets)), tuple(sorted(self.jobs)))


@dataclass(slots=True)
class Explicit:
    """A whole facet: what feeds datasets, the event's own job, and other jobs."""

    datasets: dict[Name, Fed] = field(default_factory=dict)
    own: Fed = field(default_factory=Fed)
    others: dict[Name, Fed] = field(default_factory=dict)

    def applied_to(self, listed: tuple[DatasetAssertion, ...], warnings: list[str]) -> tuple[DatasetAssertion, ...]:
        """The datasets of the event with what the facet says about them, and those that it alone names."""
        found = []
        for dataset in listed:
            if dataset.role == "output":
                fed = self.datasets.get(dataset.name)
                if fed is None and dataset.columns:
                    warnings.append(
                        f"output {dataset.name.name[:80]!r}: columnLineage: the job's lineage facet is the whole "
                        "picture and does not name this output, left out"
                    )
                sources = fed.sources() if fed else Sources(Basis.DANGLING)
                columns = tuple(sorted(fed.columns)) if fed else None
                dataset = replace(dataset, columns=columns, sources=sources, gone=dataset.gone - {"columnLineage"})
            found.append(dataset)
        named = {(dataset.role, dataset.name) for dataset in listed}
        found += [
            DatasetAssertion(name, "output", columns=tuple(sorted(fed.columns)), sources=fed.sources())
            for name, fed in sorted(self.datasets.items())
            if ("output", name) not in named
        ]
        return (*found, *(DatasetAssertion(n, "input") for n in sorted(self.own.datasets) if ("input", n) not in named))

    def fed_by(self) -> tuple[Name, ...]:
        """The jobs whose data go into the event's own job."""
        return tuple(sorted(self.own.jobs.union(*(fed.jobs for fed in self.datasets.values()))))

    def flows(self) -> tuple[Flow, ...]:
        """What feeds other jobs than the event's own."""
        return tuple(
            Flow(job, by_job, source)
            for job, fed in sorted(self.others.items())
            for by_job, names in ((False, fed.datasets), (True, fed.jobs))
            for source in sorted(names)
            if (by_job, source) != (True, job)
        )


def read_explicit(facet: dict[str, Any], job: Name, where: str, warnings: list[str]) -> Explicit:
    """The facet of a run or job event; what cannot be read is left out with a warning."""
    found, things = Explicit(), 0
    for i, entry in enumerate(read_list(facet.get("entries"), f"{where}.entries", warnings)):
        shown = f"{where}.entries[{i}]"
        kind, name = _end(entry, job, shown, warnings)
        if name is None:
            continue
        if kind == DATASET:
            fed = found.datasets.setdefault(name, Fed())
        else:
            fed = found.own if name == job else found.others.setdefault(name, Fed())
        _read_fed(fed, entry, job, shown, warnings)
        things += len(fed.columns) + len(fed.datasets) + len(fed.jobs)
        check_count(things)
    return found


def read_derivation(facet: dict[str, Any], where: str, warnings: list[str]) -> Fed:
    """The facet of a dataset event, whose target is the dataset."""
    fed = Fed()
    _read_fed(fed, facet, None, where, warnings)
    return fed


def _read_fed(fed: Fed, target: dict[str, Any], job: Name | None, where: str, warnings: list[str]) -> None:
    if isinstance(target.get("inputs"), list):
        fed.known = True
    for i, source in enumerate(read_list(target.get("inputs"), f"{where}.inputs", warnings)):
        _read_source(fed, "", source, job, f"{where}.inputs[{i}]", warnings)
    fields = target.get("fields")
    if fields is not None and not isinstance(fields, dict):
        warnings.append(f"{where}.fields: not an object, left out")
    elif fields:
        fed.known = True
        check_count(len(fields))
        for column, body in fields.items():
            shown = f"{where}.fields.{column[:80]}"
            if not isinstance(body, dict) or not column or len(column) > MAX_TEXT:
                warnings.append(f"{shown}: not an object under a name of 1 to {MAX_TEXT:,} characters, left out")
                continue
            for i, source in enumerate(read_list(body.get("inputs"), f"{shown}.inputs", warnings)):
                _read_source(fed, column, source, job, f"{shown}.inputs[{i}]", warnings)


def _read_source(fed: Fed, out: str, source: Any, job: Name | None, where: str, warnings: list[str]) -> None:
    """One input of a target (`out` is ""), or of a column of it; its own job, as an input, is how, not from where."""
    kind, name = _end(source, job, where, warnings)
    if name is None:
        return
    if kind == JOB:
        fed.jobs.update({name} - {job})
        return
    fed.datasets.add(name)
    if out and not source.get("field"):
        warnings.append(f"{where}: no field, counted for the dataset only")
    if source.get("field"):
        old = ("", "") if out else (INDIRECT, "")
        fed.columns.update(column_edges(out, source, where, old, warnings))


def _end(part: Any, job: Name | None, where: str, warnings: list[str]) -> tuple[str, Name | None]:
    """The kind and name of a target or input; without a name, a job is the event's own."""
    if not isinstance(part, dict):
        warnings.append(f"{where}: not an object, left out")
        return DATASET, None
    kind = str(part.get("type") or DATASET).upper()
    if kind not in (JOB, DATASET):
        warnings.append(f"{where}: {kind[:80]!r} is neither DATASET nor JOB, left out")
        return kind, None
    if kind == JOB and part.get("namespace") is None and part.get("name") is None:
        if job is None:
            warnings.append(f"{where}: a job without a name, and the event has none, left out")
        return kind, job
    return kind, read_name(part, where, warnings)
