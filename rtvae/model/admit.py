"""Admit: the door that every model passes before it is loaded.

Checksums are compared each time; the thorough examination (`admission`) runs once for each
content, in a limited child process, and its result is remembered in the user's cache.
"""

import contextlib
import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import Any, TypeGuard

import rtvae
from rtvae.errors import ModelError
from rtvae.model import archive
from rtvae.model.cache import private_folder
from rtvae.model.card import parse_card, read_card_text
from rtvae.model.files import check_files, sha256_of
from rtvae.model.native_identity import native_identity
from rtvae.spec import LatencyCertificate, ModelCard

RULES = 3  # raise when admission grows stricter: earlier results no longer count
TIMEOUT_S = 120.0
BARE_SAMPLE_RATE_HZ = 48_000


@dataclass(frozen=True)
class Admitted:
    """A model that may be loaded: its card, and the folder where the card's files lie.

    `why_not_native` is "" where machine code and ONNX Runtime were found equal on this machine,
    else why ONNX Runtime has to play it; None where nobody has compared them.
    """

    card: ModelCard
    folder: Path
    why_not_native: str | None = None


def admit(path: Path) -> Admitted:
    """Let in a model folder, a zipped one, or a bare stateless ONNX file.

    Raises ModelError with one sentence that names the cause and the remedy.
    """
    if os.path.isfile(path) and path.suffix == ".onnx":
        return _admit_bare(path)
    folder = _unpacked(path) if os.path.isfile(path) else path
    text = read_card_text(folder, path.name if folder != path else "")
    card = parse_card(text, path.name)
    check_files(folder, card, path.name)
    result = _examine(folder, path.name, key=[text, native_identity()])
    return Admitted(card, folder, result["why_not_native"])


def _admit_bare(path: Path) -> Admitted:
    if path.stat().st_size > archive.MAX_TOTAL_BYTES:
        raise _refusal(path.name, f"it is larger than {archive.MAX_TOTAL_BYTES // 1_000_000} MB")
    digest = sha256_of(path)
    window = int(_examine(path, path.name, key=[digest])["window_frames"])
    hop = max(1, window // 2)
    card = ModelCard(
        name=re.sub(r"[^A-Za-z0-9._-]", "_", path.stem)[:64],
        title="".join(c for c in path.stem if c.isprintable())[:200],
        licence="unknown",
        sample_rate_hz=BARE_SAMPLE_RATE_HZ,
        hop_frames=hop,
        latents=(),
        latency=LatencyCertificate(window - hop, window, 0.0, 0.0, 0.0, window),
        kind="stateless",
        window_frames=window,
        files={path.name: digest},
    )
    return Admitted(card, path.parent)


def _unpacked(path: Path) -> Path:
    """Return the folder of a zipped model, unpacked once for each content."""
    digest = sha256_of(path)
    try:
        parent = private_folder("models")
        folder = parent / digest
        if not folder.is_dir():
            fresh = Path(tempfile.mkdtemp(dir=parent))
            try:
                archive.extract(path, fresh)
                fresh.rename(folder)
            finally:
                shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise ModelError(
            f"The model {path.name} cannot be unpacked ({error.strerror}); unpack it yourself and "
            "give the folder."
        ) from error
    return folder


def _examine(path: Path, label: str, key: list[str]) -> dict[str, Any]:
    """Return what was found once the examination has been passed (see `admission`)."""
    marker = _marker(sha256(json.dumps([RULES, _runtime_versions(), *key]).encode()).hexdigest())
    result = _remembered(marker)
    if result is None:
        result = _run_child(path)
        if "refused" in result:
            raise _refusal(label, str(result["refused"]))
        _remember(marker, result)
    return result


def _run_child(path: Path) -> dict[str, Any]:
    root = str(Path(rtvae.__file__).resolve().parent.parent)
    paths = [root, os.environ.get("PYTHONPATH", "")]
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    environment = {**os.environ, **one_thread, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    command = [sys.executable, "-B", "-m", "rtvae.model.admission", str(path.resolve())]
    with tempfile.TemporaryDirectory(prefix="rtvae-") as empty:
        try:
            child = subprocess.run(
                command,
                cwd=empty,
                env=environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            told, well = _last_told(late.stdout or b""), False
            fault = f"examining it took more than {TIMEOUT_S:.0f} s"
        else:
            told, well = _last_told(child.stdout), child.returncode == 0
            fault = f"it broke the process that examined it (status {child.returncode})"
    if told is None or not (well or _is_result(told)):
        return {"refused": fault}
    # What had been let in when that happened was having its machine code tried.
    return told if well else {**told, "why_not_native": fault}


def _last_told(printed: bytes) -> dict[str, Any] | None:
    """Return the last of what an examination printed if that is a result or a refusal."""
    try:
        told = json.loads(printed.decode(errors="replace").splitlines()[-1])
    except (IndexError, ValueError):
        return None
    return told if _is_result(told) or (isinstance(told, dict) and "refused" in told) else None


def _is_result(found: object) -> TypeGuard[dict[str, Any]]:
    return (
        isinstance(found, dict)
        and type(found.get("window_frames")) is int
        and isinstance(found.get("why_not_native", 0), str | None)
    )


def _marker(identity: str) -> Path | None:
    with contextlib.suppress(OSError):
        return private_folder("admitted") / f"{identity}.json"
    return None  # a cache that cannot be written costs time at the next start, nothing else


def _remembered(marker: Path | None) -> dict[str, Any] | None:
    with contextlib.suppress(OSError, ValueError):
        result = json.loads(marker.read_text()) if marker else None
        if _is_result(result):
            return result
    return None


def _remember(marker: Path | None, result: dict[str, Any]) -> None:
    if marker is None:
        return
    with contextlib.suppress(OSError):
        handle, fresh = tempfile.mkstemp(dir=marker.parent)
        with open(handle, "w", encoding="utf-8") as file:
            json.dump(result, file)
        os.replace(fresh, marker)


@functools.cache  # they cannot change while we run, and each look at them costs a search
def _runtime_versions() -> tuple[str, ...]:
    versions = []
    for package in ("onnxruntime", "onnxruntime-gpu"):
        with contextlib.suppress(metadata.PackageNotFoundError):
            versions.append(f"{package} {metadata.version(package)}")
    return tuple(versions)


def _refusal(label: str, reason: str) -> ModelError:
    return ModelError(f"The model {label} is refused: {reason}; export it again.")
