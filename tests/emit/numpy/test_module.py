"""The text of a generated module: header, docstring, layout, determinism."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from derive.emit.numpy import header
from derive.emit.numpy.module import is_untouched
from derive.emit.numpy.sizes import spell
from derive.emit.numpy.text import folded, for_comment, for_docstring, without_docstring
from derive.expressions import size_symbol
from tests.emit.numpy.hand import loaded, text

HOSTILE = [
    '"""; import os; os.abort()\n"""',
    "ends with a backslash \\",
    'ends with a quote "',
    '""""""',
    '\\"""',
    r"\N{BELL} \x \u12 \"",
    "separators \u2028 \u2029 \x85 \x0b \x0c \x1c and \x00 and \x1b[31m",
    "bidirectional \u202e\u2066 and lone \ud800",
    "carriage\rreturns\r\nand # comments\n# not python: (",
]


def test_the_header_and_the_docstring() -> None:
    source = '"""Doc."""\nx: Input[T, n_x]\n'
    made = text(source=source, doc="Doc.\n\nMore.")
    lines = made.split("\n")
    assert lines[0] == "# Written by derive from vanilla.eq; do not edit."
    assert lines[1] == "# Change vanilla.eq instead, and run: derive generate vanilla.eq"
    assert lines[2].startswith(f"# source {header.short_hash(source)}, derive {header.own_hash()}, body ")
    assert loaded(made).__doc__ == "Doc.\n\nMore.\n\nThe equations::\n\n    x: Input[T, n_x]\n"
    assert "--style plain" in text(style="plain") and "--style" not in made


def test_a_model_of_the_zoo_is_called_by_its_name(checkout: Path) -> None:
    source = (checkout / "derive/models/vanilla.eq").read_text("utf-8")
    assert "run: derive generate vanilla\n" in text(source=source)
    assert "run: derive generate 'my model.eq'\n" in text(source_name="my model.eq")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_breaks_out(hostile: str) -> None:
    parts = ast.dump(ast.Module(ast.parse(text(doc="D", source="s")).body[1:], []))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = text(doc=hostile, source=hostile, source_name=f"{hostile}.eq")
        tree = ast.parse(made)
    assert ast.dump(ast.Module(tree.body[1:], [])) == parts
    assert made.isascii() and all(c == "\n" or c.isprintable() for c in made)
    assert is_untouched(made)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_escaped_text_reads_as_it_was(hostile: str) -> None:
    shown = ast.literal_eval(f'"""{for_docstring(hostile)}\n"""').removesuffix("\n")
    plain = hostile.replace("\r\n", "\n").replace("\r", "\n")
    assert shown == "\n".join(line.rstrip() if line.isprintable() else line for line in plain.split("\n"))
    assert "\n" not in for_comment(hostile)


def test_changes_are_noticed() -> None:
    made = text()
    assert is_untouched(made) is True
    assert is_untouched(made.replace("\n", "\r\n")) is True
    assert is_untouched(made.replace("np.tanh", "np.sinh", 1)) is False
    assert is_untouched(made + "# mine\n") is False
    assert is_untouched("print('mine')\n") is None
    assert is_untouched("") is None


def test_the_hash_of_derive_covers_code_and_templates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    now = header.own_hash()
    assert len(now) == 16
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "module.j2").write_text("changed")
    monkeypatch.setattr(header, "templates_folder", lambda: tmp_path)
    assert header.own_hash.__wrapped__() != now


def test_the_same_bytes_under_every_hash_seed() -> None:
    code = "from tests.emit.numpy.hand import text; import sys; sys.stdout.write(text())"
    made = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert made == {text().encode()}


def test_the_layout() -> None:
    made = text()
    assert max(map(len, made.split("\n"))) <= 120
    assert made.endswith("\n") and not made.endswith("\n\n")
    assert all(line == line.rstrip() for line in made.split("\n"))
    imported = [ast.unparse(n) for n in ast.walk(ast.parse(made)) if isinstance(n, ast.Import | ast.ImportFrom)]
    assert imported == ["from __future__ import annotations", "from typing import NamedTuple", "import numpy as np"]
    assert made.count("def _logsumexp(") == 1 and "def _sigmoid(" not in made


def test_long_lines_are_folded() -> None:
    assert folded("f(", ["a" * 60, "b" * 60], ")") == ["f(", f"    {'a' * 60},", f"    {'b' * 60},", ")"]
    assert folded("f(", ["a" * 50, "b" * 50], ")" * 30) == ["f(", f"    {'a' * 50}, {'b' * 50}", ")" * 30]


def test_sizes_are_spelled() -> None:
    n, k = size_symbol("n"), size_symbol("k")
    names = {"n": "n_", "k": "k"}
    assert [spell(s) for s in (2 * n - 1, n - k, k * n + 1, n - n + 3)] == ["2*n - 1", "n - k", "k*n + 1", "3"]
    assert spell(2 * n - k, names) == "2 * n_ - k"


def test_the_docstring_of_a_source_is_dropped_once() -> None:
    assert without_docstring('"""a\n\nb"""\nx: Input\n') == "x: Input"
    assert without_docstring("x: Input") == "x: Input"
    assert without_docstring("not (python") == "not (python"
    assert without_docstring("3\nx") == "3\nx"
