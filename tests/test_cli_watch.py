"""`derive watch`: files that really change, and looks at them that the tests ask for."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import derive.check.gradients
from derive.check.report import Comparison, Report
from derive.cli import watch, watched
from derive.cli.outcome import Exit
from derive.cli.watch import watch_models
from derive.errors import DeriveError

TEXT = "w: Param[n]\nx: Input[n]\nloss = dot(w, x)\n"
SQUARE = TEXT.replace("dot(w, x)", "dot(w, x)**2")
MODULE = Path("generated/mine.py")
Step = Callable[[], object]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.eq").write_text(TEXT)


def save(text: str, name: str = "mine.eq") -> None:
    """As careful editors do: a new file in the place of the old one."""
    Path(f"{name}~").write_text(text)
    os.replace(f"{name}~", name)


@pytest.fixture
def watching(capsys: pytest.CaptureFixture[str]) -> Callable[..., list[tuple[str, str]]]:
    """Watches while steps are taken; the model and the event of every line, then Ctrl-C."""

    def run(*steps: Step, names: tuple[str, ...] = ("mine.eq",), **options: Any) -> list[tuple[str, str]]:
        def events() -> Iterator[None]:
            for step in steps:
                step()
                yield
            raise KeyboardInterrupt

        settings = {"out": Path("generated"), "style": "fast", "verify": False, "force": False, **options}
        assert watch_models(list(names), **settings, as_json=True, events=events()) == Exit.HOLDS
        rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert all(row["seconds"] >= 0 and row["time"] for row in rows)
        return [(row["model"], row["event"]) for row in rows]

    return run


def test_what_is_saved_is_generated_and_verified(capsys: pytest.CaptureFixture[str]) -> None:
    def events() -> Iterator[None]:
        save(SQUARE)
        yield
        save("w: Param[n]\nx: Input[n]\nloss = dott(w, x)\n")
        yield
        save(SQUARE)
        yield
        raise KeyboardInterrupt

    assert watch_models(["mine.eq"], Path("generated"), "fast", True, False, False, events()) == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    states = ["generated", "verified", "generated", "verified", "error", "unchanged"]
    assert [line.split()[1:3] for line in lines[1:-1]] == [["mine", state] for state in states]
    assert "finite differences" in lines[2] and "complex steps" in lines[2] and lines[2].endswith(" s")
    assert lines[0].startswith("watching mine.eq") and lines[-1] == "no longer watching"
    assert shown.err.startswith("mine.eq:3:8: ") and "\n           ^^^^" in shown.err and "dot" in shown.err
    assert "dot(w, x)**2" in MODULE.read_text()


def test_a_look_without_a_change_says_nothing(watching: Any) -> None:
    assert watching(lambda: None, lambda: None) == [("mine", "generated")]


def test_a_burst_of_saves_is_one_event(watching: Any) -> None:
    def burst() -> None:
        for k in range(20):
            save(f"{TEXT}# {k}\n")

    assert watching(burst) == [("mine", "generated")] * 2
    assert "# 19" in MODULE.read_text()


@pytest.mark.slow
def test_a_file_that_goes_and_comes_back(watching: Any) -> None:
    steps = [
        lambda: Path("mine.eq").unlink(),
        lambda: None,
        lambda: save(TEXT),
        lambda: Path("mine.eq").rename("other.eq"),
        lambda: Path("other.eq").rename("mine.eq"),
    ]
    states = ["generated", "gone", "unchanged", "gone", "unchanged"]
    assert watching(*steps) == [("mine", state) for state in states]


@pytest.mark.slow
def test_a_folder_with_all_that_appears_in_it(watching: Any) -> None:
    Path("models").mkdir()

    def write(name: str) -> Step:
        return lambda: Path("models", name).write_text(TEXT)

    steps = [write("a.eq"), write(".b.eq"), write("c.hand.eq"), write("d.txt"), write("e.eq")]
    steps += [lambda: Path("models").rename("away"), lambda: Path("away").rename("models")]
    found = watching(*steps, names=("models",))
    both = [("a", "gone"), ("e", "gone"), ("a", "unchanged"), ("e", "unchanged")]
    assert found == [("a", "generated"), ("e", "generated"), *both]


def test_a_file_named_twice_is_one(watching: Any) -> None:
    here = str(Path("mine.eq").absolute())
    assert watching(names=("mine.eq", ".", here)) == [("mine", "generated")]


@pytest.mark.slow
def test_a_link_to_a_model_elsewhere(watching: Any) -> None:
    Path("there").mkdir()
    Path("mine.eq").rename("there/real.eq")
    Path("mine.eq").symlink_to("there/real.eq")
    assert watching(lambda: save(SQUARE, "there/real.eq")) == [("mine", "generated")] * 2
    places = {place.resolve() for place in watched.Watched(["mine.eq"]).places}
    assert places == {Path.cwd().resolve(), Path("there").resolve()}


@pytest.mark.slow
def test_work_by_hand_is_kept_without_force(watching: Any) -> None:
    def edit() -> None:
        MODULE.write_text(MODULE.read_text() + "# by hand\n")
        save(SQUARE)

    assert watching(edit) == [("mine", "generated"), ("mine", "error")]
    assert "# by hand" in MODULE.read_text()
    assert watching(force=True) == [("mine", "generated")]
    assert "# by hand" not in MODULE.read_text()


@pytest.mark.slow
def test_an_edited_module_of_an_unchanged_model_is_an_error(watching: Any) -> None:
    def edit() -> None:
        MODULE.write_text(MODULE.read_text() + "# by hand\n")
        save(TEXT)

    assert watching(edit) == [("mine", "generated"), ("mine", "error")]


def test_two_models_of_one_name(watching: Any) -> None:
    Path("a").mkdir()
    Path("a/mine.eq").write_text(SQUARE)
    assert watching(names=("mine.eq", "a")) == [("mine", "generated"), ("mine", "error")]
    assert "dot(w, x)**2" not in MODULE.read_text()


@pytest.mark.slow
def test_a_full_disk_does_not_end_it(watching: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "mine.py")

    with monkeypatch.context() as patched:
        patched.setattr("derive.cli.generate.write_whole", full)
        assert watching() == [("mine", "error")]
    assert watching() == [("mine", "generated")]


def test_what_is_wrong_is_said_until_it_is_right(watching: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Comparison("finite differences", "w", (1,), 0.5, 1e-7, (0,), 1.0, 2.0)
    report = Report("mine", 0, {"n": 1}, 1e-5, (wrong,))
    assert not report.ok
    right = derive.check.gradients.verify
    monkeypatch.setattr(derive.check.gradients, "verify", lambda *_: report)

    def mend() -> None:
        monkeypatch.setattr(derive.check.gradients, "verify", right)
        save(TEXT)

    events = watching(lambda: save(TEXT), mend, lambda: save(TEXT), verify=True)
    states = ["generated", "wrong", "unchanged", "wrong", "unchanged", "verified", "unchanged"]
    assert events == [("mine", state) for state in states]


@pytest.mark.slow
def test_what_cannot_be_verified_is_tried_again(watching: Any) -> None:
    save("w: Param[n]\nx: Input[n]\nloss = log(-exp(dot(w, x)))\n")  # defined on no data
    events = watching(lambda: os.utime("mine.eq", (1, 1)), verify=True)
    assert events == [("mine", state) for state in ("generated", "error", "unchanged", "error")]


@pytest.mark.slow
def test_the_style_is_part_of_being_current(watching: Any) -> None:
    assert watching() == [("mine", "generated")]
    assert watching(style="plain") == [("mine", "generated")]
    assert watching(style="plain") == [("mine", "unchanged")]


def test_nothing_to_watch(derive_in: Any) -> None:
    for words, message in [([], "which models?"), (["absent.eq"], "there is no file"), (["vanila"], "did you mean")]:
        answer = derive_in("watch", *words)
        assert answer.code == 2 and message in answer.err


def test_the_zoo_is_watched_where_it_is_worked_on(monkeypatch: pytest.MonkeyPatch) -> None:
    assert watched.Watched(["vanilla"]).places == [watched.ZOO]
    monkeypatch.setattr(watched, "_is_installed", lambda: True)
    with pytest.raises(DeriveError, match="do not change\n    derive new NAME --from vanilla"):
        watched.Watched(["vanilla"])


def test_it_says_what_to_install(derive_in: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    answer = derive_in("watch", "mine.eq")
    assert (answer.code, answer.out) == (2, "")
    assert "pip install watchfiles" in answer.err
    assert not MODULE.exists()


def test_a_file_of_the_system_is_an_event(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("watchfiles")
    monkeypatch.setattr(watch, "_LOOK_EVERY", 20)
    events = iter(watch._file_events([Path.cwd()]))
    assert not next(events)  # a look all the same, and from now on it listens
    save(SQUARE)
    assert any(itertools.islice(events, 500))


@pytest.mark.slow
def test_the_process_until_it_is_interrupted(checkout: Path) -> None:
    pytest.importorskip("watchfiles")
    command = [sys.executable, "-m", "derive", "watch", "mine.eq", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None

        def event() -> str:
            return str(json.loads(process.stdout.readline())["event"])

        try:
            assert [event(), event()] == ["generated", "verified"]
            save(SQUARE)
            assert [event(), event()] == ["generated", "verified"]
            Path("mine.eq").unlink()
            assert event() == "gone"
            process.send_signal(signal.SIGINT)
            assert (process.stdout.read(), process.wait(timeout=60)) == ("", 0)
        finally:
            process.kill()
