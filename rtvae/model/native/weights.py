"""Weights: a graph file taken apart, so that its numbers need not pass through onnx.

onnx parses a file in one call and holds the interpreter for as long, some milliseconds of copying
in which no audio callback can begin. Here the initializers' bytes stay where they are, and what is
left to parse is small. The file is protobuf: numbered fields, each a varint, so many bytes, or a
length and its bytes (https://protobuf.dev/programming-guides/encoding/).
"""

from collections.abc import Iterator

GRAPH, INITIALIZER, RAW_DATA, NAME = 7, 5, 9, 8
"""Fields of ModelProto, GraphProto and TensorProto, as onnx.proto numbers them."""
_VARINT, _FIXED_64, _LENGTH, _FIXED_32 = 0, 1, 2, 5


def take_apart(model: bytes) -> tuple[bytes, dict[str, memoryview]]:
    """Return the model without its initializers' raw data, and that data by initializer.

    Raises ValueError for what is no protobuf.
    """
    weights: dict[str, memoryview] = {}
    light = bytearray()
    for number, field, content in _fields(memoryview(model)):
        if number == GRAPH and content is not None:
            light += _packed(GRAPH, _light_graph(content, weights))
        else:
            light += field
    return bytes(light), weights


def _light_graph(graph: memoryview, weights: dict[str, memoryview]) -> bytes:
    light = bytearray()
    for number, field, content in _fields(graph):
        if number == INITIALIZER and content is not None:
            light += _packed(INITIALIZER, _light_tensor(content, weights))
        else:
            light += field
    return bytes(light)


def _light_tensor(tensor: memoryview, weights: dict[str, memoryview]) -> bytes:
    light, name, raw = bytearray(), "", None
    for number, field, content in _fields(tensor):
        if number == RAW_DATA and content is not None:
            raw = content
            continue
        light += field
        if number == NAME and content is not None:
            name = bytes(content).decode()
    if raw is not None:
        weights[name] = raw
    return bytes(light)


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview, memoryview | None]]:
    """Yield each field's number, all of its bytes, and its content where it has a length."""
    at, end = 0, len(message)
    while at < end:
        start = at
        tag, at = _varint(message, at)
        kind, content = tag & 7, None
        if kind == _VARINT:
            _, at = _varint(message, at)
        elif kind in (_FIXED_64, _FIXED_32):
            at += 8 if kind == _FIXED_64 else 4
        elif kind == _LENGTH:
            size, at = _varint(message, at)
            content = message[at : at + size]
            at += size
        else:
            raise ValueError(f"field of kind {kind}")
        if at > end:
            raise ValueError("a field reaches over the end")
        yield tag >> 3, message[start:at], content


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(message) and shift < 64:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise ValueError("a number without an end")


def _packed(number: int, content: bytes) -> bytes:
    return _as_varint(number << 3 | _LENGTH) + _as_varint(len(content)) + content


def _as_varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
