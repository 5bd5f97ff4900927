"""What each report says: pure functions of a snapshot, of what policies found in it, and of what was chosen."""

from __future__ import annotations

from collections.abc import Mapping

from catalog.reports.contents import (
    ccpa_inventory,
    erasure_plan,
    gdpr_art30,
    hipaa_disclosures,
    lineage_evidence,
    policy_compliance,
)
from catalog.reports.contents.content import Content

CONTENTS: Mapping[str, Content] = {
    content.name: content
    for content in (
        ccpa_inventory.CONTENT,
        erasure_plan.CONTENT,
        gdpr_art30.CONTENT,
        hipaa_disclosures.CONTENT,
        lineage_evidence.CONTENT,
        policy_compliance.CONTENT,
    )
}
"""All reports, by name."""
