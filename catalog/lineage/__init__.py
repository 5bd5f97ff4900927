"""What an event means, purely: wire (lenient parsing) -> translate (assertions) -> observe (records) -> fold (facts).

Nothing here does I/O or knows a store; `tests/oracle.py` defines what the fold must answer.
"""
