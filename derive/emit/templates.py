"""Where the Jinja templates are: beside the package in a checkout, inside it in an installed wheel."""

from __future__ import annotations

from pathlib import Path


class BrokenTemplate(OSError):
    """A template of derive's own that is missing or was damaged: the machine's failure, not that of a model."""

    def __init__(self, template: str, line: int | None, reason: str) -> None:
        """An error that says where.

        Args:
            template: its path inside the folder of templates.
            line: the line, from 1, where it is known.
            reason: what is wrong.
        """
        place = f"{templates_folder() / template}{f':{line}' if line else ''}"
        super().__init__(f"{place}: {reason}; the template is broken: install derive again, or mend it")


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
