"""Controller maps on the disk: the bundled ones and the player's own, of which his win."""

from pathlib import Path

from rtvae import paths
from rtvae.control.controller_maps import find_map
from rtvae.host.midi_maps import FOLDER, load_maps

MAP = """format = 1
name = "{name}"
ports = ["{port}"]
[[midi]]
number = 1
target = "mix"
"""


def write(folder: Path, file: str, name: str, port: str) -> None:
    (folder / FOLDER).mkdir(parents=True, exist_ok=True)
    (folder / FOLDER / file).write_text(MAP.format(name=name, port=port))


def test_the_bundled_maps_are_all_usable() -> None:
    maps, faults = load_maps(paths.presets_dir())
    assert faults == []
    assert len(maps) >= 8


def test_the_players_own_map_wins_by_its_file_and_by_its_port(tmp_path: Path) -> None:
    ours, own = tmp_path / "ours", tmp_path / "own"
    write(ours, "pad.toml", "our pad", "Pad")
    write(ours, "keys.toml", "our keys", "Keys")
    write(own, "pad.toml", "my pad", "Pad")
    write(own, "another.toml", "my keys", "Keys")
    maps, faults = load_maps(ours, own)
    assert faults == []
    for port, name in (("Pad 1", "my pad"), ("Keys 1", "my keys")):
        found = find_map(port, maps)
        assert found is not None
        assert found.name == name


def test_a_map_that_is_wrong_is_told_and_the_others_are_used(tmp_path: Path) -> None:
    write(tmp_path, "good.toml", "good", "Pad")
    (tmp_path / FOLDER / "bad.toml").write_text("format = 1\nports = 3\n")
    (tmp_path / FOLDER / "noise.toml").write_bytes(b"\xff\xfe")
    (tmp_path / FOLDER / "folder.toml").mkdir()
    maps, faults = load_maps(tmp_path, tmp_path / "not there")
    assert [found.name for found in maps] == ["good"]
    assert len(faults) == 3
    assert any("Controller map bad cannot be used: line 2, ports" in fault for fault in faults)
    assert any("noise.toml is no text" in fault for fault in faults)
    assert any("folder.toml cannot be read" in fault for fault in faults)
