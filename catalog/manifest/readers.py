"""What reads the kinds of entries that this layer knows; `lineage` is handed it, as it may not know this layer."""

from __future__ import annotations

from catalog.lineage.decisions import EntryReaders
from catalog.manifest.curation import CURATION, read_curation
from catalog.manifest.entry import MANIFEST, read_manifest

READERS: EntryReaders = {MANIFEST: read_manifest, CURATION: read_curation}
