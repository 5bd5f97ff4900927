"""Names that findings and entities are asked for by: whether anybody knows them, and why nothing is found by them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from catalog.assets.keys import Key, Kind, dataset_of, entity_id
from catalog.checks.choosing import ALL, pack_names, shipped_policies
from catalog.errors import UnknownKey
from catalog.graph import finding_pages
from catalog.graph.assets import datasets
from catalog.graph.entities import entities, manifests, page
from catalog.graph.finding_pages import Choice
from catalog.graph.reader import Reader
from catalog.identity import dataset_id
from catalog.manifest.validating import hint
from catalog.usecases.choosing import KINDS
from catalog.usecases.choosing import Choice as EntityChoice
from catalog.usecases.curate import check_known

MOST = 1_000
"""Declared policies that are looked at for the nearest name."""


class Names(NamedTuple):
    """What findings are asked for by; None: not by that."""

    policy: str | None = None
    pack: str | None = None
    entity: Key | None = None
    owner: str | None = None


def check_names(reader: Reader, names: Names, judged_by: Collection[str]) -> list[str]:
    """Why there may be no findings by names that are known, in words; for an answer that is empty.

    Args:
        judged_by: the packs that the catalog is judged by.

    Raises:
        UnknownKey: nobody knows such a policy, pack or entity; those that are spelled nearly so are named.
    """
    if names.policy is not None:
        _check_policy(reader, names.policy)
    if names.pack is not None:
        _check_pack(reader, names.pack)
    if names.entity is not None:
        _check_entity(reader, names.entity)
    return list(_reasons(reader, names, judged_by))


def unknown_names(reader: Reader, choice: EntityChoice) -> list[str]:
    """Which owner, domain and tag of a choice nobody declares nor uses, in words; for a list that is empty."""
    found = []
    for what, kinds in KINDS.items():
        given: str | None = getattr(choice, what)
        word, colon, called = (given or "").partition(":")
        if colon and word in [kind.lower() for kind in kinds]:
            kinds = tuple(kind for kind in kinds if kind.lower() == word)
        else:
            called = given or ""
        if given is not None and not entities(reader, [entity_id(Key(kind, "", called)) for kind in kinds]):
            known = {one.key.name for kind in kinds for one in page(reader, kind, after="", limit=MOST)}
            found.append(f"nobody declares or uses the {what} {given[:80]!r}{hint(called, known)}")
    return found


def _reasons(reader: Reader, names: Names, judged_by: Collection[str]) -> Iterator[str]:
    kept, ours = pack_names(judged_by), ", ".join(sorted(judged_by))
    shipped = [pack for pack in (names.pack, shipped_policies().get(names.policy or "")) if pack]
    for pack in dict.fromkeys(shipped):
        if pack not in kept and pack in pack_names([ALL]):
            yield (
                f"findings are not kept by the pack {pack}: HEADWATER_PACKS is {ours}; `headwater evaluate --pack "
                f"{pack}` answers by it"
            )
    if names.owner is not None:
        kind, colon, called = names.owner.partition(":")
        if not colon or kind not in ("team", "person"):
            yield f"{names.owner[:80]!r} is no owner: write team:NAME or person:NAME"
        elif not entities(reader, [entity_id(Key(Kind.PERSON if kind == "person" else Kind.TEAM, "", called))]):
            yield f"nobody declares {names.owner[:80]}"


def _check_policy(reader: Reader, name: str) -> None:
    if name in shipped_policies() or entities(reader, [entity_id(Key(Kind.POLICY, "", name))]):
        return
    if finding_pages.page(reader, Choice(policy=name), None, 1):  # it was declared once
        return
    declared = [one.key.name for one in page(reader, Kind.POLICY, after="", limit=MOST)]
    near = hint(name, [*shipped_policies(), *declared], "`headwater policy list` has those of the packs")
    raise UnknownKey(f"no policy is called {name[:80]!r}{near}", name)


def _check_pack(reader: Reader, name: str) -> None:
    known = {*pack_names([ALL]), *(head.manifest for head in manifests(reader))}
    if name not in known and not finding_pages.page(reader, Choice(pack=name), None, 1):
        raise UnknownKey(f"no pack is called {name[:80]!r}, and no manifest{hint(name, known)}", name)


def _check_entity(reader: Reader, key: Key) -> None:
    if key.kind is Kind.POLICY and key.name in shipped_policies():
        return
    name = dataset_of(key)
    if name is None or not datasets(reader, [dataset_id(name)]):
        check_known(reader, key)
