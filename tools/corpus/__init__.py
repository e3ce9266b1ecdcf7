"""The synthesised training corpus: a module per kind of sound, and a recording chain."""
