"""Hostile and broken files: a few of every kind, those that were found, and that the search can find any."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.errors import DeriveError, Fault, printable
from derive.language import read
from tests.hostile import mutations, seeds
from tests.hostile.kinds import KINDS, file
from tests.hostile.trial import _bad_error, _is_safe, try_file

CORPUS = sorted((Path(__file__).parent / "hostile" / "corpus").iterdir())
SECONDS = 10.0


def python(*words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(seeds.ROOT)}
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, env=environment, check=False)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_what_was_found_stays_mended(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if path.suffix == ".tex":
        pytest.importorskip("lark")
    monkeypatch.chdir(tmp_path)
    for name, text in seeds.MODELS.items():
        Path(name).write_text(text)
    Path(path.name).write_bytes(path.read_bytes())
    outcome = try_file(Path(path.name), path.stem)
    assert outcome.failure == ""
    assert outcome.verdict in ("refused", "read", "checked", "accepted") and outcome.seconds < SECONDS


def test_some_of_every_kind() -> None:
    pytest.importorskip("lark")
    done = python("-m", "tests.hostile", "--files", "25", "--from", "500")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "25 files, " in done.stdout and " 0 failures" in done.stdout


@pytest.mark.slow
def test_a_thousand() -> None:
    pytest.importorskip("lark")
    done = python("-m", "tests.hostile", "--files", "1000", "--seed", "1")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_file_is_the_same_each_time_and_every_kind_is_made() -> None:
    made = [file(0, number) for number in range(1_500)]
    assert {one.kind for one in made} == KINDS.keys()
    assert made[:50] == [file(0, number) for number in range(50)]


PIECES = [*mutations.WORDS, *mutations.SIGNS, *mutations.STRANGE, " ", " ", "\n", "[t]", "b", "A", "w"]


@settings(max_examples=120)
@given(
    st.lists(st.sampled_from(PIECES), max_size=25),
    st.sampled_from(["loss = ", "h[t] = ", "", "v: ", "def f(v): return "]),
)
def test_any_words_are_read_or_refused(pieces: list[str], before: str) -> None:
    text = "x: Input[T, n]\nA: Param[n, n]\nb: Param[n]\nw: Param\n" + before + "".join(pieces)
    try:
        read(text, "m.eq")
    except DeriveError as error:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1
        assert all(fault.place is not None and 1 <= fault.place.line <= lines for fault in error.faults)
        assert printable(str(error)) == str(error)


ESCAPES = ["eval('1')", "exec('a = 1')", "open('trace', 'w')", "os.system('true')", "compile('1', '', 'eval')",
           "subprocess.run(['true'])", "socket.socket()", "os.remove('nothing')"]  # fmt: skip


def test_the_guard_sees_what_is_run() -> None:
    lines = ["import os, socket, subprocess, ast", "from tests.hostile.guard import Guard, Escaped", "guard = Guard()"]
    for escape in ESCAPES:
        lines += [
            "guard.armed = True",
            "try:",
            f"    {escape}",
            f"    print('unseen:', {escape!r})",
            "except Escaped:",
            "    pass",
        ]
    lines += [
        "guard.armed = True",
        "ast.parse('a = 1')",
        "open(os.devnull).close()",
        "guard.armed = False",
        "print(len(guard.seen))",
    ]
    done = python("-c", "\n".join(lines))
    assert done.stdout == f"{len(ESCAPES)}\n", done.stdout + done.stderr


@pytest.mark.parametrize(
    "text", ["import os", "np.load('a')", "eval('1')", "x = inf", "np.__class__", "getattr(np, '__doc__')", "def f(:"]
)
def test_a_module_that_reaches_for_more_is_seen(text: str) -> None:
    assert _is_safe(text)


def test_a_message_without_a_place_or_with_control_characters_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "m.eq"
    path.write_text("loss = 1\n")
    assert _bad_error(DeriveError(Fault("it is wrong")), path, False)
    assert not _bad_error(DeriveError(Fault("it is wrong")), path, True)
    assert _bad_error(DeriveError(Fault(" ")), path, False)


def test_what_is_shown_cannot_command_a_terminal() -> None:
    assert printable("\x1b[2J\x9b\u202e\u2028\x7f\n\tŷ é 变") == "␛[2J\ufffd\ufffd\ufffd␡\n\tŷ é 变"
