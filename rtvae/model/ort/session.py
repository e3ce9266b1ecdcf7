"""Sessions: ONNX Runtime set up the way a block of audio wants it, and bindings to NumPy memory.

One thread, in order, no spinning; all optimisations; the CPU provider and no other. Models are
loaded by path: loading from bytes stalls other threads.
"""

from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from rtvae.errors import ModelError, SetupError
from rtvae.model.live import Floats
from rtvae.model.ort.first_graph import FIRST_GRAPH

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


try:
    import onnxruntime
except ImportError as error:
    raise SetupError(f"ONNX Runtime cannot be loaded ({error}); {_REPAIR}.") from error
check_installation(_installed_versions(), hasattr(onnxruntime, "InferenceSession"))


class Session:
    """One loaded graph whose inputs and outputs are bound to arrays once and for all."""

    def __init__(self, path: Path) -> None:
        self._session = make_session(path)
        self.input_shapes = _shapes(self._session.get_inputs())
        self.output_shapes = _shapes(self._session.get_outputs())

    def bind(self, inputs: dict[str, Floats], outputs: dict[str, Floats]) -> "Binding":
        """Bind every input and output, by name, to C-contiguous float32 arrays of its shape."""
        return Binding(self._session, inputs, outputs)


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


def _share(array: Floats) -> Any:
    if not array.flags.c_contiguous or array.dtype != np.float32:
        raise ValueError("only C-contiguous float32 arrays can be bound")
    value = onnxruntime.OrtValue.ortvalue_from_numpy(array)
    if value.data_ptr() != array.ctypes.data:
        raise SetupError(f"This ONNX Runtime copies arrays instead of sharing them; {_REPAIR}.")
    return value


def make_session(
    model: Path | bytes, *, flush_denormals: bool = False, profile: Path | None = None
) -> Any:
    """Return an InferenceSession for a graph file (or, for a tiny one, its bytes).

    With `profile`, a file that starts with this path tells what ran, once profiling is ended.
    Raises ModelError if ONNX Runtime cannot read the graph.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    if flush_denormals:
        options.add_session_config_entry("session.set_denormal_as_zero", "1")
    if profile is not None:
        options.enable_profiling = True
        options.profile_file_prefix = str(profile)
    source = model if isinstance(model, bytes) else str(model)
    try:
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions have no common base; some are UnicodeDecodeError
        name = model.name if isinstance(model, Path) else "graph"
        raise ModelError(
            f"ONNX Runtime cannot load {name} ({_first_line(error)}); "
            "copy the model again or export it again."
        ) from error


def prepare_process() -> None:
    """Let this process flush denormals: call it on the main thread before anything else.

    ONNX Runtime heeds the setting for its first session only, and only for the thread that makes
    it and those started later. A process that plays or renders calls this first; where another
    session came before, it changes nothing. `rtvae.dsp.denormals` tells whether it worked.
    """
    make_session(FIRST_GRAPH, flush_denormals=True)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
