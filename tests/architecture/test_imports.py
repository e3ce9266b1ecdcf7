"""Who may import whom: the contracts hold, and each library has the importers it was given."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PACKAGE = PROJECT / "rtvae"

# Library -> the modules of rtvae (a package stands for all in it) that may import it.
IMPORTERS = {
    "torch": {"rtvae.training"},
    "lightning_fabric": {"rtvae.training"},
    "safetensors": {"rtvae.training"},
    "tensorboard": {"rtvae.training"},
    "PyQt6": {"rtvae.window"},
    "pyqtgraph": {"rtvae.window"},
    "onnx": {"rtvae.training", "rtvae.model.admission", "rtvae.model.native.read"},
    "onnxruntime": {"rtvae.model.ort.session"},
    "llvmlite": {"rtvae.model.native.compile"},
    "sounddevice": {"rtvae.io.portaudio"},
    "soundfile": {"rtvae.io.audio_file"},
    "soxr": {"rtvae.io.audio_file"},
    "rtmidi": {"rtvae.io.midi_port"},
    "parselmouth": {"rtvae.evaluation.pitch"},
    "PIL": {"rtvae.evaluation.picture"},
}

# What runs on the audio thread, and what would let it wait, write or allocate behind its back.
AUDIO_THREAD = ("rtvae.dsp", "rtvae.engine.callback")
WAITING = {
    "asyncio",
    "concurrent",
    "json",
    "logging",
    "multiprocessing",
    "pathlib",
    "queue",
    "socket",
    "subprocess",
    "threading",
    "time.sleep",
}


def _module_name(path: Path) -> str:
    parts = path.relative_to(PROJECT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def _imports(path: Path) -> frozenset[str]:
    """Everything a file imports, at the top or inside a function, and its use of time.sleep."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and node.attr == "sleep":
            # Only these: to unparse every attribute takes a minute.
            if ast.unparse(node) == "time.sleep":
                found.add("time.sleep")
    return frozenset(found)


def _lies_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def _modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield _module_name(path), path


def test_the_contracts_in_pyproject_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run(
        [program, "--no-cache", "--no-logo"], cwd=PROJECT, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("library", IMPORTERS)
def test_a_library_is_imported_only_where_it_belongs(library: str) -> None:
    strangers = {
        module
        for module, path in _modules()
        if any(_lies_in(name, library) for name in _imports(path))
        and not any(_lies_in(module, home) for home in IMPORTERS[library])
    }
    assert strangers == set()


def test_the_audio_thread_can_neither_wait_nor_write() -> None:
    checked = 0
    for module, path in _modules():
        if any(_lies_in(module, home) for home in AUDIO_THREAD):
            checked += 1
            for name in _imports(path):
                assert not any(_lies_in(name, wait) for wait in WAITING), f"{module}: {name}"
    assert checked > len(AUDIO_THREAD)
