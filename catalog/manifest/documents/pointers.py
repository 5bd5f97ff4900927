"""References that are objects: to datasets, pipelines, models and all that has a namespace."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from catalog.assets.keys import Kind
from catalog.manifest.documents.shape import EnvironmentRef, Refers, Strict, Wide, Word, fault
from catalog.manifest.references import WORDS, WrongReference, key_of


class DatasetRef(Strict):
    """A dataset, by the names that events give it."""

    namespace: Wide = Field(description="Its namespace, exactly as events spell it.", examples=["postgres://db:5432"])
    name: Wide = Field(description="Its name, exactly as events spell it.", examples=["shop.public.orders"])


class PipelineRef(Strict):
    """A pipeline (a job), by the names that events give it."""

    namespace: Wide = Field(description="The job's namespace, exactly as events spell it.", examples=["airflow"])
    name: Wide = Field(description="The job's name, exactly as events spell it.", examples=["nightly_orders.load"])


class AssetRef(Strict):
    """Anything with a namespace; a dataset where `kind` is not said."""

    kind: Literal["Dataset", "Pipeline", "Dashboard", "Model", "ModelVersion", "Deployment"] = Field(
        default="Dataset", description="What it is."
    )
    namespace: Wide | None = Field(default=None, description="Of datasets, pipelines and dashboards.")
    name: Wide | None = Field(default=None, description="Of all but model versions.")
    registry: Wide | None = Field(default=None, description="Of models and their versions, if it is not `models`.")
    model: Word | None = Field(default=None, description="Of model versions: the model.")
    version: Word | None = Field(default=None, description="Of model versions: the version.")
    environment: EnvironmentRef | None = Field(default=None, description="Of deployments.")

    @model_validator(mode="after")
    def _one_thing(self) -> AssetRef:
        said = self.model_dump(exclude_none=True).keys() - {"kind"}
        needed, optional = _KEYS[Kind(self.kind)]
        if missing := needed - said:
            raise fault(f"a {self.kind} needs `{'`, `'.join(sorted(missing))}`")
        if extra := said - needed - optional:
            raise fault(f"a {self.kind} has no `{'`, `'.join(sorted(extra))}`")
        try:
            key_of(self.model_dump(exclude_none=True))
        except WrongReference as wrong:
            raise fault(str(wrong), wrong.expected) from None
        return self


_PLAIN_KEYS = (frozenset({"namespace", "name"}), frozenset[str]())
_KEYS = {
    Kind.DATASET: _PLAIN_KEYS,
    Kind.PIPELINE: _PLAIN_KEYS,
    Kind.DASHBOARD: _PLAIN_KEYS,
    Kind.MODEL: (frozenset({"name"}), frozenset({"registry"})),
    Kind.MODEL_VERSION: (frozenset({"model", "version"}), frozenset({"registry"})),
    Kind.DEPLOYMENT: (frozenset({"environment", "name"}), frozenset[str]()),
}


def _form(value: Any) -> str:
    return "object" if isinstance(value, dict | Strict) else "text"


EntityRef = Annotated[
    Annotated[str, Refers(*WORDS.values()), Tag("text")] | Annotated[AssetRef, Tag("object")], Discriminator(_form)
]
"""Any entity: `team:orders`, or an object with a `kind`."""
