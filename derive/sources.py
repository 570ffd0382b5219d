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


def zoo() -> list[str]:
    """The names of the models that come with derive."""
    return sorted(path.stem for path in ZOO.glob("*.eq"))


def path_of(name_or_path: str) -> Path:
    """The file of a model of the zoo, or that of the path itself; it may not be there.

    Raises:
        DeriveError: it is no path of an `.eq` file, and the zoo has no such model.
    """
    path = Path(name_or_path)
    if path.suffix == ".eq" or path.is_file():
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
    if not path.is_file():
        raise DeriveError(Fault(f"there is no file {str(path)!r}"))
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DeriveError(Fault(f"{path}: byte {error.start} is not UTF-8", hint="save the file as UTF-8")) from None


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
