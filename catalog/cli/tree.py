"""A lineage answer as a tree of text, rooted at the thing that was asked about.

Lineage is a graph: a node is drawn with what is behind it where it is met first, and marked `(see above)` after that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from catalog.cli.kinds import words
from catalog.cli.render import PLAIN, Screen, clean, count, moment, paint, state

UPSTREAM, DOWNSTREAM, BOTH = "UPSTREAM", "DOWNSTREAM", "BOTH"
MOST_LABELS = 4
Json = dict[str, Any]


class _Step(NamedTuple):
    """A node about to be drawn, the edges that led to it, and its place among its siblings."""

    id: str
    edges: list[Json]
    parent: str
    indent: str
    last: bool


class Graph:
    """An answer, ready to be walked from any node in either direction."""

    def __init__(self, answer: Json, *, latest: bool = True) -> None:
        self.root: str = answer["root"]
        self.latest = latest
        self.nodes: dict[str, Json] = {node["id"]: node for node in answer["nodes"]}
        self.frontier = set(answer["frontier"])
        self.declaring = {edge["job"] for edge in answer["edges"] if edge.get("job") and _is_declared(edge)}
        self._order = {id_: place for place, id_ in enumerate(self.nodes)}
        self._links: dict[str, dict[str, dict[str, list[Json]]]] = {UPSTREAM: {}, DOWNSTREAM: {}}
        for edge in answer["edges"]:
            self._link(UPSTREAM, edge["target"], edge["source"], edge)
            self._link(DOWNSTREAM, edge["source"], edge["target"], edge)
            if edge["kind"] == "SAME_AS":
                self._link(UPSTREAM, edge["source"], edge["target"], edge)
                self._link(DOWNSTREAM, edge["target"], edge["source"], edge)
        self._add_columns_of_root()

    def _link(self, way: str, id_: str, other: str, edge: Json) -> None:
        if id_ in self.nodes and other in self.nodes:
            self._links[way].setdefault(id_, {}).setdefault(other, []).append(edge)

    def _add_columns_of_root(self) -> None:
        """Column lineage of a dataset starts at its columns, which no edge ties to it."""
        root = self.nodes[self.root]
        if root["kind"] != "DATASET":
            return
        for id_, node in self.nodes.items():
            if node["kind"] == "FIELD" and (node["namespace"], node["name"]) == (root["namespace"], root["name"]):
                edge = {"source": self.root, "target": id_, "kind": "HAS_FIELD"}
                for links in self._links.values():
                    links.setdefault(self.root, {}).setdefault(id_, [edge])

    def behind(self, id_: str, way: str, parent: str) -> list[tuple[str, list[Json]]]:
        """The next nodes in this direction and the edges to each; other names of the node itself come first."""
        found = [
            (other, edges)
            for other, edges in self._links[way].get(id_, {}).items()
            if not (other == parent and _is_alias(edges))
        ]
        return sorted(found, key=lambda link: (not _is_alias(link[1]), self._order[link[0]]))


def tree(answer: Json, direction: str, screen: Screen = PLAIN, *, latest: bool = True) -> str:
    """The whole picture: a tree, or two for BOTH, and a last line that says what is missing.

    `latest` says the latest run beside each job.
    """
    graph = Graph(answer, latest=latest)
    ways = (UPSTREAM, DOWNSTREAM) if direction == BOTH else (direction,)
    by_then = " was known at that moment" if as_of(answer) else ""
    lines: list[str] = []
    drawn: set[str] = set()
    for way in ways:
        if direction == BOTH:
            lines.append(paint(way.lower(), "bold", screen.color))
        seen: set[str] = set()
        body = list(_draw(graph, graph.root, way, seen, screen))
        lines += body if len(body) > 1 else [*body, f"└── (nothing {way.lower()}{by_then})"]
        drawn |= seen
    for id_ in graph.nodes:
        if id_ not in drawn:
            lines.append("on no path from the root at this granularity:")
            lines += _draw(graph, id_, ways[0], drawn, screen)
    return "\n".join([*lines, summary(answer)])


def summary(answer: Json) -> str:
    """What is missing from an answer, or that nothing is."""
    reasons = answer["truncatedBy"]
    if answer["complete"]:
        parts = [f"complete: {count(len(answer['nodes']), 'node')}, {count(len(answer['edges']), 'edge')}"]
    else:
        ends = len(answer["frontier"])
        advice = "use --depth" if reasons == ["DEPTH"] else "ask again from one of them"
        goes_on = f"{count(ends, 'node')} {'goes' if ends == 1 else 'go'} on; {advice}"
        parts = [f"truncated by {', '.join(reasons) or 'the service'}: {goes_on}"]
    if answer["hiddenCount"]:
        parts.append(f"{answer['hiddenCount']:,} hidden")
    if (waiting := answer["sequence"] - answer["appliedThrough"]) > 0:
        parts.append(f"{count(waiting, 'accepted event')} not applied yet")
    return "; ".join([*parts, *as_of(answer)])


def as_of(answer: Json) -> list[str]:
    """The moment of an answer, if it is not now, and whether it is settled."""
    parts = [f"as of {moment(answer['asOf'])}"] if answer.get("asOf") else []
    if (known := answer.get("knownAt")) is not None:
        parts.append(f"as known at sequence {known:,}{unsettled(answer, known)}")
    return parts


def unsettled(answer: Json, known: int) -> str:
    """Why the same question may be answered otherwise later."""
    if not answer["stale"]:
        return ""
    newest = answer.get("sequence")
    return f" (the newest entry is {newest:,})" if newest is not None and known > newest else " (not all applied yet)"


def _draw(graph: Graph, root: str, way: str, seen: set[str], screen: Screen) -> Iterator[str]:
    """Depth first with a stack of its own: chains are longer than Python recurses."""
    stack = [_Step(root, [], "", "", True)]
    while stack:
        step = stack.pop()
        again = step.id in seen
        seen.add(step.id)
        branch = "" if not step.parent else step.indent + ("└── " if step.last else "├── ")
        yield branch + _label(graph, step, again, screen)
        if again:
            continue
        indent = "" if not step.parent else step.indent + ("    " if step.last else "│   ")
        found = graph.behind(step.id, way, step.parent)
        for place, (other, edges) in reversed(list(enumerate(found, 1))):
            stack.append(_Step(other, edges, step.id, indent, place == len(found)))


def _label(graph: Graph, step: _Step, again: bool, screen: Screen) -> str:
    node = graph.nodes[step.id]
    parts = ["also known as"] if _is_alias(step.edges) else []
    parts += [paint(_kind(node), "dim", screen.color)]
    parts += [paint(_name(node), "bold", screen.color), paint(clean(node["namespace"]), "dim", screen.color)]
    if node["kind"] == "JOB" and graph.latest:
        parts.append(_latest(node, screen))
    if said := _said(step.edges, graph.declaring):
        parts.append(f"[{said}]")
    if again:
        parts.append("(see above)")
    elif step.id in graph.frontier:
        parts.append("(goes on)")
    return "  ".join(parts)


def _kind(node: Json) -> str:
    if node["kind"] == "DATASET" and node.get("entityKind"):
        return words(str(node["entityKind"]))
    return "column" if node["kind"] == "FIELD" else str(node["kind"]).lower()


def _name(node: Json) -> str:
    return clean(node["name"]) + (f" . {clean(node['field'])}" if node.get("field") else "")


def _latest(node: Json, screen: Screen) -> str:
    run = (node.get("job") or {}).get("latestRun")
    if not run:
        return paint("no runs", "dim", screen.color)
    name = state(run["state"])
    when = run["endedAt"] or run["startedAt"]
    return paint(name.text, name.style, screen.color) + (f" {moment(when)}" if when else "")


def _is_declared(edge: Json) -> bool:
    return edge.get("agreement") in ("DECLARED_ONLY", "BOTH")


def _is_alias(edges: list[Json]) -> bool:
    return any(edge["kind"] == "SAME_AS" for edge in edges)


def _said(edges: list[Json], declaring: set[str]) -> str:
    """What is known of the way data took along these edges, each thing once."""
    labels = dict.fromkeys(label for edge in edges if (label := _edge_label(edge, declaring)))
    more = len(labels) - MOST_LABELS
    shown = list(labels)[:MOST_LABELS]
    return "; ".join([*shown, f"{more} more"] if more > 0 else shown)


_BASES = {"EXPLICIT": "explicit", "PRODUCT": "possible", "DANGLING": "sources left open"}
"""What is said of which inputs made an output; that columns show it is the usual case and goes without saying."""


def _edge_label(edge: Json, declaring: set[str]) -> str:
    how = "/".join(clean(part) for part in (edge.get("transformationType"), edge.get("transformationSubtype")) if part)
    parts = [how] if how else []
    if edge.get("wholeDataset"):
        parts.append("whole dataset")
    if edge.get("masking"):
        parts.append("masked")
    if via := edge.get("via"):
        parts.append(f"via {count(len(via), 'dataset' if edge['kind'] == 'FEEDS' else 'job')}")
    if edge.get("basis") in _BASES:
        parts.append(_BASES[edge["basis"]])
    if edge.get("agreement") == "DECLARED_ONLY":
        parts.append("declared, never seen")
    elif (edge.get("origin") or "").upper() in ("D", "DECLARED"):
        parts.append("declared")
    elif edge.get("agreement") == "OBSERVED_ONLY" and edge.get("job") in declaring:
        parts.append("not declared")
    return ", ".join(parts)
