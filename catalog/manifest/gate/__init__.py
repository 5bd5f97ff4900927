"""The gate before a change of manifests: what it breaks, judged without I/O, and how that is told."""
