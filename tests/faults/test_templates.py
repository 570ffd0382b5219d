"""Templates that are missing or broken: one message with file and line, and nothing is written."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from derive.emit import render, templates
from derive.emit.numpy import header, helpers

Run = Callable[..., Any]
MODEL = "w: Param[n]\nx: Input[n]\nloss = dot(w, x)\n"
MODULE = "numpy/module.j2"
MEND = "; the template is broken: install derive again, or mend it\n"


@pytest.fixture
def folder(derive_in: Run, tmp_path: Path, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the templates, which every command uses."""
    copy = tmp_path / "templates"
    shutil.copytree(checkout / "templates", copy)
    Path("m.eq").write_text(MODEL)
    for module in (render, templates, header, helpers):
        monkeypatch.setattr(module, "templates_folder", lambda: copy)
    caches = (render._environment, render._needed, header.own_hash)
    for cache in caches:
        cache.cache_clear()
    yield copy
    for cache in caches:
        cache.cache_clear()


@pytest.mark.parametrize(
    ("more", "line", "said"),
    [
        ("{% for %}", 45, "Expected an expression, got 'end of statement block'"),
        ("{% end %}", 45, "Encountered unknown tag 'end'."),
        ("{{ nothing }}", 45, "nothing is called nothing that could be filled in"),
        ("{{ title.nothing.more }}", 45, "'str object' has no attribute 'nothing'"),
        ("{{ title|nothing }}", 45, "No filter named 'nothing'."),
        ("{{ title + 1 }}", 45, 'can only concatenate str (not "int") to str'),
        ("{{ 1 // 0 }}", 45, "integer division or modulo by zero"),
    ],
)
def test_a_template_that_is_broken(derive_in: Run, folder: Path, more: str, line: int, said: str) -> None:
    place = folder / MODULE
    assert len(place.read_text().split("\n")) == line
    place.write_text(f"{place.read_text()}{more}\n")
    answer = derive_in("generate", "m.eq")
    assert (answer.code, answer.out, answer.err) == (3, "", f"{place}:{line}: {said}{MEND}")
    assert not Path("generated").exists()
    told = derive_in("generate", "m.eq", "--json").json
    assert told["exit"] == 3 and told["error"] == f"{place}:{line}: {said}{MEND[:-1]}"


def test_a_template_that_leaves_something_out(derive_in: Run, folder: Path) -> None:
    place = folder / MODULE
    place.write_text(place.read_text().replace("{{ title }}", "title"))
    assert derive_in("generate", "m.eq").err == f"{place}: it leaves out title{MEND}"


def test_a_template_that_is_no_text(derive_in: Run, folder: Path) -> None:
    place = folder / MODULE
    place.write_bytes(b"\xff")
    answer = derive_in("generate", "m.eq")
    assert (answer.code, answer.err) == (3, f"{place}: byte 0 is not UTF-8{MEND}")


@pytest.mark.parametrize("name", [MODULE, "numpy/function.j2", "numpy/helpers/_size.j2"])
def test_a_template_that_is_missing(derive_in: Run, folder: Path, name: str) -> None:
    (folder / name).unlink()
    answer = derive_in("generate", "m.eq")
    assert (answer.code, answer.out, answer.err) == (3, "", f"{folder / name}: it is missing{MEND}")
    assert not Path("generated").exists()


@pytest.mark.parametrize("name", [MODULE, "numpy/helpers/_size.j2"])
def test_a_template_that_makes_no_python(derive_in: Run, folder: Path, name: str) -> None:
    (folder / name).write_text((folder / name).read_text() + "\ndef (\n")
    answer = derive_in("generate", "m.eq")
    assert answer.code == 3 and answer.err.startswith(f"{folder / name}: what it makes is not Python (")
    assert "def (" in answer.err and not Path("generated").exists()


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["latex", "m.eq"], "latex/document.j2"),
        (["html", "m.eq", "--no-verify"], "html/page.j2"),
        (["draw", "m.eq"], "svg/picture.j2"),
    ],
)
def test_no_command_answers_with_half_of_it(derive_in: Run, folder: Path, words: list[str], name: str) -> None:
    text = (folder / name).read_text()
    (folder / name).write_text(text + '{% include "none.j2" %}')
    answer = derive_in(*words, "-o", "out.html" if words[0] == "html" else "out.svg")
    assert (answer.code, answer.out, answer.err) == (3, "", f"{folder / 'none.j2'}: it is missing{MEND}")
    assert not list(Path().glob("out*"))


def test_an_error_that_is_not_the_templates_is_not_put_on_them(folder: Path) -> None:
    class Bad:
        def __str__(self) -> str:
            raise ValueError("of derive's own")

    with pytest.raises(ValueError, match="of derive's own"):
        render.render("latex/drawing.j2", name=Bad(), picture="")


@pytest.mark.parametrize("what", ["absent", "a file"])
def test_no_folder_of_templates(derive_in: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    Path("m.eq").write_text(MODEL)
    package = tmp_path / "derive" / "emit"
    package.mkdir(parents=True)
    if what == "a file":
        (tmp_path / "templates").touch()
    monkeypatch.setattr(templates, "__file__", str(package / "templates.py"))
    header.own_hash.cache_clear()
    answer = derive_in("generate", "m.eq")
    header.own_hash.cache_clear()
    said = f"{tmp_path / 'derive' / 'templates'}: derive was installed without its templates; install it again\n"
    assert (answer.code, answer.out, answer.err) == (3, "", said) and not Path("generated").exists()
