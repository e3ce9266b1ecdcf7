"""Export writes a whole model folder that plays, or nothing."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from rtvae.dsp.distance import log_mel_distance_db
from rtvae.errors import ExportRefused, ModelError, UsageError
from rtvae.model.library import DEFAULT_MODEL
from rtvae.model.load import load_model
from rtvae.model.offline import play
from rtvae.paths import models_dir
from rtvae.training import export, gate
from rtvae.training.checkpoint import load_checkpoint, save_checkpoint
from rtvae.training.data import Recordings
from rtvae.training.export import Label, export_model

LABEL = Label("again", "Again", "CC0-1.0", "The bundled model, exported once more.")


@pytest.fixture(scope="module")
def recordings() -> Recordings:
    sound = np.tile(gate.test_sound(48000, 64), 12)
    return Recordings((sound * 30000).astype(np.int16), 48000, 1, ())


def _quiet(_: str) -> None:
    return None


@pytest.fixture(scope="module")
def exported(recordings: Recordings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled model, exported with a test folder: to be looked at, not changed."""
    folder = tmp_path_factory.mktemp("exported")
    for name in ("tones/a.wav", "tones/b.wav", "more/c.wav"):
        path = folder / "test" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(path, gate.test_sound(48000, 64), 48000)
    source, out = models_dir() / DEFAULT_MODEL, folder / "again"
    card = export_model(source, out, LABEL, recordings, _quiet, test=folder / "test")
    assert card == load_model(out).card
    return out


def test_an_exported_model_is_admitted_and_plays(exported: Path) -> None:
    live = load_model(exported)
    card, sound = live.card, gate.test_sound(48000, 64)
    played = play(live, sound)
    heard, wanted = (np.sqrt(np.mean(x**2)) for x in (played, sound))
    assert 0.5 < heard / wanted < 2.0
    assert np.corrcoef(played, sound)[0, 1] > 0.7
    assert card.latents[0].name == "loudness"
    assert card.quality["runtime_against_torch"] <= card.tolerance
    assert card.latency.algorithmic_frames <= card.hop_frames + 120


def test_the_card_states_the_distance_on_a_test_folder(exported: Path) -> None:
    live, sound = load_model(exported), gate.test_sound(48000, 64)
    wanted = log_mel_distance_db(sound, play(live, sound), 48000)
    for key in ("test_log_mel_db", "test_log_mel_db_tones", "test_log_mel_db_more"):
        assert live.card.quality[key] == pytest.approx(wanted, abs=0.02)


def test_a_taken_destination_is_left_alone(recordings: Recordings, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "mine.txt").write_text("keep")
    with pytest.raises(UsageError, match="--replace"):
        export_model(models_dir() / DEFAULT_MODEL, tmp_path / "again", LABEL, recordings, _quiet)
    assert (tmp_path / "again" / "mine.txt").read_text() == "keep"


@pytest.mark.parametrize("stage", ["check_streaming", "check_structure", "check_runtime"])
def test_nothing_is_written_when_the_gate_refuses(
    recordings: Recordings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    def refuse(*_: object) -> None:
        raise ExportRefused("no")

    monkeypatch.setattr(export.gate, stage, refuse)
    with pytest.raises(ExportRefused):
        export_model(models_dir() / DEFAULT_MODEL, tmp_path / "again", LABEL, recordings, _quiet)
    assert list(tmp_path.iterdir()) == []


def test_weights_that_are_not_numbers_are_refused(recordings: Recordings, tmp_path: Path) -> None:
    saved = load_checkpoint(models_dir() / DEFAULT_MODEL / "checkpoint.safetensors")
    saved.weights["decoder.up.weight"][0] = torch.nan
    broken = tmp_path / "broken.safetensors"
    save_checkpoint(broken, saved)
    with pytest.raises(ExportRefused, match="not numbers"):
        export_model(broken, tmp_path / "again", LABEL, recordings, _quiet)
    assert not (tmp_path / "again").exists()


def test_a_foreign_checkpoint_is_named(recordings: Recordings, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.safetensors"
    foreign.write_bytes(b"\0" * 100)
    with pytest.raises(ModelError, match=r"foreign\.safetensors is not a checkpoint"):
        export_model(foreign, tmp_path / "again", LABEL, recordings, _quiet)


def test_the_card_lists_every_file(exported: Path) -> None:
    card = load_model(exported).card
    there = {p.name for p in exported.iterdir()}
    assert there == set(card.files) | {"model.toml"}
    assert card.name == "again"


def test_an_export_comes_with_a_map_and_a_prior_of_its_recordings(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    level = np.repeat(random.uniform(0.05, 0.5, 40), 24000)
    sound = np.clip(level * random.standard_normal(40 * 24000) / 3, -1, 1)
    long = Recordings((sound * 30000).astype(np.int16), 48000, 1, (), ("tests/a.wav",))
    card = export_model(models_dir() / DEFAULT_MODEL, tmp_path / "again", LABEL, long, _quiet)
    assert "space.npz" in card.files
    space = load_model(tmp_path / "again").space
    assert space is not None
    assert set(space.chart.labels) == {"tests"}
    assert space.latents == card.latent_count
