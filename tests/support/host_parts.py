"""What a host with all its parts tells the window, and a way to tell it something else."""

from typing import Any

from rtvae.window import wire
from tests.support.fake_engine import describe

MAP = {
    "points": [[k % 10 / 10, k // 10 / 10] for k in range(100)],
    "labels": ["voice" if k % 2 else "drum" for k in range(100)],
}
MAPPINGS = [
    {"target": "latent.pitch.offset", "kind": "cc", "number": 21, "channel": 1, "port": "nano",
     "mode": "absolute", "curve": "linear", "low": -3.0, "high": 3.0},
    {"target": "mute.toggle", "kind": "note", "number": 36},
]  # fmt: skip


def full_info(latents: int = 16, **other: Any) -> dict[str, Any]:
    """Return the host's `info` with every part; `other` replaces keys, None takes one away."""
    info = describe(latents)
    if latents > 2:
        info["model"]["latents"][2].update(name="pitch", attribute="pitch")
    info |= {
        "midi": {"status": "nanoKONTROL2", "ports": ["nano", "pads"], "open": ["nano"],
                 "learning": None, "mappings": MAPPINGS, "clock": None},
        "show": {"preset": "stage", "presets": ["bells", "stage"], "set_list": "",
                 "set_lists": ["tonight"], "undo": "3 pitch: offset", "redo": ""},
        "snapshots": {"stored": [1, 2, 3, 4], "corners": [1, 2, 3, 4],
                      "morph": {"from": 1, "to": 2, "share": 0.0, "way": "linear"}},
    }  # fmt: skip
    info["model"]["map"] = other.pop("map", MAP)
    info |= other
    return {key: value for key, value in info.items() if value is not None}


def heard(latents: int = 16, **other: Any) -> wire.HostInfo:
    """Return what the window understands of `full_info`."""
    said = wire.parse(wire.format_line({"info": full_info(latents, **other)}))
    assert isinstance(said, wire.HostInfo)
    return said
