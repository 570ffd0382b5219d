"""What is in a file's place already, and how it differs."""

from __future__ import annotations

from pathlib import Path

import pytest

from derive.cli.files import difference, read_if_there
from derive.errors import DeriveError


def test_what_is_in_the_way_is_named(tmp_path: Path) -> None:
    assert read_if_there(tmp_path / "absent.py") is None
    with pytest.raises(DeriveError, match="is no file"):
        read_if_there(tmp_path)
    (tmp_path / "binary.py").write_bytes(b"\xff\xfe")
    with pytest.raises(DeriveError, match="not a text file"):
        read_if_there(tmp_path / "binary.py")


def test_differences_name_both_sides() -> None:
    text = difference(Path("m.py"), "a\nb\n", "a\nc\n")
    assert text.splitlines() == ["--- m.py (as it is)", "+++ m.py (as generated)", "@@ -1,2 +1,2 @@", " a", "-b", "+c"]
