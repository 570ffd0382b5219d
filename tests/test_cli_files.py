"""Files are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from derive.cli.files import difference, read_if_there, write_whole
from derive.errors import DeriveError


def test_a_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text("old")
    path.chmod(0o640)
    write_whole(path, "nèw\n")
    assert path.read_bytes() == "nèw\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["m.py"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.py").symlink_to(tmp_path / "real.py")
    write_whole(tmp_path / "link.py", "text")
    assert (tmp_path / "link.py").is_symlink() and (tmp_path / "real.py").read_text() == "text"


def test_a_failure_leaves_the_old_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.py"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space left") as caught:
        write_whole(path, "new")
    assert caught.value.filename == str(path)
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


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


def test_a_pipe_is_written_into_and_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(path, "text")
        assert os.read(reader, 9) == b"text" and path.is_fifo()
    finally:
        os.close(reader)
