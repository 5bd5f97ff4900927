"""What a dataset or job node is made with, once."""

from __future__ import annotations

from typing import Any

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
