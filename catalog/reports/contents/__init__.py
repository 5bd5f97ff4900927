"""What each report says: pure functions of a snapshot, of what policies found in it, and of what was chosen."""

from __future__ import annotations

from collections.abc import Mapping

from catalog.reports.contents import (
    ai_act_annex_iv,
    ccpa_inventory,
    erasure_plan,
    gdpr_art30,
    hipaa_disclosures,
    lineage_evidence,
    model_card,
    policy_compliance,
)
from catalog.reports.contents.content import Content

CONTENTS: Mapping[str, Content] = {
    content.name: content
    for content in (
        ai_act_annex_iv.CONTENT,
        ccpa_inventory.CONTENT,
        erasure_plan.CONTENT,
        gdpr_art30.CONTENT,
        hipaa_disclosures.CONTENT,
        lineage_evidence.CONTENT,
        model_card.CONTENT,
        policy_compliance.CONTENT,
    )
}
"""All reports, by name."""
