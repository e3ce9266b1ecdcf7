"""ONNX Runtime and the models that run in it. Only this package imports onnxruntime."""

from rtvae.model.ort.cuda import why_no_cuda
from rtvae.model.ort.device import DeviceModel
from rtvae.model.ort.operators import operators
from rtvae.model.ort.session import CUDA, Session, make_session, prepare_process
from rtvae.model.ort.streaming import OrtModel
from rtvae.model.ort.window import OrtWindow

__all__ = [
    "CUDA",
    "DeviceModel",
    "OrtModel",
    "OrtWindow",
    "Session",
    "make_session",
    "operators",
    "prepare_process",
    "why_no_cuda",
]
