"""Lineage as boxes and lines on a plane: one layout for SVG and PDF.

Layered, data flowing from left to right, or down where that would be long and narrow: each node stands behind all that
it is made of, edges over several layers get waypoints, and the order in a layer is that with the fewest crossings that
some sweeps find (Sugiyama's method). Everything is sorted first, so the same lineage is always drawn alike.

Source: Sugiyama, Tagawa, Toda: Methods for Visual Understanding of Hierarchical System Structures (1981).
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple

from catalog.reports.document import Lineage, Node

WIDTH, HEIGHT = 148.0, 46.0
"""Of a box, in points."""
BETWEEN, BESIDE = 54.0, 16.0
"""Between two layers, and between two boxes of one."""
SLIM = 6.0
"""Of a waypoint."""
DEEP, NARROW = 5, 4
"""More layers than that, none with more boxes than that, are drawn downwards."""
SIZE, SMALL = 8.0, 6.4
"""Of the letters, in points."""
PADDING = 8.0
SWEEPS = 8


class Line(NamedTuple):
    """A line of text in a box; `x`, `y` are where its baseline begins."""

    text: str
    x: float
    y: float
    size: float
    strong: bool


class Box(NamedTuple):
    """A node; `x`, `y` are its upper left corner."""

    node: Node
    x: float
    y: float
    lines: tuple[Line, ...]


class Path(NamedTuple):
    """An edge, as the points it goes through; an arrow stands at the last."""

    points: tuple[tuple[float, float], ...]
    tone: str
    back: bool = False
    down: bool = False

    def curve(self) -> list[tuple[float, ...]]:
        """A start (x, y), then Bézier curves (x1, y1, x2, y2, x, y) that leave and arrive along the flow."""
        found: list[tuple[float, ...]] = [self.points[0]]
        for (x0, y0), (x1, y1) in pairwise(self.points):
            across, along = (0.0, (y1 - y0) / 2) if self.down else ((x1 - x0) / 2, 0.0)
            found.append((x0 + across, y0 + along, x1 - across, y1 - along, x1, y1))
        return found

    def arrow(self) -> tuple[tuple[float, float], ...]:
        """The corners of the head: its tip first."""
        before, tip = self.points[-2], self.points[-1]
        axis = 1 if self.down else 0
        back = -6.0 if tip[axis] >= before[axis] else 6.0
        if self.down:
            return tip, (tip[0] - 3.2, tip[1] + back), (tip[0] + 3.2, tip[1] + back)
        return tip, (tip[0] + back, tip[1] - 3.2), (tip[0] + back, tip[1] + 3.2)


class Drawing(NamedTuple):
    """What is to be drawn; `y` grows downwards."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    paths: tuple[Path, ...]


def lay_out(lineage: Lineage) -> Drawing:
    """A drawing of a lineage."""
    nodes = {node.id: node for node in lineage.nodes}
    tones = {
        (source, target): tone
        for source, target, tone in sorted(lineage.edges)
        if source in nodes and target in nodes and source != target
    }
    layer, backward = _layers(sorted(nodes), sorted(tones))
    rows, chains = _waypoints(layer, sorted(tones), backward)
    _order(rows, chains)
    down = len(rows) > DEEP and max(sum(id_ in nodes for id_ in row) for row in rows) <= NARROW
    places = _places(rows, down)
    boxes = tuple(_box(nodes[id_], places[id_].x, places[id_].y) for id_ in sorted(nodes))
    paths = tuple(
        Path(_points([places[step] for step in chains[edge]], down), tones[edge], edge in backward, down)
        for edge in sorted(tones)
    )
    width = max((place.x + place.width for place in places.values()), default=0.0)
    height = max((place.y + place.height for place in places.values()), default=0.0)
    return Drawing(width, height, boxes, paths)


def fitting(text: str, width: float, size: float) -> str:
    """The text, or its two ends with dots between, so that it fits a width in points."""
    if measure(text, size) <= width:
        return text
    for kept in range(len(text) - 1, 1, -1):
        front = (kept + 1) // 2
        cut = f"{text[:front]}…{text[len(text) - (kept - front) :]}"
        if measure(cut, size) <= width:
            return cut
    return "…"


def measure(text: str, size: float) -> float:
    """About how wide a text is, in points; rather too much, since each reader has fonts of its own."""
    return size * sum(_em(char) for char in text)


def _em(char: str) -> float:
    if unicodedata.east_asian_width(char) in "WF" or ord(char) > 0xFFFF:
        return 1.05
    if unicodedata.combining(char):
        return 0.0
    if char in "iIjl.,:;|'!/()[] ft-":
        return 0.4
    return 0.98 if char in "mwMW@%" else 0.72 if char.isupper() else 0.635


def _layers(ids: list[str], edges: list[tuple[str, str]]) -> tuple[dict[str, int], set[tuple[str, str]]]:
    """By node how far right it stands, and the edges that close a circle: they go back."""
    after: dict[str, list[str]] = defaultdict(list)
    before: dict[str, int] = dict.fromkeys(ids, 0)
    for source, target in edges:
        after[source].append(target)
        before[target] += 1
    backward: set[tuple[str, str]] = set()
    state: dict[str, int] = {}
    order: list[str] = []
    for root in sorted(ids, key=lambda id_: (before[id_] > 0, id_)):
        _walk(root, after, state, order, backward)
    layer = dict.fromkeys(ids, 0)
    for id_ in reversed(order):
        for target in after[id_]:
            if (id_, target) not in backward:
                layer[target] = max(layer[target], layer[id_] + 1)
    for id_ in order:  # sources stand beside what they feed, not at the far left
        ahead = [layer[target] for target in after[id_] if (id_, target) not in backward]
        if ahead and not before[id_]:
            layer[id_] = min(ahead) - 1
    return layer, backward


def _walk(
    root: str, after: dict[str, list[str]], state: dict[str, int], order: list[str], backward: set[tuple[str, str]]
) -> None:
    """Depth first, without recursion: nodes in the order in which they are left, and the edges into open ones."""
    if root in state:
        return
    state[root] = 1
    stack = [(root, iter(after[root]))]
    while stack:
        id_, targets = stack[-1]
        for target in targets:
            if state.get(target) == 1:
                backward.add((id_, target))
            elif target not in state:
                state[target] = 1
                stack.append((target, iter(after[target])))
                break
        else:
            state[id_] = 2
            order.append(id_)
            stack.pop()


Rows = list[list[str]]
Chains = dict[tuple[str, str], list[str]]


def _waypoints(
    layer: dict[str, int], edges: list[tuple[str, str]], backward: set[tuple[str, str]]
) -> tuple[Rows, Chains]:
    """Layers with a waypoint wherever an edge passes one, and by edge all it goes through."""
    rows: Rows = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for id_ in sorted(layer):
        rows[layer[id_]].append(id_)
    chains: Chains = {}
    for source, target in edges:
        first, last = layer[source], layer[target]
        step = 1 if first <= last else -1
        between = [f"\0{source}\0{target}\0{at}" for at in range(first + step, last, step)]
        for at, waypoint in zip(range(first + step, last, step), between, strict=True):
            rows[at].append(waypoint)
        chains[source, target] = [source, *between, target]
    return rows, chains


def _order(rows: Rows, chains: Chains) -> None:
    """Sweep to and fro, each layer sorted by where its neighbours stand; the best order seen stays."""
    links: dict[str, list[str]] = defaultdict(list)
    for chain in chains.values():
        for one, other in pairwise(chain):
            links[one].append(other)
            links[other].append(one)
    where = {id_: at for at, row in enumerate(rows) for id_ in row}
    best, fewest = [list(row) for row in rows], _crossings(rows, links, where)
    for sweep in range(SWEEPS):
        forth = sweep % 2 == 0
        for at in range(1, len(rows)) if forth else range(len(rows) - 2, -1, -1):
            beside = at - 1 if forth else at + 1
            place = {id_: i for i, id_ in enumerate(rows[beside])}
            middle = {id_: _middle([place[n] for n in links[id_] if where[n] == beside]) for id_ in rows[at]}
            wanted = {id_: (i if (m := middle[id_]) is None else m, id_) for i, id_ in enumerate(rows[at])}
            rows[at].sort(key=wanted.__getitem__)
        if (now := _crossings(rows, links, where)) < fewest:
            best, fewest = [list(row) for row in rows], now
    rows[:] = best


def _middle(places: list[int]) -> float | None:
    return sum(places) / len(places) if places else None


def _crossings(rows: Rows, links: dict[str, list[str]], where: dict[str, int]) -> int:
    crossings = 0
    for at in range(len(rows) - 1):
        place = {id_: i for i, id_ in enumerate(rows[at + 1])}
        ends = [sorted(place[n] for n in links[id_] if where[n] == at + 1) for id_ in rows[at]]
        flat = [end for some in ends for end in some]
        crossings += sum(1 for i, one in enumerate(flat) for other in flat[i + 1 :] if other < one)
    return crossings


class Place(NamedTuple):
    """Where a box or a waypoint is."""

    x: float
    y: float
    width: float
    height: float


def _places(rows: Rows, down: bool) -> dict[str, Place]:
    """Every layer is centred; waypoints take little room."""
    box = WIDTH if down else HEIGHT
    wide = [[SLIM if id_.startswith("\0") else box for id_ in row] for row in rows]
    lengths = [sum(row) + BESIDE * max(0, len(row) - 1) for row in wide]
    places: dict[str, Place] = {}
    for at, row in enumerate(rows):
        along, across = at * ((HEIGHT if down else WIDTH) + BETWEEN), (max(lengths) - lengths[at]) / 2
        for id_, size in zip(row, wide[at], strict=True):
            places[id_] = Place(across, along, size, HEIGHT) if down else Place(along, across, WIDTH, size)
            across += size + BESIDE
    return places


def _points(places: list[Place], down: bool) -> tuple[tuple[float, float], ...]:
    """Out of the first box at its far side, through waypoints, into the last at its near side; back the other way."""
    first, last = places[0], places[-1]
    forth = first.y <= last.y if down else first.x <= last.x
    points: list[tuple[float, float]] = []
    for place in places:
        if down:
            middle = place.x + place.width / 2
            ends = [(middle, place.y), (middle, place.y + place.height)]
        else:
            middle = place.y + place.height / 2
            ends = [(place.x, middle), (place.x + place.width, middle)]
        points += ends if forth else ends[::-1]
    return tuple(points[1:-1])


def _box(node: Node, x: float, y: float) -> Box:
    room = WIDTH - 2 * PADDING
    second = " · ".join(part for part in (node.kind, node.note) if part)
    label = _two_lines(node.label, room)
    lines = [Line(text, x + PADDING, 0.0, SIZE, True) for text in label]
    if second:
        lines.append(Line(fitting(second, room, SMALL), x + PADDING, 0.0, SMALL, False))
    tall = sum(line.size * 1.3 for line in lines)
    at, placed = y + (HEIGHT - tall) / 2, []
    for line in lines:
        placed.append(line._replace(y=at + line.size))
        at += line.size * 1.3
    return Box(node, x, y, tuple(placed))


def _two_lines(label: str, room: float) -> list[str]:
    """A name in one line or two, broken behind a dot, slash, dash or underscore where that helps."""
    text = " ".join(label.split()) or "?"
    if measure(text, SIZE) <= room:
        return [text]
    fit = next((n for n in range(len(text), 0, -1) if measure(text[:n], SIZE) <= room), 1)
    soft = max((text.rfind(sign, 0, fit) + 1 for sign in "./-_ :"), default=0)
    at = soft if soft >= fit // 2 else fit
    return [text[:at].rstrip(), fitting(text[at:].lstrip(), room, SIZE)]
