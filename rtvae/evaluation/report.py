"""The report: one HTML file with the tables, spectrograms and players; nothing to load with it."""

import base64
import os
from collections.abc import Sequence
from html import escape
from pathlib import Path

from rtvae.errors import UsageError
from rtvae.evaluation.excerpt import read_beginning
from rtvae.evaluation.figures import COLUMNS, TRANSFER_COLUMNS, Column, figures
from rtvae.evaluation.folder import Evaluation
from rtvae.evaluation.frames import Floats
from rtvae.evaluation.knobs import KnobEffect
from rtvae.evaluation.latents import LatentStatistics
from rtvae.evaluation.picture import correlation_svg, spectrogram_pair_svg
from rtvae.evaluation.recording import Row
from rtvae.evaluation.tables import Table, all_tables
from rtvae.io.audio_file import flac_bytes
from rtvae.model.live import LiveModel
from rtvae.model.offline import take
from rtvae.spec import ModelCard

SHOWN_SECONDS = 8.0
MOST_DIMENSIONS = 32  # of which every pair is drawn
MOST_SHOWN = 16  # recordings, at about 1 MB each

VERDICTS = {"pass": "pass", "FAIL": "fail", "NO": "fail"}  # class of a cell by its text

STYLE = """
:root { color-scheme: light dark; --line: #8884; --faint: #8881; --good: #1a7f37; --bad: #cf222e }
@media (prefers-color-scheme: dark) { :root { --good: #3fb950; --bad: #ff7b72 } }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; margin-top: 2.5rem } h3 { font-size: 1rem }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .25rem .6rem; text-align: right; white-space: nowrap;
  border-bottom: 1px solid var(--line) }
th.words, td.words { text-align: left }
thead th { vertical-align: bottom }
tfoot td { font-weight: 600; background: var(--faint) }
.pass { color: var(--good) } .fail { color: var(--bad) }
svg { display: block; width: 100%; max-width: 52rem }
svg text { font-size: 12px; fill: currentColor } svg line { stroke: currentColor }
figure { margin: 1rem 0 2rem } figcaption { margin: .3rem 0 }
.players { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: center }
.players label { display: flex; gap: .5rem; align-items: center }
dt { font-weight: 600 } dd { margin: 0 0 .3rem 1.5rem }
"""


def write_report(
    path: Path,
    model: LiveModel,
    folder: Path,
    evaluation: Evaluation,
    knobs: Sequence[KnobEffect] | None = None,
) -> None:
    """Write the report of an evaluation of `folder`. Raises UsageError if it cannot be written.

    Each recording shown is read and played again, so that memory holds one of them.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(draft, "w", encoding="utf-8") as file:
            file.write(_head(model.card, folder))
            columns = TRANSFER_COLUMNS if evaluation.transfer else COLUMNS
            first, *others = all_tables(model.card, evaluation, knobs, columns)
            file.write(_table(first) + _glossary(columns, evaluation.skipped))
            file.writelines(_table(table) for table in others)
            file.write(_matrix(evaluation.latents))
            shown = choose(evaluation.rows)
            file.write(_listening_head(len(shown), len(evaluation.rows)))
            for row in shown:
                file.write(_recording(model, folder, row))
            file.write("</body></html>\n")
        os.replace(draft, path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror}); "
            "check the folder's permissions and the free space."
        ) from error
    finally:
        draft.unlink(missing_ok=True)


def choose(rows: Sequence[Row], most: int = MOST_SHOWN) -> list[Row]:
    """Return the rows to show, furthest from their input first: all, or some at even ranks."""
    ranked = sorted(rows, key=lambda row: -row.log_mel_db)
    if len(ranked) <= most:
        return ranked
    return [ranked[round(k * (len(ranked) - 1) / (most - 1))] for k in range(most)]


def _head(card: ModelCard, folder: Path) -> str:
    rate = card.sample_rate_hz
    late = card.latency
    title = escape(f"{card.title}: evaluation")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head><body><h1>{title}</h1>"
        f"<p>Model {escape(card.name)}: {card.parameters:,} parameters, "
        f"{len(card.latents)} latents, hop {card.hop_frames} frames at {rate} Hz, "
        f"algorithmic latency {late.algorithmic_frames} frames "
        f"({1e3 * late.algorithmic_frames / rate:.1f} ms). "
        f"Recordings: {escape(folder.name or str(folder))}. Output and input are aligned by the "
        f"delay in the card, {late.delay_frames} frames, and by nothing else.</p>"
    )


def _table(table: Table) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        made = (_cell(text, tag, k < table.words) for k, text in enumerate(cells))
        return f"<tr>{''.join(made)}</tr>"

    parts = [f"<h2>{escape(table.title)}</h2>"]
    if table.rows:
        parts.append('<div class="wide"><table>')
        parts.append(f"<thead>{row(table.heads, 'th')}</thead><tbody>")
        parts += [row(cells, "td") for cells in table.rows]
        parts.append("</tbody><tfoot>")
        parts += [row(cells, "td") for cells in table.sums]
        parts.append("</tfoot></table></div>")
    parts += [f"<p>{escape(remark)}</p>" for remark in table.remarks]
    return "".join(parts)


def _cell(text: str, tag: str, words: bool) -> str:
    kinds = [VERDICTS[text]] if text in VERDICTS else []
    kind = f' class="{" ".join(kinds + ["words"] * words)}"' if kinds or words else ""
    return f"<{tag}{kind}>{escape(text).replace(chr(10), '<br>')}</{tag}>"


def _matrix(latents: LatentStatistics) -> str:
    if not 2 <= latents.dimensions <= MOST_DIMENSIONS:
        return ""
    return (
        "<h3>Correlation between the dimensions</h3><figure>"
        f"{correlation_svg(latents.correlation)}</figure>"
    )


def _glossary(columns: Sequence[Column], left_out: Sequence[str]) -> str:
    entries = "".join(
        f"<dt>{escape(f'{c.title}, {c.unit}' if c.unit else c.title)}</dt>"
        f"<dd>{escape(c.meaning)}</dd>"
        for c in columns
    )
    meanings = f"<details><summary>What the columns mean</summary><dl>{entries}</dl></details>"
    skipped = "".join(f"<li>{escape(sentence)}</li>" for sentence in left_out)
    return meanings + (f"<h3>Left out</h3><ul>{skipped}</ul>" if skipped else "")


def _listening_head(shown: int, there: int) -> str:
    which = "all" if shown == there else f"{shown} of {there}, at even ranks,"
    return (
        f"<h2>Listen</h2><p>The first {SHOWN_SECONDS:g} seconds of {which} recordings, furthest "
        "from their input first. Log-mel spectra in dB on one scale of colours for both.</p>"
    )


def _recording(model: LiveModel, folder: Path, row: Row) -> str:
    rate = model.card.sample_rate_hz
    sound, _ = read_beginning(folder / row.file, rate, min(SHOWN_SECONDS, row.seconds))
    output = take(model, sound).output
    found = figures(row)
    said = f"log-mel {found['log_mel_db']:.2f} dB"
    if row.waveform.reason:
        said += f"; no SI-SDR: {row.waveform.reason}"
    return (
        f"<figure><h3>{escape(row.file)}</h3><figcaption>{escape(said)}</figcaption>"
        f"{spectrogram_pair_svg(sound, output, rate)}"
        f'<div class="players">{_player("input", sound, rate)}{_player("output", output, rate)}'
        "</div></figure>\n"
    )


def _player(name: str, sound: Floats, sample_rate_hz: int) -> str:
    data = base64.b64encode(flac_bytes(sound, sample_rate_hz)).decode("ascii")
    return (
        f'<label>{name} <audio controls preload="metadata" '
        f'src="data:audio/flac;base64,{data}"></audio></label>'
    )
