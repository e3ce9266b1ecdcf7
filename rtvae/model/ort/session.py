"""Sessions: ONNX Runtime set up the way a block of audio wants it, and bindings to memory.

One thread, in order, no spinning; all optimisations; one provider and no other: the processor, or
a CUDA device. Models are loaded by path: loading from bytes stalls other threads.

Bound to a device, a graph reads and writes memory that lies there and never moves. So CUDA can
record what a run does and play it back as one (a CUDA graph). It records addresses, so each
binding of a session has a recording of its own, told apart by a number.
"""

import contextlib
import io
import os
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rtvae.errors import ModelError, SetupError
from rtvae.model.live import Floats
from rtvae.model.ort.first_graph import FIRST_GRAPH

CPU, CUDA = "cpu", "cuda"
_PROVIDERS: dict[str, tuple[str, dict[str, str]]] = {
    CPU: ("CPUExecutionProvider", {}),
    # Without use_tf32 a product would keep 10 bits of what it multiplies.
    CUDA: ("CUDAExecutionProvider", {"enable_cuda_graph": "1", "use_tf32": "0"}),
}
_SILENT = 4

_PACKAGES = ("onnxruntime", "onnxruntime-gpu")
_REPAIR = (
    "repair it with `pip uninstall -y onnxruntime onnxruntime-gpu` and then run "
    "`python3 tools/run.py` again"
)


def check_installation(versions: dict[str, str], usable: bool) -> None:
    """Refuse an ONNX Runtime whose files another package has overwritten or removed.

    `versions` holds the installed packages among onnxruntime and onnxruntime-gpu; `usable` says
    whether the module has its sessions. Raises SetupError.
    """
    if len(set(versions.values())) > 1:
        raise SetupError(
            "onnxruntime and onnxruntime-gpu are both installed and overwrite each other; "
            f"{_REPAIR}."
        )
    if not usable:
        raise SetupError(f"ONNX Runtime is installed incompletely; {_REPAIR}.")


def _installed_versions() -> dict[str, str]:
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


# Newer versions gather what they do in a database, to send it to their maker; they look at this
# when they are loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
try:
    import onnxruntime
except ImportError as error:
    raise SetupError(f"ONNX Runtime cannot be loaded ({error}); {_REPAIR}.") from error
check_installation(_installed_versions(), hasattr(onnxruntime, "InferenceSession"))


class Session:
    """One loaded graph whose inputs and outputs are bound to memory once and for all."""

    def __init__(self, path: Path, device: str = CPU) -> None:
        self._session = make_session(path, device=device)
        self.input_shapes = _shapes(self._session.get_inputs())
        self.output_shapes = _shapes(self._session.get_outputs())

    def bind(self, inputs: dict[str, Floats], outputs: dict[str, Floats]) -> "Binding":
        """Bind every input and output, by name, to C-contiguous float32 arrays of its shape."""
        return Binding(self._session, inputs, outputs)

    def bind_there(
        self, inputs: dict[str, "Place"], outputs: dict[str, "Place"], recording: int
    ) -> "DeviceBinding":
        """Bind every input and output, by name, to memory on the session's device.

        `recording` numbers the bindings of a session, from 1 on.
        """
        return DeviceBinding(self._session, inputs, outputs, recording)


def _shapes(values: Any) -> dict[str, tuple[int, ...]]:
    return {value.name: tuple(value.shape) for value in values}


class Binding:
    """A graph together with the memory it reads and writes."""

    def __init__(self, session: Any, inputs: dict[str, Floats], outputs: dict[str, Floats]) -> None:
        # On the CPU an OrtValue made from an array shares its memory and does not keep it alive.
        self._arrays = [*inputs.values(), *outputs.values()]
        self._binding = session.io_binding()
        for name, array in inputs.items():
            self._binding.bind_ortvalue_input(name, _share(array))
        for name, array in outputs.items():
            self._binding.bind_ortvalue_output(name, _share(array))
        self._run = session.run_with_iobinding

    def run(self) -> None:
        """Compute the outputs from the inputs.

        Real-time: nothing in Python stays allocated; inside, ONNX Runtime allocates and frees
        some hundred small pieces. The GIL is released meanwhile.
        """
        self._run(self._binding)


class Memory:
    """float32 numbers of one shape on a device, in one place for good."""

    def __init__(self, shape: tuple[int, ...], device: str) -> None:
        self.shape, self.device = shape, device
        self._value = onnxruntime.OrtValue.ortvalue_from_shape_and_type(
            shape, np.float32, device, 0
        )
        self.write(np.zeros(shape, np.float32))

    def write(self, numbers: Floats) -> None:
        """Copy as many contiguous float32 numbers there, whatever their shape. Real-time."""
        self._value.update_inplace(numbers)

    def read(self, numbers: Floats) -> None:
        """Copy all numbers from there into a contiguous array. Real-time: nothing stays."""
        numbers.reshape(self.shape)[:] = self._value.numpy()

    def place(self) -> "Place":
        """Return the whole of it, to be bound."""
        return Place(self, self.shape, self._value.data_ptr())

    def last(self, rows: int) -> "Place":
        """Return its last `rows` rows, to be bound."""
        row_bytes = 4 * int(np.prod(self.shape[1:]))
        skipped = (self.shape[0] - rows) * row_bytes
        return Place(self, (rows, *self.shape[1:]), self._value.data_ptr() + skipped)


class Place(NamedTuple):
    """A part of a device's memory: whose, of which shape, at which address."""

    memory: Memory
    shape: tuple[int, ...]
    address: int


class DeviceBinding:
    """A graph together with the memory on a device that it reads and writes."""

    def __init__(
        self, session: Any, inputs: dict[str, Place], outputs: dict[str, Place], recording: int
    ) -> None:
        self._places = [*inputs.values(), *outputs.values()]
        self._binding = session.io_binding()
        for places, bind in (
            (inputs, self._binding.bind_input),
            (outputs, self._binding.bind_output),
        ):
            for name, place in places.items():
                bind(name, place.memory.device, 0, np.float32, place.shape, place.address)
        self._options = onnxruntime.RunOptions()
        self._options.log_severity_level = _SILENT
        self._options.add_run_config_entry("gpu_graph_id", str(recording))
        self._run = session.run_with_iobinding

    def run(self) -> None:
        """Compute the outputs from the inputs, and wait for them. Real-time: as Binding's."""
        self._run(self._binding, self._options)


def _share(array: Floats) -> Any:
    if not array.flags.c_contiguous or array.dtype != np.float32:
        raise ValueError("only C-contiguous float32 arrays can be bound")
    value = onnxruntime.OrtValue.ortvalue_from_numpy(array)
    if value.data_ptr() != array.ctypes.data:
        raise SetupError(f"This ONNX Runtime copies arrays instead of sharing them; {_REPAIR}.")
    return value


def make_session(
    model: Path | bytes,
    *,
    flush_denormals: bool = False,
    profile: Path | None = None,
    device: str = CPU,
) -> Any:
    """Return an InferenceSession for a graph file (or, for a tiny one, its bytes).

    With `profile`, a file that starts with this path tells what ran, once profiling is ended.
    Raises ModelError if ONNX Runtime cannot read the graph, or cannot run it on `device`.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = _SILENT
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    if flush_denormals:
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
    if profile is not None:
        options.enable_profiling = True
        options.profile_file_prefix = str(profile)
    source = model if isinstance(model, bytes) else str(model)
    provider = _PROVIDERS[device]
    try:
        # Without the device it would fall back to the processor, and print that it does.
        session = onnxruntime.InferenceSession(
            source, options, providers=[provider], enable_fallback=0
        )
    except Exception as error:  # its exceptions have no common base; some are UnicodeDecodeError
        name = model.name if isinstance(model, Path) else "graph"
        raise ModelError(
            f"ONNX Runtime cannot load {name} ({first_line(error)}); "
            "copy the model again or export it again."
        ) from error
    if provider[0] not in session.get_providers():
        raise ModelError(f"ONNX Runtime finds no {device} device; let the processor play.")
    return session


def built_for(device: str) -> bool:
    """Return whether this ONNX Runtime was built for a device; it need not be there."""
    return _PROVIDERS[device][0] in onnxruntime.get_available_providers()


def load_cuda() -> None:
    """Load CUDA's libraries if they came as packages, and have ONNX Runtime complain no more.

    Whatever it tries in vain it would tell, on two streams and at length.
    """
    onnxruntime.set_default_logger_severity(_SILENT)
    if hasattr(onnxruntime, "preload_dlls"):
        with contextlib.redirect_stdout(io.StringIO()):
            onnxruntime.preload_dlls()


def prepare_process() -> None:
    """Let this process flush denormals: call it on the main thread before anything else.

    ONNX Runtime heeds the setting for its first session only, and only for the thread that makes
    it and those started later. A process that plays or renders calls this first; where another
    session came before, it changes nothing. `rtvae.dsp.denormals` tells whether it worked.
    """
    make_session(FIRST_GRAPH, flush_denormals=True)


def first_line(error: Exception) -> str:
    """Return what an exception of ONNX Runtime says, without the page that follows."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
