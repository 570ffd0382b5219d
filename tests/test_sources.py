"""Models' texts by name and by path, read without reading their equations."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from derive import pipeline, sources
from derive.errors import DeriveError


def test_a_name_is_the_zoos_and_a_path_is_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert sources.path_of("vanilla") == sources.ZOO / "vanilla.eq"
    assert sources.path_of("there/mine.eq") == Path("there/mine.eq")
    Path("vanilla").write_text("")
    assert sources.path_of("vanilla") == Path("vanilla")
    with pytest.raises(DeriveError, match="no model 'vanila'\n    did you mean 'vanilla'"):
        sources.path_of("vanila")


def test_a_text_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.eq"
    with pytest.raises(DeriveError, match="there is no file"):
        sources.text_of(path)
    path.write_bytes(b"loss = \xff")
    with pytest.raises(DeriveError, match="byte 7 is not UTF-8"):
        sources.text_of(path)
    path.write_bytes(b"\xef\xbb\xbfloss = 1\n")
    assert sources.text_of(path) == "loss = 1\n"


@pytest.mark.parametrize("name", ["vanilla", "tree_lstm", "sru"])
def test_a_title_is_what_the_reader_finds(name: str) -> None:
    text = sources.text_of(sources.path_of(name))
    assert sources.title(text) == pipeline.load(name).system.doc.partition("\n")[0] != ""


@pytest.mark.parametrize("text", ["", "x = (", '"""\\\\alpha', "x = 1\n", "\x00"])
def test_what_has_no_title_has_an_empty_one(text: str) -> None:
    assert sources.title(text) == ""


def test_the_zoo_is_listed_without_sympy(checkout: Path) -> None:
    program = "import sys; from derive.cli import main; main(['list']); print('sympy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=checkout, check=True)
    assert done.stdout.splitlines()[-1] == "False" and "vanilla" in done.stdout
