"""Where the child process starts: makes a package of this folder's modules, so that nothing else of derive's is there.

`python -I child.py FOLDER`. What runs in the child imports NumPy alone, and its neighbours by relative imports.
"""

from __future__ import annotations

import importlib
import sys
import types
from pathlib import Path

if __name__ == "__main__":
    package = types.ModuleType("derive_child")
    package.__path__ = [str(Path(__file__).resolve().parent)]
    sys.modules["derive_child"] = package
    importlib.import_module("derive_child.runner").main(Path(sys.argv[1]))
