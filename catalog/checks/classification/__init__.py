"""What data are: names that suggest personal data, and levels and tags that follow the lineage of columns.

Everything here is a function of a `Snapshot`; nothing of it is stored, so nothing is left behind when what it followed
from is taken away. What a person accepts or rejects is an entry of the inbox like any other word of theirs.
"""
