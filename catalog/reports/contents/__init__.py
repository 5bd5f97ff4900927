"""What each report says: pure functions of a snapshot, of what policies found in it, and of what was chosen."""

from __future__ import annotations

from collections.abc import Mapping

from catalog.reports.contents import gdpr_art30, policy_compliance
from catalog.reports.contents.content import Content

CONTENTS: Mapping[str, Content] = {content.name: content for content in (gdpr_art30.CONTENT, policy_compliance.CONTENT)}
"""All reports, by name."""
