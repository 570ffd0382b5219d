"""Where models' texts are: the zoo's by name, any by the path of its file. In comes a name, out come a path and a text.

Nothing here reads equations, so that what can be said of a text alone is said without importing what reads it.
"""

from __future__ import annotations

import ast
import difflib
import warnings
from pathlib import Path

from derive.errors import DeriveError, Fault

ZOO = Path(__file__).parent / "models"
LARGEST = 2_000_000  # bytes


def zoo() -> list[str]:
    """The names of the models that come with derive."""
    return sorted(path.stem for path in ZOO.glob("*.eq"))


def path_of(name_or_path: str) -> Path:
    """The file of a model of the zoo, or that of the path itself; it may not be there.

    Raises:
        DeriveError: it is no path of an `.eq` file, and the zoo has no such model.
    """
    path = Path(name_or_path)
    # A folder may well be called as a model of the zoo is; what stands in another folder is meant by its path.
    if path.suffix == ".eq" or _is_file(path) or (path.name != name_or_path and path.exists()):
        return path
    known = zoo()
    if name_or_path in known:
        return ZOO / f"{name_or_path}.eq"
    close = difflib.get_close_matches(name_or_path, known, 1)
    hint = (
        f"did you mean {close[0]!r}?" if close else f"the zoo has {', '.join(known)}; or give the path of an .eq file"
    )
    raise DeriveError(Fault(f"there is no model {name_or_path!r}", hint=hint))


def text_of(path: Path) -> str:
    """The text of a model's file.

    Raises:
        DeriveError: there is no such file, or it is not UTF-8.
        OSError: the file cannot be read.
    """
    if not _is_file(path):
        if path.is_dir():
            raise DeriveError(Fault(f"{path} is a folder", hint="name a file"))
        raise DeriveError(Fault(f"{path} is no ordinary file" if path.exists() else f"there is no file {str(path)!r}"))
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise DeriveError(Fault(f"{path} is larger than {LARGEST} bytes: is it a model?"))
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DeriveError(Fault(f"{path}: byte {error.start} is not UTF-8", hint="save the file as UTF-8")) from None


def spelled(name: str) -> str:
    r"""A file's name as UTF-8, whatever letters the machine is set to; a byte that is none stands as `\xff`.

    >>> spelled("gr\udcc3\udcb6\udcc3\udc9fe.eq")  # as Python reads it where all letters are ASCII
    'größe.eq'
    """
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # half a character, which no machine's file system has given
        return name.encode("utf-8", "backslashreplace").decode()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:  # a name that is too long
        raise DeriveError(Fault(f"{path}: {error.strerror or error}")) from None


def title(text: str) -> str:
    r"""The first line of a model's docstring; empty where it has none.

    >>> title('\"\"\"A sum.\n\nOf squares.\n\"\"\"\nx: Input[T]\nloss = sum(x[t]**2, t)\n')
    'A sum.'
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a docstring may hold LaTeX, whose backslashes Python dislikes
            doc = ast.get_docstring(ast.parse(text), clean=False) or ""
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    return doc.strip().partition("\n")[0]
