"""Keys of things: a name is exact, an id is its hash.

Namespaces and names are kept as they came (never folded, never cut: real ones reach 230 kB), so stores index the
`id`: 128 bits of BLAKE2b over the kind and the natural key, in hexadecimal.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5

import orjson

DIGEST_BYTES = 16
SORT_LENGTH = 400
KEY_LENGTH = 1_000
WORDS_LENGTH = 2_000
WORD_LENGTH = 100
"""Of one word: analysers cut long ones in pieces of 255 characters, and then the whole finds none of them."""

_SEPARATORS = re.compile(r"[\W_]+")
_UUID = re.compile(r"(?ai)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_RUNS = uuid5(NAMESPACE_URL, "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/Run")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class Name(NamedTuple):
    """The natural key of a dataset or a job, exactly as its producer spells it."""

    namespace: str
    name: str


def digest(*parts: object) -> str:
    """A stable id for a tuple of JSON values."""
    return hashlib.blake2b(orjson.dumps(parts), digest_size=DIGEST_BYTES).hexdigest()


def dataset_id(name: Name) -> str:
    """The id of a dataset node."""
    return digest("dataset", name.namespace, name.name)


def job_id(name: Name) -> str:
    """The id of a job node."""
    return digest("job", name.namespace, name.name)


def run_id(job: Name, external: str) -> str:
    """The id of a run node: real producers reuse one run id for several jobs, so the job belongs to the key."""
    return digest("run", job.namespace, job.name, external)


def run_uuid(job: Name, external: str) -> str:
    """The UUID that stands for a run: its own id where that is one, else one made of job and id.

    Source: openlineage.md, pitfall 9 (Marquez makes name-based UUIDs of such ids, too).
    """
    if _UUID.fullmatch(external):
        return external.lower()
    return str(uuid5(_RUNS, orjson.dumps([job.namespace, job.name, external]).decode()))


def field_id(dataset: str, path: str) -> str:
    """The id of a field node, from its dataset's id and its dotted path."""
    return digest("field", dataset, path)


def sort_key(name: Name, id_: str) -> str:
    """What listings sort and page by: readable order, bounded length (index keys), unique."""
    return f"{name.namespace}\n{name.name}"[:SORT_LENGTH] + "\n" + id_


def short(text: str) -> str:
    """The text itself, or for a long one its beginning and a hash: an index key that stands for it.

    Source: Neo4j refuses range index keys beyond about 8 kB; a character takes up to four bytes.
    """
    return text if len(text) <= KEY_LENGTH else f"{text[:SORT_LENGTH]}\n{digest('text', text)}"


def words(*texts: str) -> str:
    """The words a person would search for, as one lower-case text.

    `warehouse.dimCustomer_v2` gives itself in parts (`warehouse dim customer v2`) and whole, since the stores' own
    analysers keep dotted and underscored names in one piece.
    """
    found: dict[str, None] = {}
    for text in texts:
        for part in _SEPARATORS.split(text[:WORDS_LENGTH]):
            if part:
                found[part.lower()[:WORD_LENGTH]] = None
                for hump in _HUMPS.split(part):
                    found[hump.lower()[:WORD_LENGTH]] = None
    return " ".join(found)
