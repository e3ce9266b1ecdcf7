"""What the lab found, as text, as JSON facts and as a row of a table. Pure."""

from dataclasses import asdict
from typing import Any

from rtvae.latency.lab import PARTS, Measurement

TABLE_HEAD = (
    "| model | hop | block | inference | device | reblock | buffer | model | reported | measured "
    "| jitter | dry against wet |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|---|"
)


def facts(found: Measurement) -> dict[str, Any]:
    """Return everything, in frames and in milliseconds."""
    total = {"reported": found.reported_total_frames, "measured": found.total_frames}
    per_ms = found.sample_rate_hz / 1000.0
    return {
        **asdict(found),
        "reported_total_frames": total["reported"],
        "reported_ms": round(total["reported"] / per_ms, 3),
        "measured_ms": round(total["measured"] / per_ms, 3),
        "true": found.true,
    }


def describe(found: Measurement) -> str:
    """Return one measurement as lines of text."""

    def time(frames: int) -> str:
        return f"{frames:6d} frames {1000 * frames / found.sample_rate_hz:8.2f} ms"

    reported = found.reported_frames
    own = sum(reported[part] for part in PARTS if part != "device")
    how = "buffered" if found.buffered else "direct"
    size = f"blocks of {found.block_size} frames" if found.block_size else "blocks of any size"
    lines = [
        f"{found.model}, hop {found.hop_frames}, {how}, {size} at {found.sample_rate_hz} Hz",
        f"  {'':12}{'reported':>27}{'measured':>27}",
        f"  {'device':12}{time(reported['device']):>27}{time(found.device_frames):>27}",
    ]
    lines += [f"  {part:12}{time(reported[part]):>27}" for part in PARTS if part != "device"]
    lines += [
        f"  {'in rtvae':12}{time(own):>27}{time(found.path_frames):>27}",
        f"  {'together':12}{time(found.reported_total_frames):>27}{time(found.total_frames):>27}",
        f"  jitter {found.jitter_frames} frames over {found.bursts} bursts"
        + (f"; {found.lost} more had a dropout and were left out" if found.lost else ""),
    ]
    if not found.by_model:
        lines.append("  The model changes the sound, so the dry sound beside it was measured.")
    if not found.by_model and found.onset_frames is not None:
        lines.append(
            f"  The model's own sound begins {found.onset_frames} frames after the dry one."
        )
    if found.null_db is not None:
        lines.append(f"  dry against wet {found.null_db:.0f} dB")
    lines.append(f"  {verdict(found)}")
    return "\n".join(lines)


def verdict(found: Measurement) -> str:
    """Return one sentence: whether what is reported is true, or what to do."""
    apart = found.device_frames - found.reported_frames["device"]
    if found.true and not found.by_model:
        return (
            "What is reported is true to the frame, as far as the dry sound can tell; the model's "
            "own part is what its card says, measured at export."
        )
    if found.true:
        return "What is reported is true to the frame."
    if found.jitter_frames:
        return "The latency is not constant: look for dropouts, or use larger blocks."
    if found.total_frames - found.reported_total_frames == apart:
        return (
            f"The device takes {apart:+d} frames against what it reports, as converters do; on "
            "JACK, tell the server by -I and -O (jackd -d alsa) and it will be reported."
        )
    return "What is reported is not true; please send this with your model's card."


def table_row(found: Measurement) -> str:
    """Return one measurement as a row under TABLE_HEAD."""
    reported = found.reported_frames
    cells = [
        found.model,
        str(found.hop_frames),
        str(found.block_size or "any"),
        "buffered" if found.buffered else "direct",
        *(str(reported[part]) for part in PARTS),
        _both(found.reported_total_frames, found.sample_rate_hz),
        _both(found.total_frames, found.sample_rate_hz),
        str(found.jitter_frames),
        "" if found.null_db is None else f"{found.null_db:.0f} dB",
    ]
    return f"| {' | '.join(cells)} |"


def _both(frames: int, sample_rate_hz: int) -> str:
    return f"{frames} = {1000 * frames / sample_rate_hz:.2f} ms"
