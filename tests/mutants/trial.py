"""One mutant tried: the tree with the corruption in it, and the tests, the nearest first, until one fails.

A test counts where it passes with comments added to all these files: what notices any change whatsoever, such as the
hashes in `generated/`, says nothing of a rule.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest

from tests.mutants.mutant import ROOT, Mutant

LIMIT = 240.0  # seconds for one group of tests; who takes longer hangs
# Those of all that tell most, after the ones beside the file.
BROAD = (
    "tests/check/test_gradients.py",
    "tests/schedule/test_constructs.py",
    "tests/emit/numpy/test_workspace.py",
    "tests/schedule",
    "tests/calculus",
    "tests/emit/numpy",
    "tests/test_bank.py",
    "tests/test_interpret.py",
    "tests/interpret",
    "tests/check",
    "tests/language",
    "tests/oracles",
    "tests/test_running.py",
    "tests/test_teacher_forcing.py",
    "tests/test_goodfellow.py",
    "tests/test_zoo_models.py",
    "tests/emit/notation",
    "tests/emit/derivation",
    "tests/test_cli.py",
)
# What tests copies, wheels, documents or these very mutants.
LEFT_OUT = ("tests/test_golden.py", "tests/test_wheel.py", "tests/test_mutants.py", "tests/test_notebook.py")
ENDS = "(it ends"  # in place of a test, where a whole file says nothing


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant.

    Attributes:
        mutant: the mutant.
        test: the test that failed with it; empty where all passed.
        seconds: how long that took.
        fault: why it could not be tried; empty where it was.
    """

    mutant: Mutant
    test: str
    seconds: float
    fault: str = ""

    @property
    def caught(self) -> bool:
        """Whether a test told it from what is right."""
        return bool(self.test) and not self.fault


class Tree:
    """A copy of the repository in a folder of its own, in which one file at a time is spoilt."""

    def __init__(self, most: int | None = None) -> None:
        """Copy what git knows or would know.

        Args:
            most: how many groups of tests are asked; None for all of them.
        """
        self.most = most
        self.root = Path(tempfile.mkdtemp(prefix="derive-mutants-"))
        listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
        for name in filter(None, dict.fromkeys(names)):
            if (ROOT / name).is_file():
                (self.root / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, self.root / name)
        # Found by what is in the file, since a file is spoilt and mended within one tick of its clock.
        compiled = ["-m", "compileall", "-q", "--invalidation-mode", "checked-hash", "derive"]
        subprocess.run([sys.executable, *compiled], cwd=self.root, check=True)

    def remove(self) -> None:
        """Delete the copy."""
        shutil.rmtree(self.root, ignore_errors=True)

    def tried(self, mutant: Mutant, ignored: Sequence[str] = ()) -> Outcome:
        """What the tests say of a mutant, some of them `ignored`."""
        begun = time.monotonic()
        source = mutant.source(self.root)
        fault = mutant.fault(source)
        if fault:
            return Outcome(mutant, "", 0.0, fault)
        path = self.root / mutant.file
        path.write_text(mutant.applied(source), encoding="utf-8")
        found: list[str] = []
        try:
            for paths in islice(self.stages(mutant), self.most):
                found = self.failing(paths, ["-x", *(f"--deselect={name}" for name in ignored)])
                if found:
                    break
        finally:
            path.write_text(source, encoding="utf-8")
        return Outcome(mutant, found[0] if found else "", time.monotonic() - begun)

    def touchy(self, tests: Iterable[str], mutants: Iterable[Mutant]) -> set[str]:
        """Those of some tests that fail where the files of mutants have a comment more."""
        sources = {self.root / m.file: (m.source(self.root), m.is_code(m.source(self.root))) for m in mutants}
        try:
            for path, (source, is_code) in sources.items():
                path.write_text(source + ("\n# a comment\n" if is_code else "{# a comment #}"), encoding="utf-8")
            asked = sorted({test.partition(f" {ENDS}")[0] for test in tests if test})
            return set(self.failing(asked, [], 10 * LIMIT)) if asked else set()
        finally:
            for path, (source, _) in sources.items():
                path.write_text(source, encoding="utf-8")

    def stages(self, mutant: Mutant) -> Iterator[list[str]]:
        """The tests to ask, those first that are nearest."""
        seen: set[str] = set(LEFT_OUT)
        for some in (self.nearest(mutant), *([name] for name in BROAD)):
            files = [f for name in some for f in self.files(name) if f not in seen]
            seen.update(files)
            if files:
                yield list(dict.fromkeys(files))

    def nearest(self, mutant: Mutant) -> list[str]:
        """The tests that a mutant names, and those of its module."""
        own = Path(mutant.file)
        folder = Path("tests", *own.parts[1:-1])
        mirror = [str(folder / f"test_{own.stem}.py"), f"tests/test_cli_{own.stem}.py" * (folder.name == "cli")]
        examples = [mutant.file] if ">>> " in mutant.source(self.root) else []  # of docstrings
        return [*mutant.first, *(name for name in mirror if name and (self.root / name).is_file()), *examples]

    def files(self, name: str) -> list[str]:
        """A test file, or those in a folder."""
        path = self.root / name
        if path.is_file():
            return [name]
        return sorted(str(found.relative_to(self.root)) for found in path.rglob("test_*.py"))

    def failing(self, paths: list[str], options: list[str], limit: float = LIMIT) -> list[str]:
        """The tests of some files that fail, in a process of their own."""
        with tempfile.NamedTemporaryFile("r") as said:
            child = os.fork()
            if child == 0:
                _run(self.root, paths, options, said.name)
            return self._waited(child, paths, limit) or said.read().split("\n")[:-1]

    @staticmethod
    def _waited(child: int, paths: list[str], limit: float) -> list[str]:
        """What is said of a process that did not say it itself."""
        until = time.monotonic() + limit
        while True:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return [f"{paths[0]} {ENDS} the process)"] if os.WIFSIGNALED(status) else []
            if time.monotonic() > until:
                os.killpg(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return [f"{paths[0]} {ENDS} not in {limit:.0f} s)"]
            time.sleep(0.05)


class _Failures:
    """Remembers the tests that failed."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.names[report.nodeid] = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.names[report.nodeid] = None


def _run(root: Path, paths: list[str], options: list[str], into: str) -> None:
    """Run tests in the copy and write those that fail; never comes back."""
    found = _Failures()
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        os.chdir(root)
        os.environ["PYTHONPATH"] = str(root)
        sys.dont_write_bytecode = True
        sys.path[:] = [str(root), *(p for p in sys.path if p and Path(p).resolve() != ROOT)]
        for name in [n for n in sys.modules if n.split(".")[0] in ("tests", "derive")]:
            del sys.modules[name]
        importlib.invalidate_caches()
        asked = ["-q", "-p", "no:xdist", "-p", "no:cacheprovider", *options]
        asked += ["-o", "addopts=--import-mode=importlib --doctest-modules"]
        code = pytest.main([*asked, "-m", "not tex and not browser and not slow", *paths], plugins=[found])
        if code not in (0, 5) and not found.names:  # 5: no test is left to run
            found.names[f"{paths[0]} {ENDS} with {int(code)})"] = None
    except BaseException as error:  # said by the parent: nothing may come back from here
        found.names[f"{paths[0]} {ENDS} in {type(error).__name__}: {error})"] = None
    with contextlib.suppress(BaseException):
        Path(into).write_text("".join(f"{name}\n" for name in found.names), encoding="utf-8")
    os._exit(0)
