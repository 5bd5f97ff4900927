"""The members of subjects that policies about laws read; `checks.subjects` puts them beside the others.

Spelled as in documents, but for what is computed: `stated` lists the members that somebody stated, an empty list of
purposes too; what is `personal`, `phi` or `special` counts effective tags and is null where nobody knows; `upstream`
are the personal data that a thing is made of. Days are moments: their first instant.
"""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]

DEIDENTIFICATION: Shape = {"method": None, "reference": None, "date": None}
CCPA: Shape = {
    **{"categories": [], "sensitive": None, "sold": None, "shared": None, "sources": [], "opt_out": None, "stated": []}
}
PERSONAL: Shape = {
    **{"contains": None, "categories": [], "special_categories": [], "subjects": [], "legal_basis": None},
    **{"article9_condition": None, "purposes": [], "consent_scope": [], "subject_key": [], "erasure": None},
    **{"erasure_exemption": None, "phi": None, "deidentification": DEIDENTIFICATION, "ccpa": CCPA, "stated": []},
}
RETENTION: Shape = {"duration": None, "basis": None, "trigger": None, "days": None}
"""`days`: the duration as a number; a year has 365.2425."""
TRANSFER: Shape = {"country": None, "organisation": None, "mechanism": None, "document": None, "assessment": None}
_AGREEMENT: Shape = {"type": None, "reference": None, "signed": None, "expires": None}
RECIPIENT: Shape = {
    **{"name": None, "address": None, "role": None, "agreements": [_AGREEMENT], "transfer": TRANSFER},
    "disclosure": {"description": None, "purpose": None, "exception": None},
}
_ORIGIN: Shape = {
    **{"id": None, "name": None, "purposes": [], "purposes_stated": None, "consent_scope": [], "legal_basis": None},
    **{"retention_days": None, "special": [], "phi": None},
}
ENTITY: Shape = {"personal": None, "phi": None, "special": [], "upstream": [_ORIGIN], "first_seen": None}
"""`upstream`: of all datasets that state the same of their personal data, the nearest."""
ASSESSMENT: Shape = {"status": None, "date": None, "next_review": None, "reference": None}
_ACTIVITY_OF: Shape = {"name": None, "legal_basis": None, "article9_condition": None, "purposes": []}
DATASET: Shape = {
    **{"recipient": RECIPIENT, "activities": [_ACTIVITY_OF], "erased": None},
    "keeper": {"name": None, "processor": None, "agreements": [_AGREEMENT]},
    **{"age_limit_hours": None, "failed_checks": [], "checks": None, "sensitive_fields": []},
    "erased_for": [],
    "brought_back": [{"request": None, "source": None, "job": None, "erased": None, "written": None}],
}
"""`keeper`: who runs the source that keeps it. `erased`: when events told last that it was dropped or truncated.
`erased_for`: the requests that state that data were erased here; `brought_back`: writes after that by jobs that read
what still held the data.
`checks`: how many results of checks are known. `age_limit_hours`: its `quality.freshness` as a number.
`sensitive_fields`: columns that hold what 1798.140(ae) names."""
FIELD: Shape = {"personal": None, "special": [], "used": None, "identifiers": [], "street": None}
"""`used`: whether anything is made of it, null where some reader's columns are not known. `identifiers`: which of those
of 164.514(b)(2)(i) it may hold, by letter; `street`: whether it is an address finer than town and ZIP."""
JOB: Shape = {"purposes": [], "compatibility": None}
"""`purposes`: its own, by its document or its events; those of its activities where it has none."""
MODEL: Shape = {"compatibility": None, "admt": [], "admt_stated": None, "risk_assessment": ASSESSMENT}
_TRAINED: Shape = {
    **{"id": None, "name": None, "role": None, "personal": None, "special": [], "legal_basis": None},
    **{"article9_condition": None, "phi": None},
}
MODEL_VERSION: Shape = {"training": [_TRAINED]}
"""`legal_basis` and `article9_condition` of the dataset itself, or else of an activity that it belongs to."""
DEPLOYMENT: Shape = {"purpose": None, "compatibility": None, "recipient": RECIPIENT}
_PARTY: Shape = {"name": None, "contact": None, "country": None}
_FOUND: Shape = {"id": None, "name": None, "country": None}
ACTIVITY: Shape = {
    **{"role": None, "controllers": [_PARTY], "joint_controllers": [_PARTY], "representatives": [_PARTY]},
    **{"dpo": _PARTY, "dpo_required": None, "purposes": [], "legal_basis": None, "legitimate_interest": None},
    **{"article9_condition": None, "subject_categories": [], "data_categories": [], "processing_categories": []},
    "recipients": [{"name": None, "country": None, "role": None, "agreement": None}],
    "transfers": [TRANSFER],
    "erasure": [{"category": None, "duration": None, "basis": None, "trigger": None}],
    **{"security_measures": [], "automated_decisions": None, "pipelines": [], "stated": []},
    "dpia": {"required": None, "triggers": [], **ASSESSMENT},
    "risk_assessment": ASSESSMENT,
    **{"undeclared_recipients": [_FOUND], "unseen_recipients": [], "undeclared_countries": [_FOUND]},
    **{"unseen_countries": [], "undeclared_categories": [], "undeclared_subjects": [], "found_tags": []},
    **{"lineage_changed": None, "sold_or_shared": [], "sensitive_data": []},
}
"""Of what its pipelines read and write: recipients, countries, categories and subjects that the record leaves out
(`undeclared_...`) or that lineage does not show (`unseen_...`); `found_tags`: all tags; `lineage_changed`: when an edge
of personal data was added last; `sold_or_shared`, `sensitive_data`: names of datasets, in the sense of the CCPA."""
ERASURE_REQUEST: Shape = {
    **{"id": None, "name": None, "active": None, "received": None, "due": None, "owner": None, "subjects": []},
    "leaves": [{"id": None, "name": None, "status": None, "reason": None, "at": None}],
    **{"open": [], "settled": None, "begins": [], "missing": [{"id": None, "name": None}], "untold": []},
}
"""`active`: no draft and not withdrawn. `due`: the end of the time that the law gives. `begins`: the datasets where the
data begin. `missing`: what the data reach and no leaf tells of. `untold`: recipients whom the data reach and of whom it
does not say that they were told. `settled`: there are leaves, and none is `open`."""
NODE: Shape = {"recipient": RECIPIENT}
EDGE: Shape = {"deidentified": None}
"""`deidentified`: it leads to data that state how they were de-identified."""
