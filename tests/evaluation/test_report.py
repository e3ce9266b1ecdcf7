"""The report: one file that holds its sounds and pictures, and loads nothing."""

import base64
import io
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from rtvae.errors import UsageError
from rtvae.evaluation.folder import evaluate_folder
from rtvae.evaluation.knobs import named_knob_effects
from rtvae.evaluation.pitch import praat_pitch_hz
from rtvae.evaluation.report import MOST_SHOWN, SHOWN_SECONDS, choose, write_report
from rtvae.model.live import LiveModel
from tests.support.fake_model import ScriptedModel
from tests.support.synth_model import SynthModel
from tests.support.tones import RATE_HZ, steady

UNCLOSED = {"meta", "image", "line"}


class Page(HTMLParser):
    """Collects what a browser would show, and that every element is closed."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.text = ""
        self.tags: list[str] = []
        self._open: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in (*UNCLOSED, "br"):
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in UNCLOSED:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def decoded(self, kind: str) -> list[bytes]:
        head = f"data:{kind};base64,"
        return [
            base64.b64decode(source[len(head) :], validate=True)
            for source in self.sources
            if source.startswith(head)
        ]


def report(model: LiveModel, folder: Path, **options: object) -> Page:
    evaluation = evaluate_folder(model, folder, praat_pitch_hz, **options)  # type: ignore[arg-type]
    path = folder.parent / "report.html"
    write_report(path, model, folder, evaluation)
    assert not list(path.parent.glob(".*"))
    return Page(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sounds").mkdir()
    soundfile.write(tmp_path / "sounds" / "short & <sweet>.wav", steady(200.0, 1.0), RATE_HZ)
    soundfile.write(tmp_path / "sounds" / "long.flac", steady(300.0, 12.0), RATE_HZ)
    (tmp_path / "sounds" / "broken.wav").write_text("no")
    return tmp_path / "sounds"


def test_it_holds_input_and_output_of_every_recording(folder: Path) -> None:
    page = report(ScriptedModel(gain=0.5, delay_frames=100), folder)
    players = [soundfile.read(io.BytesIO(data)) for data in page.decoded("audio/flac")]
    assert [rate for _, rate in players] == [RATE_HZ] * 4
    lengths = {sound.size for sound, _ in players}
    assert lengths == {RATE_HZ, round(SHOWN_SECONDS * RATE_HZ)}
    for wanted, played in zip(players[::2], players[1::2], strict=True):
        np.testing.assert_allclose(played[0], 0.5 * wanted[0], atol=1e-4)


def test_it_loads_nothing_and_escapes_names(folder: Path) -> None:
    page = report(ScriptedModel(), folder)
    assert page.sources
    assert all(source.startswith("data:") for source in page.sources)
    assert "sweet" not in page.tags
    assert "short & <sweet>.wav" in page.text
    assert "script" not in page.tags


def test_it_shows_pairs_of_spectrograms_on_one_scale_with_axes(folder: Path) -> None:
    page = report(ScriptedModel(gain=0.25), folder)
    pictures = [Image.open(io.BytesIO(data)) for data in page.decoded("image/png")]
    pairs = [p for p in pictures if p.height == 80]
    assert len(pairs) == 4
    brightest = [int(np.asarray(p).max()) for p in pairs]
    # A quarter of the level is 12 dB darker on the same scale of 80 dB.
    assert brightest[0] > 240
    assert brightest[1] == pytest.approx(brightest[0] - 255 * 12.04 / 80, abs=1)
    for words in ("seconds", "1 kHz", "dB", "input", "output"):
        assert words in page.text


def test_it_says_everything_that_the_terminal_says(folder: Path) -> None:
    model = SynthModel()
    evaluation = evaluate_folder(model, folder, praat_pitch_hz, transfer=True)
    knobs = named_knob_effects(model, [steady(220.0, 1.0)], praat_pitch_hz)
    path = folder.parent / "report.html"
    write_report(path, model, folder, evaluation, knobs)
    text = Page(path).text
    assert "1, 1: +1.00" in text  # the correlation matrix, cell by cell
    for words in ("Recordings", "Transfer", "Latents", "Knobs", "Left out", "broken.wav", "FAIL"):
        assert words in text


def test_of_many_recordings_it_shows_the_worst_the_best_and_some_between(folder: Path) -> None:
    rows = evaluate_folder(ScriptedModel(gain=0.5), folder, None).rows
    many = [
        type(rows[0])(**{**vars(rows[0]), "file": str(k), "log_mel_db": float(k)})
        for k in range(100)
    ]
    shown = [row.log_mel_db for row in choose(many)]
    assert len(shown) == len(set(shown)) == MOST_SHOWN
    assert (shown[0], shown[-1]) == (99.0, 0.0)
    assert shown == sorted(shown, reverse=True)
    assert len(choose(many[:5])) == 5


def test_a_report_that_cannot_be_written_leaves_nothing_behind(folder: Path) -> None:
    evaluation = evaluate_folder(ScriptedModel(), folder, None)
    with pytest.raises(UsageError, match="cannot be written"):
        write_report(folder.parent / "none" / "r.html", ScriptedModel(), folder, evaluation)
    assert not (folder.parent / "none").exists()
