"""The graph written byte by byte is what it claims to be."""

import numpy as np
import onnx
import onnxruntime

from rtvae.model.ort.first_graph import FIRST_GRAPH


def test_is_a_valid_graph_that_returns_its_input() -> None:
    model = onnx.load_model_from_string(FIRST_GRAPH)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(FIRST_GRAPH, providers=["CPUExecutionProvider"])
    value = np.array([0.25], np.float32)
    np.testing.assert_array_equal(session.run(None, {"x": value})[0], value)
