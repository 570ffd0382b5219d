"""`derive generate`: what it writes, what it refuses to overwrite, and what --check says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from derive import sources
from derive.emit.numpy import header

Run = Callable[..., Any]
MODULE = Path("generated/vanilla.py")


def test_a_module_is_written_then_left_alone(derive_in: Run) -> None:
    answer = derive_in("generate", "vanilla")
    assert (answer.code, answer.out) == (0, f"{MODULE}  written\n")
    compile(MODULE.read_text(), str(MODULE), "exec")
    before = MODULE.stat().st_mtime_ns
    assert derive_in("generate", "vanilla", "vanilla").out == f"{MODULE}  unchanged\n"
    assert MODULE.stat().st_mtime_ns == before


def test_a_zoo_into_another_folder_in_json(derive_in: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("zoo").mkdir()
    for name in ("vanilla", "gru"):
        shutil.copy(sources.ZOO / f"{name}.eq", "zoo")
    monkeypatch.setattr(sources, "ZOO", Path("zoo"))
    answer = derive_in("generate", "--all", "--out", "a/b", "--json")
    assert answer.code == 0
    assert [row["model"] for row in answer.json["modules"]] == ["gru", "vanilla"]
    assert {path.name for path in Path("a/b").iterdir()} == {"gru.py", "vanilla.py"}
    assert derive_in("generate", "--all", "--out", "a/b", "--check").code == 0


def test_the_styles_differ(derive_in: Run) -> None:
    derive_in("generate", "vanilla")
    answer = derive_in("generate", "vanilla", "--style", "plain", "--check")
    assert answer.code == 1
    assert answer.out.endswith("stale; run: derive generate vanilla --style plain\n")


@pytest.mark.parametrize("flag", [[], ["--json"]])
def test_check_shows_one_changed_byte_and_writes_nothing(derive_in: Run, flag: list[str]) -> None:
    derive_in("generate", "vanilla")
    text = MODULE.read_text()
    changed = text.replace("import numpy as np", "import numpy as nq", 1)
    assert changed != text
    MODULE.write_text(changed)
    answer = derive_in("generate", "vanilla", "--check", *flag)
    assert answer.code == 1
    shown = answer.json["modules"][0]["diff"] if flag else answer.out
    assert "-import numpy as nq" in shown and "+import numpy as np" in shown
    assert MODULE.read_text() == changed


def test_check_wants_every_file_current_and_its_ends_of_lines_too(derive_in: Run) -> None:
    for name in ("one", "two"):
        Path(f"{name}.eq").write_text("w: Param\nloss = w**2\n")
    assert derive_in("generate", "one.eq", "two.eq").code == 0
    *header, body = Path("generated/two.py").read_bytes().split(b"\n", 3)
    for ends in (b"\r\n", b"\r"):
        Path("generated/two.py").write_bytes(b"\n".join([*header, body.replace(b"\n", ends)]))
        codes = [derive_in("generate", *names, "--check").code for names in (["one.eq"], ["one.eq", "two.eq"])]
        assert codes == [0, 1], ends


def test_check_names_a_missing_file(derive_in: Run) -> None:
    answer = derive_in("generate", "vanilla", "--check")
    assert (answer.code, answer.out) == (1, f"{MODULE}  missing; run: derive generate vanilla\n")
    assert not MODULE.parent.exists()


def test_work_by_hand_is_not_overwritten(derive_in: Run) -> None:
    derive_in("generate", "vanilla", "gru")
    edited = MODULE.read_text() + "# mine\n"
    MODULE.write_text(edited)
    Path("generated/gru.py").unlink()
    answer = derive_in("generate", "gru", "vanilla")
    assert answer.code == 1
    assert "-# mine" in answer.out and "nothing was written" in answer.err and "--force" in answer.err
    assert MODULE.read_text() == edited and not Path("generated/gru.py").exists()
    assert derive_in("generate", "vanilla", "--force").code == 0
    assert derive_in("generate", "vanilla", "--check").code == 0


def test_somebody_elses_file_is_not_overwritten(derive_in: Run) -> None:
    MODULE.parent.mkdir()
    MODULE.write_text("print('mine')\n")
    answer = derive_in("generate", "vanilla", "--json")
    assert answer.code == 1 and "vanilla.py" in answer.json["error"]
    assert MODULE.read_text() == "print('mine')\n"


def test_a_stale_module_that_derive_wrote_is_rewritten(derive_in: Run) -> None:
    derive_in("new", "mine")
    derive_in("generate", "mine.eq")
    Path("mine.eq").write_text(Path("mine.eq").read_text().replace("h[t] = tanh(a[t])", "h[t] = sigmoid(a[t])"))
    assert derive_in("generate", "mine.eq", "--check").code == 1
    assert derive_in("generate", "mine.eq").out == "generated/mine.py  written\n"
    assert "sigmoid" in Path("generated/mine.py").read_text()


def test_nothing_is_written_if_one_model_is_wrong(derive_in: Run) -> None:
    Path("wrong.eq").write_text("loss = z\n")
    answer = derive_in("generate", "vanilla", "wrong.eq", "absent.eq")
    assert answer.code == 2
    assert "wrong.eq:1:8" in answer.err and "absent.eq" in answer.err
    assert not Path("generated").exists()


def test_two_models_of_one_name_are_refused(derive_in: Run) -> None:
    Path("other").mkdir()
    derive_in("new", "other/vanilla")
    answer = derive_in("generate", "vanilla", "other/vanilla.eq")
    assert answer.code == 2 and "two models named vanilla" in answer.err


def test_a_folder_that_is_a_file(derive_in: Run) -> None:
    Path("generated").write_text("")
    answer = derive_in("generate", "vanilla")
    assert answer.code == 2 and "generated" in answer.err and "Traceback" not in answer.err


def test_what_is_unchanged_is_not_read(derive_in: Run, checkout: Path, tmp_path: Path) -> None:
    derive_in("generate", "vanilla")
    program = (
        "import sys; from derive.cli import main; codes = main(sys.argv[1:]), main([*sys.argv[1:], '--check']); "
        "print(*codes, *sorted({'sympy', 'numpy', 'jinja2', 'derive.pipeline'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", program, "generate", "vanilla", "--out", str(tmp_path / "generated")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=checkout, check=True)
    states = [line.split("  ")[-1] for line in done.stdout.splitlines()]
    assert states == ["unchanged", "current", "0 0"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("from vanilla.eq; do", "from vanila.eq; do"),
        ("derive generate vanilla\n", "derive generate vanilla --style plain\n"),
        ("# source ", "# source 0"),
        ("import numpy as np", "import numpy as nq"),
        ("\n", "\r\n"),
    ],
)
@pytest.mark.slow
def test_no_other_byte_counts_as_current(derive_in: Run, old: str, new: str) -> None:
    derive_in("generate", "vanilla")
    text = MODULE.read_text()
    assert old in text
    MODULE.write_bytes(text.replace(old, new, 1).encode())
    assert derive_in("generate", "vanilla", "--check").code == 1


def test_another_derive_makes_every_module_stale(derive_in: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    derive_in("generate", "vanilla")
    monkeypatch.setattr(header, "own_hash", lambda: "0" * 16)
    assert derive_in("generate", "vanilla", "--check").code == 1
    assert derive_in("generate", "vanilla").out == f"{MODULE}  written\n"


def test_force_does_not_trust_hashes(derive_in: Run) -> None:
    derive_in("generate", "vanilla")
    body = MODULE.read_text().split("\n", 3)[-1].replace("import numpy as np", "import numpy as nq", 1)
    forged = header.with_header(
        body, source=sources.text_of(sources.ZOO / "vanilla.eq"), source_name="vanilla.eq", style="fast"
    )
    MODULE.write_text(forged)
    assert derive_in("generate", "vanilla").out.endswith("unchanged\n")
    answer = derive_in("generate", "vanilla", "--check", "--force")
    assert answer.code == 1 and "-import numpy as nq" in answer.out
    assert derive_in("generate", "vanilla", "--force").out == f"{MODULE}  written\n"
    assert "import numpy as np" in MODULE.read_text()


def test_warnings_are_those_of_a_model_that_was_read(derive_in: Run) -> None:
    Path("idle.eq").write_text("w, z = Param[n]\nx: Input[n]\nloss = dot(w, x)\n")
    first = derive_in("generate", "idle.eq", "--json").json["modules"][0]
    again = derive_in("generate", "idle.eq", "--json").json["modules"][0]
    assert first["state"] == "written" and first["warnings"][0].startswith("z: ")
    assert (again["state"], again["warnings"]) == ("unchanged", None)
