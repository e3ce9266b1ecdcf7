"""Print docs/errors.md anew: every sentence of a fault, collected from where it is raised.

    python tools/error_table.py > docs/errors.md

A sentence names its cause, then, after the last semicolon or colon, what to do. What a program
fills in is shown in CAPITALS.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ERRORS = PROJECT / "rtvae" / "errors.py"
# What only the programs of one session say to each other, and what becomes part of a sentence.
WITHIN = ("engine/messages.py", "engine/main.py", "model/trial.py")
WORDS = {
    "strerror": "reason",
    "error": "reason",
    "first line": "reason",
    "parent": "folder",
    "closest": "what there is",
    "there": "what there is",
    "there are": "what there is",
    "wherefield": "where",
    "listed": "their numbers",
}
Constants = dict[str, str]

BEFORE = """\
# Errors: what rtvae says, and what to do

Whatever goes wrong, `rtvae` says it in one sentence that names the cause and the remedy, on
standard error, and ends with the exit status of its kind: 2 for a command that cannot be, else 1.
What is in CAPITALS stands for a name or a number of yours. A fault nobody foresaw is written to a
file, and the sentence says where it lies: please send it.

This page is made from the program by `python tools/error_table.py > docs/errors.md`.
"""


def kinds() -> dict[str, str]:
    """Return the first line of every kind's docstring, by name, in the order of errors.py."""
    module = ast.parse(ERRORS.read_text("utf-8"))
    return {
        node.name: (ast.get_docstring(node) or "").splitlines()[0]
        for node in module.body
        if isinstance(node, ast.ClassDef)
    }


def sentences() -> dict[str, list[str]]:
    """Return every sentence, by kind, in the order of the files."""
    known, found = kinds(), defaultdict[str, list[str]](list)
    for path in sorted((PROJECT / "rtvae").rglob("*.py")):
        if path.as_posix().endswith(WITHIN):
            continue
        module = ast.parse(path.read_text("utf-8"))
        constants = _constants(module)
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                text = _text(node.args[0], constants)
                if node.func.id in known and text and text not in found[node.func.id]:
                    found[node.func.id].append(text)
    return found


def page() -> str:
    """Return the whole page."""
    parts, all_sentences = [BEFORE], sentences()
    for kind, meaning in kinds().items():
        parts.append(f"## {kind}\n\n{meaning}\n")
        rows = [_split(sentence) for sentence in sorted(all_sentences[kind], key=str.lower)]
        if rows:
            lines = [f"| {cause} | {remedy} |" for cause, remedy in rows]
            parts.append("\n".join(["| what it says | what to do |", "|---|---|", *lines, ""]))
    return "\n".join(parts)


def _constants(module: ast.Module) -> Constants:
    """Return the numbers and texts that a module names in capitals."""
    found: Constants = {}
    for node in module.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if isinstance(node.value, ast.Constant):
                found[node.targets[0].id] = str(node.value.value)
    return found


def _split(sentence: str) -> tuple[str, str]:
    """Part cause and remedy where the sentence does."""
    for mark in ("; ", ": "):
        cause, found, remedy = sentence.replace("|", "\\|").rpartition(mark)
        if found:
            return cause, remedy
    return sentence.replace("|", "\\|"), ""


def _text(node: ast.expr, constants: Constants) -> str:
    """Return a string expression with what it fills in named in capitals; nothing if it is none."""
    match node:
        case ast.Constant(value=str(value)):
            return str(value)
        case ast.JoinedStr(values=values):
            # A value in two parts is still one value.
            parts = [_text(value, constants) for value in values]
            return "".join(part for k, part in enumerate(parts) if k == 0 or part != parts[k - 1])
        case ast.FormattedValue(value=ast.IfExp(body=body)):
            return _text(body, constants)
        case ast.FormattedValue(value=value):
            return constants.get(ast.unparse(value)) or _name(value)
        case ast.BinOp(left=left, right=right):
            return _text(left, constants) + _text(right, constants)
    return ""


def _name(node: ast.expr) -> str:
    """Return what a value is called, in capitals: its last telling word."""
    own = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    words: list[str] = re.findall(r"[A-Za-z][A-Za-z_]+", ast.unparse(node))
    words = [word for word in words if not hasattr(str, word) and word not in ("self", "sorted")]
    telling = [word for word in words if word not in ("len", "float")] or ["value"]
    name: str = telling[0 if own else -1].lower().replace("_", " ").strip()
    return WORDS.get(name, name).upper()


if __name__ == "__main__":
    sys.stdout.write(page())
