"""What documents say of other things: references by role, and the lineage they declare."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.assets.keys import Key, Kind
from catalog.identity import Name
from catalog.lineage.assertions import ColumnEdge, DeclaredFlow
from catalog.manifest.canonical import canonical
from catalog.manifest.meaning import ROLES, meaning
from catalog.manifest.references import WrongReference, identity, key_of, parse, refer, spell

RAW, CLEAN = {"namespace": "s3://lake", "name": "raw"}, {"namespace": "s3://lake", "name": "clean"}
JOB = {"namespace": "airflow", "name": "load"}
RAW_NAME, CLEAN_NAME, JOB_NAME = Name(**RAW), Name(**CLEAN), Name(**JOB)
VERSION = Name("models", "churn/7")


def said(**body: Any) -> Any:
    document = canonical(body)
    return meaning(key_of(document), document)


def flows(**body: Any) -> set[DeclaredFlow]:
    return set(said(**body).flows)


def test_pipelines_read_and_write() -> None:
    """A pipeline's inputs and outputs are edges of its job."""
    assert {DeclaredFlow("READS", JOB_NAME, RAW_NAME), DeclaredFlow("WRITES", JOB_NAME, CLEAN_NAME)} == flows(
        kind="Pipeline", **JOB, inputs=[RAW], outputs=[CLEAN]
    )


@pytest.mark.parametrize("kind", ["Dataset", "Dashboard"])
def test_assets_are_made_of_their_inputs(kind: str) -> None:
    """Where no pipeline is known the edge goes from thing to thing, models among them."""
    model = {"kind": "ModelVersion", "model": "churn", "version": "7"}

    assert {
        DeclaredFlow("DERIVES_FROM", CLEAN_NAME, RAW_NAME, "DIRECT"),
        DeclaredFlow("DERIVES_FROM", CLEAN_NAME, VERSION, "DIRECT"),
    } == flows(kind=kind, **CLEAN, inputs=[RAW, model])


def test_a_model_version_comes_of_its_training() -> None:
    """Through the job that trained it if one is named; evaluation is a reference, not a source."""
    body = {"kind": "ModelVersion", "model": "churn", "version": "7", "trainedOn": [{"dataset": RAW}]}
    body["evaluatedOn"] = [{"dataset": CLEAN}]

    assert {DeclaredFlow("DERIVES_FROM", VERSION, RAW_NAME, "DIRECT")} == flows(**body)
    assert {DeclaredFlow("READS", JOB_NAME, RAW_NAME), DeclaredFlow("WRITES", JOB_NAME, VERSION)} == flows(
        **body, trainedBy={"pipeline": JOB}
    )
    assert {
        ("evaluated_on", Key(Kind.DATASET, *CLEAN_NAME)),
        ("trained_on", Key(Kind.DATASET, *RAW_NAME)),
        ("version_of", Key(Kind.MODEL, "models", "churn")),
    } == set(said(**body).refs)


def test_a_deployment_is_made_of_what_it_serves() -> None:
    """So that every walk from a column reaches it."""
    served = [{"model": "churn", "version": "7", "from": "2026-01-01"}]

    assert {DeclaredFlow("DERIVES_FROM", Name("deployment:prod", "api"), VERSION, "DIRECT")} == flows(
        kind="Deployment", environment="prod", name="api", modelVersions=served
    )


def test_what_a_deployment_served_once_is_no_lineage() -> None:
    """An interval with an end makes no edge, which would stand for ever; the reference tells who served it."""
    served = [{"model": "churn", "version": "7", "from": "2026-01-01", "to": "2026-02-01"}]
    body = {"kind": "Deployment", "environment": "environment:prod", "name": "api", "modelVersions": served}

    assert (set(), True) == (flows(**body), ("serves", Key(Kind.MODEL_VERSION, *VERSION)) in said(**body).refs)
    assert {VERSION} == {
        flow.target for flow in flows(**{**body, "modelVersions": [*served, {**served[0], "to": None}]})
    }


def test_declared_lineage_has_columns() -> None:
    """With a pipeline its edges are that job's; a column without a dataset is of the only one."""
    body: dict[str, Any] = {"kind": "DeclaredLineage", "name": "x", "from": [RAW], "to": CLEAN}
    body["columns"] = {"a": [{"field": "b", "masking": True, "description": "hashed"}]}
    edge = ColumnEdge("a", RAW_NAME, "b", "DIRECT", "", True, "hashed")

    assert ((CLEAN_NAME, edge),) == said(**body).columns
    assert {DeclaredFlow("DERIVES_FROM", CLEAN_NAME, RAW_NAME, "DIRECT")} == flows(**body)
    assert {DeclaredFlow("READS", JOB_NAME, RAW_NAME), DeclaredFlow("WRITES", JOB_NAME, CLEAN_NAME)} == flows(
        **body, pipeline=JOB
    )


def test_references_have_roles() -> None:
    """A dataset refers to who answers for it, where it belongs, and what its columns mean."""
    refs = said(
        **{"kind": "Dataset", **RAW, "owners": ["team:a"], "steward": "person:b", "domain": "c"},
        **{"tags": ["d", {"tag": "e", "value": "1"}], "terms": ["f"], "source": "g", "contract": "h"},
        **{"fields": [{"name": "x", "tags": ["i"], "terms": ["j"]}], "quality": {"slos": ["k"]}},
    ).refs

    assert {
        *(("owner", Key(Kind.TEAM, "", "a")), ("steward", Key(Kind.PERSON, "", "b"))),
        *(("domain", Key(Kind.DOMAIN, "", "c")), ("tag", Key(Kind.TAG, "", "d")), ("tag", Key(Kind.TAG, "", "e"))),
        *(("term", Key(Kind.TERM, "", "f")), ("source", Key(Kind.SOURCE, "", "g"))),
        *(("contract", Key(Kind.CONTRACT, "", "h")), ("column_tag", Key(Kind.TAG, "", "i"))),
        *(("column_term", Key(Kind.TERM, "", "j")), ("slo", Key(Kind.SLO, "", "k"))),
    } == set(refs)


def test_slashes_make_parents() -> None:
    """The name up to the last slash is the parent, unless another is stated."""
    assert (("parent", Key(Kind.TAG, "", "pii")),) == said(kind="Tag", name="pii/email").refs
    assert (("parent", Key(Kind.TAG, "", "x")),) == said(kind="Tag", name="pii/email", parent="x").refs
    assert () == said(kind="Team", name="a/b").refs


WORDS = st.sampled_from(
    [
        "owners",
        "tags",
        "tag",
        "inputs",
        "outputs",
        "from",
        "to",
        "columns",
        "field",
        "fields",
        "dataset",
        "namespace",
        "name",
        "kind",
        "trainedOn",
        "trainedBy",
        "pipeline",
        "modelVersions",
        "model",
        "version",
        "environment",
        "schema",
        "properties",
        "quality",
        "slos",
        "select",
        "entities",
        "parent",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(["team:a", "tag:b", "c"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(list(Kind)), st.dictionaries(WORDS, JSON, max_size=5))
def test_a_document_of_another_version_never_fails_an_entry(kind: Kind, body: dict[str, Any]) -> None:
    """What cannot be understood is passed over, and what is understood has a role that is known."""
    found = meaning(Key(kind, "n", "m/1"), body)

    assert {role for role, _ in found.refs} <= ROLES


NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=8).filter(
    lambda text: text.strip("/") == text and "//" not in text
)


@settings(deadline=None)
@given(st.sampled_from(list(Kind)), NAMES, NAMES.filter(lambda name: "/" not in name))
def test_a_spelt_key_is_read_again(kind: Kind, namespace: str, name: str) -> None:
    """References and the identity of documents lead back to the key they are made of."""
    key = Key(kind, *{Kind.MODEL_VERSION: (namespace, f"m/{name}")}.get(kind, (namespace, name)))
    spelt = spell(key)
    if isinstance(spelt, str):
        key = Key(kind, "", name)

    assert key == refer(spell(key))
    assert key == key_of({"kind": str(kind), **identity(key)})


def test_a_bare_name_has_no_colon() -> None:
    """Where one kind is possible its word may be left out; a colon always follows the word of a kind."""
    assert Key(Kind.TAG, "", "team:a") == parse("tag:team:a", [Kind.TAG])
    for text in ("team:a", "x:a", ""):
        with pytest.raises(WrongReference):
            parse(text, [Kind.TAG])
