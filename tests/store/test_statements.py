"""Every Cypher block is understood by the store."""

from __future__ import annotations

import re

import pytest

from catalog.graph.queries import FOLDER, blocks
from catalog.graph.store import Store

BLOCKS = [(path.stem, name) for path in sorted(FOLDER.glob("*.cypher")) for name in sorted(blocks(path.stem))]


@pytest.mark.parametrize(("noun", "name"), BLOCKS)
def test_every_block_is_explained_by_the_store(store: Store, noun: str, name: str) -> None:
    """EXPLAIN parses and plans it: no syntax error waits in a rare path."""
    text = blocks(noun)[name]
    parameters = dict.fromkeys(re.findall(r"\$(\w+)", text))

    store.rows(f"EXPLAIN {text}", **parameters)
