"""The model files that `derive watch` was given, and which of them were saved or lost since the last look.

In come files, folders and names of the zoo. A look compares every file with what it was: which events led to it does
not matter, so an editor that saves by renaming, a burst of saves or a folder that comes back are all the same to it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from derive.errors import DeriveError, Fault
from derive.sources import ZOO, path_of

_Mark = tuple[int, int, int]  # of a file: another one after every save


@dataclass(frozen=True)
class Change:
    """What became of a model's file.

    Attributes:
        path: the file, spelled as the user did.
        is_there: whether it was saved or came back; otherwise it is gone.
    """

    path: Path
    is_there: bool


class Watched:
    """Files and folders under watch.

    Attributes:
        files: every file by its path as the user spelled it, with its mark; None for one that is gone.
    """

    def __init__(self, names: list[str]) -> None:
        """Watch these models.

        Args:
            names: paths of model files, folders, names of the zoo.

        Raises:
            DeriveError: with every name that is none of a model that can be watched.
        """
        self.files: dict[Path, _Mark | None] = {}
        self._named: list[Path] = []
        self._folders: list[Path] = []
        faults: list[Fault] = []
        for name in names:
            try:
                self._add(name)
            except DeriveError as error:
                faults.extend(error.faults)
        if faults:
            raise DeriveError(faults)

    def _add(self, name: str) -> None:
        if Path(name).is_dir():
            self._folders.append(Path(name))
            return
        path = path_of(name)
        if path.parent == ZOO and _is_installed():
            hint = f"derive new NAME --from {name}, then derive watch NAME.eq"
            raise DeriveError(Fault(f"{name} is one of derive's own models, which do not change", hint=hint))
        if not path.is_file():
            raise DeriveError(Fault(f"there is no file {str(path)!r}"))
        self._named.append(path)

    @property
    def places(self) -> list[Path]:
        """The folders in which something may happen: a file that is replaced is another one, its folder stays."""
        parents = [folder for path in self._named for folder in (path.absolute().parent, path.resolve().parent)]
        return list(dict.fromkeys([*(folder.resolve() for folder in self._folders), *parents]))

    def changes(self) -> Iterator[Change]:
        """What was saved, came or went since the last look; at the first, every file."""
        for path in self._present():
            mark, known = _mark(path), self.files.get(path)
            if mark == known:
                continue
            self.files[path] = mark
            yield Change(path, mark is not None)

    def _present(self) -> list[Path]:
        """Every file to look at, each once: those named, those in the folders, those that were there."""
        kept: dict[str, Path] = {}
        in_folders = (path for folder in self._folders for path in _models(folder))
        for path in (*self._named, *in_folders, *self.files):
            kept.setdefault(os.path.abspath(path), path)
        return list(kept.values())

    def first_named(self, stem: str) -> Path:
        """The file that a module of this name is made of: the first that came."""
        return next(path for path, mark in self.files.items() if path.stem == stem and mark is not None)


def _models(folder: Path) -> list[Path]:
    """The models in a folder: no derivations by hand, and nothing hidden, which is where editors keep their own."""
    return sorted(p for p in folder.glob("*.eq") if not p.name.startswith(".") and not p.name.endswith(".hand.eq"))


def _mark(path: Path) -> _Mark | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ino, found.st_size) if path.is_file() else None


def _is_installed() -> bool:
    """Whether derive runs from a wheel, and the zoo is no folder to work in."""
    from derive.emit.templates import templates_folder

    return templates_folder().parent == ZOO.parent
