"""Models as they are played: the card, admission, the runtime, and the control of latents."""
