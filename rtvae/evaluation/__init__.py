"""Measuring models: what comes out against what went in, what the latents mean, what knobs do."""
