"""An installed wheel has all it needs, templates and zoo included, wherever it is called from."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import derive


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(checkout)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_code_zoo_and_templates_only(wheel: Path, checkout: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"derive"}
    for folder, inside in (("derive/models", "derive/models"), ("templates", "derive/templates")):
        files = [path for path in (checkout / folder).rglob("*") if path.is_file() and path.suffix != ".pyc"]
        assert files
        for path in files:
            assert f"{inside}/{path.relative_to(checkout / folder).as_posix()}" in names
    assert "derive/py.typed" in names


def test_an_installed_wheel_generates_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    home, away = tmp_path / "env", tmp_path / "away"
    away.mkdir()
    venv.create(home, with_pip=False, symlinks=True)
    scheme = {"base": str(home), "platbase": str(home)}
    packages = Path(sysconfig.get_path("purelib", scheme="venv", vars=scheme))
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(packages)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    # The dependencies are borrowed from this environment, behind the wheel's own folder; a .pth in a folder that a .pth
    # names is not read, so an editable derive of this environment stays out.
    borrowed = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
    (packages / "borrowed.pth").write_text("\n".join(borrowed) + "\n")
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}

    def run(*words: str) -> str:
        done = subprocess.run(
            [str(python), *words], cwd=away, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    where = Path(run("-c", "import derive; print(derive.__file__)").strip())
    assert where.is_relative_to(packages)
    run("-m", "derive", "generate", "vanilla")
    assert (away / "generated" / "vanilla.py").read_text() == derive.load("vanilla").generate()
