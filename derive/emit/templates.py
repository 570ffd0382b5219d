"""Where the Jinja templates are: beside the package in a checkout, inside it in an installed wheel."""

from __future__ import annotations

from pathlib import Path


def templates_folder() -> Path:
    """The folder that holds `numpy/`, `latex/` and `html/`.

    Raises:
        FileNotFoundError: the installation is broken: neither place has it.
    """
    package = Path(__file__).resolve().parent.parent
    # A wheel's own templates come first: whatever stands beside an installed package is somebody else's.
    for folder in (package / "templates", package.parent / "templates"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"{package / 'templates'}: derive was installed without its templates; install it again")
