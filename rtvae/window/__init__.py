"""The window: a process of its own that draws the telemetry and sends edits to the host.

Files without Qt say *what* is shown (wire, edits, liveness, load, levels, spectrum, trajectories,
picture); files with Qt say *how*. It may be closed, killed and opened again at any time: nothing
that sounds depends on it.
"""
