"""Findings over evaluations: each transition exactly once, whatever is late, doubled or killed."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import pytest

from catalog.assets.keys import Key, Kind
from catalog.checks.judgement import finding_id
from catalog.checks.snapshot import Place
from catalog.clock import SECOND
from catalog.errors import Conflict, InvalidQuestion, LeaseLost, UnknownKey
from catalog.graph import finding_pages, findings, watch
from catalog.graph.finding_pages import Choice, Known
from catalog.graph.findings import PLACES, WHOLE, Covered, Evaluation
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.graph.watch import LEASE, Watch
from catalog.usecases.finding_names import Names, check_names
from tests.reconciled import THINGS, About, Book, Said, Told, judgement_of, random_told, shuffled
from tests.store.chaos import Faults, Killed

KEYS = {thing: Key(Kind.DATASET, f"ns of {thing}", thing) for thing in (*THINGS, "s")}
NOW = 1_000 * SECOND


def claim(store: Store, owner: str = "a", now: int = NOW) -> Watch:
    mine = watch.claim(store, owner=owner, now=now)
    assert mine is not None
    return mine


def deliver(store: Store, mine: Watch, told: Told) -> Evaluation:
    kind = WHOLE if told.things is None else PLACES
    evaluation = Evaluation(f"e{told.at}", kind, told.at, told.known, ("pack",), told.at)
    return findings.reconcile(store, mine, evaluation, judgement_of(told), KEYS, Covered(told.things), 0.5)


def everything(store: Store) -> list[Known]:
    return finding_pages.page(Reader(store, None), Choice(), None, 500)


def as_stored(store: Store) -> dict[About, Any]:
    """What the book has, read out of the store."""
    found = everything(store)
    histories = finding_pages.histories(Reader(store, None), [each.id for each in found])
    return {
        (each.policy, each.thing, each.column, each.source): (
            each.state,
            Said(each.severity, each.outcome, each.message),
            (each.first, each.last, each.since, each.due),
            [(event.kind, event.known, event.at) for event in histories[each.id]],
        )
        for each in found
    }


def as_defined(book: Book) -> dict[About, Any]:
    return {
        about: (line.state, line.said, (line.first, line.last, line.since, line.due), line.history)
        for about, line in book.lines.items()
    }


def counted(found: Sequence[Known]) -> dict[str, int]:
    return {
        **{
            severity: sum(each.state == "OPEN" and each.severity == severity for each in found)
            for severity in ("critical", "high", "medium", "low", "info")
        },
        "waived": sum(each.state == "WAIVED" for each in found),
    }


@pytest.mark.parametrize("seed", range(8))
def test_findings_are_what_the_walk_says(store: Store, seed: int) -> None:
    """Any sequence of evaluations, of everything or of some things, late or twice, gives what the definition gives."""
    rng = random.Random(seed)
    book, wanted = Book(), shuffled(rng, random_told(rng, 9))
    for told in wanted:
        book.deliver(told)
        with suppress(Conflict):
            deliver(store, claim(store), told)

    assert as_defined(book) == as_stored(store)
    now = watch.watch(store)
    assert counted(everything(store)) == {**now.open, "waived": now.waived}


@pytest.mark.parametrize(("seed", "chunk"), [(0, 1), (1, 1), (2, 3), (3, 3), (4, 500)])
def test_a_killed_evaluation_loses_and_doubles_nothing(
    store: Store, seed: int, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before or after any commit, and done again by others: the findings are those of one undisturbed walk.

    Whoever is killed in the middle has made its own evaluation's transitions, each once; the next evaluation, which
    finds the same, makes the rest.
    """
    rng = random.Random(seed)
    monkeypatch.setattr(findings, "CHUNK", chunk)
    book, wanted = Book(), random_told(rng, 5)
    faults = Faults(store, rng)
    faults.clock.at = NOW
    monkeypatch.setattr(store, "write", faults.write)
    for number, told in enumerate(wanted):
        book.deliver(told)
        for life in range(9):
            faults.clock.at += LEASE + 1
            if life == 8:
                faults.cease()
            with suppress(Killed, LeaseLost):
                deliver(store, claim(store, f"{number}.{life}", faults.clock.at), told)
                break

    assert as_defined(book) == as_stored(store)
    now = watch.watch(store)
    assert counted(everything(store)) == {**now.open, "waived": now.waived}


def test_an_evaluation_that_was_taken_over_writes_nothing_more(store: Store) -> None:
    """The old worker's fence is behind: what it judged is told by the new one, or not at all."""
    old = claim(store, "old")
    assert watch.claim(store, owner="new", now=NOW) is None
    new = claim(store, "new", NOW + LEASE)
    told = Told(1, 10, None, ("a.one",), {("a.one", "t1", "", ""): Said("low", "FAIL", "x")})

    with pytest.raises(LeaseLost, match="taken over by new"):
        deliver(store, old, told)
    assert {} == as_stored(store)
    deliver(store, new, told)
    with pytest.raises(LeaseLost):
        watch.renew(store, old, NOW)
    watch.release(store, old)
    assert "new" == watch.watch(store).owner


def test_an_evaluation_says_what_it_did(store: Store) -> None:
    """How many findings were opened, kept, resolved; how far it knew; and which policies it judged by."""
    one = {("a.one", "t1", "", ""): Said("high", "FAIL", "x"), ("a.one", "t2", "", ""): Said("low", "ERROR", "?")}
    two = {("a.one", "t2", "", ""): Said("low", "ERROR", "?"), ("a.one", "t3", "", ""): Said("low", "WAIVED", "x")}
    for number, found in enumerate((one, two), 1):
        deliver(store, claim(store), Told(number, 10 * number, None, ("a.one",), found))

    second, first = finding_pages.evaluations(Reader(store, None))
    assert ({"OPENED": 2}, {"KEPT": 1, "RESOLVED": 1, "WAIVED": 1}) == (first.moved, second.moved)
    assert [(2, 2, 20, True), (1, 1, 10, True)] == [
        (each.number, each.known_at, each.at, each.done) for each in (second, first)
    ]
    assert (("a.one", "1", "pack", "hash of a.one"),) == second.policies
    assert {"hash of a.one": {}} == finding_pages.policies(Reader(store, None), ["hash of a.one"])


def test_a_policy_that_is_judged_no_more_resolves_its_findings(store: Store) -> None:
    """And the log says that it was for that reason."""
    found = {("a.one", "t1", "", ""): Said("high", "FAIL", "x"), ("a.two", "t1", "", ""): Said("high", "FAIL", "x")}
    deliver(store, claim(store), Told(1, 10, None, ("a.one", "a.two"), found))
    deliver(store, claim(store), Told(2, 20, None, ("a.two",), {}))

    histories = finding_pages.histories(Reader(store, None), [each.id for each in everything(store)])
    assert ["its policy is not judged any more", "no longer found"] == [
        histories[finding_id(policy, Place("t1"), None)][-1].reason for policy in ("a.one", "a.two")
    ]


@pytest.fixture
def some(store: Store) -> Iterator[Reader]:
    """Findings of several things, policies, severities and states."""
    found = {
        (policy, thing, column, "s" if thing == "t4" else ""): Said(severity, "FAIL", "x")
        for policy, severity in (("a.one", "low"), ("a.two", "critical"))
        for thing in THINGS
        for column in ("", "c")
    }
    deliver(store, claim(store), Told(1, 10, None, ("a.one", "a.two"), found))
    left = {about: said for about, said in found.items() if about[1] != "t3"}
    deliver(store, claim(store), Told(2, 20, None, ("a.one", "a.two"), left))
    return iter([Reader(store, None)])


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(), 16),
        (Choice(state="OPEN"), 12),
        (Choice(state="RESOLVED"), 4),
        (Choice(state="OPEN", severity="critical"), 6),
        (Choice(policy="a.one"), 8),
        (Choice(state="OPEN", policy="a.one", things=("t1", "t3")), 2),
        (Choice(things=("t2",)), 4),
        (Choice(owner="team:x", pack="pack"), 16),
        (Choice(owner="team:y"), 0),
        (Choice(pack="other"), 0),
        (Choice(due_before=10 + 7 * 86_400 * SECOND), 0),
        (Choice(due_before=11 + 7 * 86_400 * SECOND), 6),
    ],
)
def test_findings_are_chosen_and_paged(some: Iterator[Reader], choice: Choice, expected: int) -> None:
    """Every page goes on where the one before ended, the worst first within a state; the count is that of all pages."""
    reader = next(some)
    pages: list[Known] = []
    while new := finding_pages.page(reader, choice, pages[-1].ord if pages else None, 5):
        pages += new

    assert expected == len(pages) == len({each.id for each in pages})
    assert pages == sorted(pages, key=lambda each: each.ord)
    assert (expected, 0) == finding_pages.count(reader, choice)


def test_names_that_nobody_knows_are_refused_with_the_nearest(some: Iterator[Reader]) -> None:
    """Of policies, packs and entities: what is not known finds nothing, which is not to be read as all being well."""
    reader = next(some)

    for names, told in (
        (Names(policy="hygiene.dataset.ownr"), "did you mean hygiene.dataset.owner"),
        (Names(pack="hygene"), "did you mean hygiene"),
        (Names(entity=Key(Kind.TEAM, "", "none")), "nothing is known of Team none"),
    ):
        with pytest.raises(UnknownKey, match=told):
            check_names(reader, names, ["hygiene"])
    assert [] == check_names(reader, Names(policy="a.one", pack="pack"), ["hygiene"])  # a finding was found by it once
    assert [] == check_names(reader, Names(policy="hygiene.dataset.owner", pack="hygiene"), ["all"])
    told_ = check_names(reader, Names(policy="gdpr.activity.controller", pack="gdpr", owner="team:x"), ["hygiene"])
    assert ["findings are not kept by the pack gdpr", "nobody declares team:x"] == [one.split(": ")[0] for one in told_]


def test_what_speaks_of_hidden_things_is_hidden_and_counted(some: Iterator[Reader]) -> None:
    """Whoever may see a thing, but not where its data came from, does not see the finding that says so."""
    store = next(some).store
    granted = Reader(store, None, grants=["ns of t1", "ns of t4"])
    all_ = Reader(store, None, grants=["ns of t1", "ns of t4", "ns of s"])

    assert {"t1"} == {each.thing for each in finding_pages.page(granted, Choice(), None, 99)}
    assert (4, 12) == finding_pages.count(granted, Choice())
    assert {"t1", "t4"} == {each.thing for each in finding_pages.page(all_, Choice(), None, 99)}
    hidden = [each.id for each in everything(store) if each.thing == "t4"]
    assert {} == finding_pages.findings(granted, hidden)
    assert set(hidden) == finding_pages.findings(all_, hidden).keys()


def test_a_finding_is_found_by_the_beginning_of_its_id(store: Store) -> None:
    """A unique one, while it is open or waived; always by the whole."""
    found = {("a.one", thing, column, ""): Said("low", "FAIL", "x") for thing in THINGS for column in ("", "c")}
    deliver(store, claim(store), Told(1, 10, None, ("a.one",), found))
    reader, one = Reader(store, None), everything(store)[0]
    hidden = Reader(store, None, grants=["elsewhere"])

    assert [one] * 2 == [finding_pages.find(reader, beginning) for beginning in (one.id[:8], one.id)]
    assert [None] * 3 == [finding_pages.find(reader, beginning) for beginning in (one.id[:5], one.id[:8] + "~", "")]
    assert None is finding_pages.find(hidden, one.id[:8])
    deliver(store, claim(store), Told(2, 20, None, ("a.one",), {}))
    assert None is finding_pages.find(reader, one.id[:8])
    assert "RESOLVED" == (finding_pages.find(reader, one.id) or one).state


def test_a_beginning_that_several_have_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is shown another finding than the one that was meant."""
    found = {("a.one", f"t{i}", "", ""): Said("low", "FAIL", "x") for i in range(200)}
    monkeypatch.setattr(finding_pages, "SHORT", findings.BUCKET)
    deliver(store, claim(store), Told(1, 10, None, ("a.one",), found))
    begins = Counter(each.id[: findings.BUCKET] for each in everything(store))
    ((common, number),) = begins.most_common(1)

    assert number > 1, "200 ids of 4,096 beginnings without two alike"
    with pytest.raises(InvalidQuestion, match=f"several findings begin with '{common}'"):
        finding_pages.find(Reader(store, None), common)
