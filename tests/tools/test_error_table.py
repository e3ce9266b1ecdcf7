"""The page of errors names every kind there is, and no kind that is gone."""

import re
from pathlib import Path

import error_table
from rtvae import errors

PAGE = Path(error_table.__file__).parent.parent / "docs" / "errors.md"


def test_every_kind_is_on_the_page() -> None:
    kinds = [name for name, kind in vars(errors).items() if isinstance(kind, type)]
    assert "UsageError" in kinds
    on_the_page = re.findall(r"^## (\w+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    again = "docs/errors.md is old; make it anew: python tools/error_table.py > docs/errors.md"
    assert on_the_page == kinds, again


def test_the_table_parts_cause_and_remedy() -> None:
    row = "| PATH holds no sound | record it again or choose another file. |"
    assert row in error_table.page().splitlines()
    assert row in PAGE.read_text("utf-8").splitlines()
