"""`generated/` is what the generator writes today, to the byte, in any process; `pytest --update` rewrites it."""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from derive import pipeline

HERE = Path(__file__).parent
GENERATED = HERE.parent / "generated"
BANK = [*sorted((HERE / "models").glob("*.eq")), *sorted((HERE / "calculus" / "models").glob("*.eq"))]

# Writes the module of every model named on the command line into the folder that comes first.
WRITE = """
import sys
from pathlib import Path
from derive import pipeline
folder, *names = sys.argv[1:]
for number, name in enumerate(names):
    for style in pipeline.STYLES:
        Path(folder, f"{number}.{style}.py").write_text(pipeline.load(name).generate(style), encoding="utf-8")
"""


@pytest.mark.parametrize("name", pipeline.zoo())
def test_generated_modules_are_what_the_generator_writes(name: str, request: pytest.FixtureRequest) -> None:
    path = GENERATED / f"{name}.py"
    text = pipeline.load(name).generate()
    if request.config.getoption("--update"):
        GENERATED.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    committed = path.read_text(encoding="utf-8") if path.exists() else ""
    if committed != text:
        changed = difflib.unified_diff(
            committed.splitlines(), text.splitlines(), str(path), "generator", lineterm="", n=1
        )
        pytest.fail("\n".join([*list(changed)[:60], "rewrite with: pytest --update tests/test_golden.py"]))


def test_no_module_is_left_of_a_model_that_is_gone() -> None:
    assert {path.stem for path in GENERATED.glob("*.py")} <= set(pipeline.zoo())


def written(folder: Path, seed: str, names: list[str]) -> dict[str, bytes]:
    """The modules of some models, made by a process of its own under a hash seed."""
    folder.mkdir()
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(HERE.parent)}
    subprocess.run([sys.executable, "-c", WRITE, str(folder), *names], check=True, env=environment, cwd=folder)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("part", range(4))
def test_bytes_are_the_same_under_any_hash_seed(part: int, tmp_path: Path) -> None:
    names = [*pipeline.zoo(), *map(str, BANK)][part::4]
    first = written(tmp_path / "0", "0", names)
    assert len(first) == 2 * len(names)
    for seed in ("1", "2"):
        again = written(tmp_path / seed, seed, names)
        assert [name for name in first if first[name] != again[name]] == []
