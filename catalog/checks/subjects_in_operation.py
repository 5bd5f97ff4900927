"""The members of subjects that policies about quality and about models in service read; `checks.subjects` puts them
beside the others.

Where documents have a list whose `[]` states "none", the member is the number of its members: 0 is "stated: none", null
is "not stated".
"""

from __future__ import annotations

from typing import Any

Shape = dict[str, Any]

_RESULT: Shape = {"name": None, "column": None, "success": None, "severity": None, "at": None}
"""The newest result of an assertion or of a test."""
_OBJECTIVE: Shape = {
    **{"name": None, "indicator": None, "objective": None, "threshold_hours": None, "window_days": None},
    "attained": None,
}
"""An SLO: `objective` and `attained` are percent of the window; `attained` is null where it cannot be told."""
_DATASHEET: Shape = {
    **{"design_choices": None, "origin": None, "collection": None, "original_purpose": None, "preparation": None},
    **{"assumptions": None, "availability": None, "bias_examination": None, "bias_mitigations": None, "gaps": None},
    **{"representativeness": None, "special_categories_reason": None},
}
DATASET: Shape = {
    **{"writes": None, "results": [_RESULT], "rows": {"last": None, "usual": None}, "breaches": []},
    **{"objectives": [_OBJECTIVE], "datasheet": _DATASHEET, "high_risk_uses": []},
}
"""`writes`: how many are known. `rows.usual`: the median of those before the last one. `breaches`: what a contract
promises and is not so. `high_risk_uses`: versions of high-risk models in service that rest on it, by lineage."""
JOB: Shape = {"last_state": None}
_LACKING: Shape = {"missing": [], "lacks": None, "score": None}
"""What of several parts is not stated: by name, in words, and the share from 0 to 1 that is stated."""
MODEL: Shape = {
    **{"risk": None, "intended_use": None, "oversight": None, "monitoring": None, "instructions": None},
    **{"risk_management": None, "declaration": None, "thresholds": None, "drift_thresholds": None},
    **{"deployments": [], "card": _LACKING, "annex_iv": _LACKING},
}
"""`thresholds`, `drift_thresholds`: how many there are. `deployments`: those that serve a version of it now."""
MODEL_VERSION: Shape = {
    **{"evaluation_data": [], "metrics": [], "unversioned_data": [], "failed_data": [], "overlaps": []},
    **{"trained_by": [], "code_version": None, "deployments": []},
}
"""`failed_data`: training data with a result that is a failure, and no mere warning. `overlaps`: data that served
training and evaluation alike, at one version."""
DEPLOYMENT: Shape = {
    **{"production": None, "risk": None, "versions": [], "nameless": [], "rollback_to": None, "rollback_known": None},
    **{"candidates": [], "monitor": None, "logs_kept_days": None, "last_event": None, "untested": []},
}
"""`versions`: those that it serves now; `nameless`: those of them without an alias though others of the model have one;
`untested`: those of them that were evaluated on nothing. `candidates`: other versions of the model that were trained
before. `risk`: that of its model, the highest of several."""
