"""The table of faults names tests that are there."""

import re
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`(tests/[a-z_/]+\.py)::(test_\w+)`")


def test_every_test_that_the_table_names_is_there() -> None:
    named = NAMED.findall((PROJECT / "docs" / "faults.md").read_text())
    assert len(named) > 60
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not re.search(rf"^def {test}\(", (PROJECT / file).read_text(), re.MULTILINE)
    ]
    assert missing == []


def test_every_row_that_must_hold_names_a_test() -> None:
    rows = (PROJECT / "docs" / "faults.md").read_text().splitlines()
    must = [row for row in rows if re.match(r"\| \d+ P0 ", row)]
    assert len({row.split()[1] for row in must}) == 20
    assert all(NAMED.search(row) for row in must)
