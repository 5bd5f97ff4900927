"""Long Steps as one text: a store takes thousands of numbers one by one, and a text at once.

What is told backwards leaves a point per event, and a batch writes the whole list again. Times and sequences of
neighbours differ by little, so their differences are kept, compressed; values, which repeat, by their place in a list.
"""

from __future__ import annotations

import base64
import struct
import zlib
from itertools import accumulate
from operator import sub

import orjson

from catalog.lineage.steps import Point, Points


def pack(points: Points) -> str:
    """At least one point as text; `unpack` gives them back."""
    ts, ss, vs = zip(*points, strict=True)
    values = list(dict.fromkeys(vs))
    places = {value: i for i, value in enumerate(values)}
    n = len(points)
    body = struct.pack(f"<{n}q{n}q{n}I", *_differences(ts), *_differences(ss), *map(places.__getitem__, vs))
    return base64.b64encode(zlib.compress(orjson.dumps([n, values]) + b"\n" + body, 1)).decode()


def unpack(text: str) -> Points:
    """The points of a text that `pack` made."""
    head, _, body = zlib.decompress(base64.b64decode(text)).partition(b"\n")
    n, values = orjson.loads(head)
    numbers = struct.unpack(f"<{n}q{n}q{n}I", body)
    ts, ss = accumulate(numbers[:n]), accumulate(numbers[n : 2 * n])
    return list(map(Point._make, zip(ts, ss, map(values.__getitem__, numbers[2 * n :]), strict=True)))


def _differences(numbers: tuple[int, ...]) -> list[int]:
    return [numbers[0], *map(sub, numbers[1:], numbers)]
