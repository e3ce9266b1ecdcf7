"""The smallest graph there is, y = x over one float, as the bytes of an ONNX file.

It is written here field by field (protocol buffers: a tag, then a varint or a length and that
many bytes), so that the process that plays needs no library for making graphs.
"""

VARINT, BYTES = 0, 2
FLOAT = 1


def _field(number: int, value: int | bytes | str) -> bytes:
    if isinstance(value, int):
        return bytes([number << 3 | VARINT, value])
    data = value.encode() if isinstance(value, str) else value
    return bytes([number << 3 | BYTES, len(data)]) + data


def _value_info(name: str) -> bytes:
    shape = _field(1, _field(1, 1))  # one dimension of size 1
    tensor_type = _field(1, FLOAT) + _field(2, shape)
    return _field(1, name) + _field(2, _field(1, tensor_type))


def _first_graph() -> bytes:
    node = _field(1, "x") + _field(2, "y") + _field(4, "Identity")
    graph = _field(1, node) + _field(2, "first")
    graph += _field(11, _value_info("x")) + _field(12, _value_info("y"))
    ir_version, opset = 8, 17
    return _field(1, ir_version) + _field(7, graph) + _field(8, _field(2, opset))


FIRST_GRAPH = _first_graph()
