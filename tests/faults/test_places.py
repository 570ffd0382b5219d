"""Models and modules in strange places, under strange names: what is said, and what is left alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import derive.cli.generate
from derive.cli.files import read_if_there

Run = Callable[..., Any]
MODEL = "w: Param[n]\nx: Input[n]\nloss = dot(w, x)\n"


@pytest.fixture
def model(derive_in: Run) -> Run:
    """A command of `derive`, in a folder that has one small model."""
    Path("m.eq").write_text(MODEL)
    return derive_in


def listed(folder: str = ".") -> set[str]:
    return {path.relative_to(folder).as_posix() for path in Path(folder).rglob("*")}


@pytest.mark.parametrize("exists", [False, True])
def test_no_link_leads_a_module_out_of_its_folder(model: Run, exists: bool) -> None:
    Path("out").mkdir()
    Path("out/m.py").symlink_to("../mine.py")
    if exists:
        Path("mine.py").write_text("mine")
    answer = model("generate", "m.eq", "--out", "out")
    place = Path("mine.py").resolve()
    assert (
        answer.err == f"out/m.py is a link to {place}, outside of out; nothing was written\n    --force writes there\n"
    )
    assert (answer.code, answer.out) == (1, "")
    assert Path("mine.py").read_text() == "mine" if exists else not Path("mine.py").exists()
    assert model("generate", "m.eq", "--out", "out", "--force").code == 0
    assert "def loss(" in Path("mine.py").read_text() and Path("out/m.py").is_symlink()
    assert model("generate", "m.eq", "--out", "out").out == "out/m.py  unchanged\n"


def test_links_within_a_folder_and_of_a_folder_are_followed(model: Run) -> None:
    Path("real").mkdir()
    Path("out").symlink_to("real")
    Path("real/m.py").symlink_to("other.py")
    assert model("generate", "m.eq", "--out", "out").code == 0
    assert "def loss(" in Path("real/other.py").read_text()
    assert Path("out").is_symlink() and Path("out/m.py").is_symlink()


def test_a_link_that_leads_nowhere(model: Run) -> None:
    Path("out").symlink_to("away")
    answer = model("generate", "m.eq", "--out", "out")
    assert (answer.code, answer.err) == (2, "out is a link to away, which is not there\n    give another folder\n")
    Path("loop").mkdir()
    Path("loop/m.py").symlink_to("m.py")
    answer = model("generate", "m.eq", "--out", "loop", "--force")
    assert (answer.code, answer.err) == (3, "loop/m.py: Too many levels of symbolic links\n")
    assert not Path("away").exists() and Path("loop/m.py").is_symlink()


def test_a_model_elsewhere_is_written_into_the_folder(model: Run) -> None:
    Path("a/b").mkdir(parents=True)
    os.chdir("a/b")
    before = listed("../..")
    assert model("generate", "../../m.eq").out == "generated/m.py  written\n"
    assert listed("../..") - before == {"a/b/generated", "a/b/generated/m.py"}


@pytest.mark.parametrize("name", ["numpy", "typing", "__future__"])
def test_no_module_hides_what_it_imports(model: Run, name: str) -> None:
    Path(f"{name}.eq").write_text(MODEL)
    answer = model("generate", "m.eq", f"{name}.eq", "--force")
    said = f"{name}.eq: its module would be {name}.py, which hides the {name} that it imports\n    rename the model\n"
    assert (answer.code, answer.out, answer.err) == (2, "", said) and not Path("generated").exists()


@pytest.mark.parametrize(
    ("stem", "said"),
    [
        ("my model", "my model.py cannot be imported by a name that Python does not take; rename the model"),
        ("class", "class.py cannot be imported by a name that Python does not take; rename the model"),
        ("1a", "1a.py cannot be imported by a name that Python does not take; rename the model"),
        ("a.b", "a.b.py cannot be imported by a name that Python does not take; rename the model"),
        ("random", "random.py can hide Python's own module random; rename the model"),
        ("it's \"'''\\{{ x }}{% y", "it's \"'''\\{{ x }}{% y.py cannot be imported by a name that Python does not"),
        ("größe", ""),
        ("a" * 252, ""),
    ],
)
def test_a_name_that_python_minds_is_written_with_a_warning(model: Run, stem: str, said: str) -> None:
    Path(f"{stem}.eq").write_text(MODEL)
    answer = model("generate", f"{stem}.eq")
    assert (answer.code, answer.out) == (0, f"generated/{stem}.py  written\n")
    assert answer.err.startswith(f"warning: {stem}: {said}") if said else answer.err == ""
    text = Path(f"generated/{stem}.py").read_text()
    compile(text, "m", "exec")
    assert text.split("\n")[3].startswith('"""The model ')
    assert model("generate", f"{stem}.eq", "--check").code == 0


def test_a_path_with_everything_that_a_shell_minds(model: Run) -> None:
    folder = Path("a b/c\"d'e\nf/größe $(x) `y` \\ *;#")
    folder.mkdir(parents=True)
    Path(folder, "m.eq").write_text(MODEL)
    assert model("generate", folder / "m.eq", "--out", folder / "out").code == 0
    assert model("generate", folder / "m.eq", "--out", folder / "out", "--check").code == 0
    Path("m.eq").write_text("# otherwise\n" + MODEL)
    answer = model("generate", "m.eq", "--out", folder / "out", "--check")
    command = answer.out.rsplit("; run: ", 1)[1].strip()
    words = subprocess.run(["sh", "-c", f"printf '%s\\0' {command}"], capture_output=True, text=True, check=True)
    assert words.stdout.split("\0")[:-1] == ["derive", "generate", "m.eq", "--out", str(folder / "out")]


@pytest.mark.parametrize("command", ["generate", "show", "verify", "latex", "draw"])
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("folder", "k.eq is a folder\n    name a file\n"),
        ("pipe", "k.eq is no ordinary file\n"),
        ("device", "k.eq is no ordinary file\n"),
        ("absent", "there is no file 'k.eq'\n"),
        ("loop", "there is no file 'k.eq'\n"),
        ("link to nothing", "there is no file 'k.eq'\n"),
        ("large", "k.eq is larger than 2000000 bytes: is it a model?\n"),
    ],
)
def test_what_is_no_model_file(model: Run, command: str, kind: str, said: str) -> None:
    path = Path("k.eq")
    make = {
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "device": lambda: path.symlink_to("/dev/zero"),
        "absent": lambda: None,
        "loop": lambda: path.symlink_to(path),
        "link to nothing": lambda: path.symlink_to("away"),
        "large": lambda: path.write_bytes(b" " * 2_000_001),
    }
    make[kind]()
    answer = model(command, "k.eq")
    assert (answer.code, answer.out, answer.err) == (2, "", said)


def test_a_device_by_its_own_name(model: Run) -> None:
    answer = model("show", "/dev/zero")
    assert (answer.code, answer.err) == (2, "/dev/zero is no ordinary file\n")


def test_a_name_that_is_too_long(model: Run) -> None:
    name = "a" * 300
    for words in (["show", f"{name}.eq"], ["generate", f"{name}.eq"], ["show", name]):
        answer = model(*words)
        assert (answer.code, answer.out, answer.err) == (2, "", f"{words[1]}: File name too long\n")
    answer = model("generate", "m.eq", "--out", name)
    assert (answer.code, answer.err) == (3, f"{name}/m.py: File name too long\n")


def test_a_model_that_goes_while_it_is_read(model: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Path.open

    def gone(path: Path, *rest: Any, **more: Any) -> Any:
        if path.name == "m.eq":
            path.unlink(missing_ok=True)
        return usual(path, *rest, **more)

    monkeypatch.setattr(Path, "open", gone)
    answer = model("generate", "m.eq")
    assert answer.code == 2 and answer.err.count("m.eq") == 1 and not Path("generated").exists()


@pytest.mark.parametrize("words", [["latex", "m.eq"], ["draw", "m.eq"], ["html", "m.eq", "--no-verify"]])
def test_what_is_in_the_way_of_an_output(model: Run, words: list[str]) -> None:
    ending = {"latex": ".tex", "draw": ".svg", "html": ".html"}[words[0]]
    Path(f"folder{ending}").mkdir()
    Path("file").touch()
    Path(f"loop{ending}").symlink_to(f"loop{ending}")
    before = listed()
    for place, code, said in [
        (f"folder{ending}", 2, f"folder{ending} is a folder\n    name a file\n"),
        (f"away/m{ending}", 3, "away: No such file or directory\n"),
        (f"file/m{ending}", 3, f"file/m{ending}: Not a directory\n"),
        (f"loop{ending}", 3, f"loop{ending}: Too many levels of symbolic links\n"),
    ]:
        answer = model(*words, "-o", place)
        assert (answer.code, answer.out, answer.err) == (code, "", said)
    assert listed() == before
    Path(f"m{ending}").write_text("old")
    assert model(*words, "-o", f"m{ending}").code == 0
    assert Path(f"m{ending}").read_text() != "old" and listed() == before | {f"m{ending}"}


def test_a_new_model_follows_no_link(model: Run) -> None:
    Path("k.eq").symlink_to("elsewhere.eq")
    assert model("new", "k").code == 2
    answer = model("new", "away/k")
    assert (answer.code, answer.err) == (3, "away: No such file or directory\n")
    assert listed() == {"m.eq", "k.eq"}


def test_what_was_changed_while_derive_was_at_work_stays(model: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    model("generate", "m.eq")
    Path("m.eq").write_text("# otherwise\n" + MODEL)
    path = Path("generated/m.py")
    usual = derive.cli.generate.refuse_edited

    def edits(*rest: Any) -> None:
        usual(*rest)
        path.write_text(path.read_text() + "# mine\n")

    monkeypatch.setattr(derive.cli.generate, "refuse_edited", edits)
    answer = model("generate", "m.eq")
    said = "generated/m.py was changed while derive was at work; it stays as it is\n"
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == f"{said}    look at it, then call derive again\n"
    assert path.read_text().endswith("# mine\n")


def test_what_another_derive_wrote_meanwhile_is_no_change(model: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Path] = []

    def late(path: Path) -> str | None:
        text = read_if_there(path)
        if not found:  # the other one is quicker
            found.append(path)
            assert model("generate", "m.eq").code == 0
        return text

    monkeypatch.setattr(derive.cli.generate, "read_if_there", late)
    assert model("generate", "m.eq").code == 0
    assert found == [Path("generated/m.py")] and model("generate", "m.eq", "--check").code == 0


def test_what_was_written_before_a_failure_is_told(model: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b", "c"):
        Path(f"{name}.eq").write_text(MODEL)
    usual = derive.cli.generate.write_whole

    def full(path: Path, text: str) -> None:
        if path.name == "b.py":
            raise OSError(28, "No space left on device", str(path))
        usual(path, text)

    monkeypatch.setattr(derive.cli.generate, "write_whole", full)
    answer = model("generate", "a.eq", "b.eq", "c.eq")
    assert (answer.code, answer.out) == (3, "generated/a.py  written\n")
    assert answer.err == "generated/b.py: No space left on device\n"
    assert listed("generated") == {"a.py"}
    monkeypatch.setattr(derive.cli.generate, "write_whole", usual)
    assert model("generate", "a.eq", "b.eq", "c.eq").code == 0


@pytest.mark.parametrize(
    "data",
    [MODEL.replace("\n", "\r\n").encode(), MODEL.replace("\n", "\r").encode(), b"\xef\xbb\xbf" + MODEL.encode()],
    ids=["windows", "old mac", "mark"],
)
def test_line_ends_and_a_mark_of_the_encoding_change_no_byte(model: Run, data: bytes) -> None:
    model("generate", "m.eq")
    first = Path("generated/m.py").read_bytes()
    Path("m.eq").write_bytes(data)
    assert model("generate", "m.eq").out == "generated/m.py  unchanged\n"
    model("generate", "m.eq", "--force")
    assert Path("generated/m.py").read_bytes() == first and b"\r" not in first


def test_the_same_bytes_whatever_letters_the_machine_is_set_to(checkout: Path, tmp_path: Path) -> None:
    folder = tmp_path / "é ü"
    folder.mkdir()
    Path(folder, "größe.eq").write_text(f'"""Größe."""\n{MODEL}', encoding="utf-8")
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": str(checkout)}
    command = [sys.executable, "-m", "derive", "generate", "é ü/größe.eq", "--json", "--out"]
    for out, more in (("a", plain), ("b", {"PYTHONUTF8": "1", "PYTHONPATH": str(checkout)})):
        done = subprocess.run([*command, out], cwd=tmp_path, env=os.environ | more, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
    made = [path.read_bytes() for path in sorted(tmp_path.glob("*/größe.py"))]
    assert len(made) == 2 and made[0] == made[1] and "Written by derive from größe.eq".encode() in made[0]


def test_a_name_that_is_no_text(model: Run) -> None:
    name = os.fsdecode(b"b\xff")
    Path(f"{name}.eq").write_text(MODEL)
    assert model("generate", f"{name}.eq").code == 0
    text = Path(f"generated/{name}.py").read_bytes().decode("ascii")
    assert text.startswith(r"# Written by derive from b\xff.eq; do not edit.")
    assert model("generate", f"{name}.eq", "--check").code == 0
    for words in (["latex"], ["draw"], ["html", "--no-verify"], ["show"]):
        assert model(*words, f"{name}.eq").code == 0
