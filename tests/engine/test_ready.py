"""Voices made ahead: there when they are wanted, and gone when nobody names them any more."""

from pathlib import Path

from rtvae.engine.lineup import Lineup, make_voice
from rtvae.engine.ready import Made, Ready
from rtvae.model.identity import IdentityModel
from rtvae.model.live import LiveModel
from tests.support.rig import Rig


class Bench:
    """Makes real voices and remembers what was made and put back."""

    def __init__(self) -> None:
        self.rig = Rig(IdentityModel(64))
        self.made: list[Lineup] = []
        self.back: list[LiveModel] = []
        self.ready = Ready(self._make, self.back.append)

    def _make(self, lineup: Lineup) -> Made:
        self.made.append(lineup)
        models = (IdentityModel(64),) if lineup.beside is None else (IdentityModel(64),) * 2
        values = self.rig.reader.values.copy()
        return Made(make_voice(models, self.rig.stream, 512, values), None, [])


def _model(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    (folder / name / "model.toml").write_text(name)
    return folder / name


def test_what_was_made_ahead_is_taken_once(tmp_path: Path) -> None:
    bench, lineup = Bench(), Lineup(_model(tmp_path, "a"))
    assert bench.ready.keep_only([lineup, lineup]) == [lineup]
    bench.ready.make(lineup)
    assert bench.ready.keep_only([lineup]) == []
    first = bench.ready.take(lineup)
    assert bench.made == [lineup]
    assert bench.ready.take(lineup) is not first
    assert bench.made == [lineup, lineup]


def test_what_is_not_named_any_more_goes_back_to_the_shelf(tmp_path: Path) -> None:
    bench = Bench()
    pair = Lineup(_model(tmp_path, "a"), _model(tmp_path, "b"))
    bench.ready.make(pair)
    other = Lineup(_model(tmp_path, "c"))
    assert bench.ready.keep_only([other]) == [other]
    assert len(bench.back) == 2


def test_a_model_that_was_exported_again_is_made_again(tmp_path: Path) -> None:
    bench, path = Bench(), _model(tmp_path, "a")
    bench.ready.make(Lineup(path))
    (path / "model.toml").write_text("another text")
    bench.ready.take(Lineup(path))
    assert len(bench.made) == 2
    assert len(bench.back) == 1
