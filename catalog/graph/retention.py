"""Takes away what is not kept any more: payloads, runs and the log, in small transactions that may end at any point.

Each function walks over what there is and yields, batch by batch, how much may go and how much it looked at; with
`act` it also takes it. So the plan a person sees and the deed are one code, and doing it again goes on where it ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from catalog.clock import DAY
from catalog.graph import entries
from catalog.graph.inbox import APPLIED, token
from catalog.graph.payloads import chunk_ids
from catalog.graph.queries import blocks
from catalog.graph.shapes import get_rows
from catalog.graph.store import Row, Store, Tx
from catalog.lineage.retain import Horizon
from catalog.lineage.runs import ENDED
from catalog.lineage.wire import Kind

WINDOW = 1_000
BUCKETS = 50
BATCH = 500
_Q = blocks("retention")
GUARDS = {"Job": "guard_jobs", "Dataset": "guard_datasets", "Manifest": "guard_manifests", "Entity": "guard_entities"}
"""Who says something is locked by these, by label, in this order."""
CLASSES = ("history", "runs", "series", "payloads")
"""What has an age of its own; `history` is the Steps and the log below them."""


EVENTS = frozenset(Kind)
"""The kinds of entries that are OpenLineage events."""


class Step(NamedTuple):
    """One batch: things that go, and things looked at."""

    going: int
    seen: int


class Kept(NamedTuple):
    """How far back each class goes (µs), None for all of it; `known` belongs to `history`."""

    history: int | None = None
    known: int = 0
    runs: int | None = None
    series: int | None = None
    payloads: int | None = None


def kept(store: Store) -> Kept:
    """How far back this store goes."""
    rows = store.rows(_Q["horizons"])
    return Kept(**{k: v for k, v in rows[0].items() if v is not None}) if rows else Kept()


def raise_horizons(store: Store, to: Kept) -> Kept:
    """From now on nothing is applied, and nothing can be asked, behind these; a horizon never goes back."""

    def work(tx: Tx) -> Kept:
        tx.run(_Q["fence_off"], token=token())
        rows = tx.run(_Q["horizons"])
        old = rows[0] if rows else {}
        values = {k: v for k, v in to._asdict().items() if v is not None and v > (old.get(k) or 0)}
        tx.run(_Q["raise_horizons"], values=values)
        return Kept(**{k: v for k, v in {**old, **values}.items() if v is not None})

    return store.write(work)


def forget_payloads(store: Store, horizon: Horizon, *, now: int, act: bool) -> Iterator[Step]:
    """The raw events of applied entries behind the horizon; what people decided is small, and stays."""
    for sequences in _windows(store, horizon, act):
        rows = [r for r in store.rows(_Q["payloads"], sequences=sequences) if r["state"] == APPLIED and not r["purged"]]
        events = [row for row in rows if row["kind"] in EVENTS and row["time"] is not None]
        going = [row for row in events if horizon.behind(row["time"], row["sequence"])]
        if act and going:
            store.write(partial(_empty, going=going, now=now))
        yield Step(len(going), len(rows))


def _empty(tx: Tx, going: list[Row], now: int) -> None:
    tx.run(_Q["empty"], ids=sorted(row["key"] for row in going), now=now)
    tx.run(blocks("inbox")["drop_chunks"], ids=[id_ for row in going for id_ in chunk_ids(row["key"], row["chunks"])])


def forget_runs(store: Store, horizon: Horizon, history: int, *, act: bool) -> Iterator[Step]:
    """Runs that ended behind the horizon, but for those that something still stands on.

    Kept are the newest run of each job and its newest completed one, runs that started others which are kept, and,
    where runs close edges, those that a late event (one later than `history`) could still ask for.
    """

    def find(tx: Tx, sequences: list[int]) -> tuple[int, list[str]]:
        rows = tx.run(_Q["runs_heard"], sequences=sequences)
        old = {row["id"]: row["job"] for row in rows if _may_go(row, horizon, history)}
        newest = {row["run"] for row in get_rows(tx, _Q["newest_completed"], old.values())}
        going = old.keys() - newest
        parents = {row["id"] for row in get_rows(tx, _Q["children"], going) if row["child"] not in going}
        return len(rows), sorted(going - parents)

    for sequences in _windows(store, horizon, act):
        seen, going = store.read(partial(find, sequences=sequences))
        if act and going:
            store.write(partial(_forget_runs, ids=going))
        yield Step(len(going), seen)


def _forget_runs(tx: Tx, ids: list[str]) -> None:
    tx.run(_Q["forget_runs"], ids=ids)


def _may_go(row: Row, horizon: Horizon, history: int) -> bool:
    if row["state"] not in ENDED or row["id"] == row["latest"]:
        return False
    return horizon.behind(row["lastT"], row["heard"]) and (row["lastT"] <= history or not row["closes"])


def forget_series(store: Store, horizon: Horizon, ids: Sequence[str], *, act: bool) -> Step:
    """Statistics, checks and versions of some datasets."""
    months = store.read(lambda tx: get_rows(tx, blocks("samples")["sample_months"], ids))
    going = seen = 0
    for at in range(0, len(months), BUCKETS):
        buckets = [row["id"] for row in months[at : at + BUCKETS]]
        counted = store.rows(_Q["count_samples"], buckets=buckets, **horizon._asdict())
        going += sum(row["gone"] for row in counted)
        seen += sum(row["n"] for row in counted)
        old = [row["bucket"] for row in counted if row["gone"]]
        left = len(old) if act else 0
        while left:
            left = store.write(partial(_forget_samples, buckets=old, horizon=horizon))
        empty = set(buckets) - {row["bucket"] for row in counted if row["n"] > row["gone"]}
        if act and empty:
            store.write(partial(_forget_months, ids=sorted(empty)))
    return Step(going, seen)


def _forget_samples(tx: Tx, buckets: list[str], horizon: Horizon) -> int:
    ids = [row["id"] for row in tx.run(_Q["samples"], buckets=buckets, limit=BATCH, **horizon._asdict())]
    tx.run(_Q["forget_samples"], ids=ids)
    return len(ids)


def _forget_months(tx: Tx, ids: list[str]) -> None:
    tx.run(_Q["forget_months"], ids=ids)


def forget_log(store: Store, horizon: Horizon, label: str, ids: Sequence[str], *, act: bool) -> Step:
    """The observations of some subjects behind the horizon; their Uses go on counting them."""
    going = 0
    uses = store.read(lambda tx: get_rows(tx, _Q["uses"], ids))
    for subject, (first, last) in _days(uses, horizon).items():
        for low in range(first, last + 1, BUCKETS):
            buckets = [f"{subject}|{day}" for day in range(low, min(low + BUCKETS, last + 1))]
            if not act:
                going += store.rows(_Q["count_log"], buckets=buckets, **horizon._asdict())[0]["n"]
                continue
            batch = partial(_forget_some, label=label, subject=subject, buckets=buckets, horizon=horizon)
            while n := store.write(batch):
                going += n
    return Step(going, sum(use["n"] - (use["goneN"] or 0) for use in uses))


def _days(uses: Iterable[Row], horizon: Horizon) -> dict[str, tuple[int, int]]:
    """From which day to which each subject may have observations behind the horizon."""
    found: dict[str, tuple[int, int]] = {}
    for use in uses:
        first = (use["first"] if use["goneLast"] is None else use["goneLast"]) // DAY
        last = min(use["last"], horizon.history) // DAY
        known = found.get(use["subject"], (first, last))
        found[use["subject"]] = (min(first, known[0]), max(last, known[1]))
    return found


def _forget_some(tx: Tx, *, label: str, subject: str, buckets: list[str], horizon: Horizon) -> int:
    tx.run(_Q[GUARDS[label]], ids=[subject], token=token())
    rows = tx.run(_Q["log"], buckets=buckets, limit=BATCH, **horizon._asdict())
    gone: dict[str, list[Row]] = {}
    for row in rows:
        gone.setdefault(row["use"], []).append(row)
    values = []
    for use in tx.run(_Q["gone"], ids=sorted(gone)):
        last = max((row["t"], row["run"]) for row in gone[use["id"]])
        first = min(row["t"] for row in gone[use["id"]])
        if use["n"] is not None:
            first, last = min(first, use["first"]), max(last, (use["last"], use["run"]))
        told = {"goneN": (use["n"] or 0) + len(gone[use["id"]]), "goneFirst": first}
        values.append({"id": use["id"], "values": {**told, "goneLast": last[0], "goneRun": last[1]}})
    tx.run(_Q["count_gone"], rows=values)
    tx.run(_Q["forget_log"], ids=[row["id"] for row in rows])
    return len(rows)


def _windows(store: Store, horizon: Horizon, act: bool) -> Iterator[list[int]]:
    """Sequences, so many at once: those that may go, and, to count, all."""
    through = horizon.known if act else entries.newest(store)
    for low in range(1, through + 1, WINDOW):
        yield list(range(low, min(low + WINDOW, through + 1)))
