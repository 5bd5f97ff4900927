"""Seals: what makes a report evidence. Each holds hashes of all that the report rests on, and is signed.

Seals form a chain: each has a number, without gaps, and the hash of the one before, so that none can be taken away or
put between unseen. A seal names the hash of every rendering, too: a file carries its seal in its last line, and needs
nothing but a public key to be verified (`catalog.reports.verify`).

Source: compliance.md, section 6.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, NamedTuple

from catalog.errors import InvalidReport
from catalog.reports.canonical import canonical, sha256
from catalog.reports.document import Report
from catalog.reports.keys import PublicKey, SealKey

FORMAT = "headwater-seal/1"
MARK = b"headwater-seal"


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal; hashes are SHA-256 in hexadecimal.

    Attributes:
        number: its place in the chain, from 1.
        previous: the hash of the seal before; empty for the first.
        name: of the report.
        content: the hash of the report's canonical JSON.
        graph: the hash of the facts it rests on.
        policies: the hash of each policy, by name.
        fold: the version of the fold that made the graph out of entries.
        renderings: by format, the hash of the bytes before the seal's line.
        at, by: when it was sealed (ISO-8601), and who asked, as the client said.
        key: the id of the key that signed.
        signature: of the canonical JSON of all the others; hexadecimal.
    """

    number: int
    previous: str
    name: str
    content: str
    graph: str
    policies: Mapping[str, str]
    fold: str
    renderings: Mapping[str, str]
    at: str
    by: str
    key: str = ""
    signature: str = field(default="")

    @property
    def hash(self) -> str:
        """What the next seal calls `previous`."""
        return sha256(self.spelled())

    def spelled(self) -> bytes:
        """The one spelling of the whole seal."""
        return canonical(to_json(self))

    def signed_by(self, key: PublicKey) -> bool:
        """Whether its signature is this key's."""
        try:
            signature = bytes.fromhex(self.signature)
        except ValueError:
            return False
        # one spelling only: else a byte of a file could be another, and the file hold
        return signature.hex() == self.signature and key.has_signed(signature, _unsigned(self))


def seal_of(
    report: Report, content: bytes, renderings: Mapping[str, bytes], *, number: int, previous: str, at: str, by: str
) -> Seal:
    """The seal of a report, not signed yet."""
    return Seal(
        number=number,
        previous=previous,
        name=report.name,
        content=sha256(content),
        graph=report.graph,
        policies={name: hash_ for name, _, _, hash_, _ in report.policies},
        fold=report.generator.get("fold", ""),
        renderings={format_: sha256(rendering) for format_, rendering in renderings.items()},
        at=at,
        by=by,
    )


def sign(seal: Seal, key: SealKey) -> Seal:
    """The seal, signed."""
    bare = replace(seal, key=key.public.id, signature="")
    return replace(bare, signature=key.sign(_unsigned(bare)).hex())


def to_json(seal: Seal) -> dict[str, Any]:
    """A seal as JSON."""
    return {"format": FORMAT, **asdict(seal)}


def read_seal(value: Any) -> Seal:
    """A seal out of its JSON.

    Raises:
        InvalidReport: it is none.
    """
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise InvalidReport("it is no seal of this format")
    try:
        seal = Seal(**{name: part for name, part in value.items() if name != "format"})
    except TypeError:
        raise InvalidReport("it is no seal: a part is missing, or one too much") from None
    texts = (seal.previous, seal.name, seal.content, seal.graph, seal.fold, seal.at, seal.by, seal.key, seal.signature)
    maps = (seal.policies, seal.renderings)
    if not all(isinstance(text, str) for text in texts) or isinstance(seal.number, bool):
        raise InvalidReport("it is no seal: a part is of another type")
    if not isinstance(seal.number, int) or not all(isinstance(one, dict) for one in maps):
        raise InvalidReport("it is no seal: a part is of another type")
    return seal


class Envelope(NamedTuple):
    """How a format carries its seal: in a line of its own that its readers skip."""

    before: bytes
    after: bytes


ENVELOPES = {
    "csv": Envelope(MARK + b",", b"\r\n"),
    "html": Envelope(b"<!-- " + MARK + b": ", b" -->\n"),
    "md": Envelope(b"<!-- " + MARK + b": ", b" -->\n"),
    "pdf": Envelope(b"%" + MARK + b": ", b"\n"),
}
"""By format; JSON has a member of its own."""
FORMATS = ("json", *sorted(ENVELOPES))
MEDIA = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "pdf": "application/pdf",
}
"""Media types by format."""


def sealed(format_: str, body: bytes, seal: Seal) -> bytes:
    """A file: the rendering, or for JSON the report's canonical JSON, with its seal."""
    if format_ == "json":
        return b'{"report":' + body + b',"seal":' + seal.spelled() + b"}\n"
    before, after = ENVELOPES[format_]
    return (
        body + before + base64.urlsafe_b64encode(seal.spelled()) + after + (ending(body) if format_ == "pdf" else b"")
    )


def ending(body: bytes) -> bytes:
    """The end of a PDF, which stands once more behind the seal: readers look for it in the last 1,024 bytes.

    Source: ISO 32000-1, 7.5.5 (file trailer); Annex H, implementation note 18 of the PDF reference.
    """
    at = body.rfind(b"startxref")
    return body[at:] if at >= 0 else b""


def _unsigned(seal: Seal) -> bytes:
    return canonical(to_json(replace(seal, signature="")))
