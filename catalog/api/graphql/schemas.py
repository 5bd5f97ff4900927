"""Schemas of datasets: columns with who told them, versions, and the difference between two moments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import argument
from strawberry.types import Info

from catalog.api.graphql.classified import EffectiveLevel, EffectiveTags, effective_level, effective_tags
from catalog.api.graphql.context import context_of
from catalog.api.graphql.declared import WithEntity
from catalog.api.graphql.described import FieldAttributes, field_attributes
from catalog.api.graphql.moments import DatasetAtMoment
from catalog.api.graphql.paging import After, Connection, First, check_first, connect, decode, encode
from catalog.assets.keys import Key
from catalog.clock import to_iso
from catalog.graph.schemas import schema_diff, schema_versions
from catalog.graph.walk import PRESENT, Moment
from catalog.lineage.schema_diff import Changed, Renamed, SchemaDiff, diff
from catalog.lineage.schemas import Column, Path, Teller, United, Version
from catalog.usecases.moments import time_of

if TYPE_CHECKING:
    from catalog.api.graphql.assets import Job

JobLazy = Annotated["Job", strawberry.lazy("catalog.api.graphql.assets")]
ORIGINS = {"O": "OBSERVED", "D": "DECLARED", "I": "INFERRED"}


@strawberry.type(description="Who says something about a dataset's schema.")
class SchemaTeller:
    """Who says something about a schema."""

    role: str = strawberry.field(description="What the dataset is to who tells: input, output, or dataset.")
    origin: str = strawberry.field(description="OBSERVED by a run, or DECLARED.")
    subject: strawberry.Private[str] = ""
    moment: strawberry.Private[Moment] = PRESENT

    @strawberry.field(description="The job; null where the dataset's own event tells.")
    async def job(self, info: Info) -> JobLazy | None:
        """The job."""
        from catalog.api.graphql.assets import to_job

        row = await context_of(info).jobs.load(self.subject)
        return to_job(row, self.moment) if row else None


@strawberry.type(description="A column, by its best-informed teller: writers before readers, then the newest.")
class DatasetField:
    """A column."""

    name: str = strawberry.field(description="Dotted path; nested fields follow their parent.")
    type: str | None = strawberry.field(description="As the producer spells it.")
    description: str | None = strawberry.field(description="As the producer gave it.")
    told_by: list[SchemaTeller] = strawberry.field(
        description="Who says that it is there, best-informed first; it goes when none of them does any more."
    )
    moment: strawberry.Private[Moment] = PRESENT
    of: strawberry.Private[Key | None] = None

    @strawberry.field(description="The tags that hold of it: those said of it, and those of what it is made of.")
    async def effective_tags(self, info: Info) -> EffectiveTags:
        """The tags that hold."""
        return await effective_tags(info, self.of, self.moment, self.name)

    @strawberry.field(description="The level that holds of it: the strictest said of it or of what it is made of.")
    async def effective_classification(self, info: Info) -> EffectiveLevel:
        """The level that holds."""
        return await effective_level(info, self.of, self.moment, self.name)

    @strawberry.field(description="What manifests, people and tags say of it now or at the moment; null: nothing.")
    async def attributes(self, info: Info) -> FieldAttributes | None:
        """What is said of it."""
        return await field_attributes(info, self.of, self.moment, self.name) if self.of else None


@strawberry.type(description="A column of one of two schemas.")
class DiffColumn:
    """A column of one of two schemas."""

    name: str = strawberry.field(description="Dotted path.")
    type: str | None = strawberry.field(description="As the producer spells it.")
    description: str | None = strawberry.field(description="As the producer gave it.")


@strawberry.type(description="A column with another type, or another description, than before.")
class ColumnChange:
    """A change of one column."""

    name: str = strawberry.field(description="Dotted path.")
    before: str | None = strawberry.field(description="What was said before; null: nothing.")
    after: str | None = strawberry.field(description="What is said after; null: nothing.")


@strawberry.type(description="A column that probably has a new name, with all that is nested in it.")
class ColumnRename:
    """A rename."""

    before: DiffColumn = strawberry.field(description="The column under its old name.")
    after: DiffColumn = strawberry.field(description="The column under its new name.")
    inferred: bool = strawberry.field(description="Always true: no producer says that a column was renamed.")
    basis: str = strawberry.field(
        description="PLACE: one column went and one of its type came between the same neighbours. COLUMN_LINEAGE: the "
        "new column is made of the old one alone."
    )


@strawberry.type(description="The difference between two schemas. Applied to the first, it gives the second.")
class SchemaChanges:
    """The difference between two schemas."""

    added: list[DiffColumn] = strawberry.field(description="Columns of the second only, nested ones too.")
    removed: list[DiffColumn] = strawberry.field(description="Columns of the first only, nested ones too.")
    retyped: list[ColumnChange] = strawberry.field(description="Columns with another type.")
    redescribed: list[ColumnChange] = strawberry.field(description="Columns with another description.")
    renamed: list[ColumnRename] = strawberry.field(description="Columns that probably were renamed, in neither list.")


@strawberry.type(description="A schema from one moment on: the union of what all who speak of it say.")
class SchemaVersion:
    """A version of a schema."""

    since: str = strawberry.field(description="Event time from which on it holds, ISO-8601.")
    known_since: int = strawberry.field(description="The sequence of the entry by which that became known.")
    tellers: list[SchemaTeller] = strawberry.field(description="Those whose word changed then.")
    fields: list[DatasetField] = strawberry.field(description="Its columns.")
    changes: SchemaChanges = strawberry.field(description="What is different from the version before it.")


@strawberry.type
class WithSchemas(DatasetAtMoment, WithEntity):
    """The parts of a dataset that have to do with its schema."""

    @strawberry.field(
        description="Columns, nested ones flattened: the union of what all who speak of it say, so that one who knows "
        "a part deletes nothing. Empty when nobody gave a schema."
    )
    async def fields(self, info: Info) -> list[DatasetField]:
        """Columns."""
        return _fields(await context_of(info).schemas.load((self.moment, self.id)), self.moment, self._key())

    @strawberry.field(description="The tags that hold of it and of its columns, those that followed the lineage too.")
    async def effective_tags(self, info: Info) -> EffectiveTags:
        """The tags that hold."""
        return await effective_tags(info, self._key(), self.moment)

    @strawberry.field(description="The strictest level that holds of it or of one of its columns.")
    async def effective_classification(self, info: Info) -> EffectiveLevel:
        """The level that holds."""
        return await effective_level(info, self._key(), self.moment)

    @strawberry.field(description="Every schema it had, newest first.")
    async def schema_versions(self, info: Info, first: First = 20, after: After = None) -> Connection[SchemaVersion]:
        """Versions of the schema."""
        ctx, limit = context_of(info), check_first(first) + 1
        key = decode("schema versions", after, int)
        found = await ctx.call(schema_versions, ctx.reader, str(self.id), self.moment)
        shown = [v for v in reversed(found) if key is None or v.since < key[0]][:limit]
        return connect([(encode("schema versions", v.since), _version(v, self.moment)) for v in shown], first)

    @strawberry.field(description="The difference between its schemas of two event times.")
    async def schema_diff(
        self,
        info: Info,
        from_: Annotated[str, argument(name="from", description="The first event time, ISO-8601.")],
        to: Annotated[str | None, argument(description="The second; null: the moment the dataset is shown at.")] = None,
    ) -> SchemaChanges:
        """The difference between two schemas."""
        ctx = context_of(info)
        before = self.moment._replace(as_of=time_of("from", from_))
        after = self.moment if to is None else self.moment._replace(as_of=time_of("to", to))
        return _changes(await ctx.call(schema_diff, ctx.reader, str(self.id), before, after))


def _fields(columns: Iterable[United], moment: Moment, of: Key | None = None) -> list[DatasetField]:
    return [
        DatasetField(
            name=_dotted(c.path),
            type=c.type,
            description=c.description,
            told_by=[_teller(telling.teller, moment) for telling in c.told_by],
            moment=moment,
            of=of,
        )
        for c in columns
    ]


def _teller(teller: Teller, moment: Moment) -> SchemaTeller:
    return SchemaTeller(
        role=teller.role,
        origin=ORIGINS.get(teller.origin, teller.origin),
        subject=teller.subject,
        moment=moment,
    )


def _version(version: Version, moment: Moment) -> SchemaVersion:
    return SchemaVersion(
        since=to_iso(version.since) or "",
        known_since=version.known_since,
        tellers=[_teller(teller, moment) for teller in version.tellers],
        fields=_fields(version.columns, moment),
        changes=_changes(diff(version.before, version.flat)),
    )


def _changes(found: SchemaDiff) -> SchemaChanges:
    return SchemaChanges(
        added=_columns(found.added),
        removed=_columns(found.removed),
        retyped=[_change(changed) for changed in found.retyped],
        redescribed=[_change(changed) for changed in found.redescribed],
        renamed=[_rename(renamed) for renamed in found.renamed],
    )


def _columns(found: Mapping[Path, Column]) -> list[DiffColumn]:
    return [_column(path, column) for path, column in found.items()]


def _column(path: Path, column: Column) -> DiffColumn:
    return DiffColumn(name=_dotted(path), type=column.type, description=column.description)


def _change(changed: Changed) -> ColumnChange:
    return ColumnChange(name=_dotted(changed.path), before=changed.before, after=changed.after)


def _rename(renamed: Renamed) -> ColumnRename:
    return ColumnRename(
        before=_column(renamed.old, renamed.before),
        after=_column(renamed.new, renamed.after),
        inferred=True,
        basis=renamed.basis,
    )


def _dotted(path: Path) -> str:
    return ".".join(path)
