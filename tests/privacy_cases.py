"""The facets about processing as docs/privacy.md and art30-emit have them, and their readings."""

from __future__ import annotations

from typing import Any

from catalog.lineage.facets.known import JOB
from catalog.lineage.facets.privacy import CONVENTION, PROCESSING, Processing

_ENVELOPE = {"_producer": "https://example.org/loader", "_schemaURL": "http://localhost:5000/schema/facets/x.json"}
INVOICING = {
    **_ENVELOPE,
    "purposes": ["invoicing", "bookkeeping"],
    "legalBasis": "contract",
    "categories": ["contact"],
    "subjects": ["customers"],
    "specialCategories": [],
}
EMITTED = {**_ENVELOPE, "purpose": "customer-administration", "legal_basis": "legitimate-interest"}
"""As art30-emit 0.1.0 builds it."""
CLASSIFIED = [
    {"key": "data_category", "value": "contact", "source": "USER"},
    {"key": "subject_type", "value": "customer", "source": "USER"},
    {"key": "residency", "value": "eu", "source": "USER"},
    {"key": "retention", "value": "P7Y", "source": "USER"},
]
"""Tags of a dataset as art30-emit sends them."""

PRIVACY_CASES: tuple[tuple[str, str, Any, Any], ...] = (
    (
        JOB,
        PROCESSING,
        INVOICING,
        Processing(("bookkeeping", "invoicing"), "contract", None, ("contact",), ("customers",), ()),
    ),
    (
        JOB,
        CONVENTION,
        EMITTED,
        Processing(("customer-administration",), "legitimate_interests", None, None, None, None),
    ),
)
