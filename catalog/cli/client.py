"""Asks a running service over HTTP, and makes its refusals the same errors that the service raised.

Proxies of the environment are not used for loopback addresses.
"""

from __future__ import annotations

import gzip
import ipaddress
import json
import os
import re
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit

from catalog import __version__
from catalog.errors import (
    AppliedMeanwhile,
    CatalogError,
    Conflict,
    InvalidEvent,
    InvalidKey,
    InvalidManifest,
    InvalidPlan,
    InvalidQuestion,
    InvalidSetting,
    Overloaded,
    ServiceUnreachable,
    StalePlan,
    StoreTimeout,
    StoreUnavailable,
    TooLarge,
    UnknownKey,
    UnsafePlan,
    Unsettled,
    UnsupportedEncoding,
)

if TYPE_CHECKING:
    import httpx

Event = bytes | dict[str, Any]

TRIES = 6
LONGEST_WAIT = 30.0
CONNECT_SECONDS = 5.0
READ_SECONDS = 60.0
PAGE = 100
PROBLEM = "application/problem+json"
UNAUTHENTICATED = "UNAUTHENTICATED"
AS = "X-Headwater-As"
"""The header that says who asks for something."""
_PACKED = {"Content-Encoding": "gzip"}
_NEXT_STEP = "start one with `headwater up`, or set HEADWATER_URL"
_BY_CODE: dict[str, type[CatalogError]] = {
    kind.code: kind
    for kind in (
        AppliedMeanwhile,
        Conflict,
        InvalidKey,
        InvalidPlan,
        InvalidQuestion,
        Overloaded,
        StoreTimeout,
        StoreUnavailable,
        UnsafePlan,
        Unsettled,
        UnsupportedEncoding,
    )
}


class Client:
    """A connection to one service; use it in a `with` statement.

    Args:
        url: address of the service, without a slash at its end.
        token: sent as `Authorization: Bearer`; none if empty.
        tries: how often a request is sent in all while the service answers 503.
        sleep: waits some seconds between two tries.
    """

    def __init__(
        self, url: str, token: str | None = None, *, tries: int = TRIES, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        import httpx

        headers = {"User-Agent": f"headwater/{__version__}", "Accept": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {_usable(token)}"
        address = urlsplit(url)
        here = _is_loopback(address.hostname or "")
        self.url = url
        self._tries = tries
        self._sleep = sleep
        self._http = httpx.Client(
            headers=headers,
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            trust_env=not here,
            verify=not here or address.scheme == "https",  # to read all authorities takes longer than to ask
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self._http.close()

    def graphql(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The `data` of an answer that has no errors.

        Raises:
            ServiceUnreachable: nothing usable came back.
            CatalogError: what the service raised, by its code.
        """
        answer = self._post("/graphql", {"query": query, "variables": variables or {}})
        data = answer.get("data")
        if not isinstance(data, dict):
            raise ServiceUnreachable(f"{self.url} answers, but not as Headwater's GraphQL does; check HEADWATER_URL")
        return data

    def collect(
        self, query: str, variables: dict[str, Any], connection: str, most: int | None
    ) -> tuple[list[dict[str, Any]], bool]:
        """The nodes of a connection, page by page up to `most` (None: all), and whether there are no more.

        The query takes `$first` and `$after`. A page may be empty and still not be the last.
        """
        nodes: list[dict[str, Any]] = []
        after: str | None = None
        while most is None or len(nodes) < most:
            first = PAGE if most is None else min(PAGE, most - len(nodes))
            page = self.graphql(query, {**variables, "first": first, "after": after})[connection]
            nodes += [edge["node"] for edge in page["edges"]]
            before, after = after, page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return nodes, True
            if after is None or after == before:
                raise CatalogError(f"the service says that {connection} go on, but not from where; this is a bug in it")
        return nodes, False

    def post_event(self, event: Event, edits: str = "") -> dict[str, Any]:
        """Send one event; its receipt: `key`, `sequence`, `state`, `created`.

        Args:
            edits: the key of the failed entry that it corrects.

        Raises:
            InvalidEvent, TooLarge: it was refused.
            Unavailable: it may or may not have been stored; sending it again is harmless.
        """
        return self._post(f"/api/v1/lineage?edits={edits}" if edits else "/api/v1/lineage", event)

    def post_batch(self, events: Sequence[Event]) -> dict[str, Any]:
        """Send several events; the answer has `failed_events` and `receipts`, both with indexes.

        Raises:
            InvalidEvent, TooLarge: the batch was refused as a whole.
            Unavailable: any of it may or may not have been stored; sending it again is harmless.
        """
        return self._post("/api/v1/lineage/batch", b"[" + b",".join(map(_encode, events)) + b"]")

    def plan_manifest(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """The plan of a manifest: `{manifest, documents, removable}`.

        Raises:
            InvalidManifest: its documents cannot be read.
            Unavailable: it may be asked again.
        """
        return self._post("/api/v1/manifests/plan", wanted, _PACKED)

    def apply_plan(self, plan: dict[str, Any], by: str) -> dict[str, Any]:
        """Apply a plan; the answer has `entry` (null if there was nothing to change) and `again`.

        Raises:
            StalePlan, UnsafePlan, InvalidPlan: it must not be applied.
            Unavailable: it may or may not have been accepted; sending it again is harmless.
        """
        return self._post("/api/v1/manifests/apply", {"plan": plan}, {**_PACKED, AS: _spelled(by)})

    def download(self, path: str) -> bytes:
        """What the service has at a path, whole.

        Raises:
            UnknownKey: there is nothing.
            CatalogError: what the service raised, by its code.
        """
        response = self._ask(lambda: self._http.get(self.url + path, headers={"Accept": "*/*"}))
        if response.is_success:
            return response.content
        if response.status_code == 404 and response.headers.get("content-type", "").startswith(PROBLEM):
            raise UnknownKey(str(response.json().get("detail")), path)
        self._read(response)
        raise ServiceUnreachable(f"{self.url}{path} answered {response.status_code}; check HEADWATER_URL")

    def _post(self, path: str, body: Event, headers: dict[str, str] | None = None) -> dict[str, Any]:
        content = _encode(body)
        headers = {"Content-Type": "application/json", **(headers or {})}
        if headers.get("Content-Encoding"):
            content = gzip.compress(content, 1)
        return self._read(self._ask(lambda: self._http.post(self.url + path, content=content, headers=headers)))

    def _ask(self, exchange: Callable[[], httpx.Response]) -> httpx.Response:
        """An answer; one that says 503 is asked for again, after a while, `tries` times in all."""
        for attempt in range(1, self._tries):
            response = self._exchange(exchange)
            if response.status_code != 503:
                return response
            self._sleep(_delay(response.headers.get("retry-after"), attempt))
        return self._exchange(exchange)

    def _exchange(self, exchange: Callable[[], httpx.Response]) -> httpx.Response:
        import httpx

        try:
            return exchange()
        except httpx.ReadTimeout as e:
            raise ServiceUnreachable(f"{self.url} did not answer within {READ_SECONDS:.0f} seconds") from e
        except (httpx.HTTPError, httpx.InvalidURL) as e:
            reason = re.sub(r"^\[Errno -?\d+\] ", "", str(e)) or type(e).__name__
            raise ServiceUnreachable(f"no service answers at {self.url} ({reason}); {_NEXT_STEP}") from e

    def _read(self, response: httpx.Response) -> dict[str, Any]:
        try:
            answer = response.json()
        except ValueError:
            answer = None
        # A 404 without the key that was looked for is about the address, not about what is stored.
        if isinstance(answer, dict):
            if errors := answer.get("errors"):
                raise _from_graphql(errors)
            if response.is_success:
                return answer
            if isinstance(answer.get("code"), str) and (response.status_code != 404 or "key" in answer):
                raise error_of(answer["code"], str(answer.get("detail") or answer.get("title") or ""), answer)
        to = f" to {response.headers['location']}" if response.is_redirect else ""
        raise ServiceUnreachable(
            f"{self.url} answered {response.status_code} {response.reason_phrase}{to}, "
            "and not as Headwater does; check HEADWATER_URL"
        )


def connect(url: str, *, tries: int = TRIES) -> Client:
    """A client with the token of the environment, if there is one."""
    return Client(url, os.environ.get("HEADWATER_API_TOKEN"), tries=tries)


def error_of(code: str, message: str, details: dict[str, Any]) -> CatalogError:
    """The error that the service raised; `details` are the other members of its answer."""
    if code == UNAUTHENTICATED:
        return InvalidSetting("the service wants its token; set HEADWATER_API_TOKEN to it")
    if code == InvalidEvent.code:
        return InvalidEvent(message, str(details.get("field") or ""))
    if code == TooLarge.code:
        return TooLarge(message, int(details.get("limit") or 0))
    if code == UnknownKey.code:
        return UnknownKey(message, str(details.get("key") or ""))
    if code == InvalidManifest.code:
        return InvalidManifest(details.get("problems") or [message])
    if code == StalePlan.code:
        return StalePlan(message, str(details.get("manifest") or ""))
    if code in _BY_CODE:
        return _BY_CODE[code](message)
    return CatalogError(f"the service answered {code}: {message}")


def _from_graphql(errors: Any) -> CatalogError:
    first: dict[str, Any] = errors[0] if isinstance(errors, list) and isinstance(errors[0], dict) else {}
    extensions = first.get("extensions") or {}
    message = str(first.get("message") or "no reason given")
    if isinstance(extensions.get("code"), str):
        return error_of(extensions["code"], message, extensions)
    return CatalogError(f"the service does not understand the question, is its version {__version__}? {message}")


def _encode(value: Event) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        raise InvalidQuestion("an argument is not UTF-8 text") from None


def _spelled(text: str) -> str:
    """A header's value: others than printable ASCII as percent escapes."""
    return quote(text, safe=" !#$&'()*+,/:;=?@[]~")


def _delay(retry_after: str | None, attempt: int) -> float:
    """Seconds to wait: what the service asks for, within reason, else twice as long each time."""
    try:
        wanted = float(retry_after or "")
    except ValueError:  # none, or a date
        wanted = 0.25 * 2**attempt
    return min(max(wanted, 0.0), LONGEST_WAIT)


def _usable(token: str) -> str:
    stripped = token.strip()
    if not (stripped.isascii() and stripped.isprintable()):
        raise InvalidSetting("HEADWATER_API_TOKEN: a token has printable ASCII characters only")
    return stripped


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
