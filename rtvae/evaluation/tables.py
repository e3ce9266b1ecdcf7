"""The figures of an evaluation as tables of text, for the terminal and the report alike."""

from collections.abc import Sequence
from dataclasses import dataclass

from rtvae.evaluation.attributes import UNITS
from rtvae.evaluation.figures import (
    COLUMNS,
    Column,
    by_folder,
    figures,
    furthest,
    mean_of_folders,
    means,
)
from rtvae.evaluation.folder import Evaluation
from rtvae.evaluation.knobs import KnobEffect
from rtvae.spec import ATTRIBUTES, ModelCard

CORRELATES = 0.5  # between dimensions: from here on it is named


@dataclass(frozen=True)
class Table:
    """A title, a heading for each column, rows of text, rows that sum them up, and remarks.

    A heading may have a second line, for the unit. The first `words` columns are words, the
    others figures.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    sums: tuple[tuple[str, ...], ...] = ()
    remarks: tuple[str, ...] = ()
    words: int = 1


def all_tables(
    card: ModelCard,
    evaluation: Evaluation,
    knobs: Sequence[KnobEffect] | None,
    columns: Sequence[Column] = COLUMNS,
) -> list[Table]:
    """Return every table there is something for; `columns` are those of the recordings."""
    tables = [
        recordings_table(evaluation, columns),
        transfer_table(evaluation),
        latents_table(card, evaluation),
        knobs_table(knobs) if knobs is not None else None,
    ]
    return [table for table in tables if table]


def recordings_table(evaluation: Evaluation, columns: Sequence[Column] = COLUMNS) -> Table:
    """Return one row for each recording, then the means of subfolders and of all."""
    if evaluation.pitch is None:
        columns = [column for column in columns if not column.key.startswith("pitch.")]
    groups = by_folder(evaluation.rows)
    sums = [("mean", means(evaluation.rows))]
    if len(groups) > 1:
        sums = [(f"mean of {name}", means(rows)) for name, rows in groups.items()] + sums
    return Table(
        "Recordings",
        ("recording", *(_head(column) for column in columns)),
        tuple((row.file, *(c.text(figures(row)) for c in columns)) for row in evaluation.rows),
        tuple((name, *(c.text(found) for c in columns)) for name, found in sums),
        tuple(_remarks(evaluation)),
    )


def latents_table(card: ModelCard, evaluation: Evaluation) -> Table | None:
    """Return one row for each dimension; None for a model without latents."""
    latents = evaluation.latents
    if not latents.dimensions:
        return None
    shown = [name for name in ATTRIBUTES if any(v is not None for v in latents.attributes[name])]
    rows = []
    for k, spec in enumerate(card.latents):
        others = [
            f"{j + 1} ({value:+z.2f})"
            for j, value in enumerate(latents.correlation[k])
            if j != k and value is not None and abs(value) >= CORRELATES
        ]
        rows.append(
            (
                str(k + 1),
                spec.name,
                _number(latents.nats[k], ".2f"),
                f"{latents.mean[k]:+z.2f}",
                f"{latents.deviation[k]:.2f}",
                *(_number(latents.attributes[name][k], "+z.2f") for name in shown),
                ", ".join(others),
            )
        )
    nats = [value for value in latents.nats if value is not None]
    return Table(
        "Latents",
        ("", "name", "nats", "mean", "deviation", *(f"{name}\nr" for name in shown), "others\nr"),
        tuple(rows),
        remarks=(
            f"{latents.active} of {latents.dimensions} dimensions are active, "
            f"{sum(nats):.1f} nats per hop in all.",
        ),
        words=2,
    )


def transfer_table(evaluation: Evaluation) -> Table | None:
    """Return the bars of a transfer; None if none was asked for."""
    transfer = evaluation.transfer
    if transfer is None:
        return None
    remarks = []
    if transfer.moved_db is not None:
        remarks.append(
            f"The long-term spectrum moved {transfer.moved_db:.1f} dB per band away from the input."
        )
    if transfer.target_spread_db is not None:
        remarks.append(
            f"Average spectrum to that of the target: input {transfer.input_from_target_db:.1f} dB,"
            f" output {transfer.output_from_target_db:.1f} dB;"
            f" a target recording is {transfer.target_spread_db:.1f} dB from it."
        )
    remarks.append("Aligned by the card's latency and by nothing else.")
    return Table(
        "Transfer",
        ("", "demand", "measured"),
        tuple(
            ("pass" if bar.met else "FAIL", bar.name, _number(bar.value, ".3g"))
            for bar in transfer.bars
        ),
        remarks=tuple(remarks),
        words=2,
    )


def knobs_table(knobs: Sequence[KnobEffect]) -> Table:
    """Return one row for each knob named after an attribute and each attribute it moves."""
    rows = []
    for knob in knobs:
        for name in ATTRIBUTES:
            own = name == knob.attribute
            rows.append(
                (
                    f"{knob.dimension + 1} {knob.attribute}" if name == ATTRIBUTES[0] else "",
                    f"{name}, {UNITS[name]}",
                    *(_number(change, "+z.2f") for change in knob.change[name]),
                    _number(knob.in_spreads(name), "+z.2f"),
                    ("yes" if knob.monotonic(name) else "NO") if own else "",
                )
            )
    offsets = knobs[0].offsets if knobs else ()
    return Table(
        "Knobs",
        (
            "knob",
            "moves",
            *(f"at {offset:+z.3g}" if offset else "at rest" for offset in offsets),
            "deviations per unit",
            "monotonic",
        ),
        tuple(rows),
        remarks=() if knobs else ("No latent of this model is named after an attribute.",),
        words=2,
    )


def _remarks(evaluation: Evaluation) -> list[str]:
    worst = furthest(evaluation.rows)
    distance = f"Log-mel distance: {worst.log_mel_db:.2f} dB at most ({worst.file})"
    if len(by_folder(evaluation.rows)) > 1:
        distance += f", {mean_of_folders(evaluation.rows):.2f} dB as the mean of the folders' means"
    remarks = [f"{distance}."]
    pitch = evaluation.pitch
    if pitch and pitch.error_cents is not None and pitch.folded_cents is not None:
        remarks.append(
            f"Pitch over all {pitch.voiced_frames} voiced frames: median error "
            f"{pitch.error_cents:.1f} cents ({pitch.folded_cents:.1f} with octaves forgiven), "
            f"{100 * (pitch.kept_share or 0.0):.0f} % voiced in the output, "
            f"{100 * (pitch.gross_share or 0.0):.0f} % of those off by more than 20 %."
        )
    reasons: dict[str, list[str]] = {}
    for row in evaluation.rows:
        if row.waveform.reason:
            kind = row.waveform.reason.partition(" (")[0]
            reasons.setdefault(kind, []).append(row.file)
    remarks += [
        f"No SI-SDR for {len(files)} of {len(evaluation.rows)} recordings: {kind}."
        for kind, files in reasons.items()
        if not evaluation.transfer
    ]
    cut = sum(row.cut for row in evaluation.rows)
    if cut:
        remarks.append(f"Of {cut} recordings only the beginning was measured.")
    return remarks


def _head(column: Column) -> str:
    return f"{column.title}\n{column.unit}"


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
