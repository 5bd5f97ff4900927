"""Accept events: durable before the client hears 201, once however often they come.

Concurrent requests share one group commit: while one is on its way to the store, the next one gathers. Both are
bounded by count and bytes, and so is what may wait; beyond that the door says 503 instead of growing.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

import orjson

from catalog.assets.keys import entity_id, manifest_id
from catalog.clock import Clock
from catalog.errors import Overloaded
from catalog.graph import inbox
from catalog.graph.chains import Chain
from catalog.graph.inbox import NewEntry, Receipt
from catalog.graph.store import Store
from catalog.identity import Name, dataset_id, digest, job_id, run_id
from catalog.lineage.canonical import canonical, content_key
from catalog.lineage.decisions import KIND, read_entry
from catalog.lineage.declaring import check_declared
from catalog.lineage.scrub import scrub
from catalog.lineage.wire import Kind, check_structure
from catalog.manifest.curation import CURATION, read_curation
from catalog.manifest.entry import MANIFEST, read_manifest

MAX_WAITING = 4_000
MAX_WAITING_BYTES = 128_000_000
GROUP_ENTRIES = 500
GROUP_BYTES = 6_000_000
SHARD_SPACE = 2**20
SUBJECT_LENGTH = 300


def prepare(event: Any, body: bytes) -> NewEntry:
    """The entry of one parsed event: checked for structure, scrubbed, spelled canonically, named by its content.

    Raises:
        InvalidEvent: its structure is not recognisable.
    """
    kind = check_structure(event)
    event = scrub(event, body)
    payload = canonical(event)
    part = event["dataset"] if kind is Kind.DATASET else event["job"]
    name = Name(part["namespace"], part["name"])
    shard = int(digest(*name)[:8], 16) % SHARD_SPACE
    about = dataset_id(name) if kind is Kind.DATASET else job_id(name)
    run = run_id(name, event["run"]["runId"]) if kind is Kind.RUN else ""
    subject = f"{name.namespace} {name.name}"[:SUBJECT_LENGTH]
    return NewEntry(content_key(payload), payload, kind.value, subject, shard, about, run)


def prepare_decision(entry: dict[str, Any]) -> NewEntry:
    """The entry of what a person decided; all that is decided about one pair of names goes to one shard.

    Raises:
        InvalidEvent: a part of it cannot be read.
    """
    payload = canonical(scrub(entry, canonical(entry)))
    (verdict,) = read_entry(entry).verdicts
    a, b = sorted((verdict.a, verdict.b))
    shard = int(digest(*a, *b)[:8], 16) % SHARD_SPACE
    sign = "=" if verdict.same else "≠"
    subject = f"{_short(a)} {sign} {_short(b)}"
    return NewEntry(content_key(payload), payload, str(entry[KIND]), subject, shard)


def prepare_apply(entry: dict[str, Any], *, applies: int | None = None) -> NewEntry:
    """The entry of an apply of a manifest (`manifest.entry`); all applies of one manifest go to one shard.

    Args:
        applies: how many applies of any manifest there were when claims were checked.

    Raises:
        InvalidEvent: a part of it cannot be read, or it is too large.
    """
    payload = canonical(scrub(entry, canonical(entry)))
    kept = orjson.loads(payload)
    said = read_manifest(kept)
    check_declared(said.declared)
    manifest, id_ = said.manifest, manifest_id(said.manifest)
    base, plan, by = (str(kept.get(part) or "") for part in ("base", "plan", "by"))
    chain = Chain(manifest, base, plan, said.time, applies, by)
    subject = f"{manifest[:SUBJECT_LENGTH]}: {len(said.declared):,} documents"
    shard = int(id_[:8], 16) % SHARD_SPACE
    return NewEntry(content_key(payload), payload, MANIFEST, subject, shard, about=id_, chain=chain)


def prepare_curation(entry: dict[str, Any]) -> NewEntry:
    """The entry of a person's word (`manifest.curation`); all that is said of one entity goes to one shard.

    Raises:
        InvalidEvent: a part of it cannot be read.
    """
    payload = canonical(scrub(entry, canonical(entry)))
    (said,) = read_curation(orjson.loads(payload)).curated
    id_ = entity_id(said.key)
    subject = f"{said.attribute} of {said.key}"[:SUBJECT_LENGTH]
    return NewEntry(content_key(payload), payload, CURATION, subject, int(id_[:8], 16) % SHARD_SPACE, about=id_)


def _short(name: Name) -> str:
    return f"{name.namespace} {name.name}"[: SUBJECT_LENGTH // 2]


class Acceptor:
    """One committing thread for all requests of a process.

    Args:
        check: called before each commit; raises while the store must not be written to.
        wake: told the shard hashes of what was committed.
    """

    def __init__(
        self, store: Store, clock: Clock, *, check: Callable[[], None], wake: Callable[[set[int]], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._check = check
        self._wake = wake
        self._waiting: deque[tuple[NewEntry, Future[Receipt]]] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._open = True
        self._thread = threading.Thread(target=self._commit_all, name="acceptor", daemon=True)
        self._thread.start()

    def submit(self, entries: Sequence[NewEntry]) -> list[Future[Receipt]]:
        """Queue entries for the next commit; each future gives a receipt once its entry is durable.

        Raises:
            Overloaded: more is waiting than may wait; none of these was queued.
        """
        size = sum(len(entry.payload) for entry in entries)
        with self._changed:
            if not self._open:
                raise Overloaded("the service is stopping; send the event again")
            full = len(self._waiting) + len(entries) > MAX_WAITING or self._bytes + size > MAX_WAITING_BYTES
            if full and self._waiting:
                raise Overloaded(f"{len(self._waiting)} events are waiting to be stored; send the event again")
            futures: list[Future[Receipt]] = [Future() for _ in entries]
            self._waiting.extend(zip(entries, futures, strict=True))
            self._bytes += size
            self._changed.notify()
        return futures

    def close(self) -> None:
        """Commit what waits, then end the thread."""
        with self._changed:
            self._open = False
            self._changed.notify()
        self._thread.join()

    def _commit_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or not self._open)
                if not self._waiting:
                    return
                group = self._next_group()
            self._commit(group)

    def _next_group(self) -> list[tuple[NewEntry, Future[Receipt]]]:
        group: list[tuple[NewEntry, Future[Receipt]]] = []
        size = 0
        while self._waiting and len(group) < GROUP_ENTRIES:
            entry = self._waiting[0][0]
            if group and (size + len(entry.payload) > GROUP_BYTES or entry.chain):
                break
            size += len(entry.payload)
            group.append(self._waiting.popleft())
            if entry.chain:  # alone, so that its refusal spoils nobody's commit
                break
        self._bytes -= size
        return group

    def _commit(self, group: list[tuple[NewEntry, Future[Receipt]]]) -> None:
        """One commit; on a fault that is not the store's being away, each entry by itself, so none spoils another."""
        try:
            self._check()
            receipts = inbox.accept(self._store, [entry for entry, _ in group], self._clock.now())
        except Exception as e:  # every waiting client must hear something
            if len(group) == 1 or getattr(e, "retryable", False):
                for _, future in group:
                    future.set_exception(e)
                return
            for one in group:
                self._commit([one])
            return
        for (_, future), receipt in zip(group, receipts, strict=True):
            future.set_result(receipt)
        self._wake({entry.shard for entry, _ in group})
