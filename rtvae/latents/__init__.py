"""What happens to the latents between encoder and decoder, hop by hop: knobs, modulators, memories.

Pure: NumPy and numbers, no clock, no file. Everything begins anew at `land` and depends on
nothing but what it is given from there on, so that a recorded performance can be played again
exactly. One row of latents, float32 `(latents,)`, is one hop; all state moves by one hop at a
time, so that it does not matter in what blocks the hops come.
"""

MOST_NUMBERS = 1 << 24
"""No memory of latents holds more, 64 MB: a model of very short hops remembers a shorter time."""
