"""On which line of a TOML text a key stands, for sentences about it."""

import re


def line_of(lines: list[str], table: str, number: int, key: str) -> int:
    """Return the line, from 1, of a key in the `number`-th table (from 0) of that name.

    A key that is missing lies on its table's header; the table "" is the text before any header.
    Keys written as dotted or inline tables are not found: 0.
    """
    header = re.compile(r"\s*\[{1,2}\s*([A-Za-z0-9_\"'.-]+)\s*\]{1,2}")
    wanted = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    current, seen, header_line = "", -1, 0
    for k, line in enumerate(lines, 1):
        found = header.match(line)
        if found:
            current = found[1].strip("\"'")
            seen += current == table
            if current == table and seen == number:
                header_line = k
            if not table and current == key:
                return k
        inside = current == table and (not table or seen == number)
        if inside and wanted.match(line):
            return k
    return header_line
