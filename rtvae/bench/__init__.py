"""The bench: what a model costs per block, measured as a callback lives, beside its peers."""
