"""Text in columns, for what the commands print."""

from collections.abc import Sequence


def columns(rows: Sequence[Sequence[object]], indent: str = "") -> str:
    """Return the rows as lines with aligned columns, two spaces apart."""
    texts = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[k]) for row in texts) for k in range(len(texts[0]))] if texts else []
    return "\n".join(
        indent
        + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in texts
    )
