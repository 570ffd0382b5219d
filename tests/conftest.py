"""What every test shares."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# As many workers as cores run side by side, a thread each. NumPy's BLAS reads this when NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Expressions live long: to look through them for garbage is a sixth of the time that they take.
gc.set_threshold(100_000, 50, 100)

# The same examples in every run, and no deadline: a busy machine is no failure.
settings.register_profile("derive", derandomize=True, deadline=None)
settings.load_profile("derive")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--each", type=int, metavar="N", help="of each test with cases, N of them, far apart")
    parser.addoption("--update", action="store_true", help="rewrite generated/ and what docs/tutorial.ipynb shows")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """All tests of one model of the bank run one after another, so that a worker makes its code once."""
    if (number := config.getoption("--each")) is not None:
        left = _each(items, number)
        config.hook.pytest_deselected(items=[item for item in items if item not in left])
        items[:] = [item for item in items if item in left]
    bank = sys.modules.get("tests.bank")  # what was collected imports it where it is needed
    order = {name: number for number, name in enumerate(bank.BANK)} if bank else {}
    items.sort(key=lambda item: order.get(str(_parameters(item).get("name")), -1))


def _each(items: list[pytest.Item], number: int) -> set[pytest.Item]:
    """So many cases of each test: the first, the last, and between them."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        cases.setdefault(item.nodeid.split("[")[0], []).append(item)
    return {c[k * (len(c) - 1) // max(number - 1, 1)] for c in cases.values() for k in range(number)}


def _parameters(item: pytest.Item) -> dict[str, object]:
    return item.callspec.params if hasattr(item, "callspec") else {}


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def derive_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """Runs a command of `derive` in an empty folder of its own."""
    from derive.cli import main

    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> Answer:
        capsys.readouterr()
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Answer(code, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The repository's root."""
    return Path(__file__).resolve().parent.parent
