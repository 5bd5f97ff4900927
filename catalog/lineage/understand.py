"""Event -> record, understanding what repeats only once.

Nearly every event says what the last run of its job said, at another time and for another run. So an event is parted:
its moment (time, type, run, and the facets that belong to the run) is always read, and the rest is remembered under
its content. `record` gives what `observe(translate(event))` gives, by construction and by test.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import orjson

from catalog.assets.keys import Key
from catalog.lineage.assertions import EventType
from catalog.lineage.decisions import KIND, EntryReaders, read_entry
from catalog.lineage.facets import RUN_BOUND
from catalog.lineage.facets.model import DEPLOYMENT, MODEL
from catalog.lineage.observe import ACCUMULATING, FORWARDED, Record, Register, Shape, Use, observe
from catalog.lineage.samples import RUN_TESTS
from catalog.lineage.sql.infer import has_query
from catalog.lineage.translate import translate
from catalog.lineage.wire import Kind, check_count, check_structure

MEMORY_BYTES = 8_000_000
LARGEST = 64_000
_MOMENT = frozenset({"eventTime", "eventType", "run"})
_OF_RUNS = RUN_BOUND | {MODEL}
"""Dataset facets that tell something of a run; which model it trained is told of the dataset, too."""
_PLACES = (("inputs", "inputFacets"), ("outputs", "outputFacets"))


@dataclass(frozen=True, slots=True)
class _Lasting:
    """What an event's content, apart from its moment, makes of a record."""

    size: int
    uses: list[Use]
    registers: dict[str, Register]
    shapes: dict[str, Shape]
    names: dict[str, Any]
    same_as: dict[str, tuple[str, str]]
    tables: frozenset[str]
    entities: dict[str, Key]
    things: int
    warnings: tuple[str, ...]


class Understanding:
    """Understands events; safe to share between threads.

    Args:
        limit: bytes of events (as JSON) whose content is remembered; it takes about four times as much memory.
        infer: read the column lineage that producers do not give out of their SQL.
        readers: of entries that are no events, by kind; decisions about names are read anyway.
    """

    def __init__(self, limit: int = MEMORY_BYTES, *, infer: bool = True, readers: EntryReaders | None = None) -> None:
        self._readers = readers
        self._infer = infer
        self._limit = limit
        self._size = 0
        self._known: OrderedDict[bytes, _Lasting] = OrderedDict()
        self._lock = threading.Lock()

    def record(self, event: dict[str, Any], key: str, sequence: int) -> Record:
        """The record of one entry.

        Raises:
            InvalidEvent: as `translate` and `observe`, or `read_entry` for what is no event.
        """
        if KIND in event:
            return observe(read_entry(event, self._readers), key, sequence)
        if check_structure(event) is not Kind.RUN:
            return observe(translate(event, infer=self._infer), key, sequence)
        moment, lasting = _part(event)
        found = observe(translate(moment, infer=False), key, sequence)
        if found.warnings:
            # Rare, and a warning tells a place in the whole event.
            return observe(translate(event, infer=self._infer), key, sequence)
        around = [[k.kind, k.target] for use in found.uses for k in use.links if k.kind in ACCUMULATING]
        around += [
            [register, value]
            for use in found.uses
            for register, value in use.values.items()
            if found.registers[register].aspect == FORWARDED
        ]
        looks = found.terminal and self._infer and has_query(lasting["job"].get("facets"))
        beside = [[p.job for p in found.parents], around, looks]
        content = orjson.dumps([lasting, *beside], option=orjson.OPT_SORT_KEYS)
        name = hashlib.blake2b(content, digest_size=16).digest()
        known = self._recall(name)
        if known is None:
            whole = observe(translate(event, infer=self._infer), key, sequence)
            if len(content) <= LARGEST:
                kept = (whole.uses, whole.registers, whole.shapes, whole.names, whole.same_as, whole.tables)
                self._keep(name, _Lasting(len(content), *kept, whole.entities, whole.things, whole.warnings))
            return whole
        found.uses, found.registers, found.shapes = known.uses, known.registers, known.shapes
        found.names, found.same_as, found.tables = known.names, known.same_as, known.tables
        found.entities, found.things, found.warnings = known.entities, known.things, known.warnings
        check_count(found.things + len(found.run_facets))
        return found

    def _recall(self, name: bytes) -> _Lasting | None:
        with self._lock:
            known = self._known.get(name)
            if known is not None:
                self._known.move_to_end(name)
            return known

    def _keep(self, name: bytes, lasting: _Lasting) -> None:
        with self._lock:
            if name not in self._known:
                self._size += lasting.size
            self._known[name] = lasting
            while self._size > self._limit:
                _, oldest = self._known.popitem(last=False)
                self._size -= oldest.size


def _part(event: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The moment of a run event, itself a smaller event, and all else of it."""
    job = event["job"]
    moment = {
        "producer": event.get("producer"),
        "job": {"namespace": job["namespace"], "name": job["name"]},
        **{key: event[key] for key in _MOMENT if key in event},
    }
    if event.get("eventType") in (None, "OTHER") or str(event["eventType"]).upper() not in EventType.__members__:
        facets = job.get("facets")
        if isinstance(facets, dict) and "jobType" in facets:
            moment["job"]["facets"] = {"jobType": facets["jobType"]}  # decides what such an event stands for
    lasting = {key: value for key, value in event.items() if key not in _MOMENT}
    facets = event["run"].get("facets")
    if isinstance(facets, dict) and DEPLOYMENT in facets:
        lasting["deployment"] = facets[DEPLOYMENT]  # of the run, but told of the deployment
    tested = _tests_itself(event["run"])
    for key, place in _PLACES:
        listed = event.get(key)
        if isinstance(listed, list):
            parts = [_part_dataset(dataset, place, tested) for dataset in listed]
            moment[key] = [bound for bound, _ in parts if bound]
            lasting[key] = [rest for _, rest in parts]
    return moment, lasting


def _tests_itself(run: Any) -> bool:
    """Whether the run brings results of tests, which are told of the datasets that the event names."""
    facets = run.get("facets") if isinstance(run, dict) else None
    return isinstance(facets, dict) and RUN_TESTS in facets


def _part_dataset(dataset: Any, place: str, named_only: bool) -> tuple[dict[str, Any] | None, Any]:
    """What a dataset of an event says about the run (None for nothing; its name may be enough), and all else."""
    if not isinstance(dataset, dict):
        return None, dataset
    facets = dataset.get("facets")
    facets = {} if facets is None else facets
    shared = facets if isinstance(facets, dict) else {}
    if place not in dataset and _OF_RUNS.isdisjoint(shared) and not named_only:
        return None, dataset
    bound = {key: shared[key] for key in _OF_RUNS & shared.keys()}
    rest = {key: value for key, value in dataset.items() if key != place}
    if shared:
        rest["facets"] = {key: value for key, value in shared.items() if key not in RUN_BOUND}
    named = {key: dataset[key] for key in ("namespace", "name", place) if key in dataset}
    return {**named, "facets": bound}, rest
