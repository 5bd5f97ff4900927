"""Contracts of the Open Data Contract Standard 3.x (Bitol), read into ours and written from ours; nothing is lost.

What both know has one place. What only the standard knows stands in `custom.odcs` of the part it belongs to; what only
we know becomes a custom property whose name begins with `headwater.`. So a contract that is read and written again is
the one it was, but for the order of lists that are sets.

Source: https://bitol-io.github.io/open-data-contract-standard/ (3.0.2, 3.1.0).
"""
