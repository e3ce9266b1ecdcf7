"""ONNX Runtime and the models that run in it. Only this package imports onnxruntime."""

from rtvae.model.ort.operators import operators
from rtvae.model.ort.session import Session, make_session, prepare_process
from rtvae.model.ort.streaming import OrtModel
from rtvae.model.ort.window import OrtWindow

__all__ = ["OrtModel", "OrtWindow", "Session", "make_session", "operators", "prepare_process"]
