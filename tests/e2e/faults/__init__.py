"""The proof of law 2 under faults: clients that never give up, parts that are killed, and a verdict on what is left."""
