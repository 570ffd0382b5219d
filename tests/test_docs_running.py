"""The code on the page about running a module runs, block after block."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any


def test_the_code_of_the_page_runs(checkout: Path) -> None:
    text = (checkout / "docs" / "running.md").read_text()
    known: dict[str, Any] = {}
    blocks = re.findall(r"^```python\n(.*?)^```", text, flags=re.M | re.S)
    assert blocks
    for block in blocks:
        exec(block, known)
