"""What one request works with: the reader, and loaders that live no longer than it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar

from starlette.requests import Request
from strawberry.dataloader import DataLoader
from strawberry.types import Info

from catalog.api.asking import ask
from catalog.api.speaker import checked, said_by
from catalog.assets.keys import Key, dataset_of
from catalog.bootstrap.service import Service
from catalog.graph import (
    assets,
    containers,
    entities,
    entries,
    finding_pages,
    hierarchy,
    identity,
    lifecycle,
    past_runs,
    runs,
    schemas,
)
from catalog.graph.attributes import Description, describe, thing_of
from catalog.graph.entities import Reference
from catalog.graph.evidence import evidence
from catalog.graph.finding_pages import Choice
from catalog.graph.reader import Reader
from catalog.graph.references import first_referring
from catalog.graph.shapes import bodies
from catalog.graph.store import Row
from catalog.graph.told import told
from catalog.graph.walk import Moment
from catalog.identity import Name, dataset_id
from catalog.usecases import classification
from catalog.usecases.moments import Standing, standing

T = TypeVar("T")
Placed = tuple[Moment, str]
"""An id, and the moment that is asked about."""
Naming = tuple[Moment, str, frozenset[str] | None, int]
"""A moment, the id of an entity, the roles in which others name it, and how many of them."""


class Context:
    """One request's view of the catalog: every store call goes through a bounded pool of threads.

    Attributes:
        by: who asks, as the client says; nobody has verified it.
    """

    def __init__(self, service: Service, by: str = "") -> None:
        self.service = service
        self.by = by
        self.reader: Reader = service.reader
        self.datasets = self._by_id(assets.datasets)
        self.jobs = self._by_id(assets.jobs)
        self.runs = self._by_moment(runs.runs)
        self.runs_told = self._by_moment(past_runs.told)
        self.latest_runs = self._by_moment(past_runs.latest_of_jobs)
        self.names = self._by_moment(identity.closures)
        self.facets = self._of_things(assets.facets)
        self.schemas = self._of_things(schemas.schemas)
        self.written_by = self._of_things(partial(_around, "written_by"))
        self.read_by = self._of_things(partial(_around, "read_by"))
        self.told = self._of_things(told)
        self.entities = self._by_id(entities.entities)
        self.descriptions: DataLoader[tuple[Moment, Key], Description] = DataLoader(load_fn=self._descriptions)
        self.referring: DataLoader[Naming, list[Reference]] = DataLoader(load_fn=self._referring)
        self.document_counts: DataLoader[str, int] = DataLoader(load_fn=self._document_counts)
        self.warnings: DataLoader[int, list[str]] = DataLoader(load_fn=self._warnings)
        self.lifecycles = self._of_things(lifecycle.lifecycles)
        self.containers = self._of_things(containers.containers_of)
        self.sizes = self._by_moment(containers.sizes)
        self.effective = self._by_moment(
            lambda reader, ids, moment: classification.effective(reader, service.clock.now(), ids, moment)
        )
        self.inputs = self._around("inputs")
        self.outputs = self._around("outputs")
        self.parents = self._around("parents")
        self.children = self._around("children")
        self.dependencies = self._by_moment(hierarchy.dependencies)
        self.bodies = self._by_id(bodies)
        self.policy_texts = self._by_id(finding_pages.policies)
        self.finding_histories = self._by_id(finding_pages.histories)
        self.finding_counts: DataLoader[Choice, tuple[int, int]] = DataLoader(load_fn=self._finding_counts)
        self.standing: DataLoader[None, Standing] = DataLoader(load_fn=self._standing)
        self.newest_runs: DataLoader[tuple[str, int], list[Row]] = DataLoader(load_fn=self._newest_runs)
        self.evidence: DataLoader[tuple[str, str], Any] = DataLoader(load_fn=self._evidence)

    def speaker(self, given: str | None = None) -> str:
        """Who asks, in the client's own words: what it gives, else its header; nobody vouches for either.

        Raises:
            InvalidQuestion: it is too long, or has characters that cannot be seen.
        """
        return checked(given if given is not None else self.by)

    async def call(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a blocking store call in a thread, no longer than a client waits."""
        return await ask(lambda: function(*args, **kwargs))

    def _by_id(self, function: Callable[[Reader, Iterable[str]], dict[str, Any]]) -> DataLoader[str, Any]:
        async def load(ids: list[str]) -> list[Any]:
            found = await self.call(function, self.reader, ids)
            return [found.get(id_) for id_ in ids]

        return DataLoader(load_fn=load)

    def _by_moment(
        self, function: Callable[[Reader, Iterable[str], Moment], dict[str, Any]]
    ) -> DataLoader[Placed, Any]:
        async def load(keys: list[Placed]) -> list[Any]:
            found: dict[Moment, dict[str, Any]] = {}
            for moment in dict.fromkeys(moment for moment, _ in keys):
                ids = [id_ for at, id_ in keys if at == moment]
                found[moment] = await self.call(function, self.reader, ids, moment)
            return [found[moment].get(id_) for moment, id_ in keys]

        return DataLoader(load_fn=load)

    def _of_things(self, function: Callable[..., dict[str, Any]]) -> DataLoader[Placed, Any]:
        """What is said about datasets under all of their names: the same under each."""

        async def load(keys: list[Placed]) -> list[Any]:
            things = dict(zip(keys, await self.names.load_many(keys), strict=True))
            found: dict[Moment, dict[str, Any]] = {}
            for moment in dict.fromkeys(moment for moment, _ in keys):
                names = {id_: thing.ids for (at, id_), thing in things.items() if at == moment}
                found[moment] = await self.call(function, self.reader, list(names), moment, names)
            return [found[moment][id_] for moment, id_ in keys]

        return DataLoader(load_fn=load)

    def _around(self, relation: str) -> DataLoader[Placed, list[str]]:
        return self._by_moment(partial(_around, relation))

    async def _descriptions(self, keys: list[tuple[Moment, Key]]) -> list[Description]:
        own = {place: name for place in keys if (name := dataset_of(place[1])) is not None}
        names = await self.names.load_many([(moment, dataset_id(own[moment, key])) for moment, key in own])
        others = {
            place: [Name(tie.namespace, tie.name) for tie in found.ties.values()]
            for place, found in zip(own, names, strict=True)
        }
        found: dict[Moment, dict[Key, Description]] = {}
        for moment in dict.fromkeys(moment for moment, _ in keys):
            things = {key: thing_of(key, others.get((at, key), ())) for at, key in keys if at == moment}
            found[moment] = await self.call(describe, self.reader, things, moment)
        return [found[moment][key] for moment, key in keys]

    async def _referring(self, keys: list[Naming]) -> list[list[Reference]]:
        found: dict[Naming, list[Reference]] = {}
        for moment, roles, limit in dict.fromkeys((moment, roles, limit) for moment, _, roles, limit in keys):
            ids = [key[1] for key in keys if (key[0], *key[2:]) == (moment, roles, limit)]
            named = await self.call(first_referring, self.reader, ids, roles, limit, moment)
            found.update({(moment, id_, roles, limit): some for id_, some in named.items()})
        return [found[key] for key in keys]

    async def _document_counts(self, manifests: list[str]) -> list[int]:
        found = await self.call(entities.count_documents, self.reader, manifests)
        return [found[manifest] for manifest in manifests]

    async def _standing(self, keys: list[None]) -> list[Standing]:
        return [await self.call(standing, self.reader)] * len(keys)

    async def _finding_counts(self, choices: list[Choice]) -> list[tuple[int, int]]:
        return [await self.call(finding_pages.count, self.reader, choice) for choice in choices]

    async def _warnings(self, sequences: list[int]) -> list[list[str]]:
        found = await self.call(entries.warnings, self.reader.store, sequences)
        return [found.get(sequence, []) for sequence in sequences]

    async def _newest_runs(self, keys: list[tuple[str, int]]) -> list[list[Row]]:
        limit = max(limit for _, limit in keys)
        found = await self.call(runs.newest_of_jobs, self.reader, {job for job, _ in keys}, limit)
        return [found[job][:limit] for job, limit in keys]

    async def _evidence(self, keys: list[tuple[str, str]]) -> list[Any]:
        found = await self.call(evidence, self.reader, {subject for subject, _ in keys})
        return [found.get(key) for _, key in keys]


def _around(
    relation: str, reader: Reader, ids: Iterable[str], moment: Moment, names: assets.AllNames | None = None
) -> dict[str, Any]:
    return assets.around(reader, relation, ids, moment, names)


def make_context(request: Request) -> Context:
    """The context of one request."""
    return Context(request.app.state.service, said_by(request))


def context_of(info: Info) -> Context:
    """The typed context of a resolver."""
    context: Context = info.context
    return context


def present(rows: Iterable[Row | None]) -> list[Row]:
    """Rows that exist and may be seen."""
    return [row for row in rows if row is not None]
