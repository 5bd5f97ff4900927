"""Drift: where what was observed differs from what a manifest declares.

A comparison of two pictures; nothing is asked here. What a manifest does not state cannot drift: a dataset without
`fields` has no declared schema, a pipeline that names no outputs says nothing of what it writes. What was never
observed, or of which nothing was observed that could be compared, is counted, so that silence is told from agreement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from catalog.assets.keys import Key, Kind, dataset_of, job_of
from catalog.identity import Name
from catalog.manifest.column_drift import column_drift
from catalog.manifest.pictures import (
    DERIVES_FROM,
    NOBODY,
    OBSERVABLE,
    PERSON,
    READS,
    WRITES,
    Columns,
    Declared,
    Drift,
    DriftType,
    Evidence,
    Flow,
    Item,
    Observed,
)


def drift(declared: Declared, observed: Observed) -> Drift:
    """Hold what is declared against what was observed."""
    view = _View(declared, observed)
    columns = column_drift(declared, observed)
    items = [*_missing(view), *_undeclared(view), *_schemas(view), *_lineage(view), *columns.items, *_owners(view)]
    order = {type_: i for i, type_ in enumerate(DriftType)}
    unseen = sum(
        1
        for key, document in declared.documents.items()
        if document.get("fields") and view.seen(key) and not _types(observed.columns.get(key))
    )
    ranked = sorted(items, key=lambda item: (order[item.type], item.key, item.path))
    return Drift(tuple(ranked), len(declared.documents), unseen, columns.unseen)


class _View:
    """Both pictures, with the several names of one thing brought together."""

    def __init__(self, declared: Declared, observed: Observed) -> None:
        self.declared, self.observed = declared, observed
        self.declared_flows = {self.one(flow): (flow, key) for flow, key in declared.flows.items()}
        self.known_flows = {*self.declared_flows, *map(self.one, declared.flows_elsewhere)}
        self.observed_flows: dict[Flow, tuple[Flow, Evidence]] = {}
        for flow, evidence in sorted(observed.flows.items()):
            self.observed_flows.setdefault(self.one(flow), (flow, evidence))
        self.seen_datasets = {self._thing(dataset_of(key)) for key in observed.things} - {None}
        self.known = {
            *(self._thing(dataset_of(key)) for key in (*declared.documents, *declared.elsewhere)),
            None,
        } - {None}

    def _thing(self, name: Name | None) -> Name | None:
        return None if name is None else self.observed.same.get(name, name)

    def one(self, flow: Flow) -> Flow:
        """The flow under the names by which things are compared."""
        dataset = self.observed.same.get(flow.dataset, flow.dataset)
        subject = flow.subject
        if flow.kind == DERIVES_FROM:
            subject = self.observed.same.get(subject, subject)
        return Flow(flow.kind, subject, dataset)

    def seen(self, key: Key) -> bool:
        """Whether events told of it, under any of its names."""
        return key in self.observed.things or self._thing(dataset_of(key)) in self.seen_datasets

    def is_declared(self, key: Key) -> bool:
        """Whether anybody declares it, under any of its names."""
        if key in self.declared.documents or key in self.declared.elsewhere:
            return True
        return key.kind is Kind.DATASET and self._thing(dataset_of(key)) in self.known

    def evidence(self, key: Key) -> Evidence:
        return self.declared.evidence.get(key, NOBODY)


def _missing(view: _View) -> Iterator[Item]:
    for key in view.declared.documents:
        if key.kind in OBSERVABLE and not view.seen(key):
            yield Item(
                DriftType.MISSING,
                key,
                "",
                str(key),
                None,
                view.evidence(key),
                "no event ever told of it: check the spelling of its namespace and name, let its producer send "
                "OpenLineage events, or remove it from the manifest",
            )


def _undeclared(view: _View) -> Iterator[Item]:
    covered = {(key.kind, key.namespace) for key in view.declared.documents if key.kind in OBSERVABLE}
    for key, evidence in view.observed.things.items():
        if (key.kind, key.namespace) in covered and not view.is_declared(key):
            yield Item(
                DriftType.UNDECLARED,
                key,
                "",
                None,
                str(key),
                evidence,
                "declare it in this manifest or another, or take away what produces it",
            )


def _schemas(view: _View) -> Iterator[Item]:
    for key, document in view.declared.documents.items():
        fields, columns = document.get("fields"), view.observed.columns.get(key)
        if not fields or columns is None or not columns.types:
            continue
        said = {field["name"]: str(field.get("type") or "") for field in fields}
        for path in sorted(said.keys() | columns.types.keys()):
            ours, theirs = said.get(path), columns.types.get(path)
            if ours is None:
                if not _within(path, said):
                    mend = "declare the column, or drop it from the data"
                    yield _column(key, path, None, theirs, columns.evidence, mend)
            elif theirs is None:
                if not _within(path, columns.types):
                    mend = "remove the column from the manifest, or add it to the data"
                    yield _column(key, path, ours, None, columns.evidence, mend)
            elif ours and theirs and ours.casefold() != theirs.casefold():
                mend = f"declare the type as {theirs}, or change it in the data"
                yield _column(key, path, ours, theirs, columns.evidence, mend)


def _within(path: str, known: Mapping[str, str]) -> bool:
    """Whether it is part of a column whose parts the other side does not list."""
    parts = path.split(".")
    above = [".".join(parts[:end]) for end in range(1, len(parts))]
    return any(parent in known and not any(other.startswith(f"{parent}.") for other in known) for parent in above)


def _column(key: Key, path: str, ours: str | None, theirs: str | None, evidence: Evidence, mend: str) -> Item:
    return Item(DriftType.SCHEMA, key, f"fields[{path}]", ours, theirs, evidence, mend)


def _lineage(view: _View) -> Iterator[Item]:
    fed = _fed_through_jobs(view)
    stated: set[tuple[str, Name]] = set()
    saying = {_subject(view, key): key for key in view.declared.documents}
    for one, (flow, key) in view.declared_flows.items():
        stated.add((one.kind, one.subject))
        if one in view.observed_flows or (one.kind == DERIVES_FROM and (one.subject, one.dataset) in fed):
            continue
        subject = saying.get((one.kind == DERIVES_FROM, one.subject))
        if subject is not None and not view.seen(subject):
            continue  # it was never seen at all, which is said, or cannot be
        mend = "never seen: correct the declaration, or let the producer send it"
        yield Item(DriftType.LINEAGE, key, _edge(flow), _edge(flow), None, view.evidence(key), mend)
    for one, (flow, evidence) in view.observed_flows.items():
        owner = saying.get((one.kind == DERIVES_FROM, one.subject))
        if owner is None or one in view.known_flows or (one.kind, one.subject) not in stated:
            continue
        mend = "seen, and never declared: declare it, or stop it"
        yield Item(DriftType.LINEAGE, owner, _edge(flow), None, _edge(flow), evidence, mend)


def _subject(view: _View, key: Key) -> tuple[bool, Name | None]:
    """What flows name an entity by: whether it is a dataset, and its name; a job may have a dataset's."""
    name = dataset_of(key)
    return (True, view.observed.same.get(name, name)) if name else (False, job_of(key))


def _fed_through_jobs(view: _View) -> set[tuple[Name, Name]]:
    """Which dataset was seen to be fed by which other, through a job that reads the one and writes the other."""
    read: dict[Name, set[Name]] = {}
    for flow in view.observed_flows:
        if flow.kind == READS:
            read.setdefault(flow.subject, set()).add(flow.dataset)
    return {
        (flow.dataset, source)
        for flow in view.observed_flows
        if flow.kind == WRITES
        for source in read.get(flow.subject, ())
    }


def _edge(flow: Flow) -> str:
    word = {READS: "reads", WRITES: "writes", DERIVES_FROM: "derives from"}[flow.kind]
    return f"{flow.subject.namespace} {flow.subject.name} {word} {flow.dataset.namespace} {flow.dataset.name}"


def _owners(view: _View) -> Iterator[Item]:
    for key, spellings in sorted(view.declared.owners.items()):
        if not spellings:
            continue
        ours = {spelling.casefold(): owner for owner, several in spellings.items() for spelling in several}
        for said in view.observed.owners.get(key, ()):
            met = {ours.get(name.casefold(), "") for name in said.names}
            # A person adds owners, one by one; a facet has them all.
            if not said.names or met == set(spellings) or (said.origin == PERSON and met <= set(spellings)):
                continue
            who = "a person says" if said.origin == PERSON else "its producer says"
            yield Item(
                DriftType.OWNER,
                key,
                f"owners ({said.origin})",
                sorted(spellings),
                sorted(said.names),
                said.evidence,
                f"{who} otherwise: settle who owns it, then correct the manifest or the other",
            )


def _types(columns: Columns | None) -> Mapping[str, str]:
    return columns.types if columns else {}
