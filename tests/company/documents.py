"""What people of the company declare: datasets, contracts and pipelines from its tables, the rest of `papers.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.company.facets import outside
from tests.company.jobs import TRAINING, Job, jobs
from tests.company.tables import Column, Json, Table, place, told

LAID_DOWN = timedelta(days=2)
"""How long before `now` assessments were approved: after the newest pipeline began."""


def documents(tables: Mapping[str, Table], now: datetime) -> Iterator[Json]:
    """All documents, as a manifest has them."""
    yield from _places()
    yield from _words(now)
    for table in tables.values():
        yield _dataset(table)
    yield from _contracts(tables)
    for job in jobs(tables):
        yield _pipeline(job, _personal(job, tables))
    yield from _models()
    yield from told("papers")["documents"]
    yield from _attestations(now)
    yield _request(tables, now)


def at_first(declared: Iterable[Json]) -> tuple[Json, ...]:
    """What was declared before the models were trained again: nobody had their second versions then."""
    return tuple(one for one in declared if (one["kind"], one.get("version")) != ("ModelVersion", "2"))


def _team(domain: str) -> str:
    return f"team:{domain}"


def _people(domain: str) -> Json:
    found: Json = told("domains")[domain].get("people") or {}
    return found


def _places() -> Iterator[Json]:
    for environment, (country, production) in {"prod": ("DE", True), "us": ("US", True)}.items():
        yield {"kind": "Environment", "name": environment, "production": production, "location": {"country": country}}
    for name, system in told("systems").items():
        if "outside" in system:
            continue
        cloud = {"provider": "Alder Cloud", "processor": True} if name in ("lake", "warehouse") else {}
        signed = [{"type": kind, "reference": f"{kind.upper()}-1", "signed": "2024-01-15"} for kind in ("dpa", "baa")]
        yield {
            **{"kind": "Source", "name": name, "system": system["kind"], "namespaces": [system["namespace"]]},
            **{"environment": "environment:prod", "owners": ["team:platform"]},
            **{"location": {"country": system["country"], "region": system["region"]}},
            **({**cloud, "agreements": signed} if cloud else {}),
        }


def _words(now: datetime) -> Iterator[Json]:
    yield {"kind": "Team", "name": "platform", "description": "Runs the lake and the warehouse."}
    day = (now - LAID_DOWN).date().isoformat()
    later = (now + timedelta(days=300)).date().isoformat()
    assessed = {"status": "approved", "date": day, "nextReview": later, "reference": "DPIA"}
    for name, domain in told("domains").items():
        yield {"kind": "Team", "name": name, "description": f"Answers for {name}."}
        yield {"kind": "Domain", "name": name, "description": domain["description"], "owners": [_team(name)]}
        if "activity" in domain:
            yield activity(domain["activity"], _team(name), assessed)
    yield activity(told("papers")["prediction"], _team("care"), assessed)


def activity(about: Json, owner: str, assessed: Json) -> Json:
    """A record of processing with what all of the company's have."""
    return {
        **{"kind": "ProcessingActivity", "owners": [owner], "role": "controller", "automatedDecisions": False},
        **told("papers")["house"],
        **{"dpia": {"required": True, "triggers": ["large scale"], **assessed}, "riskAssessment": assessed},
        **about,
    }


def _dataset(table: Table) -> Json:
    namespace, name = place(table)
    system, domain = told("systems")[table.system], told("domains")[table.domain]
    found: Json = {
        **{"kind": "Dataset", "namespace": namespace, "name": name, "owners": [_team(table.domain)]},
        **{"domain": f"domain:{table.domain}", "description": f"{table.name} of {table.domain}."},
        "fields": [_column(column) for column in table.columns],
    }
    if outside(table):
        found |= {"external": True, "recipient": system["outside"], "location": {"country": system["country"]}}
        return {**found, **({"personalData": system["personalData"]} if "personalData" in system else {})}
    found |= {"source": f"source:{table.system}", "personalData": {"contains": False, "phi": False}}
    if table.personal:
        found["personalData"] = {"contains": True, **_people(table.domain), "subjectKey": [_subject(table)]}
        found["retention"] = domain["retention"]
        found["protection"] = {
            **{"access": "need to know", "encryptedAtRest": True, "encryptedInTransit": True, "audited": True}
        }
    found["quality"] = {"accuracy": "Compared with its source every week."}
    if table.id.startswith("made/"):
        found["quality"] |= {"freshness": "P8D"}
        found |= {"datasheet": told("papers")["datasheet"]} if table.system == "lake" else {}
    return {**found, "critical": True, "tier": 1} if table.critical else found


def _subject(table: Table) -> str:
    named = [column.name for column in table.columns if column.personal]
    return next((name for name in named if name.endswith("_id")), named[0])


def _column(column: Column) -> Json:
    found: Json = {"name": column.name, "type": column.type, "classification": column.level}
    if column.tags:
        found |= {"tags": [f"tag:{tag}" for tag in column.tags], "necessity": "The service needs it."}
    return found


def _contracts(tables: Mapping[str, Table]) -> Iterator[Json]:
    by_domain: dict[str, list[Table]] = {}
    for table in tables.values():
        by_domain.setdefault(table.domain, []).append(table)
    for domain, held in by_domain.items():
        yield {
            **{"kind": "Contract", "name": domain, "version": "1.0.0", "title": domain, "status": "active"},
            **{"owners": [_team(domain)], "domain": f"domain:{domain}"},
            "schema": [_promised(table) for table in held],
        }
        made = [table for table in held if table.id.startswith("made/") and table.tool == "dbt"]
        if made:
            yield {
                **{"kind": "SLO", "name": f"{domain}-fresh", "indicator": "freshness", "objective": 99},
                **{"owners": [_team(domain)], "threshold": "P8D", "window": "P30D"},
                "targets": [dict(zip(("namespace", "name"), place(table), strict=True)) for table in made],
            }


def _promised(table: Table) -> Json:
    namespace, name = place(table)
    properties = [
        {"name": column.name, "physicalType": column.type, "classification": column.level} for column in table.columns
    ]
    return {"name": table.id, "dataset": {"namespace": namespace, "name": name}, "properties": properties}


def _personal(job: Job, tables: Mapping[str, Table]) -> bool:
    return job.does == "runs" or any(tables[id_].personal for id_ in job.tables) or job.does == "writes"


def _pipeline(job: Job, personal: bool) -> Json:
    about: Json = told("domains")[job.domain]
    found: Json = {
        **{"kind": "Pipeline", "namespace": job.namespace, "name": job.name, "owners": [_team(job.domain)]},
        **{"domain": f"domain:{job.domain}", "sourceCode": f"https://git.linden.example/{job.domain}"},
        **{"description": f"{job.name.rpartition('.')[2]} of {job.domain}.", "environment": "environment:prod"},
    }
    record: Any = about.get("activity")
    if record and personal:
        found |= {"activities": [f"processingactivity:{record['name']}"], "purpose": record["purposes"][0]}
    return found


def _models() -> Iterator[Json]:
    papers = told("papers")
    for model, about in told("models").items():
        owned = {"owners": [_team(about["domain"])], "domain": f"domain:{about['domain']}"}
        yield {"kind": "Model", "name": model, **owned, **papers["card"], **papers["models"][model]}
        for version in ("1", "2"):
            yield {"kind": "ModelVersion", "model": model, "version": version, **owned}
        for name, environment in about["deployments"].items():
            yield {
                **{"kind": "Deployment", "environment": f"environment:{environment}", "name": name, **owned},
                **{"rollbackTo": "1", "monitor": "https://bi.linden.example/models", "logsKept": "P1Y"},
                **papers["deployments"].get(model, {}),
            }
        trainer = {"kind": "Pipeline", "namespace": TRAINING, **owned, "sourceCode": "https://git.linden.example/ml"}
        record = papers["trainers"].get(model, {})
        yield {**trainer, "name": f"train_{model}", "description": f"Trains {model}.", **record}
        for name, environment in about["deployments"].items():
            yield {**trainer, "name": f"deploy_{name}_{environment}", "description": f"Puts {name} into service."}
            yield {**trainer, "name": f"answer_{name}_{environment}", "description": f"Has {name} answer."}


def _attestations(now: datetime) -> Iterator[Json]:
    date, review = (now - timedelta(days=30)).isoformat(), (now + timedelta(days=300)).isoformat()
    domains = [f"domain:{name}" for name in told("domains")]
    for framework, refs in told("papers")["attested"].items():
        for ref in refs:
            yield {
                **{"kind": "Attestation", "name": f"{framework} {ref}".lower().replace(" ", "-")},
                **{"control": {"framework": framework, "ref": ref}, "statement": "It is so.", "owner": "team:platform"},
                **{"date": date, "review": review, "select": {"domains": domains}},
                "evidence": [{"name": "audit", "url": "https://wiki.linden.example/audit"}],
            }


def _request(tables: Mapping[str, Table], now: datetime) -> Json:
    """Somebody who has left the company asks for erasure, and all that names employees is settled."""
    (people,) = _people("staff")["subjects"]
    held = [place(table) for table in tables.values() if table.personal and table.domain == "staff"]
    done = [{"asset": {"namespace": where, "name": name}, "status": "DONE"} for where, name in held]
    return {
        **{"kind": "ErasureRequest", "name": "ER-2026-1", "received": (now - timedelta(days=10)).isoformat()},
        **{"owner": _team("staff"), "subjects": [people]},
        "leaves": [{**leaf, "at": now.isoformat()} for leaf in done],
    }
