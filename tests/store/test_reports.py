"""Sealed reports: made once, kept whole, in one chain, whatever happens to those who make them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.clock import SECOND, FrozenClock
from catalog.errors import InvalidKey, InvalidQuestion, LeaseLost, UnknownKey
from catalog.graph import numbered, orders, reports
from catalog.graph.orders import DONE, FAILED, LEASE, Order
from catalog.graph.reader import Reader
from catalog.graph.reports import Kept
from catalog.graph.store import Store
from catalog.identity import Name, dataset_id
from catalog.reports.canonical import content_of
from catalog.reports.document import Report
from catalog.reports.keys import SealKey, make_key, read_public
from catalog.reports.renderers import RENDERERS
from catalog.reports.seal import FORMATS, seal_of, sign
from catalog.reports.verify import chain_faults, report_of, verify
from catalog.usecases import report as module
from catalog.usecases.orders import Orders
from catalog.usecases.report import KIND, Asked, Reporting, order_report
from catalog.usecases.report_diff import compare
from tests.servers.stores import StoreServer
from tests.store.chaos import Killed
from tests.store.conftest import LATER, accept_events, drain
from tests.unit.reports.a_report import a_small_report

NOW = LATER + SECOND
CLOCK = FrozenClock(NOW)
KEY = SealKey.new()


def a_report(number: int = 0) -> Report:
    return replace(a_small_report(), title=f"Report {number}")


def keep(store: Store, report: Report, order: Order | None = None, key: SealKey = KEY) -> Kept:
    content = content_of(report)
    bodies = {"json": content, "md": RENDERERS["md"](report, content)}

    def seal(number: int, previous: str) -> Any:
        made = seal_of(report, content, {"md": bodies["md"]}, number=number, previous=previous, at="", by="ann")
        return sign(made, key)

    return reports.keep(store, report, bodies, seal, key.public, order=order, now=NOW)


def event(n: int) -> dict[str, Any]:
    return {
        "eventType": "COMPLETE",
        "eventTime": f"2026-03-01T12:00:{n:02}Z",
        "run": {"runId": f"0195c4d2-0000-7000-8000-0000000000{n:02}"},
        "job": {"namespace": "etl", "name": f"load_{n}"},
        "inputs": [{"namespace": "db", "name": f"source_{n}"}],
        "outputs": [{"namespace": "db", "name": f"mart_{n}"}],
        "producer": "https://example.org/etl",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
    }


class Making:
    """A catalog with some events, and a worker that makes reports of it."""

    def __init__(self, store: Store, server: StoreServer, folder: Path) -> None:
        self.store = store
        self.reader = Reader(store, server.admin)
        self.key = make_key(folder / "key.pem")
        self.path = folder / "key.pem"
        accept_events(store, [event(n) for n in range(3)])
        drain(store)

    def order(self, name: str = "policy-compliance", **given: Any) -> Order:
        return order_report(self.reader, CLOCK, Asked(name, **given), packs=("hygiene",), by="ann")

    def work(self, owner: str = "a", now: int = NOW) -> None:
        clock = FrozenClock(now)
        reporting = Reporting(self.reader, clock, self.path)
        Orders(self.store, clock, {KIND: reporting.work}, owner=owner).work(seconds=60)

    def made(self, order: Order) -> Kept:
        ended = orders.order(self.store, order.id)
        assert ended is not None and (DONE, "") == (ended.state, ended.error)
        found = reports.find(self.store, ended.result)
        assert found is not None
        return found

    def files(self, kept: Kept) -> dict[str, bytes | None]:
        return {format_: reports.file(self.store, kept, format_) for format_ in FORMATS}


@pytest.fixture
def making(store: Store, server: StoreServer, tmp_path: Path) -> Making:
    return Making(store, server, tmp_path)


def test_the_same_content_keeps_its_seal(store: Store) -> None:
    """However often it is made, also by another worker under another key."""
    first, other = keep(store, a_report()), keep(store, a_report(1))
    again = keep(store, a_report(), key=SealKey.new())

    assert first == again
    assert (1, 2) == (first.number, other.number)
    assert first.seal.hash == other.seal.previous
    assert [KEY.public.id] == [id_ for id_, _ in reports.public_keys(store)]


def test_workers_who_seal_at_once_make_one_chain(store: Store) -> None:
    """No fork, no gap, whatever the key; each report once."""
    keys = [KEY, SealKey.new()]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: keep(store, a_report(i % 6), key=keys[i % 2]), range(24)))
    chain = reports.chain(store, 1, reports.count(store))

    assert 6 == len(chain) == len({kept.id for kept in chain})
    assert [] == chain_faults([kept.seal for kept in chain], [key.public for key in keys])


def test_reports_are_found_by_number_id_and_its_beginning(store: Store) -> None:
    """Only if it is one."""
    first, second = keep(store, a_report()), keep(store, a_report(1))

    for reference in ("1", first.id, first.id[:12]):
        assert first == reports.find(store, reference)
    for nothing in ("3", "0", second.id[:11], "x" * 64, ""):
        assert reports.find(store, nothing) is None


def test_two_reports_are_compared_by_what_they_say(store: Store, server: StoreServer, tmp_path: Path) -> None:
    """Findings come with their cause; the same report says the same; others, and one that is not there, are refused."""
    making = Making(store, server, tmp_path)
    making.order()
    making.work()
    accept_events(store, [event(7)])
    drain(store)
    making.order()
    making.work()
    making.order("lineage-evidence", parameters={"entity": "mart_1"})
    making.work()
    found = compare(store, "1", "2")

    assert (1, 2, False) == (found.before.number, found.after.number, found.difference.is_empty)
    assert [] != [one for one in found.difference.new if "mart_7" in str(one.told)]
    assert () == found.difference.fixed
    assert compare(store, "2", found.after.id[:12]).difference.is_empty
    with pytest.raises(InvalidQuestion, match="different things"):
        compare(store, "2", "3")
    with pytest.raises(UnknownKey, match="'9'"):
        compare(store, "1", "9")


def test_reports_are_paged_from_the_newest(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """By name, too, over windows that have none."""
    monkeypatch.setattr(numbered, "WINDOW", 2)
    for number in range(5):
        keep(store, replace(a_report(number), name="rare" if number == 1 else "often"))

    assert [5, 4, 3] == [kept.number for kept in reports.page(store, limit=3)]
    assert [2, 1] == [kept.number for kept in reports.page(store, before=3)]
    assert [2] == [kept.number for kept in reports.page(store, name="rare")]
    assert [] == reports.page(store, name="never")


def test_a_report_is_made_sealed_and_verified(making: Making) -> None:
    """Every format holds under the public key that is kept, and the record says what it rests on."""
    order = making.order()
    making.work()
    kept = making.made(order)
    keys = read_public(reports.public_keys(making.store)[0][1])
    files = making.files(kept)
    report = report_of(files["json"] or b"")

    assert [True] * 5 == [verify(file or b"", keys).holds for file in files.values()]
    assert ("policy-compliance", 3, "1") == (report.name, report.known_at, report.generator["fold"])
    assert 64 == len(report.graph)
    assert order.id == kept.order and "ann" == kept.seal.by


def test_the_same_moment_gives_the_same_bytes(making: Making) -> None:
    """After more was told, by a worker that began later, in every format; the present is another report."""
    first = making.order()
    making.work()
    kept = making.made(first)
    accept_events(making.store, [event(n) for n in range(3, 6)])
    drain(making.store)
    again = making.order(as_of=kept.as_of, known_at=str(kept.known_at))
    present = making.order()
    making.work(now=NOW + 5 * SECOND)

    assert kept == making.made(again)
    assert making.files(kept) == making.files(making.made(again))
    done = orders.order(making.store, again.id)
    assert done is not None and not done.step.startswith("drawing"), "what is sealed is not drawn once more"
    assert 2 == making.made(present).number


@pytest.mark.slow
def test_the_same_facts_make_the_same_report_in_another_store(making: Making, fresh: Store, tmp_path: Path) -> None:
    """Entries in another order, another key: another seal, the same content."""
    order = making.order(as_of="2026-04-01T00:00:00Z")
    making.work()
    accept_events(fresh, [event(n) for n in (2, 0, 1)])
    drain(fresh)
    (tmp_path / "other").mkdir()
    other = Making.__new__(Making)
    other.store, other.reader, other.path = fresh, Reader(fresh, None), tmp_path / "other" / "key.pem"
    make_key(other.path)
    same = other.order(as_of="2026-04-01T00:00:00Z")
    other.work()

    assert making.made(order).id == other.made(same).id
    assert making.made(order).seal.key != other.made(same).seal.key


def test_a_worker_that_dies_anywhere_loses_and_doubles_nothing(making: Making, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before or after any write: the order is taken up again, and there is one report."""
    monkeypatch.setattr(module, "RENDERERS", {"json": RENDERERS["json"], "md": RENDERERS["md"]})
    live = Mortal(making.store.write)
    monkeypatch.setattr(making.store, "write", live)
    made = [making.order()]
    making.work()
    writes = live.writes - 1  # but for the order itself
    deaths = [(at, after) for at in (1, writes // 2, *range(writes - 2, writes + 1)) for after in (False, True)]
    for at, after in deaths:
        made.append(making.order(as_of=f"2026-05-01T00:{at:02}:{after:02}Z"))
        live.writes, live.dies_at, live.after = 0, at, after
        with pytest.raises(Killed):
            making.work("dying")
        live.dies_at = 0
        making.work("heir", NOW + 2 * LEASE)
    chain = reports.chain(making.store, 1, reports.count(making.store))

    assert {kept.id for kept in chain} == {making.made(order).id for order in made}
    assert len(made) == len(chain)
    assert [] == chain_faults([kept.seal for kept in chain], [making.key.public])


class Mortal:
    """Writes to a store until its process dies: at a write, before it or after it."""

    def __init__(self, write: Any) -> None:
        self._write = write
        self.writes, self.dies_at, self.after = 0, 0, False

    def __call__(self, work: Any) -> Any:
        """Instead of `Store.write`; a thread of a dead process writes nothing either."""
        self.writes += 1
        if self.dies_at and self.writes >= self.dies_at:
            if self.after and self.writes == self.dies_at:
                self._write(work)
            raise Killed
        return self._write(work)


def test_who_lost_the_order_seals_nothing(store: Store) -> None:
    """The report of a worker that was taken for dead does not appear."""
    orders.place(store, KIND, {"n": 1}, by="ann", now=NOW)
    old = orders.take(store, [KIND], owner="old", now=NOW)
    orders.take(store, [KIND], owner="new", now=NOW + LEASE)

    with pytest.raises(LeaseLost):
        keep(store, a_report(), old)
    assert 0 == reports.count(store)


def test_without_a_key_nothing_is_sealed_and_it_says_so(making: Making) -> None:
    """The order fails in words that say what to do; the same of a key that others may read."""
    order = making.order()
    Orders(making.store, CLOCK, {KIND: Reporting(making.reader, CLOCK, None).work}, owner="a").work(seconds=60)
    ended = orders.order(making.store, order.id)

    assert ended is not None and FAILED == ended.state
    assert "HEADWATER_SEAL_KEY" in ended.error
    making.path.chmod(0o644)
    with pytest.raises(InvalidKey):
        Reporting(making.reader, CLOCK, making.path).work(ended, lambda *_: None)


def test_another_key_goes_on_with_the_chain(making: Making) -> None:
    """Both public keys are kept; what each sealed is verified by it."""
    first = making.order()
    making.work()
    making.path.unlink()
    new = make_key(making.path)
    second = making.order(as_of="2026-05-01T00:00:00Z")
    making.work()
    keys = [key for _, pem in reports.public_keys(making.store) for key in read_public(pem)]

    assert {making.key.public.id, new.public.id} == {key.id for key in keys}
    assert [] == chain_faults([making.made(order).seal for order in (first, second)], keys)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"name": "policy-complience"}, "did you mean"),
        ({"parameters": {"colour": "red"}}, "no parameter"),
        ({"packs": ("gdrp",)}, "did you mean"),
        ({"as_of": "yesterday"}, "no moment"),
        ({"as_of": "9999-01-01"}, "is not yet; a report tells what was"),
        ({"known_at": "99"}, "not applied yet"),
        ({"name": "lineage-evidence", "parameters": {"entity": "x"}, "packs": ("hygiene",)}, "packs of its own"),
        ({"name": "lineage-evidence", "parameters": {"entity": "visits_"}}, "nothing is called 'visits_'"),
        (
            {"name": "gdpr-art30", "parameters": {"activity": "nope"}},
            "parameter 'activity' .* nothing is called 'nope'",
        ),
        ({"name": "erasure-plan"}, "needs `subjects` or `dataset`"),
    ],
)
def test_a_wrong_order_is_refused_at_the_door(making: Making, given: dict[str, Any], says: str) -> None:
    """At once, in words; nothing is ordered."""
    with pytest.raises((InvalidQuestion, UnknownKey), match=says):
        making.order(**given)
    assert [] == orders.orders(making.store)


def test_every_spelling_of_a_name_is_taken_at_the_door(making: Making) -> None:
    """What the report itself understands is never refused before: by id, alone, with its namespace, with its kind."""
    id_ = dataset_id(Name("db", "mart_1"))
    for spelled in ("mart_1", "db mart_1", "Dataset mart_1", "Dataset db mart_1", id_, "load_1", "Pipeline etl load_1"):
        order = making.order("lineage-evidence", parameters={"entity": spelled})
        making.work()

        assert "lineage-evidence" == making.made(order).name, spelled
