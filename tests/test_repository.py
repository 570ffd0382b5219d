"""The repository's own promises: the layout is as ARCHITECTURE.md says, and imports point down its list only."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

TOP = {
    "derive",
    "templates",
    "generated",
    "tests",
    "docs",
    "benchmarks",
    ".ci",
    ".gitattributes",
    ".gitignore",
    "pyproject.toml",
    "LICENSE",
}
PAGES = {"README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md"}
LONGEST = 350


def listed(checkout: Path) -> list[str]:
    """The paths of ARCHITECTURE.md's tables, in their order."""
    return re.findall(r"^\| `([^`]+)` \|", (checkout / "ARCHITECTURE.md").read_text(), flags=re.M)


def layers(checkout: Path) -> list[str]:
    """The modules and packages of the list that imports point down."""
    names = [Path(path).stem for path in listed(checkout) if path.startswith("derive/")]
    return names[: names.index("errors") + 1]


def tracked(checkout: Path) -> list[str]:
    """What git has or would take in."""
    if not (checkout / ".git").exists():
        pytest.skip("not a checkout")
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True)
    return [path for path in done.stdout.splitlines() if (checkout / path).exists()]


def test_every_listed_place_exists(checkout: Path) -> None:
    absent = [path for path in listed(checkout) if not (checkout / path).exists()]
    assert not absent


def test_every_part_of_the_package_is_listed(checkout: Path) -> None:
    parts = {path.name for path in (checkout / "derive").iterdir() if path.suffix == ".py" or path.is_dir()}
    names = {Path(path).name for path in listed(checkout)}
    assert parts - names - {"__init__.py", "__main__.py", "__pycache__"} == set()


def test_the_top_level_is_tidy(checkout: Path) -> None:
    paths = tracked(checkout)
    assert {path.split("/")[0] for path in paths} <= TOP | PAGES
    assert not [path for path in paths if Path(path).stem == "utils"]


def test_no_file_holds_two_things(checkout: Path) -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in (checkout / "derive").rglob("*.py")}
    assert {path.name: length for path, length in lengths.items() if length > LONGEST} == {}


def test_imports_point_down(checkout: Path) -> None:
    order = layers(checkout)
    package = checkout / "derive"
    wrong = []
    for path in sorted(package.rglob("*.py")):
        relative = path.relative_to(package)
        here = Path(relative.parts[0]).stem
        if here in ("__init__", "__main__"):
            continue
        for name in imported(ast.parse(path.read_text()), order):
            if order.index(name) < order.index(here):
                wrong.append(f"{relative} imports {name}")
    assert not wrong


def imported(tree: ast.AST, order: list[str]) -> set[str]:
    """The parts of the package that a module imports anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "derive":
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("derive."):
            names.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            names |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("derive.")}
    return names & set(order)


def test_nothing_evaluates_text(checkout: Path) -> None:
    """Generated modules are executed, and a person's own NumPy code in a child process; a model's text never is."""
    may = {"model.py", "runner.py"}
    banned = {"eval", "parse_expr", "lambdify", "literal_eval"}
    found = []
    for path in sorted((checkout / "derive").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(node, "id", getattr(node, "attr", None))
            if isinstance(node, ast.Name | ast.Attribute) and name in banned:
                found.append(f"{path.name}:{node.lineno} {name}")
            if isinstance(node, ast.Name) and node.id == "exec" and path.name not in may:
                found.append(f"{path.name}:{node.lineno} exec")
    assert not found


def test_every_generated_module_has_its_model(checkout: Path) -> None:
    models = {path.stem for path in (checkout / "derive" / "models").glob("*.eq")}
    generated = {path.stem for path in (checkout / "generated").glob("*.py")}
    assert generated == models


def test_the_readmes_test_command_is_what_ci_runs(checkout: Path) -> None:
    script = (checkout / ".ci" / "run").read_text()
    program = re.search(r"command=\$\(awk '(.+?)' README\.md\)", script)
    assert program is not None
    command = ["awk", program[1], "README.md"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("pytest -q") and done.stdout.count("\n") == 1
