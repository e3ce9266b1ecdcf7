"""The trained model that comes with rtvae, and small untrained ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from rtvae.model.library import DEFAULT_MODEL
from rtvae.paths import models_dir
from rtvae.training.checkpoint import find_checkpoint, load_checkpoint
from rtvae.training.vae import Vae
from tests.support.small_vae import SMALL
from tests.support.toy_training import write_tones

# Small models do not gain from a second thread, and a busy machine makes threads wait.
torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def denormals_as_they_were() -> Iterator[None]:
    """Training flushes denormals on a CPU; other tests look for them."""
    yield
    torch.set_flush_denormal(False)


@pytest.fixture
def tones(tmp_path: Path) -> Path:
    """A folder of recordings that are quickly learned."""
    return write_tones(tmp_path / "recordings")


@pytest.fixture
def small() -> Vae:
    """An untrained model with every kind of layer."""
    torch.manual_seed(3)
    return Vae(SMALL).eval()


@pytest.fixture
def trained() -> Vae:
    """The bundled model as it was before export."""
    return load_checkpoint(find_checkpoint(models_dir() / DEFAULT_MODEL)).model().eval()
