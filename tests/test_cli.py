"""What every command shares: help, exit codes, errors for people and for programs, and what an import costs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import derive.cli.models
from derive.cli import main
from derive.cli.outcome import Refused, print_json
from derive.errors import Fault

Run = Callable[..., Any]


def test_alone_it_prints_its_help(derive_in: Run) -> None:
    answer = derive_in()
    assert answer.code == 0
    assert all(command in answer.out for command in ("list", "new", "show", "generate", "verify", "demo"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["lst"], "No such command 'lst'"),
        (["show"], "Missing argument 'MODEL'"),
        (["show", "vanilla", "--notation", "x"], "'x' is not one of 'array', 'index'"),
        (["generate"], "which model?\n    the zoo has "),
        (["generate", "vanilla", "--all"], "name models, or say --all, not both"),
        (["verify"], "which model?"),
        (["verify", "vanilla", "--seed", "-1"], "--seed"),
        (["demo", "--seconds", "0"], "--seconds"),
    ],
)
def test_a_wrong_call_is_explained(derive_in: Run, words: list[str], message: str) -> None:
    answer = derive_in(*words)
    assert answer.code == 2
    assert message in answer.err
    assert answer.out == "" and "Traceback" not in answer.err


def test_a_wrong_call_in_json(derive_in: Run) -> None:
    answer = derive_in("generate", "--json")
    assert answer.code == 2 and answer.err == ""
    assert answer.json["error"].startswith("which model?")
    assert answer.json["faults"][0]["hint"].startswith("the zoo has")
    assert answer.json["exit"] == 2


@pytest.mark.parametrize("command", ["show", "generate", "verify", "demo"])
def test_an_unknown_model_is_guessed(derive_in: Run, command: str) -> None:
    answer = derive_in(command, "vanila")
    assert answer.code == 2
    assert "did you mean" in answer.err and "vanilla" in answer.err
    assert "Traceback" not in answer.err


def test_a_fault_in_a_model_has_its_place(derive_in: Run) -> None:
    Path("wrong.eq").write_text('"""Wrong."""\nx: Input[T, n]\nloss = sum(tanh(z), t)\n')
    answer = derive_in("show", "wrong.eq")
    assert answer.code == 2 and answer.out == ""
    assert "wrong.eq:3:" in answer.err and "^" in answer.err
    fault = derive_in("show", "wrong.eq", "--json").json["faults"][0]
    assert (fault["file"], fault["line"], fault["text"]) == ("wrong.eq", 3, "loss = sum(tanh(z), t)")


@pytest.mark.parametrize("name", ["absent.eq", "folder.eq", "binary.eq"])
def test_a_model_that_cannot_be_opened(derive_in: Run, name: str) -> None:
    Path("folder.eq").mkdir()
    Path("binary.eq").write_bytes(b"\xff\xfe\x00")
    answer = derive_in("show", name)
    assert answer.code == 2 and name in answer.err and "Traceback" not in answer.err


def test_a_machine_that_fails_is_3(derive_in: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "x.eq")

    monkeypatch.setattr(derive.cli.models, "write_whole", full)
    answer = derive_in("new", "x")
    assert (answer.code, answer.err) == (3, "x.eq: No space left on device\n")
    assert derive_in("new", "x", "--json").json["exit"] == 3


def test_a_refusal_is_1(derive_in: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise Refused(Fault("no"))

    monkeypatch.setattr(derive.cli.models, "write_whole", refuse)
    assert derive_in("new", "x").code == 1


def test_numbers_that_json_lacks(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"a": float("nan"), "b": (1, float("inf"))})
    assert capsys.readouterr().out == '{\n  "a": null,\n  "b": [\n    1,\n    null\n  ]\n}\n'


def test_an_interruption_is_quiet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(derive.cli.models, "list_zoo", interrupt)
    assert main(["list"]) == 130
    assert capsys.readouterr().err == ""


def run_process(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "derive", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)


def test_a_reader_that_leaves_early_sees_no_traceback(checkout: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "derive", "list"], stdout=write, stderr=subprocess.PIPE, cwd=checkout, check=False
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (3, b"")


def test_ascii_terminals_get_ascii(checkout: Path) -> None:
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = run_process("show", "vanilla", "--gradient", cwd=checkout, env=environment)
    assert done.returncode == 0 and done.stdout.isascii() and "grad(h[t])" in done.stdout


def test_generating_imports_nothing_that_it_does_not_need(checkout: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from derive.cli import main; code = main(sys.argv[1:]); "
        "print(code, *sorted({'matplotlib', 'rich', 'pytest', 'hypothesis', 'derive.interpret', 'derive.demo'}"
        " & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program, "generate", "vanilla", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=checkout, check=True)
    assert done.stdout.splitlines()[-1] == "0"
