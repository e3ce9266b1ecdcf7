"""`rtvae bench` from the command line: its table, its JSON, its refusals."""

import gc
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from rtvae.bench.agreement import PITCHED_TOLERANCE, TOLERANCE
from rtvae.bench.peers import PLAIN, TITLES
from rtvae.cli import main
from rtvae.cli.bench import parse_blocks
from rtvae.errors import UsageError
from rtvae.model.library import DEFAULT_MODEL
from rtvae.model.load import on_cuda
from rtvae.training.shape import VaeConfig
from tests.bench.test_distant import STUB
from tests.support.toy_model import make_stateless_model, make_toy_model

PARTS = {"encoder", "control", "decoder", "rest", "around", "total"}
ALWAYS = {"rtvae", "rtvae_knobs_moving", "reading_the_weights"}
QUICK = ["--seconds", "0.05"]


@pytest.fixture(autouse=True)
def onnxruntime(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same lanes on every machine."""
    monkeypatch.setenv("RTVAE_EXECUTOR", "onnxruntime")
    monkeypatch.setattr("rtvae.model.load.why_no_cuda", lambda: "there is none")


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return make_toy_model(tmp_path / "toy")


def verdict(got: dict[str, Any], words: str) -> str:
    (bar,) = [bar for bar in got["bars"] if words in bar["name"]]
    return str(bar["verdict"])


def test_json_holds_every_part_of_every_lane(toy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["bench", "--model", str(toy), "--blocks", "64,100", *QUICK, "--json", "-"]
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    got = json.loads(out)
    assert got["format"] == 2
    assert got["model"]["name"] == "toy"
    assert got["machine"]["cores"] >= 1 and got["machine"]["cpu"]
    assert [block["block_size"] for block in got["blocks"]] == [64, 100]
    for block in got["blocks"]:
        assert set(block["lanes"]) == ALWAYS
        assert set(block["ratios"]) == {"reading_the_weights"}
        assert block["roofline"]["read_us"] > 0.0 and block["roofline"]["compute_us"] > 0.0
        for name in ("rtvae", "rtvae_knobs_moving"):
            lane = block["lanes"][name]
            assert set(lane["parts"]) == PARTS
            for part in lane["parts"].values():
                assert 0.0 < part["median_us"] <= part["tail_us"]
                share = part["median_us"] / block["period_us"]
                assert part["median_share"] == pytest.approx(share)
    assert set(got["graphs"]) == {f"{h}-{t}" for h in ("encoder", "decoder") for t in (1, 2, 4, 8)}
    assert got["graphs"]["encoder-1"]["FusedGemm"] == 3
    assert verdict(got, "plain Conv1d") == "not measured"
    assert set(got["loads"]) == {"64", "100"}
    assert min(got["loads"].values()) > 0.0
    assert verdict(got, "second of audio") in ("pass", "FAIL")
    assert got["notes"].count("There is no lane for CUDA: there is none.") == 1
    # A model without its weights has no peers, and that is said once in each place.
    assert "checkpoint.safetensors" in err
    assert sum("checkpoint.safetensors" in note for note in got["notes"]) == 1


def test_the_table_and_the_file(
    toy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bench.json"
    arguments = ["bench", "--model", str(toy), "--blocks", "64", *QUICK, "--no-peers"]
    assert main([*arguments, "--json", str(file)]) == 0
    out = capsys.readouterr().out
    for words in ("64 frames", "encoder", "latent control", "decoder", "everything else"):
        assert words in out
    for words in (
        "woke late by",
        "steal",
        "real-time priority",
        "Nodes that onnxruntime runs",
        "Bars",
    ):
        assert words in out
    assert max(map(len, out.splitlines())) <= 160
    got = json.loads(file.read_text())
    assert f"{got['blocks'][0]['lanes']['rtvae']['parts']['total']['median_us']:.1f}" in out


def test_the_default_model_beside_its_peers(capsys: pytest.CaptureFixture[str]) -> None:
    """Peers are timed only after they have proved to make the same sound."""
    assert main(["bench", "--blocks", "64", *QUICK, "--json", "-"]) == 0
    got = json.loads(capsys.readouterr().out)
    assert got["model"]["name"] == DEFAULT_MODEL
    (block,) = got["blocks"]
    for peer in TITLES:
        assert 0.0 < block["differences"][peer] <= TOLERANCE
        ours, theirs = (block["lanes"][lane]["graphs"] for lane in ("rtvae", peer))
        assert block["ratios"][peer] == pytest.approx(ours["median_us"] / theirs["median_us"])
        assert block["quiet_ratios"][peer] > 0.0
        assert block["tail_ratios"][peer] > 0.0
    assert verdict(got, "a lean graph") == "pass", "the shipped graphs are not lean"


def test_an_instrument_has_the_peers_that_need_no_plain_form(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["bench", "--model", "strings", "--blocks", "64", *QUICK, "--json", "-"]
    assert main(arguments) == 0
    got = json.loads(capsys.readouterr().out)
    differences = got["blocks"][0]["differences"]
    assert set(differences) == set(TITLES) - set(PLAIN)
    assert max(differences.values()) <= PITCHED_TOLERANCE
    assert verdict(got, "a lean graph") == "pass"
    assert any("no form of plain Conv1d" in note for note in got["notes"])


def test_a_peer_from_a_folder_is_measured_in_turns_with_the_others(
    toy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "peer"
    folder.mkdir()
    (folder / "stub.py").write_text(STUB)
    (folder / "peer.json").write_text(json.dumps({"command": [sys.executable, "stub.py"]}))
    arguments = ["bench", "--model", str(toy), "--blocks", "64,128", *QUICK, "--peer", str(folder)]
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert "block sizes in turns: 64 frames" in out
    assert "Stubs are never so short." in out
    assert " Stub " in out.partition("128 frames, encoder and decoder")[2]


def test_a_size_is_a_model_with_random_weights(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = VaeConfig(hop_frames=128, row_channels=8, encoder_channels=12, decoder_channels=12)
    monkeypatch.setattr("rtvae.training.random_model.BRAVE_SIZE", small)
    arguments = ["bench", "--size", "brave", "--blocks", "64,128", *QUICK, "--json", "-"]
    assert main(arguments) == 0
    got = json.loads(capsys.readouterr().out)
    assert (got["model"]["name"], got["model"]["hop_frames"]) == ("brave", 128)
    half, whole = (block["lanes"]["rtvae"]["graphs"]["median_us"] for block in got["blocks"])
    # At half a hop every other block only waits; the others cost what a whole hop does.
    assert half > 0.3 * whole
    assert set(TITLES) <= set(got["blocks"][1]["ratios"])


def test_the_native_executor_is_measured_beside_onnxruntime(
    toy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RTVAE_EXECUTOR", "native")
    assert main(["bench", "--model", str(toy), "--blocks", "64", *QUICK, "--no-peers"]) == 0
    out = capsys.readouterr().out
    assert "runs in native" in out
    for words in ("rtvae, native ", "rtvae, onnxruntime ", "of the way from onnxruntime"):
        assert words in out
    assert "a lean graph" not in out


def test_where_a_device_is_it_is_measured_in_the_same_table(
    toy: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The processor stands in for the device: only CUDA itself is not there."""
    monkeypatch.setattr("rtvae.bench.lanes.on_cuda", lambda admitted: on_cuda(admitted, "cpu"))
    assert main(["bench", "--model", str(toy), "--blocks", "64", *QUICK, "--no-peers"]) == 0
    out = capsys.readouterr().out
    assert " rtvae, CUDA graphs in onnxruntime " in out
    assert "no lane for CUDA" not in out
    assert "the sound of those with our weights is ours within" in out


def test_peers_are_left_out_where_torch_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "rtvae.training.checkpoint", None)
    assert main(["bench", "--blocks", "64", *QUICK, "--json", "-"]) == 0
    got = json.loads(capsys.readouterr().out)
    assert set(got["blocks"][0]["lanes"]) == ALWAYS
    assert "pip install" in got["notes"][0]


def test_a_stateless_model_is_measured_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_stateless_model(tmp_path / "window")
    assert main(["bench", "--model", str(model), "--blocks", "256", *QUICK, "--json", "-"]) == 0
    got = json.loads(capsys.readouterr().out)
    assert got["model"]["latents"] == 0
    assert set(got["graphs"]) == {"autoencoder"}
    assert not [bar for bar in got["bars"] if "lean graph" in bar["name"]]


def test_the_process_is_left_as_it_was(toy: Path) -> None:
    before = (sys.getswitchinterval(), gc.isenabled(), gc.get_freeze_count())
    assert main(["bench", "--model", str(toy), "--blocks", "64", *QUICK, "--no-peers"]) == 0
    assert (sys.getswitchinterval(), gc.isenabled(), gc.get_freeze_count()) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["--blocks", "64,0"],
        ["--blocks", "64;128"],
        ["--blocks", ""],
        ["--blocks", "9000"],
        ["--seconds", "0"],
        ["--seconds", "nan"],
        ["--json", "no/such/folder/bench.json"],
        ["--peer", "no/such/folder"],
        ["--size", "huge"],
    ],
)
def test_what_cannot_be_is_one_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1 and arguments[1].removesuffix("/bench.json") in err


def test_block_sizes_are_read_once_each_in_order() -> None:
    assert parse_blocks("512, 64,64") == (512, 64)
    with pytest.raises(UsageError, match="from 16 to 8192"):
        parse_blocks("15")
