"""The trained model that comes with rtvae, and small untrained ones."""

import pytest
import torch

from rtvae.paths import models_dir
from rtvae.training.checkpoint import find_checkpoint, load_checkpoint
from rtvae.training.vae import Vae
from tests.support.small_vae import SMALL

# Small models do not gain from a second thread, and a busy machine makes threads wait.
torch.set_num_threads(1)


@pytest.fixture
def small() -> Vae:
    """An untrained model with every kind of layer."""
    torch.manual_seed(3)
    return Vae(SMALL).eval()


@pytest.fixture
def trained() -> Vae:
    """The bundled model as it was before export."""
    return load_checkpoint(find_checkpoint(models_dir() / "first")).model().eval()
