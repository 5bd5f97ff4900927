"""Verifying a sealed file, or a chain of seals, with public keys alone: no service, no store.

A file has one spelling. Every byte of it is covered by the signature, by a hash that is signed, or by the spelling, so
one that was changed is found, and the verdict says in which part.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from catalog.errors import InvalidReport
from catalog.reports.canonical import canonical, loads, read_report, sha256
from catalog.reports.document import Report
from catalog.reports.keys import PublicKey, find
from catalog.reports.seal import ENVELOPES, MARK, Seal, ending, read_seal, sealed


class Part(NamedTuple):
    """One thing that was looked at."""

    name: str
    holds: bool
    says: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying a file found.

    Attributes:
        format: what the file is; empty if that cannot be told.
        parts: in the order in which they were looked at.
        seal: what the file carries, if it can be read; to be trusted only if `holds`.
    """

    format: str
    parts: tuple[Part, ...]
    seal: Seal | None = None

    @property
    def holds(self) -> bool:
        """Whether the file is as it was sealed."""
        return bool(self.parts) and all(part.holds for part in self.parts)


class Carried(NamedTuple):
    """A file taken apart."""

    format: str
    body: bytes
    seal: Seal


def verify(file: bytes, keys: Collection[PublicKey]) -> Verdict:
    """Whether a file is as one of the keys sealed it; it never fails, it says what is wrong."""
    try:
        format_, body, seal = take_apart(file)
    except InvalidReport as e:
        return Verdict("", (Part("seal", False, str(e)),))
    return Verdict(
        format_, (_signature(seal, keys), _content(format_, body, seal), *_record(format_, body, seal)), seal
    )


def take_apart(file: bytes) -> Carried:
    """Format, rendering and seal of a file.

    Raises:
        InvalidReport: it carries no seal, or not in its one spelling.
    """
    if file.lstrip()[:1] == b"{":
        return _json(file)
    at = file.rfind(MARK)
    for format_ in sorted(ENVELOPES):
        before, after = ENVELOPES[format_]
        start = at - before.index(MARK)
        if at < 0 or start < 0 or file[start : start + len(before)] != before:
            continue
        body, rest = file[:start], file[start + len(before) :]
        line, found, tail = rest.partition(after)
        seal = _line(line)
        format_ = _rendering(seal, body, like=format_)
        expected = ending(body) if format_ == "pdf" else b""
        if not found or tail != expected:
            raise InvalidReport("the end of the file was changed: something is missing, or stands behind the seal")
        if sealed(format_, body, seal) != file:
            raise InvalidReport("the seal's line is spelled otherwise than it was written")
        return Carried(format_, body, seal)
    raise InvalidReport("the file carries no seal: it is no report of this service, or its end is missing or changed")


def report_of(file: bytes) -> Report:
    """The report in a JSON file, sealed or bare, however it is spelled.

    Who sealed it is not looked at; but what a seal beside it does not cover is not read.

    Raises:
        InvalidReport: there is none, or it was changed since it was sealed.
    """
    value = loads(file)
    if isinstance(value, dict) and "seal" in value and "report" in value:
        content = _content("json", canonical(value["report"]), read_seal(value["seal"]))
        if not content.holds:
            raise InvalidReport(content.says)
    return read_report(value.get("report", value) if isinstance(value, dict) else value)


def chain_faults(seals: Iterable[Seal], keys: Collection[PublicKey], *, whole: bool = True) -> list[str]:
    """What is wrong with a chain, in words: gaps, forks, wrong signatures; empty if nothing is.

    Args:
        whole: it must begin with the first and have no gap; else only what is there is compared.
    """
    faults: list[str] = []
    by_number: dict[int, Seal] = {}
    for seal in sorted(seals, key=lambda one: (one.number, one.hash)):
        if (twin := by_number.get(seal.number)) and twin.hash != seal.hash:
            faults.append(f"the chain forks: two seals have the number {seal.number}")
        by_number.setdefault(seal.number, seal)
        if not (signature := _signature(seal, keys)).holds:
            faults.append(f"seal {seal.number}: {signature.says}")
    expected = 1 if whole else min(by_number, default=1)
    for number in sorted(by_number):
        if whole and number != expected:
            missing = str(expected) if number == expected + 1 else f"{expected} to {number - 1}"
            faults.append(f"the chain has a gap: seal {missing} is missing")
        before = by_number.get(number - 1)
        if (before is not None and before.hash != by_number[number].previous) or (
            number == 1 and by_number[number].previous
        ):
            faults.append(f"the chain is broken: seal {number} was not made behind seal {number - 1} as it is here")
        expected = number + 1
    return faults


def _signature(seal: Seal, keys: Collection[PublicKey]) -> Part:
    key = find(keys, seal.key)
    if key is None:
        given = ", ".join(sorted(one.id for one in keys)) or "none"
        return Part("signature", False, f"it names key {seal.key[:40]!r}, and not one that was given ({given})")
    if not seal.signed_by(key):
        return Part("signature", False, "the seal was changed: its signature is not that of its key")
    return Part("signature", True, f"sealed by key {key.id}")


def _content(format_: str, body: bytes, seal: Seal) -> Part:
    wanted = seal.content if format_ == "json" else seal.renderings.get(format_)
    if wanted is None:
        return Part("content", False, f"the seal covers no rendering as {format_}")
    if sha256(body) != wanted:
        return Part("content", False, "the report was changed: its content is not what was sealed")
    return Part("content", True, f"SHA-256 {wanted}")


def _record(format_: str, body: bytes, seal: Seal) -> Sequence[Part]:
    """What a JSON file, which has the whole record, lets one check beyond its bytes."""
    if format_ != "json":
        return ()
    try:
        report = read_report(loads(body))
    except InvalidReport as e:
        return (Part("record", False, str(e)),)
    wrong = [name for name, _, _, hash_, text in report.policies if sha256(text.encode()) != hash_]
    if wrong:
        return (Part("policies", False, f"another text than its hash: {', '.join(wrong[:5])}"),)
    told = {name: hash_ for name, _, _, hash_, _ in report.policies}
    if told != dict(seal.policies) or report.graph != seal.graph or report.name != seal.name:
        return (Part("record", False, "the seal is of another report: name, graph or policies differ"),)
    return (Part("policies", True, f"{len(told)} with their texts"),)


def _rendering(seal: Seal, body: bytes, *, like: str) -> str:
    """Of the formats that carry their seals alike the one whose hash the body has; else the first."""
    hash_, alike = sha256(body), [format_ for format_ in sorted(ENVELOPES) if ENVELOPES[format_] == ENVELOPES[like]]
    return next((format_ for format_ in alike if seal.renderings.get(format_) == hash_), like)


def _line(line: bytes) -> Seal:
    try:
        spelled = base64.b64decode(line, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidReport("the seal was changed: it cannot be read") from None
    value = loads(spelled)
    if canonical(value) != spelled:
        raise InvalidReport("the seal was changed: it is spelled otherwise than it was written")
    return read_seal(value)


def _json(file: bytes) -> Carried:
    value = loads(file)
    if not isinstance(value, dict) or set(value) != {"report", "seal"}:
        raise InvalidReport("the file carries no seal: a sealed report has the members `report` and `seal`")
    body, seal = canonical(value["report"]), read_seal(value["seal"])
    if sealed("json", body, seal) != file:
        raise InvalidReport("the file is spelled otherwise than it was written, or was cut; ask for it again")
    return Carried("json", body, seal)
