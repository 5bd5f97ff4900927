"""What a dataset or job node is made with, once."""

from __future__ import annotations

from typing import Any

from catalog.assets.keys import Key
from catalog.identity import Name, sort_key, words
from catalog.lineage.naming import bucket


def new_dataset(name: Name, id_: str) -> dict[str, Any]:
    """The properties of a new dataset: those of every node, and where names that are alike are found."""
    return {**new_node(name, id_), "near": bucket(name)}


def new_node(name: Name, id_: str) -> dict[str, Any]:
    """The properties of a new node: natural key, sort key, words to search by."""
    return {
        "namespace": name.namespace,
        "name": name.name,
        "ord": sort_key(name, id_),
        "words": words(name.name, name.namespace),
    }


def new_entity(key: Key, id_: str) -> dict[str, Any]:
    """The properties of a new entity; its sort key begins with its kind, so that a kind is a range of them."""
    node = new_node(Name(key.namespace, key.name), id_)
    return {**node, "kind": str(key.kind), "ord": entity_ord(key, id_)}


def entity_ord(key: Key, id_: str) -> str:
    """What entities are listed by: kind, then readable order."""
    return f"{key.kind}\n{sort_key(Name(key.namespace, key.name), id_)}"


def new_manifest(name: str) -> dict[str, Any]:
    """The properties of a new manifest."""
    return {"name": name}
