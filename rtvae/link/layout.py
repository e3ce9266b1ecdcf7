"""The bytes of shared memory, as tables: what host and engine write and everyone reads.

All counters are uint64 and only grow. A ring's newest entry lies at `(count - 1) % length`; a
reader that falls more than a ring behind has lost the difference and can tell from the counter.
"""

from enum import IntEnum

import numpy as np

from rtvae.control.parameters import MODULATORS, PARAMETER_COUNT
from rtvae.spec import MAX_LATENTS

LAYOUT_VERSION = 4
SCOPE_FRAMES = 1 << 16
LATENT_ROWS = 1 << 11
TIMING_ROWS = 1 << 12
VALUE_ROWS = 1 << 16


class Mark(IntEnum):
    """What the ring of turned values says beside values: in place of a parameter's number."""

    VOICE = 1 << 16  # a voice hears its first frame; rows for all parameters follow
    SWAP = 2 << 16  # a change of voice begins; the value is 1 if both run in one block
    PANIC = 3 << 16
    LEAVING = 4 << 16  # the last fade to silence begins
    RUNG = 5 << 16  # the value is the rung of the ladder from here on
    LIMITER = 6 << 16  # the value is the limiter's attenuation in dB where a voice is whole
    CONCEALED = 7 << 16  # what the worker thread should have delivered in this block came too late
    APART = 8 << 16  # after SWAP: each voice has settings of its own; the new one's input gain


class State(IntEnum):
    """What the engine is doing; the window and the status line name it."""

    STARTING = 0
    PLAYING = 1
    MUTED = 2
    DRY = 3
    SWAPPING = 4
    ENDED = 5
    FAILED = 6
    HOLDING = 7
    SILENT = 8
    DUCKED = 9


CONTROL = np.dtype(
    [
        ("version", np.uint64),
        ("sequence", np.uint64),
        ("panic_count", np.uint64),
        ("host_beat", np.uint64),
        ("scene", np.uint64),
        ("values", np.float32, (PARAMETER_COUNT,)),
    ]
)

TELEMETRY = np.dtype(
    [
        ("version", np.uint64),
        ("engine_pid", np.uint64),
        ("state", np.uint64),
        ("in_block", np.uint64),
        ("blocks", np.uint64),
        ("frames", np.uint64),
        ("late_blocks", np.uint64),
        ("input_overflows", np.uint64),
        ("output_underflows", np.uint64),
        ("guard_repairs", np.uint64),
        ("limited_blocks", np.uint64),
        ("model_serial", np.uint64),
        ("concealed_blocks", np.uint64),
        ("rung", np.uint64),
        ("rung_changes", np.uint64),
        ("howls", np.uint64),
        ("voice_start_frame", np.uint64),
        ("value_rows", np.uint64),
        ("latent_rows", np.uint64),
        ("scope_frames", np.uint64),
        ("timing_rows", np.uint64),
        ("sample_rate_hz", np.uint64),
        ("block_size", np.uint64),
        ("hop_frames", np.uint64),
        ("latents", np.uint64),
        ("device_latency_frames", np.uint64),
        ("reblock_latency_frames", np.uint64),
        ("buffer_latency_frames", np.uint64),
        ("model_latency_frames", np.uint64),
        ("looper_rows", np.uint64),
        ("looper_at", np.uint64),
        ("input_peak", np.float32),
        ("output_peak", np.float32),
        ("input_rms", np.float32),
        ("output_rms", np.float32),
        ("leash_pull", np.float32),
        ("beat", np.float32),
        ("modulator", np.float32, (MODULATORS,)),
        ("latent_before", np.float32, (LATENT_ROWS, MAX_LATENTS)),
        ("latent_after", np.float32, (LATENT_ROWS, MAX_LATENTS)),
        ("scope_input", np.float32, (SCOPE_FRAMES,)),
        ("scope_output", np.float32, (SCOPE_FRAMES,)),
        ("latent_frame", np.uint64, (LATENT_ROWS,)),
        ("timing_us", np.float32, (TIMING_ROWS, 5)),
        ("timing_frames", np.uint32, (TIMING_ROWS,)),
        ("timing_start", np.uint64, (TIMING_ROWS,)),
        ("value_frame", np.uint64, (VALUE_ROWS,)),
        ("value_index", np.uint32, (VALUE_ROWS,)),
        ("value", np.float32, (VALUE_ROWS,)),
    ]
)

TIMING_COLUMNS = ("total", "encoder", "control", "decoder", "rest")
