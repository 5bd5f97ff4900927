"""The command line's client: what it sends, and which error every kind of answer becomes."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from catalog.cli.client import Client
from catalog.cli.options import DEFAULT_URL
from catalog.errors import (
    CatalogError,
    InvalidEvent,
    InvalidQuestion,
    InvalidSetting,
    Overloaded,
    ServiceUnreachable,
    StoreUnavailable,
    TooLarge,
    UnknownKey,
)
from catalog.settings import Settings
from tests.unit.cli_service import Answer, data, fault, in_turn, serving

PROBLEM = {"Content-Type": "application/problem+json"}


def problem(status: int, code: str, **more: Any) -> Answer:
    return Answer({"type": "about:blank", "title": "T", "status": status, "code": code, **more}, status, PROBLEM)


def ask(*answers: Answer, tries: int = 3) -> dict[str, Any]:
    with serving(in_turn(*answers)) as service, Client(service.url, tries=tries, sleep=lambda _: None) as client:
        return client.graphql("{ status { sequence } }")


def send(*answers: Answer) -> dict[str, Any]:
    with serving(in_turn(*answers)) as service, Client(service.url, tries=2, sleep=lambda _: None) as client:
        return client.post_event({})


def test_a_question_carries_the_token_and_its_variables() -> None:
    """The token goes as a bearer token; query and variables as JSON."""
    with serving(in_turn(data(job=None))) as service, Client(service.url, " secret\n") as client:
        answer = client.graphql("query Q($n: String!) { job }", {"n": "é"})

    (heard,) = service.heard
    assert {"job": None} == answer
    assert "/graphql" == heard.path
    assert "Bearer secret" == heard.headers["authorization"]
    assert {"query": "query Q($n: String!) { job }", "variables": {"n": "é"}} == heard.body


def test_without_a_token_none_is_sent() -> None:
    """An empty token is none."""
    with serving(in_turn(data(job=None))) as service, Client(service.url, "") as client:
        client.graphql("{ job }")

    assert "authorization" not in service.heard[0].headers


def test_a_proxy_of_the_environment_is_not_asked_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """A local service is reached directly, whatever HTTP_PROXY says."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert {"job": None} == ask(data(job=None))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("NOT_FOUND", UnknownKey),
        ("INVALID_QUESTION", InvalidQuestion),
        ("STORE_DOWN", StoreUnavailable),
        ("TOO_LARGE", TooLarge),
        ("INTERNAL", CatalogError),
        ("OPERATION_TOO_COMPLEX", CatalogError),
    ],
)
def test_an_error_of_a_question_is_what_the_service_raised(code: str, kind: type[CatalogError]) -> None:
    """`extensions.code` says which error it is; one that nobody knows keeps its code in the message."""
    with pytest.raises(CatalogError, match="the reason") as caught:
        ask(fault("the reason", code=code))

    assert kind is type(caught.value)
    assert code in f"{caught.value.code} {caught.value}"


def test_a_question_the_service_cannot_read_names_the_versions() -> None:
    """A validation error has no code: the two are of different versions."""
    with pytest.raises(CatalogError, match=r"does not understand.*Cannot query field"):
        ask(fault("Cannot query field 'x'"))


@pytest.mark.parametrize(
    ("answer", "kind", "said"),
    [
        (problem(400, "INVALID_EVENT", detail="eventTime is missing", field="eventTime"), InvalidEvent, "eventTime is"),
        (problem(413, "TOO_LARGE", detail="too large", limit=5), TooLarge, "too large"),
        (problem(401, "UNAUTHENTICATED", detail="no"), InvalidSetting, "HEADWATER_API_TOKEN"),
        (problem(503, "OVERLOADED", detail="busy"), Overloaded, "busy"),
        (problem(503, "STORE_DOWN", detail="away"), StoreUnavailable, "away"),
        (problem(404, "NOT_FOUND", detail="nothing at /x"), ServiceUnreachable, "404"),
        (problem(404, "NOT_FOUND", detail="no entry has the key 'zz'", key="zz"), UnknownKey, "no entry has"),
        (Answer("<h1>AirTunes</h1>", 403, {"Content-Type": "text/html"}), ServiceUnreachable, "not as Headwater"),
        (Answer("ok", 200, {"Content-Type": "text/plain"}), ServiceUnreachable, "check HEADWATER_URL"),
        (Answer([], 200), ServiceUnreachable, "check HEADWATER_URL"),
        (Answer("", 308, {"Location": "https://else.where/"}), ServiceUnreachable, "https://else.where/"),
    ],
)
def test_a_refusal_is_what_the_service_raised(answer: Answer, kind: type[CatalogError], said: str) -> None:
    """Problem documents by their code; anything else is no Headwater."""
    with pytest.raises(CatalogError, match=said) as caught:
        send(answer)

    assert kind is type(caught.value)


def test_attributes_of_an_error_come_over() -> None:
    """The part at fault is not lost on the way."""
    with pytest.raises(InvalidEvent) as caught:
        send(problem(400, "INVALID_EVENT", detail="no", field="run.runId"))

    assert "run.runId" == caught.value.field


def test_overload_is_tried_again_when_the_service_says() -> None:
    """503 is waited out as long as `Retry-After` asks, within reason; then the answer is the answer."""
    waits: list[float] = []
    busy = problem(503, "OVERLOADED", detail="busy")
    answers = [
        Answer(busy.body, 503, {"Retry-After": "2"}),
        Answer(busy.body, 503, {"Retry-After": "100000"}),
        Answer(busy.body, 503, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
        data(job=None),
    ]
    with serving(in_turn(*answers)) as service, Client(service.url, sleep=waits.append) as client:
        client.graphql("{ job }")

    assert [2.0, 30.0, 2.0] == waits
    assert 4 == len(service.heard)


def test_overload_is_not_waited_out_for_ever() -> None:
    """After the last try the refusal is an error."""
    with serving(in_turn(problem(503, "OVERLOADED", detail="busy"))) as service:
        client = Client(service.url, tries=3, sleep=lambda _: None)
        with client, pytest.raises(Overloaded):
            client.post_batch([])

    assert 3 == len(service.heard)


def test_no_service_says_what_to_do() -> None:
    """Nobody listens: the next step is named."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with Client(url) as client, pytest.raises(ServiceUnreachable) as caught:
            client.graphql("{ job }")

    expected = f"no service answers at {url} (Connection refused); start one with `headwater up`, or set HEADWATER_URL"
    assert expected == str(caught.value)


def test_a_batch_arrives_as_it_was_written() -> None:
    """Texts are joined, not parsed and printed again: numbers keep their digits."""
    with serving(in_turn(Answer({"status": "success"}))) as service, Client(service.url) as client:
        client.post_batch([b'{"a": 1.0}', {"b": "é"}])

    assert [{"a": 1.0}, {"b": "é"}] == service.heard[0].body
    assert "/api/v1/lineage/batch" == service.heard[0].path


def page(nodes: list[int], more: bool, cursor: str | None) -> Answer:
    edges = [{"node": {"n": node}} for node in nodes]
    return data(things={"edges": edges, "pageInfo": {"hasNextPage": more, "endCursor": cursor}})


def test_pages_are_followed_to_their_end() -> None:
    """A page may be empty and not the last; the cursor goes on."""
    pages = in_turn(page([1], True, "a"), page([], True, "b"), page([2], False, None))
    with serving(pages) as service, Client(service.url) as client:
        nodes, complete = client.collect("query", {"x": 1}, "things", None)

    assert [{"n": 1}, {"n": 2}] == nodes
    assert complete
    assert [None, "a", "b"] == [heard.body["variables"]["after"] for heard in service.heard]


def test_pages_end_at_the_limit_and_say_so() -> None:
    """No more is asked for than was wanted, and that there is more is known."""
    with serving(in_turn(page([1, 2], True, "a"), page([3], True, "b"))) as service, Client(service.url) as client:
        nodes, complete = client.collect("query", {}, "things", 3)

    assert [{"n": 1}, {"n": 2}, {"n": 3}] == nodes
    assert not complete
    assert [3, 1] == [heard.body["variables"]["first"] for heard in service.heard]


def test_a_cursor_that_stands_still_is_an_error() -> None:
    """Never an endless loop."""
    answers = in_turn(page([], True, "a"))
    with serving(answers) as service, Client(service.url) as client, pytest.raises(CatalogError, match="bug"):
        client.collect("query", {}, "things", None)


def test_a_token_that_no_header_can_carry_is_refused() -> None:
    """Before anything is sent."""
    with pytest.raises(InvalidSetting, match="HEADWATER_API_TOKEN"):
        Client("http://127.0.0.1:1", "pass\nword")


def test_an_argument_that_is_no_text_is_refused() -> None:
    """Bytes of the command line that are not UTF-8 cannot be asked about."""
    with Client("http://127.0.0.1:1") as client, pytest.raises(InvalidQuestion):
        client.graphql("{ job }", {"name": "\udcff"})


def test_the_default_address_is_the_settings_one() -> None:
    """Written twice, so that the command line starts without reading settings."""
    assert Settings.model_fields["url"].default == DEFAULT_URL
