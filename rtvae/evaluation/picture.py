"""The pictures of a report: pairs of spectrograms, and the correlation of the latents, as SVG.

A pair is input above output on one scale of colours. Its PNGs hold nothing but pixels; axes and
words are SVG text in the colour of the page, so that they can be read on a dark page and on a
light one. This is the only importer of Pillow.
"""

import base64
import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rtvae.dsp.distance import FFT_HOP, LOWEST_HZ, MEL_BANDS, hz_to_mel, log_mel_db
from rtvae.evaluation.frames import Floats

RANGE_DB = 80.0
LONGEST_COLUMNS = 900
WIDTH, HEIGHT = 640, 160
LEFT, TOP, GAP, BOTTOM, RIGHT = 64, 18, 26, 34, 84
TICKS_HZ = (100, 500, 1000, 2000, 5000, 10_000, 20_000)
CELL, POSITIVE, NEGATIVE = 22, "#e8710a", "#1a73e8"
# Dark to light at an even rise of lightness: night, violet, red, orange, cream.
RAMP = ((6, 4, 20), (62, 18, 104), (150, 36, 108), (226, 90, 62), (250, 176, 66), (252, 248, 204))


def spectrogram_pair_svg(wanted: Floats, played: Floats, sample_rate_hz: int) -> str:
    """Return an `<svg>` of the log-mel spectra of two aligned mono sounds of equal length.

    White is the loudest moment of either, black RANGE_DB below it.
    """
    spectra = [log_mel_db(sound, sample_rate_hz) for sound in (wanted, played)]
    loudest = max(float(spectrum.max()) for spectrum in spectra)
    seconds = spectra[0].shape[1] * FFT_HOP / sample_rate_hz
    total_width, total_height = LEFT + WIDTH + RIGHT, TOP + 2 * HEIGHT + GAP + BOTTOM
    parts = [
        f'<svg viewBox="0 0 {total_width} {total_height}" role="img" '
        f'aria-label="Spectrograms of input and output">'
    ]
    for k, (name, spectrum) in enumerate(zip(("input", "output"), spectra, strict=True)):
        top = TOP + k * (HEIGHT + GAP)
        parts.append(_text(LEFT, top - 5, name, "start"))
        parts.append(
            f'<image x="{LEFT}" y="{top}" width="{WIDTH}" height="{HEIGHT}" '
            f'preserveAspectRatio="none" href="{_png(_indices(spectrum, loudest))}"/>'
        )
        parts += _hz_axis(top, sample_rate_hz)
    parts += _time_axis(TOP + 2 * HEIGHT + GAP, seconds)
    parts += _colour_bar(TOP, loudest)
    return "".join([*parts, "</svg>"])


def correlation_svg(matrix: Sequence[Sequence[float | None]]) -> str:
    """Return an `<svg>` of a correlation matrix: orange is positive, blue negative, strong full.

    Every cell says its number to the pointer; one without a value stays empty.
    """
    size = CELL * (len(matrix) + 1)
    parts = [f'<svg viewBox="0 0 {size} {size}" style="max-width: {size}px" role="img">']
    for row, values in enumerate(matrix, 1):
        parts.append(_text(CELL - 5, row * CELL + 15, str(row), "end"))
        parts.append(_text(row * CELL + CELL / 2, 15, str(row), "middle"))
        for column, value in enumerate(values, 1):
            if value is not None:
                parts.append(
                    f'<rect x="{column * CELL}" y="{row * CELL}" width="{CELL - 1}" '
                    f'height="{CELL - 1}" fill="{POSITIVE if value > 0 else NEGATIVE}" '
                    f'fill-opacity="{abs(value):.2f}"><title>{row}, {column}: {value:+z.2f}'
                    "</title></rect>"
                )
    return "".join([*parts, "</svg>"])


def _indices(spectrum: NDArray[np.float64], loudest: float) -> NDArray[np.uint8]:
    """Return the picture's pixels, lowest band at the bottom, neighbouring columns averaged."""
    merge = -(-spectrum.shape[1] // LONGEST_COLUMNS)
    starts = np.arange(0, spectrum.shape[1], merge)
    widths = np.diff(np.append(starts, spectrum.shape[1]))
    merged = np.add.reduceat(spectrum, starts, axis=1) / widths
    bright = (merged - loudest) / RANGE_DB + 1.0
    return np.rint(255.0 * np.clip(bright, 0.0, 1.0)).astype(np.uint8)[::-1]


def _png(pixels: NDArray[np.uint8]) -> str:
    """Return the picture as a data URI, with the ramp as its palette."""
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    places = np.linspace(0.0, len(RAMP) - 1.0, 256)
    ramp = np.array(RAMP, np.float64)
    palette = np.stack([np.interp(places, range(len(RAMP)), ramp[:, c]) for c in range(3)], axis=1)
    picture.putpalette(np.rint(palette).astype(np.uint8).tobytes())
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"


def _hz_axis(top: int, sample_rate_hz: int) -> list[str]:
    # Band k is centred on edge k + 1 of bands + 2 edges, evenly spaced on the mel scale.
    low, high = hz_to_mel(np.array([LOWEST_HZ, sample_rate_hz / 2]))
    parts = []
    for hz in TICKS_HZ:
        place = (float(hz_to_mel(np.array(float(hz)))) - low) / (high - low) * (MEL_BANDS + 1)
        height = (place - 0.5) / MEL_BANDS
        if 0.0 <= height <= 1.0:
            y = top + HEIGHT * (1.0 - height)
            parts.append(_line(LEFT - 4, y, LEFT, y))
            label = f"{hz // 1000} kHz" if hz >= 1000 else f"{hz} Hz"
            parts.append(_text(LEFT - 7, y + 4, label, "end"))
    return parts


def _time_axis(y: int, seconds: float) -> list[str]:
    step = next((s for s in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0) if seconds / s <= 8), 20.0)
    parts = []
    for k in range(int(seconds / step + 1e-9) + 1):
        x = LEFT + WIDTH * k * step / seconds
        parts.append(_line(x, y, x, y + 4))
        parts.append(_text(x, y + 17, f"{k * step:g}", "middle"))
    parts.append(_text(LEFT + WIDTH / 2, y + 31, "seconds", "middle"))
    return parts


def _colour_bar(top: int, loudest: float) -> list[str]:
    x, width, height = LEFT + WIDTH + 16, 12, 2 * HEIGHT + GAP
    pixels = np.repeat(np.arange(255, -1, -1, dtype=np.uint8)[:, None], 2, axis=1)
    parts = [
        f'<image x="{x}" y="{top}" width="{width}" height="{height}" '
        f'preserveAspectRatio="none" href="{_png(pixels)}"/>'
    ]
    for k in range(5):
        y = top + height * k / 4
        parts.append(_text(x + width + 5, y + 4, f"{loudest - RANGE_DB * k / 4:.0f} dB", "start"))
    return parts


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'
