"""Unsupported: why a model is left to ONNX Runtime."""


class Unsupported(Exception):
    """What the native executor cannot do; the text is the reason, half a sentence."""
