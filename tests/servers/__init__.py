"""Real servers for tests and benchmarks: each a child process on loopback, started here and ended by its id.

What a machine lacks is said by `Missing`, by name and with what to install; `.ci/run` installs all of it.
"""
