"""Takes credentials out of an event before anything is stored (openlineage.md, pitfall 22; Marquez #1925).

The replacement is constant, so the same dataset keeps the same name whichever password its connection URI carried.
"""

from __future__ import annotations

import re
from typing import Any

MASK = "***"
_HINT = re.compile(rb"(?i)pass|pwd|secret|token|api.?key|credential|private.?key|identified|://[^/\s\"]{0,200}@|bearer")
_SECRET_NAME = re.compile(
    r"(?i)(?:^|[_.\-])(?:password|passwd|pwd|secret|token|api_?key|access_?key|private_?key|credentials?|passphrase)"
    r"(?:$|[_.\-])|(?:password|apikey|secretkey|accesskey|authtoken|accesstoken|clientsecret)$"
)
_IN_TEXT = (
    (re.compile(r"(://[^/\s:@\"']{1,200}):[^/\s@\"']{1,500}@"), rf"\1:{MASK}@"),
    (
        re.compile(
            r"(?i)\b((?:password|passwd|pwd|secret|token|api_?key|access_?key|private_?key|sig(?:nature)?)\s*=\s*)"
            r"(?!\s)(\"[^\"]{1,500}\"|'[^']{1,500}'|[^\s&;,'\"})]{1,500})"
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?i)\b(identified\s+by\s+|password\s+)'[^']{1,500}'"), rf"\1'{MASK}'"),
    (re.compile(r"(?i)\b(bearer\s+)[A-Za-z0-9._~+/=\-]{8,}"), rf"\1{MASK}"),
)


def scrub(event: Any, body: bytes) -> Any:
    """The event without credentials; `body` is its text, searched first since most events have none."""
    return _value(event) if _HINT.search(body) else event


def _value(value: Any) -> Any:
    if isinstance(value, str):
        for pattern, instead in _IN_TEXT:
            value = pattern.sub(instead, value)
        return value
    if isinstance(value, list):
        return [_value(v) for v in value]
    if isinstance(value, dict):
        return _object(value)
    return value


def _object(value: dict[str, Any]) -> dict[str, Any]:
    scrubbed = {k: MASK if _is_secret(k, v) else _value(v) for k, v in value.items()}
    label = value.get("name", value.get("key"))
    if isinstance(label, str) and _SECRET_NAME.search(label) and isinstance(value.get("value"), str):
        scrubbed["value"] = MASK
    return scrubbed


def _is_secret(key: str, value: Any) -> bool:
    return isinstance(value, str) and bool(value) and bool(_SECRET_NAME.search(key))
