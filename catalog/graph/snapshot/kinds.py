"""Which thing each node is at a moment: names of one dataset are one, and a dataset may be something else besides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from catalog.assets.keys import Key, Kind, dataset_of, entity_id
from catalog.graph.attributes import keys_of
from catalog.graph.identity import Names
from catalog.graph.snapshot.saying import Saying
from catalog.identity import Name, dataset_id
from catalog.lineage.facets.known import DATASET, read_facet
from catalog.lineage.facets.model import DEPLOYMENT, MODEL, ModelVersion
from catalog.lineage.models import ALIAS_FACET, VERSION_FACET, deployment_name

_DEPLOYED = deployment_name("", "").namespace


class Group(NamedTuple):
    """The names of one dataset, the canonical one first, and what it is."""

    key: Key
    names: tuple[Name, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of its nodes; the first is that of the thing."""
        return tuple(map(dataset_id, self.names))


def groups(
    names: Mapping[str, Names], datasets: Mapping[str, Name], spoken: Collection[str], saying: Saying
) -> list[Group]:
    """The datasets of a snapshot, each once.

    Args:
        names: all names of each dataset by id.
        spoken: ids of entities that manifests or people speak of.
    """
    found: dict[Name, Group] = {}
    for id_, own in datasets.items():
        closure = names[id_]
        canonical = closure.canonical(own)
        if canonical not in found:
            all_ = {own, *(Name(tie.namespace, tie.name) for tie in closure.ties.values())}
            found[canonical] = _group(canonical, all_, spoken, saying)
    return list(found.values())


def _group(canonical: Name, names: Iterable[Name], spoken: Collection[str], saying: Saying) -> Group:
    ordered = [canonical, *sorted(name for name in names if name != canonical)]
    key = next((key for name in ordered if (key := _special(name, spoken, saying))), None)
    first = canonical if key is None else dataset_of(key) or canonical
    return Group(key or Key(Kind.DATASET, *canonical), (first, *(name for name in ordered if name != first)))


def _special(name: Name, spoken: Collection[str], saying: Saying) -> Key | None:
    """What a dataset of this name is besides a dataset, as manifests, people or events say."""
    for key in keys_of(name):
        if key.kind is not Kind.DATASET and entity_id(key) in spoken:
            return key
    facets = saying.facets(dataset_id(name))
    if name.namespace.startswith(_DEPLOYED) and DEPLOYMENT in facets:
        return Key(Kind.DEPLOYMENT, name.namespace.removeprefix(_DEPLOYED), name.name)
    if MODEL in facets:
        read = read_facet(DATASET, MODEL, saying.bodies[facets[MODEL].value])
        if isinstance(read, ModelVersion) and read.key.name == name:
            return Key(Kind.MODEL_VERSION, *name)
    return None


def is_model(id_: str, saying: Saying) -> bool:
    """Whether all that events say of a dataset is which versions and aliases a model has: it stands for that model."""
    words = saying.words.get(id_, ())
    return bool(words) and all(word.name.startswith((VERSION_FACET, ALIAS_FACET)) for word in words)
