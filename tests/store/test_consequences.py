"""What follows from a change, on a real store: the example company, at any moment, whole or in part."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from catalog.assets.keys import Key, Kind
from catalog.checks.consequences import What
from catalog.clock import DAY, to_iso
from catalog.errors import InvalidQuestion, UnknownKey
from catalog.graph import inbox
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.graph.walk import PRESENT, Moment
from catalog.manifest.entry import manifest_entry
from catalog.manifest.load import load
from catalog.resources import example_dir
from catalog.usecases.accept import prepare_apply
from catalog.usecases.consequences import Answer, Asked, consequences
from tests.servers.stores import StoreServer, empty
from tests.store.conftest import LATER, accept_events, drain
from tests.store.events import NOON, event

SHOP = "duckdb:///tmp/jaffle_shop/jaffle_shop.duckdb"
RAW, STAGED, MART = (
    Key(Kind.DATASET, SHOP, f"jaffle_shop.{name}")
    for name in ("shop_raw.customers", "shop.stg_customers", "shop.dim_customers")
)
HOUR = 3_600_000_000


def made_of(source: Key, target: Key, **columns: str) -> dict[str, object]:
    """An output whose columns are each made of one of another dataset."""
    used = {
        out: {"inputFields": [{"namespace": source.namespace, "name": source.name, "field": column}]}
        for out, column in columns.items()
    }
    schema = {"fields": [{"name": name} for name in columns]}
    facets = {"schema": schema, "columnLineage": {"fields": used}}
    return {"namespace": target.namespace, "name": target.name, "facets": facets}


@pytest.fixture(scope="module")
def reader(shared_store: Store, server: StoreServer) -> Iterator[Reader]:
    """The example, applied at noon; an hour later its jobs run and tell which columns they use."""
    store = shared_store
    empty(store)
    documents = {document.key: document.body for document in load(example_dir()).documents}
    entry = manifest_entry("shop", by="t", applied_at=to_iso(NOON) or "", base="", plan="p", documents=documents)
    inbox.accept(store, [prepare_apply(entry)], LATER)
    steps = [
        (RAW, made_of(RAW, STAGED, customer_id="id", email="email")),
        (STAGED, made_of(STAGED, MART, customer_id="customer_id", email="email", order_count="customer_id")),
    ]
    for n, (source, output) in enumerate(steps):
        one = event(
            str(n), NOON + 3_600_000_000 + n, inputs=[{"namespace": SHOP, "name": source.name}], outputs=[output]
        )
        accept_events(store, [{**one, "job": {"namespace": "jobs", "name": f"step{n}", "facets": {}}}])
    drain(store)
    yield Reader(store, server.admin)
    empty(store)


def reached(answer: Answer) -> dict[tuple[str, str], str]:
    """How surely each thing is reached."""
    things = answer.snapshot.things
    return {
        (str(one.kind), things[one.thing].key.name.removeprefix("jaffle_shop.")): str(one.sureness)
        for one in answer.found.reached
    }


SERVED = {("ModelVersion", "churn/3"), ("ModelVersion", "churn/4"), ("Deployment", "churn-api")}
MARTS = {("Dataset", "shop.stg_customers"), ("Dataset", "shop.dim_customers")}
STEPS = {("Pipeline", "step0"), ("Pipeline", "step1")}
TRAIN = {("Pipeline", "churn.train")}


def test_a_column_is_followed_into_the_model_that_is_served(reader: Reader) -> None:
    """The customers' number makes a feature; their address does not, as the model's training names its columns."""
    number, address = (
        consequences(reader, LATER, Asked(What.DROP_COLUMN, RAW, column), PRESENT) for column in ("id", "email")
    )

    assert dict.fromkeys(MARTS | STEPS | SERVED | TRAIN, "CERTAIN") == reached(number)
    assert dict.fromkeys(MARTS | STEPS, "CERTAIN") | dict.fromkeys(SERVED | TRAIN, "UNLIKELY") == reached(address)
    assert {("team:data",), ("team:data/science",), ()} == {one.owners for one in number.found.reached}
    assert (False, (), 0) == (number.snapshot.whole, number.found.untold, number.snapshot.hidden)


def test_people_are_followed_by_their_key(reader: Reader) -> None:
    """From all that states to hold data of them; a month is given from the moment that is asked about."""
    asked = Asked(What.ERASE_SUBJECTS, subjects="customers")
    found = consequences(reader, LATER, asked, Moment(NOON + 2 * HOUR, None))
    starts = {found.snapshot.things[one.thing].key: one.columns for one in found.found.starts}

    assert {RAW: ("email", "first_name", "id"), MART: ("customer_id", "email", "first_name")} == starts
    expected = {("Dataset", "shop.stg_customers"), *STEPS, *SERVED, *TRAIN}
    assert dict.fromkeys(expected, "CERTAIN") == reached(found)
    (deadline,) = {one.deadline for one in found.found.reached}
    assert deadline is not None
    assert 28 * DAY <= deadline - NOON - 2 * HOUR <= 31 * DAY


def test_what_a_source_keeps_and_how_long_it_is_kept(reader: Reader) -> None:
    """A source begins with all in its namespaces; retention ends as it is stated."""
    source = consequences(reader, LATER, Asked(What.SOURCE_GONE, Key(Kind.SOURCE, "", "warehouse")), PRESENT)
    kept = consequences(reader, LATER, Asked(What.RETENTION_EXPIRY, MART), PRESENT)

    assert {RAW, STAGED, MART} <= {source.snapshot.things[one.thing].key for one in source.found.starts}
    assert ("Dashboard", "finance/revenue") in reached(source)
    assert dict.fromkeys(SERVED | TRAIN, "CERTAIN") == reached(kept)
    assert {True} == {"end of P2Y" in one.because for one in kept.found.reached}


def test_it_is_told_as_of_any_moment(reader: Reader) -> None:
    """Before the jobs ran, or before their events were accepted, nothing led on from the raw table."""
    asked = Asked(What.RETENTION_EXPIRY, RAW)
    now, before, unheard = (
        consequences(reader, LATER, asked, moment)
        for moment in (PRESENT, Moment(NOON + HOUR // 2, None), Moment(None, 1))
    )

    assert MARTS <= reached(now).keys()
    assert ({}, {}) == (reached(before), reached(unheard))


def test_a_part_says_what_the_whole_says(reader: Reader) -> None:
    """Where too much is downstream the whole catalog is read; where that is too much, it is said what to do."""
    asked = Asked(What.DROP_COLUMN, RAW, "id")
    part, whole = (consequences(reader, LATER, asked, PRESENT, most=most) for most in (20_000, 1))

    assert (False, True) == (part.snapshot.whole, whole.snapshot.whole)
    assert part.found == whole.found
    for too_much in (asked, Asked(What.ERASE_SUBJECTS, subjects="customers")):
        with pytest.raises(InvalidQuestion, match="too large to be read whole"):
            consequences(reader, LATER, too_much, PRESENT, most=1, most_whole=3)


def test_what_may_not_be_seen_is_counted(reader: Reader) -> None:
    """Nothing behind it is told."""
    asked = Asked(What.SOURCE_GONE, RAW)
    found = consequences(Reader(reader.store, None, grants=[SHOP]), LATER, asked, PRESENT)

    assert STEPS.isdisjoint(reached(found))
    assert found.snapshot.hidden > 0
    assert [f"{found.snapshot.hidden} edges lead to what may not be seen"] == list(found.found.untold)


@pytest.mark.parametrize(
    ("asked", "error", "words"),
    [
        (Asked(What.DROP_COLUMN, RAW, "emial"), UnknownKey, "did you mean email"),
        (Asked(What.ERASE_SUBJECTS, subjects="custmers"), UnknownKey, "did you mean customers"),
        (Asked(What.RETENTION_EXPIRY, RAW._replace(name=f"{RAW.name}s")), UnknownKey, "did you mean"),
        (Asked(What.DROP_COLUMN, RAW), InvalidQuestion, "needs a column and a thing, and has a thing"),
        (Asked(What.ERASE_SUBJECTS), InvalidQuestion, "needs subjects, and has nothing"),
        (Asked(What.SOURCE_GONE, Key(Kind.TEAM, "", "data")), InvalidQuestion, "do not flow from a Team"),
    ],
)
def test_what_is_wrong_is_said(reader: Reader, asked: Asked, error: type[Exception], words: str) -> None:
    """With what is near."""
    with pytest.raises(error, match=words):
        consequences(reader, LATER, asked, PRESENT)
