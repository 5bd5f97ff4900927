"""People's words about entities: describe, tag, own, classify, certify, deprecate, comment, and take back.

A word is an entry of the inbox like all else (law 1). It stands beside what manifests and events say and removes
nothing of theirs (law 4); whose counts is the rule of `assets.attributes`, and every answer says what that comes to.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from typing import Any, NamedTuple

from catalog.assets.attributes import (
    COMMENTS,
    LEVELS,
    SCALE,
    SETS,
    Strictness,
    Voice,
    VoiceOrigin,
    levels_of,
    member_key,
    merge,
    strictness,
)
from catalog.assets.keys import Key, Kind, dataset_of, entity_id, job_of
from catalog.clock import Clock, to_iso
from catalog.errors import InvalidQuestion, Overloaded, UnknownKey, Unsettled
from catalog.graph import entries
from catalog.graph.assets import datasets, jobs, search
from catalog.graph.assets import page as listed
from catalog.graph.attributes import describe, thing_of
from catalog.graph.curations import Word, history
from catalog.graph.entities import curated_of, documents_of, entities, page
from catalog.graph.identity import closures
from catalog.graph.inbox import NewEntry, Receipt
from catalog.graph.reader import Reader
from catalog.graph.schemas import schemas
from catalog.graph.store import Row
from catalog.identity import Name, dataset_id, digest, job_id
from catalog.lineage.assertions import Curated
from catalog.manifest.curation import CURATION, curation_entry
from catalog.manifest.validating import hint
from catalog.manifest.voices import said_by_person
from catalog.usecases.accept import prepare_curation
from catalog.usecases.moments import standing

CONFIRM_SECONDS = 4.0
MOST_TEXT = 100_000
"""Characters of a description."""
MOST_COMMENT = 10_000
MOST_WORDS = 2_000
NEAR = 200
"""Names that are looked at for the nearest one."""
Submit = Callable[[Sequence[NewEntry]], list["Future[Receipt]"]]


class Said(NamedTuple):
    """What became of a word.

    Attributes:
        receipt: of its entry.
        counts: whether it is what readers are shown; False where a manifest's word counts instead.
        notice: what that comes to, in words for people.
    """

    receipt: Receipt
    counts: bool
    notice: str


def curate(reader: Reader, submit: Submit, clock: Clock, word: Curated) -> Said:
    """Accept a person's word about an entity; it holds once it is applied.

    Raises:
        InvalidQuestion: a text is too long, a name is none, or the thing has no such columns.
        UnknownKey: nothing is known of the entity.
        Overloaded, StoreUnavailable: it may be said again.
    """
    _check_words(word)
    check_known(reader, word.key)
    now = clock.now()
    if word.attribute == COMMENTS and not word.item:
        word = word._replace(item=digest(*word.key, word.field, word.by, str(word.value), str(now))[:16])
    return _say(reader, submit, word, now)


def undo(reader: Reader, submit: Submit, clock: Clock, key: str, by: str, reason: str) -> Said:
    """Take one word back: what stood before it stands again, as a new entry.

    Raises:
        UnknownKey: there is no such entry.
        InvalidQuestion: it is no word of a person, or a newer one stands on top of it.
        Unsettled: entries are on their way that could be about the same; ask again.
        Overloaded, StoreUnavailable: it may be undone again.
    """
    row = entries.entry(reader.store, key)
    if row is None:
        raise UnknownKey(f"no entry {key[:80]!r}; `curations` (`headwater words`) lists those of an entity", key)
    if row["kind"] != CURATION:
        raise InvalidQuestion(f"entry {row['id'][:12]} is a {row['kind']}; only what people said can be undone")
    at = standing(reader)
    if at.applied_through < at.sequence:
        waiting = at.sequence - at.applied_through
        raise Unsettled(f"{waiting:,} entries are not applied yet, so what would be undone is not sure; ask again")
    said = history(reader, [row["about"]])[row["about"]]
    undone = next((word for word in said if word.entry == row["id"]), None)
    if undone is None:
        raise InvalidQuestion(f"entry {row['id'][:12]} holds nothing: it was {row['state'].lower()}, or is not kept")
    same = [word for word in said if word.place == undone.place]
    newer = [word for word in same if word.order > undone.order]
    if newer:
        raise InvalidQuestion(_on_top(undone, newer))
    before = max((word for word in same if word.order < undone.order), key=lambda word: word.order, default=None)
    taken = undone.said._replace(
        value=before.said.value if before else None, by=by, verified=False, reason=reason, undoes=undone.entry
    )
    _check_words(taken)
    return _say(reader, submit, taken, max(clock.now(), undone.time + 1))


def check_known(reader: Reader, key: Key) -> None:
    """Refuse a word about what nobody declared and no event spoke of.

    Raises:
        UnknownKey: with the nearest name, if one is near.
    """
    if entities(reader, [entity_id(key)]):
        return
    dataset, job = dataset_of(key) if key.kind is Kind.DATASET else None, job_of(key)
    if dataset and datasets(reader, [dataset_id(dataset)]):
        return
    if job and jobs(reader, [job_id(job)]):
        return
    near = _nearest(reader, key)
    hint = f"; did you mean {near}?" if near else "; declare it, or send an event that speaks of it"
    raise UnknownKey(f"nothing is known of {_short(key)}{hint}", key.name)


def _say(reader: Reader, submit: Submit, word: Curated, now: int) -> Said:
    entry = prepare_curation(curation_entry(word, to_iso(now) or ""))
    others, levels = _others(reader, word)
    doubt = _doubt(reader, word, levels) if word.value is not None else _nothing_to_take(reader, word)
    (accepted,) = submit([entry])
    done, _ = wait([accepted], timeout=CONFIRM_SECONDS)
    if not done:
        raise Overloaded("the store is slow: it is not known whether the word is kept; say it again")
    counts, notice = weigh(word, others, strictness(levels))
    return Said(accepted.result(), counts, notice + doubt)


def _nothing_to_take(reader: Reader, word: Curated) -> str:
    """That nobody had said what is taken back: the name may be misspelled."""
    id_ = entity_id(word.key)
    place = word.attribute, word.field, word.item
    said = curated_of(reader, [id_]).get(id_, [])
    return "" if place in {(one.attribute, one.field, one.item) for one in said} else "; no person had said so"


def _doubt(reader: Reader, word: Curated, levels: Sequence[str]) -> str:
    """What a word names that nobody knows: it may be declared or told of later, or be misspelled now."""
    if word.attribute == "classification" and word.value not in levels:
        level = f"; {str(word.value)[:80]!r} is no level of the scale, and counts as stricter than all"
        return level + hint(str(word.value), levels)
    if word.attribute == "owners":
        kind, _, called = word.item.partition(":")
        owner = Key(Kind.PERSON if kind == "person" else Kind.TEAM, "", called)
        return "" if entities(reader, [entity_id(owner)]) else f"; nobody declares {word.item[:200]} so far"
    name = dataset_of(word.key)
    if not word.field or name is None:
        return ""
    known = [".".join(column.path) for column in schemas(reader, [dataset_id(name)])[dataset_id(name)]]
    if not known:
        return f"; no schema of it is known so far, so nothing tells whether it has a column {word.field[:200]!r}"
    if word.field in known:
        return ""
    near = difflib.get_close_matches(word.field, known, n=1)
    return f"; no schema has a column {word.field[:200]!r} so far" + (f"; did you mean {near[0]!r}?" if near else "")


def weigh(word: Curated, others: Sequence[Voice], strict: Strictness | None = None) -> tuple[bool, str]:
    """Whether a person's word is what readers are shown beside what others say, and that in words.

    Args:
        others: what manifests, importers and events say of the same; people's earlier words are none of it.
    """
    said = said_by_person(word.attribute, word.field, word.item, True if word.value is None else word.value).value
    if word.attribute in SETS:
        others = [voice for voice in others if member_key(voice.value) == member_key(said)]
    if word.value is None:
        left = merge(word.attribute, others, strict)
        if not left:
            return True, "accepted"
        still = f"{_who(left[0].voice)} still says {_shown(word.item or left[0].value)}"
        return False, f"accepted; {still}, and that counts"
    person = Voice(VoiceOrigin.PERSON, word.by, said)
    (held,) = merge(word.attribute, [*others, person], strict)
    if person in held.overruled:
        what = f"{_who(held.voice)} says {_shown(held.value)}, and that counts"
        return False, f"accepted; {what}; change it there to change what is shown"
    above = [voice for voice in held.overruled if voice.origin is VoiceOrigin.DECLARED]
    if above:  # the strictest classification counts
        return True, f"accepted; {_who(above[0])} says {_shown(above[0].value)}, and this word counts: it is stricter"
    return True, "accepted"


def _others(reader: Reader, word: Curated) -> tuple[list[Voice], Sequence[str]]:
    """What others than people say of the same, and the scale of levels."""
    key = word.key
    name = dataset_of(key)
    names = closures(reader, [dataset_id(name)])[dataset_id(name)] if name else None
    also = [Name(tie.namespace, tie.name) for tie in names.ties.values()] if names else []
    values = describe(reader, {key: thing_of(key, also)})[key].values
    voices = [voice for held in values.get(word.field, {}).get(word.attribute, ()) for voice in held.voices]
    scale = documents_of(reader, [entity_id(SCALE)]).get(entity_id(SCALE), [])
    levels = next((levels_of(one.document) for one in scale), LEVELS)
    return [voice for voice in voices if voice.origin is not VoiceOrigin.PERSON], levels


def _who(voice: Voice) -> str:
    known = {VoiceOrigin.DECLARED: "manifest", VoiceOrigin.IMPORTED: "import"}
    return f"{known.get(voice.origin, 'producer')} {voice.by}"


def _check_words(word: Curated) -> None:
    most = {"description": MOST_TEXT, COMMENTS: MOST_COMMENT}.get(word.attribute, MOST_WORDS)
    for what, text, limit in (
        (word.attribute, word.value, most),
        ("reason", word.reason, MOST_WORDS),
        ("by", word.by, MOST_WORDS),
        ("field", word.field, MOST_WORDS),
    ):
        if isinstance(text, str) and len(text) > limit:
            named = "a comment" if what == COMMENTS else f"`{what}`"
            raise InvalidQuestion(f"{named} has {len(text):,} characters; it may have {limit:,}")
    if isinstance(word.value, str) and not word.value.strip():
        if word.attribute == COMMENTS:
            raise InvalidQuestion("a comment has a text; this one is empty")
        raise InvalidQuestion(f"`{word.attribute}` is empty; `--take-back` (null) takes back what people said")
    if word.field and word.key.kind is not Kind.DATASET:
        raise InvalidQuestion(f"{_short(word.key)}: only datasets have columns, so leave `field` out")


def _nearest(reader: Reader, key: Key) -> str:
    """The name that a person may have meant, of those that begin alike, come first, or share the last word."""
    known = [one.key for one in page(reader, key.kind, after="", limit=NEAR)]
    label = {Kind.DATASET: "Dataset", Kind.PIPELINE: "Job"}.get(key.kind)
    rows: list[Row] = []
    if label:
        half = f"{key.namespace}\n{key.name[: len(key.name) // 2]}"
        for after in ("", half):
            rows += listed(reader, label, after=after, namespace=None, limit=NEAR)
        rows += search(reader, label, re.split(r"[./]", key.name)[-1], NEAR)
    known += [Key(key.kind, row["namespace"], row["name"]) for row in rows]
    near = difflib.get_close_matches(_short(key), {_short(one) for one in known}, n=1, cutoff=0.7)
    return near[0] if near else ""


def _on_top(undone: Word, newer: Sequence[Word]) -> str:
    top = max(newer, key=lambda word: word.order)
    if top.said.undoes == undone.entry:
        return f"it is undone already, by entry {top.entry[:12]}"
    who = top.said.by or "somebody"
    count = f"{len(newer)} newer words stand" if len(newer) > 1 else "a newer word stands"
    return f"{count} on top: entry {top.entry[:12]} by {who} at {to_iso(top.time)}; undo that one first"


def _shown(value: Any) -> str:
    return f"{str(value)[:80]!r}"


def _short(key: Key) -> str:
    return f"{key.kind} {key.namespace[:100]} {key.name[:200]}" if key.namespace else f"{key.kind} {key.name[:200]}"
