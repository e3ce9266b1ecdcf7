"""RAVE's own streaming TorchScript as a peer of the bench; runs where peers.py has installed it.

    python rave_peer.py export FILE.ts     RAVE's network at BRAVE's size, random weights, exported
                                           by RAVE's own script with --streaming
    python rave_peer.py serve FILE.ts      play paced blocks when asked (rtvae/bench/answers.py)

The size is the one that Caspe et al. publish for BRAVE: 32 channels, 16 bands, strides 2, 2, 2, 1,
residual dilations up to 36, causal, no noise. What RAVE imports for training alone is not
installed; empty modules stand in for it.
"""

import importlib
import runpy
import sys
import tempfile
import warnings
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from time import perf_counter
from types import ModuleType
from typing import Any

import numpy as np
import torch

sys.path.append(str(Path(__file__).resolve().parents[2]))  # last: its own packages come first
from rtvae.bench.answers import Refusal, answer, claim_answers

HOP_FRAMES = 128
WARM_UP_BLOCKS = 50
SEED = 0
KEPT_LATENTS = 16
SIZE = """
from __gin__ import dynamic_registration
import cached_conv as cc
import rave
from rave import blocks
from rave import pqmf
include "configs/v1.gin"
cc.get_padding.mode = "causal"
CAPACITY = 32
N_BAND = 16
LATENT_SIZE = 128
RATIOS = [2, 2, 2, 1]
pqmf.CachedPQMF.attenuation = 40
blocks.Generator.use_noise = False
blocks.ResidualStack.dilations_list = [[3, 1], [9, 1], [27, 1], [36, 1]]
"""
FOR_TRAINING = frozenset(
    {
        "GPUtil",
        "librosa",
        "lmdb",
        "pytorch_lightning",
        "requests",
        "sklearn",
        "torchaudio",
        "udls",
        "yaml",
    }
)


class Empty(torch.nn.Module):
    """A class that is made and never used."""

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__()


class StandIn(ModuleType):
    """A module that has whatever it is asked for: packages in small letters, classes else."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        small = name[0].islower()
        value = importlib.import_module(f"{self.__name__}.{name}") if small else Empty
        setattr(self, name, value)
        return value


class StandIns(MetaPathFinder, Loader):
    """Finds a stand-in for each package that only training needs."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See MetaPathFinder."""
        if name.partition(".")[0] not in FOR_TRAINING:
            return None
        return ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """See Loader."""
        return StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """See Loader."""


def let_rave_import() -> None:
    """Give RAVE the modules it asks for, and the SciPy of its time."""
    sys.meta_path.insert(0, StandIns())
    signal: Any = importlib.import_module("scipy.signal")
    design, order = signal.firwin, signal.kaiserord

    def firwin(taps: int, cutoff: Any, *, nyq: float | None = None, **named: Any) -> Any:
        rate = {} if nyq is None else {"fs": 2.0 * nyq}
        return design(taps, float(np.squeeze(cutoff)), **named, **rate)

    def kaiserord(ripple: Any, width: Any) -> Any:
        return order(float(np.squeeze(ripple)), float(np.squeeze(width)))

    signal.firwin, signal.kaiserord = firwin, kaiserord
    signal.kaiser = importlib.import_module("scipy.signal.windows").kaiser


def export(file: Path) -> None:
    """Make a run with random weights and have RAVE's own script export it."""
    warnings.simplefilter("ignore")
    let_rave_import()
    gin: Any = importlib.import_module("gin")
    rave: Any = importlib.import_module("rave")
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run" / "version_0"
        (run / "checkpoints").mkdir(parents=True)
        (run / "config.gin").write_text(SIZE, encoding="utf-8")
        gin.parse_config(SIZE)
        torch.manual_seed(SEED)
        model = rave.RAVE()
        # How much of the sound the first latents carry: it decides how many are exported.
        model.fidelity.fill_(1.0)
        model.fidelity[:KEPT_LATENTS] = 0.0
        file_of_run = run / "checkpoints" / "best.ckpt"
        torch.save({"state_dict": model.state_dict(), "callbacks": {}}, file_of_run)
        gin.clear_config()
        name = file.stem.removesuffix("_streaming")
        sys.argv = ["export", "--run", str(run), "--streaming"]
        sys.argv += ["--output", str(file.parent), "--name", name]
        try:
            runpy.run_module("scripts.export", run_name="__main__")
        except SystemExit as end:
            if end.code:
                raise


class RaveLane:
    """Plays the export as nn~ does: encode, then decode, as soon as a hop is full."""

    def __init__(self, model: Any, frames: int) -> None:
        if max(frames, HOP_FRAMES) % min(frames, HOP_FRAMES):
            raise Refusal(f"It plays whole multiples of {HOP_FRAMES} frames, or whole parts.")
        self._model = model
        self._every = max(1, HOP_FRAMES // frames)
        sound = 0.1 * np.random.default_rng(1).standard_normal(max(frames, HOP_FRAMES))
        self._heard = torch.from_numpy(sound.astype(np.float32))[None, None]
        self._at = 0
        self._parts_s = (0.0, 0.0, 0.0)
        for _ in range(WARM_UP_BLOCKS * self._every):
            self.play()

    def prepare(self) -> None:
        """See Lane."""

    @torch.inference_mode()
    def play(self) -> None:
        """See Lane."""
        self._at += 1
        if self._at % self._every:
            self._parts_s = (0.0, 0.0, 0.0)
            return
        start = perf_counter()
        latent = self._model.encode(self._heard.clone())
        encoded = perf_counter()
        self._model.decode(latent)
        self._parts_s = (encoded - start, 0.0, perf_counter() - encoded)

    def parts_s(self) -> tuple[float, float, float]:
        """See Lane."""
        return self._parts_s


def serve(file: Path) -> None:
    """Answer until nobody asks."""
    answers = claim_answers()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    model = torch.jit.load(str(file)).eval()  # type: ignore[no-untyped-call]
    weights = sum(p.numel() for p in model.parameters())
    hello = {
        "name": "rave",
        "title": "RAVE's own TorchScript, streaming",
        "parameters": weights,
        "hop_frames": HOP_FRAMES,
    }
    answer(hello, lambda frames: RaveLane(model, frames), sys.stdin, answers)


def main() -> int:
    """Export or serve."""
    words = {"export": export, "serve": serve}
    if len(sys.argv) != 3 or sys.argv[1] not in words:
        print("usage: rave_peer.py export|serve FILE.ts", file=sys.stderr)
        return 2
    words[sys.argv[1]](Path(sys.argv[2]).resolve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
