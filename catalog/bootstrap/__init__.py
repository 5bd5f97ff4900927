"""Wiring: builds what a process works with from the settings, once, and nowhere else.

A module per kind of process, so that each loads only what it works with: several of them share a laptop.
"""
