"""The engine process: audio in, a model, audio out; nothing that could make it wait."""
