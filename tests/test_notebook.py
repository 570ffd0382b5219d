"""The tutorial runs, and shows what it showed when it was saved; `pytest --update` runs it and saves it."""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Cell = dict[str, Any]


@pytest.fixture(scope="module")
def tutorial(checkout: Path) -> Path:
    return checkout / "docs" / "tutorial.ipynb"


def cells(path: Path, kind: str) -> list[Cell]:
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == kind]


def text_of(cell: Cell) -> str:
    """What a cell shows, in every form; of a cell that measures, without the numbers, which rounding decides."""
    shown = []
    for output in cell["outputs"]:
        parts = {"stream": output["text"]} if "text" in output else output.get("data", {})
        for name, part in sorted(parts.items()):
            shown.append(f"{output['output_type']} {name}\n{''.join(part)}")
    text = "\n".join(shown)
    if "measures" in cell["metadata"].get("tags", []):
        text = re.sub(r"(?<=worst at )\w+", "#", text)
        text = re.sub(r"[ \n]+", "\n", re.sub(r"-?\d[\d.]*(e[-+]?\d+)?", "#", text))
    return text


def test_it_runs_and_shows_what_is_saved(tutorial: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    done = tmp_path / "done.ipynb"
    homes = ("JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")
    own = {name: str(tmp_path / name) for name in homes}
    environment = {**os.environ, **own, "JUPYTER_PLATFORM_DIRS": "1", "PYTHONPATH": str(tutorial.parent.parent)}
    command = [sys.executable, "-m", "tests.notebook", str(tutorial), str(done)]
    ran = subprocess.run(command, cwd=tutorial.parent.parent, env=environment, capture_output=True, text=True)
    assert done.exists(), ran.stderr
    if request.config.getoption("--update"):
        shutil.copyfile(done, tutorial)
    for saved, now in zip(cells(tutorial, "code"), cells(done, "code"), strict=True):
        before, after = text_of(saved).splitlines(), text_of(now).splitlines()
        if before != after:
            changed = list(difflib.unified_diff(before, after, "saved", "now", lineterm="", n=1))
            start = "".join(saved["source"]).partition("\n")[0]
            pytest.fail("\n".join([start, *changed[:40], "save with: pytest --update tests/test_notebook.py"]))


def test_it_is_saved_in_order_and_without_traces_of_a_machine(tutorial: Path) -> None:
    notebook = json.loads(tutorial.read_text(encoding="utf-8"))
    code = cells(tutorial, "code")
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert not [o for cell in code for o in cell["outputs"] if o["output_type"] == "error" or o.get("name") == "stderr"]
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert {key for cell in notebook["cells"] for key in cell["metadata"]} <= {"tags"}
    assert " at 0x" not in tutorial.read_text(encoding="utf-8")


def test_what_it_names_is_there(tutorial: Path, derive_in: Callable[..., Any]) -> None:
    words = "\n".join("".join(cell["source"]) for cell in cells(tutorial, "markdown"))
    links = re.findall(r"\]\(([^)#:]+)", words)
    assert links and all((tutorial.parent / link).exists() for link in links)
    listed = set(re.findall(r"^  (\w+)  ", derive_in("--help").out.split("Commands:")[1], flags=re.M))
    assert set(re.findall(r"^derive (\w+)", words, flags=re.M)) <= listed
