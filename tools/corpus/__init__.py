"""Training corpora: a module per kind of sound, recipes that mix them, and a recording chain."""
