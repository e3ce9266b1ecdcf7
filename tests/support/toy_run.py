"""The folder of a run in training, without the training: exports replace each other as there."""

import os
import shutil
from pathlib import Path

from tests.support.toy_model import make_identity_model


def make_run(folder: Path) -> Path:
    """Write the folder of a run that has not exported anything yet; return it."""
    folder.mkdir(parents=True)
    (folder / "log.jsonl").write_text("{}\n")
    return folder


def export(run: Path, gain: float) -> Path:
    """Put a model that multiplies by `gain` in the place of RUN/model, by renaming."""
    draft = make_identity_model(run / ".model-draft", name=run.name, gain=gain)
    return take_place(draft, run)


def take_place(draft: Path, run: Path) -> Path:
    """Put a model folder, good or bad, in the place of RUN/model, by renaming."""
    model, old = run / "model", run / ".model-old"
    if model.exists():
        os.replace(model, old)
    os.replace(draft, model)
    shutil.rmtree(old, ignore_errors=True)
    return model
