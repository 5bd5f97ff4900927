"""Loads named Cypher blocks from `cypher/<noun>.cypher`.

A block starts with `// name: its_name`; comment lines below it say what it is for and why its locks are as they are.
Four shorthands keep what must be alike alike: `{visible x}` is the predicate that hides what a reader may not see;
`{holds r}`, `{steps r}` and `{map r}` make a block two, one for the present, one named `…_past` for an earlier (T, K).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "cypher"
_NAME = re.compile(r"^// name: (\w+)$", re.MULTILINE)
_VISIBLE = re.compile(r"\{visible (\w+)\}")
_HOLDS = re.compile(r"\{holds (\w+)\}")
_STEPS = re.compile(r"\{steps (\w+)\}")
_MAP = re.compile(r"\{map (\w+)\}")
_MAP_STEPS = ", ".join(f"R.{name} AS {name}" for name in ("mapN", "mapT", "mapS"))
_STEP_LISTS = ", ".join(f"R.{name} AS {name}" for name in ("n", "t0", "s0", "ts", "ss", "vs"))


@cache
def blocks(noun: str) -> dict[str, str]:
    """The blocks of one noun, by name, without their comments.

    Raises:
        ValueError: two blocks of one name.
    """
    parts = _NAME.split((FOLDER / f"{noun}.cypher").read_text("utf-8"))
    found: dict[str, str] = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        if name in found:
            raise ValueError(f"{noun}.cypher has two blocks named {name}")
        lines = [line for line in body.splitlines() if line.strip() and not line.lstrip().startswith("//")]
        text = _VISIBLE.sub(r"($grants IS NULL OR \1.namespace IN $grants)", "\n".join(lines))
        found[name] = _MAP.sub("", _STEPS.sub("", _HOLDS.sub(r"\1.open", text)))
        if _HOLDS.search(text):
            past = _HOLDS.sub(r"\1.s0 <= $known AND (\1.t0 IS NULL OR \1.t0 <= $asof)", text)
            past = _MAP.sub(lambda m: ", " + _MAP_STEPS.replace("R.", f"{m[1]}."), past)
            found[f"{name}_past"] = _STEPS.sub(lambda m: ", " + _STEP_LISTS.replace("R.", f"{m[1]}."), past)
    return found
