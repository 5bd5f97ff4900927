"""What one GraphQL document may ask for, judged in time linear in its text.

Strawberry's `QueryDepthLimiter` and `MaxAliasesLimiter` walk into every fragment spread again, so 700 bytes of
nested fragments hold the event loop for seconds; and graphql-core compares all fields of one response name in
pairs, so repeated fields cost their square. Both happen during validation, before anything could price the
operation. The rule below therefore looks at the document first: each fragment is weighed once, and the pairs are
counted before they are compared.

What it finds too heavy ends the validation at once with `extensions.code = OPERATION_TOO_COMPLEX`; merely
reporting the error would still let the quadratic rule run.

Source: https://spec.graphql.org/draft/#sec-Field-Selection-Merging and the sources of strawberry-graphql 0.341.2
(`extensions/query_depth_limiter.py`) and graphql-core 3.3.2 (`validation/rules/overlapping_fields_can_be_merged.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphql import (
    ASTValidationRule,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValidationRule,
)
from graphql.validation.validate import ValidationAbortedError
from strawberry.extensions import (
    AddValidationRules,
    MaxTokensLimiter,
    ParserCache,
    SchemaExtension,
    ValidationCache,
)

TOO_COMPLEX = "OPERATION_TOO_COMPLEX"
NAME_REQUIRED = "OPERATION_NAME_REQUIRED"

HEAVY = frozenset(
    {
        *("plan", "drift", "exportManifest", "starterManifest", "impact", "production", "rollbackCandidates"),
        *("manifestDiff", "reportDiff"),
        *("suggestions", "whyTagged", "impactOfChange"),
    }
)
"""Questions that read a whole manifest, or walk from many starts: seconds each, however short the document."""

_CEILING = 10**9  # sums stop growing here: a chain of fragments doubles at every link


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that one document may hold; every number is the last one allowed.

    Attributes:
        depth: levels of fields; introspection fields and what is below them count as none.
        aliases: fields with an alias, after fragments are expanded, per operation.
        fields: selections after fragments are expanded, over the whole document. A spread and an inline fragment
            count like a field: the engine visits them as often.
        root_selections: selections written directly below `query` or `mutation`.
        pairs: pairs of fields that answer under one name and so have to be compared.
        tokens: lexical tokens.
        heavy: questions of HEAVY in one operation.
    """

    depth: int = 15
    aliases: int = 50
    fields: int = 2_000
    root_selections: int = 20
    pairs: int = 1_000
    tokens: int = 2_000
    heavy: int = 5


DEFAULT_LIMITS = Limits()


class Weight(NamedTuple):
    """What a selection set comes to once its fragments are expanded."""

    depth: int = 0
    aliases: int = 0
    fields: int = 0


class Survey:
    """One document, weighed: what its operations expand to, and how many fields have to be compared.

    Attributes:
        visited: selections looked at so far, the measure of the work done.
    """

    def __init__(self, document: DocumentNode) -> None:
        definitions = document.definitions
        self.operations = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
        self._all_fragments = [node for node in definitions if isinstance(node, FragmentDefinitionNode)]
        self._fragments = {node.name.value: node for node in self._all_fragments}
        self._weights: dict[str, Weight] = {}
        self._active: list[str] = []
        self.visited = 0

    def weigh_operations(self) -> Iterator[tuple[str, Weight]]:
        """Each operation and what it comes to.

        Raises:
            ValidationAbortedError: a fragment contains itself.
        """
        for operation in self.operations:
            yield _title(operation), self._weigh(operation.selection_set)

    def unreached(self) -> list[FragmentDefinitionNode]:
        """Fragments that no operation spreads; validation walks them all the same.

        A fragment whose name is defined again later is among them: no spread leads to it.
        Right only after `weigh_operations` was exhausted.
        """
        fragments = self._fragments
        return [
            node
            for node in self._all_fragments
            if fragments[node.name.value] is not node or node.name.value not in self._weights
        ]

    def weigh_fragment(self, fragment: FragmentDefinitionNode) -> Weight:
        """What a fragment comes to; asked again, it costs nothing."""
        name = fragment.name.value
        return self._weigh_spread(name) if self._fragments[name] is fragment else self._weigh(fragment.selection_set)

    def _weigh(self, selection_set: SelectionSetNode) -> Weight:
        depth = aliases = fields = 0
        for node in selection_set.selections:
            self.visited += 1
            weight = self._weigh_selection(node)
            depth = max(depth, weight.depth)
            aliases += weight.aliases
            fields += 1 + weight.fields
        return Weight(depth, min(aliases, _CEILING), min(fields, _CEILING))

    def _weigh_selection(self, node: SelectionNode) -> Weight:
        if isinstance(node, FieldNode):
            return self._weigh_field(node)
        if isinstance(node, InlineFragmentNode):
            return self._weigh(node.selection_set)
        assert isinstance(node, FragmentSpreadNode)  # the third and last kind
        return self._weigh_spread(node.name.value)

    def _weigh_field(self, field: FieldNode) -> Weight:
        inner = self._weigh(field.selection_set) if field.selection_set else Weight()
        depth = 0 if field.name.value.startswith("__") else 1 + inner.depth
        return Weight(depth, inner.aliases + (field.alias is not None), inner.fields)

    def _weigh_spread(self, name: str) -> Weight:
        if name in self._weights:
            return self._weights[name]
        if name not in self._fragments:
            return Weight()  # another rule reports it
        if name in self._active:
            circle = " -> ".join([*self._active[self._active.index(name) :], name])
            raise _refusal(f"The fragments {circle} contain each other and expand without end; remove one spread.")
        self._active.append(name)
        self._weights[name] = weight = self._weigh(self._fragments[name].selection_set)
        self._active.pop()
        return weight

    def pairs(self, root: SelectionSetNode, most: int) -> int:
        """How many pairs of fields below `root` answer under one name; counting stops above `most`.

        Type conditions, @skip and @include are ignored, so this may count too many but never too few.
        It visits no more selections than the weight of `root` has, so weigh first.
        """
        found = 0
        work = [[root]]
        while work:
            namesakes: defaultdict[str, list[FieldNode]] = defaultdict(list)
            for field in self._flatten(work.pop()):
                namesakes[(field.alias or field.name).value].append(field)
            for fields in namesakes.values():
                found += len(fields) * (len(fields) - 1) // 2
                if found > most:
                    return found
                if below := [field.selection_set for field in fields if field.selection_set]:
                    work.append(below)
        return found

    def roots(self, operation: OperationDefinitionNode) -> Iterator[FieldNode]:
        """The fields at the root of an operation; each fragment is looked into once."""
        return self._flatten([operation.selection_set])

    def _flatten(self, group: list[SelectionSetNode]) -> Iterator[FieldNode]:
        spread: set[str] = set()
        stack = list(group)
        while stack:
            for node in stack.pop().selections:
                self.visited += 1
                if isinstance(node, FieldNode):
                    yield node
                elif isinstance(node, InlineFragmentNode):
                    stack.append(node.selection_set)
                elif isinstance(node, FragmentSpreadNode) and (name := node.name.value) not in spread:
                    spread.add(name)
                    if name in self._fragments:
                        stack.append(self._fragments[name].selection_set)


def check(document: DocumentNode, limits: Limits) -> Survey:
    """Refuse a document that holds more than `limits` allow, in time linear in its text and `limits.fields`.

    Raises:
        ValidationAbortedError: with the limit, what was found and what to do; its code is OPERATION_TOO_COMPLEX.
    """
    survey = Survey(document)
    try:
        _check(survey, limits)
    except RecursionError:
        raise _refusal("The document nests selections too deeply to be judged; ask for less at once.") from None
    return survey


def _check(survey: Survey, limits: Limits) -> None:
    for operation in survey.operations:
        subject, found = f"{_title(operation)} has", len(operation.selection_set.selections)
        _hold(subject, found, "selections at its root", limits.root_selections, "send several requests")
        heavy = sum(field.name.value in HEAVY for field in survey.roots(operation))
        _hold(subject, heavy, f"questions of {', '.join(sorted(HEAVY))}", limits.heavy, "send several requests")
    total = 0
    for title, weight in survey.weigh_operations():
        _hold(f"{title} has", weight.depth, "levels of fields", limits.depth, "start further down or ask in steps")
        _hold(f"{title} has", weight.aliases, "aliases", limits.aliases, "ask for a list or send several requests")
        total += weight.fields
    unreached = survey.unreached()
    total += sum(survey.weigh_fragment(fragment).fields for fragment in unreached)
    what, advice = "selections once its fragments are expanded", "select less, and drop fragments nobody spreads"
    _hold("The document has", total, what, limits.fields, advice)

    pairs = 0
    for root in (*survey.operations, *unreached):
        pairs += survey.pairs(root.selection_set, limits.pairs - pairs)
        what = "pairs of fields that answer under one name"
        _hold("The document has at least", pairs, what, limits.pairs, "select each field once")


def _hold(subject: str, found: int, what: str, limit: int, advice: str) -> None:
    if found > limit:
        number = f"{found:,}" if found < _CEILING else f"more than {_CEILING:,}"
        raise _refusal(f"{subject} {number} {what}; the limit is {limit:,}: {advice}.", found=found, limit=limit)


def _refusal(reason: str, **numbers: int) -> ValidationAbortedError:
    return ValidationAbortedError(reason, extensions={"code": TOO_COMPLEX, **numbers})


def _title(operation: OperationDefinitionNode) -> str:
    return f"The operation {operation.name.value!r}" if operation.name else "The operation"


def limits_rule(limits: Limits) -> type[ValidationRule]:
    """The validation rule for these limits.

    Call it once, at import: the class is part of the validation cache's key, and a new class for each request would
    empty the cache for each request.
    """

    class LimitsRule(ValidationRule):
        """Judges the whole document on entry, before any other rule walks it."""

        def enter_document(self, node: DocumentNode, *_args: Any) -> None:
            """Do all work here: an error raised while a rule is built would escape the validation."""
            check(node, limits)

    return LimitsRule


class OneOperation(SchemaExtension):
    """Refuses a document of several operations when the request does not name one.

    Strawberry would run the first, so that logs and permissions could see a harmless operation in front of
    another. The specification asks for an error.

    Source: https://spec.graphql.org/draft/#GetOperation()
    """

    def on_execute(self) -> Iterator[None]:
        """Count the operations once the document is known to be valid."""
        context = self.execution_context
        definitions = context.graphql_document.definitions if context.graphql_document else ()
        found = sum(isinstance(node, OperationDefinitionNode) for node in definitions)
        # `operation_name` would answer with the name of the first operation
        if found > 1 and context._provided_operation_name is None:
            reason = f"The document has {found} operations and the limit is 1 unless one is named: set operationName."
            raise GraphQLError(reason, extensions={"code": NAME_REQUIRED, "found": found, "limit": 1})
        yield


def protections(limits: Limits) -> tuple[type[SchemaExtension] | Callable[[], SchemaExtension], ...]:
    """What a schema needs so that no document is dear before it runs; call it once, at import.

    Factories, not instances: Strawberry shares instances between concurrent requests.
    """
    rules: list[type[ASTValidationRule]] = [limits_rule(limits)]
    return (
        lambda: MaxTokensLimiter(max_token_count=limits.tokens),
        lambda: AddValidationRules(rules),
        ParserCache,
        ValidationCache,
        OneOperation,
    )


EXTENSIONS = protections(DEFAULT_LIMITS)
