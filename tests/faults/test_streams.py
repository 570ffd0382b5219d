"""Input and output that are closed, full or of another alphabet; commands that are stopped."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
MODEL = "w: Param[n]\nx: Input[n]\nloss = dot(w, x)\n"
DERIVE = [sys.executable, "-m", "derive"]
FULL = "standard output: No space left on device\n"
needs_full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")


def shell(command: str, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """A command of a shell in which `derive` is this one."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "DERIVE": sys.executable} | more
    text = command.replace("derive ", '"$DERIVE" -m derive ')
    return subprocess.run(["sh", "-c", text], cwd=folder, env=environment, capture_output=True, text=True, check=False)


@needs_full
@pytest.mark.parametrize("words", ["list", "list --json", "--help"])
def test_an_output_that_is_full(tmp_path: Path, words: str) -> None:
    done = shell(f"derive {words} > /dev/full", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (3, "", FULL)


@needs_full
def test_errors_that_cannot_be_told(tmp_path: Path) -> None:
    assert shell("derive show nothing 2> /dev/full", tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("derive list >&-", 0, ""),
        ("derive show away.eq <&- >&-", 2, "there is no file 'away.eq'\n"),
        ("derive show away.eq 2>&-", 2, ""),
        ("derive show away.eq <&- >&- 2>&-", 2, ""),
        ("derive generate m.eq --check <&- >&- 2>&-", 1, ""),
    ],
)
def test_what_is_closed_is_no_failure(tmp_path: Path, command: str, code: int, said: str) -> None:
    (tmp_path / "m.eq").write_text(MODEL)
    done = shell(command, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", said)


def test_a_file_does_not_get_the_number_of_a_closed_output(tmp_path: Path) -> None:
    program = (
        "import os, sys; from derive.cli.streams import open_streams; open_streams(); "
        "opened = os.open('m.py', os.O_CREAT | os.O_WRONLY); print('x'); os.write(2, b'y'); sys.exit(opened < 3)"
    )
    done = subprocess.run(
        ["sh", "-c", f'"$0" -c "{program}" <&- >&- 2>&-', sys.executable],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )
    assert done.returncode == 0 and (tmp_path / "m.py").read_bytes() == b""


@pytest.mark.slow
def test_nothing_piped_in_claims_nothing(tmp_path: Path) -> None:
    done = shell("derive check - --model vanilla <&-", tmp_path)
    assert (done.returncode, done.stderr) == (2, "") and "nothing is claimed" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("head -c 1000001 /dev/zero", "what is piped in is larger than 1000000 bytes\n"),
        ("printf '\\377'", "byte 0 of what is piped in is not UTF-8\n"),
    ],
)
def test_what_is_piped_in_and_no_derivation(tmp_path: Path, data: str, said: str) -> None:
    done = shell(f"{data} | derive check - --model vanilla", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_json_is_json_in_every_alphabet(tmp_path: Path) -> None:
    (tmp_path / "größe.eq").write_text("loss = ö\n", encoding="utf-8")
    for encoding in ("ascii", "latin-1"):
        environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONPATH": str(Path(__file__).parents[2])}
        words = [*DERIVE, "show", "größe.eq", "--json"]
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, check=False)
        assert done.returncode == 2 and done.stderr == b""
        assert json.loads(done.stdout.decode(encoding))["faults"][0]["text"] == "loss = ö"


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    (tmp_path / "m.eq").write_text(MODEL)
    gone = "mkdir gone; cd gone; rmdir ../gone"
    done = shell(f"{gone}; derive generate {tmp_path / 'm.eq'}", tmp_path)
    assert (done.returncode, done.stderr) == (3, "generated: No such file or directory\n")
    done = shell(f"{gone}; derive generate {tmp_path / 'm.eq'} --out {tmp_path / 'out'}", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_no_home_and_no_place_for_temporary_files(tmp_path: Path) -> None:
    (tmp_path / "m.eq").write_text(MODEL)
    for words in ("generate m.eq", "verify m.eq", "html m.eq -o m.html", "draw m.eq -o m.svg"):
        done = shell(f"env -u HOME TMPDIR=/nowhere PYTHONDONTWRITEBYTECODE=1 derive {words}", tmp_path)
        assert (done.returncode, done.stderr) == (0, ""), words


def test_a_terminal_without_letters_gets_a_table(tmp_path: Path) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = shell("derive list", tmp_path, **plain)
    assert done.returncode == 0 and done.stdout.isascii() and done.stderr == ""


def stopped(folder: Path, after: float, how: signal.Signals) -> tuple[int, bytes]:
    """`derive generate --force`, stopped after so many seconds: how it ended, and what it said."""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command = [*DERIVE, "generate", "m.eq", "vanilla", "--force"]
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    ) as process:
        time.sleep(after)
        process.send_signal(how)
        said, _ = process.communicate()
        return process.returncode, said


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL, signal.SIGTERM])
def test_stopped_at_any_moment_no_file_is_half_written(tmp_path: Path, how: signal.Signals) -> None:
    (tmp_path / "m.eq").write_text(MODEL)
    begin = time.perf_counter()
    assert stopped(tmp_path, 0, signal.SIGCONT)[0] == 0
    whole = time.perf_counter() - begin
    texts = {path.name: path.read_text() for path in (tmp_path / "generated").iterdir()}
    old = {name: text.replace("# Written by derive", "# Written by Derive") for name, text in texts.items()}
    chance = random.Random(0)
    codes = set()
    for _ in range(25):
        for name, text in old.items():
            (tmp_path / "generated" / name).write_text(text)
        code, said = stopped(tmp_path, chance.uniform(0.15, 1.05) * whole, how)
        codes.add(code)
        if code == 130:  # before derive is there to answer, Python itself says that it was interrupted
            assert b"Traceback" not in said
        for name, text in texts.items():
            assert (tmp_path / "generated" / name).read_text() in (text, old[name])
        assert all(p.name in texts or p.name.endswith(".part") for p in (tmp_path / "generated").iterdir())
    assert codes & ({130} if how is signal.SIGINT else {-how})


@pytest.mark.slow
def test_two_and_eight_at_once_write_the_same(tmp_path: Path) -> None:
    (tmp_path / "m.eq").write_text(MODEL)
    for number in (2, 8):
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
        command = [*DERIVE, "generate", "m.eq", "vanilla", "gru", "--out", f"out{number}"]
        running = [
            subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            for _ in range(number)
        ]
        for process in running:
            _, said = process.communicate()
            assert (process.returncode, said) == (0, b"")
        assert {path.name for path in (tmp_path / f"out{number}").iterdir()} == {"m.py", "vanilla.py", "gru.py"}
        check = [*command, "--check", "--force"]
        assert subprocess.run(check, cwd=tmp_path, env=environment, capture_output=True, check=False).returncode == 0
