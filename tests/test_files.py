"""Files are written whole or not at all, wherever the writer is stopped."""

from __future__ import annotations

import errno
import io
import os
import re
import subprocess
import sys
import textwrap
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from derive import files
from derive.errors import DeriveError
from derive.files import make_folder, write_whole


def test_a_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text("old")
    path.chmod(0o640)
    write_whole(path, "nèw\n")
    assert path.read_bytes() == "nèw\n".encode()
    assert path.stat().st_mode & 0o777 == 0o640
    assert names(tmp_path) == ["m.py"]


def test_a_new_file_has_the_mode_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_whole(tmp_path / "m.py", b"\xff")
    assert (tmp_path / "m.py").read_bytes() == b"\xff"
    assert (tmp_path / "m.py").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link.py").symlink_to(tmp_path / "real.py")
    write_whole(tmp_path / "link.py", "text")
    assert (tmp_path / "link.py").is_symlink() and (tmp_path / "real.py").read_text() == "text"


def test_a_pipe_is_written_into_and_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_whole(path, "text")
        assert os.read(reader, 9) == b"text" and path.is_fifo()
    finally:
        os.close(reader)


def test_a_name_as_long_as_names_may_be(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 255)
    write_whole(path, "text")
    assert path.read_text() == "text"
    with pytest.raises(OSError, match="too long") as caught:
        write_whole(tmp_path / ("a" * 256), "text")
    assert caught.value.filename == str(tmp_path / ("a" * 256)) and names(tmp_path) == ["a" * 255]


@pytest.mark.parametrize("kind", ["absent folder", "folder", "file as folder", "loop"])
def test_what_is_in_the_way_is_named_as_the_person_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("file").touch()
    Path("loop").symlink_to("loop")
    place, said = {
        "absent folder": ("away/m.py", "[Errno 2] No such file or directory: 'away'"),
        "folder": ("folder", "folder is a folder\n    name a file"),
        "file as folder": ("file/m.py", "[Errno 20] Not a directory: 'file/m.py'"),
        "loop": ("loop", "[Errno 40] Too many levels of symbolic links: 'loop'"),
    }[kind]
    with pytest.raises((OSError, DeriveError)) as caught:
        write_whole(Path(place), "text")
    assert str(caught.value) == said
    assert names(tmp_path) == ["file", "folder", "loop"] and Path("loop").is_symlink()


def test_a_folder_is_made_or_what_is_in_its_place_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_folder(Path("a/b"))
    make_folder(Path("a/b"))
    Path("file").touch()
    Path("link").symlink_to("away")
    for place, said in [
        ("file", "file is no folder"),
        ("file/b/c", "file is no folder"),
        ("link", "link is a link to away, which is not there"),
        ("link/b", "link is a link to away, which is not there"),
    ]:
        with pytest.raises(DeriveError) as caught:
            make_folder(Path(place))
        assert str(caught.value) == f"{said}\n    give another folder"
    assert not Path("away").exists()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.EDQUOT])
@pytest.mark.parametrize("call", ["open", "write", "fsync", "close", "chmod", "replace"])
def test_a_call_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    path = tmp_path / "m.py"
    path.write_text("old")

    def fail(*_: object, **__: object) -> Any:
        raise OSError(code, os.strerror(code), "some other name")

    class Full(io.FileIO):
        write = fail if call == "write" else io.FileIO.write  # type: ignore[assignment]

        def close(self) -> None:
            super().close()
            if call == "close":
                fail()

    if call in ("write", "close"):
        monkeypatch.setattr(Path, "open", lambda part, mode: Full(part, mode.replace("b", "")))
    else:
        monkeypatch.setattr(*{"open": (Path, "open"), "chmod": (Path, "chmod")}.get(call, (os, call)), fail)
    with pytest.raises(OSError) as caught:
        write_whole(path, "new")
    assert (caught.value.errno, caught.value.filename) == (code, str(path))
    monkeypatch.undo()
    assert path.read_text() == "old" and names(tmp_path) == ["m.py"]


def test_a_file_system_that_knows_no_fsync_is_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: int) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(os, "fsync", unknown)
    write_whole(tmp_path / "m.py", "text")
    assert (tmp_path / "m.py").read_text() == "text"


# Between a file's opening and the `with` that closes it, only the collector of garbage closes it.
@pytest.mark.filterwarnings("ignore:Exception ignored:pytest.PytestUnraisableExceptionWarning")
def test_an_interruption_at_any_line_leaves_a_whole_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    seen = set()
    for line in range(1, 1000):
        path.write_text("old")
        finished = interrupted(line, lambda: write_whole(path, "new"))
        seen.add(path.read_text())
        assert names(tmp_path) == ["m.py"], line
        if finished:
            break
    assert finished and line > 15 and seen == {"old", "new"}


def interrupted(at: int, call: Callable[[], None]) -> bool:
    """Press Ctrl-C at the n-th line of the writer that runs, before it clears up. Whether it came to its end."""
    before = sys.gettrace()
    passed = 0

    def trace(frame: types.FrameType, event: str, _: object) -> Any:
        nonlocal passed
        if frame.f_code.co_filename != files.__file__:
            return None
        if event == "line" and sys.exc_info()[0] is None and passed < at:
            passed += 1
            if passed == at:
                raise KeyboardInterrupt
        return trace

    try:
        sys.settrace(trace)
        call()
    except KeyboardInterrupt:
        return False
    finally:
        sys.settrace(before)
    return True


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from derive import files

    def killed(at):
        def trace(frame, event, _):
            if frame.f_code.co_filename != files.__file__:
                return None
            killed.passed += event == "line"
            if killed.passed == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return trace
        killed.passed = 0
        sys.settrace(trace)
        files.write_whole(Path("m.py"), "new " * 50_000)
        os._exit(0)

    old, new = b"old " * 50_000, b"new " * 50_000
    found, left = [], 0
    for at in range(1, 1000):
        for name in sorted(os.listdir())[:-3]:
            os.unlink(name)  # the sweep passes more lines, the more there is
        Path("m.py").write_bytes(old)
        child = os.fork()
        if not child:
            killed(at)
        _, status = os.waitpid(child, 0)
        found.append(Path("m.py").read_bytes())
        assert found[-1] in (old, new), at
        if status == 0:
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
    print(at, found.count(old), found.count(new), *sorted(os.listdir()))
"""


def run(program: str, folder: Path) -> str:
    """What a program prints, in a process of its own that has nothing of this one."""
    command = [sys.executable, "-c", textwrap.dedent(program)]
    environment = os.environ | {"PYTHONPATH": str(Path(files.__file__).parent.parent)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_killed_at_any_line_there_is_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    points, old, new, *there = run(KILLED, tmp_path).split()
    assert int(points) > 15 and int(old) > 10 and int(new) >= 1
    left = [name for name in there if name != "m.py"]
    assert left and all(re.fullmatch(r"\.derive-\d+-[0-9a-f]{8}\.part", name) for name in left)
    # What may still be written to stays for a while; then the next write clears it away, and nothing of anyone else's.
    write_whole(tmp_path / "m.py", "again")
    assert set(left) <= set(names(tmp_path))
    (tmp_path / ".derive-mine.part").touch()
    (tmp_path / ".derive-1-00000000.part").symlink_to("m.py")
    for name in names(tmp_path):
        os.utime(tmp_path / name, (0, 0), follow_symlinks=False)
    write_whole(tmp_path / "other.py", "text")
    assert names(tmp_path) == [".derive-1-00000000.part", ".derive-mine.part", "m.py", "other.py"]


MANY = """
    import hashlib, os, sys
    from pathlib import Path
    from derive.files import write_whole

    def text(number):
        body = f"{number} " * (1000 * (1 + number % 7))
        return hashlib.sha256(body.encode()).hexdigest() + body

    path = Path("m.py")
    write_whole(path, text(0))
    children = []
    for number in range(8):
        child = os.fork()
        if not child:
            for turn in range(40):
                write_whole(path, text(number))
            os._exit(0)
        children.append(child)
    reads = 0
    seen = set()
    while children:
        found = path.read_text()
        assert hashlib.sha256(found[64:].encode()).hexdigest() == found[:64]
        seen.add(found)
        reads += 1
        ended, status = os.waitpid(-1, os.WNOHANG)
        if ended:
            assert status == 0
            children.remove(ended)
    print(reads, len(seen), os.listdir() == ["m.py"])
"""


def test_of_eight_writers_at_once_a_reader_sees_one(tmp_path: Path) -> None:
    reads, seen, alone = run(MANY, tmp_path).split()
    assert int(reads) > 8 and int(seen) > 1 and alone == "True"


LIMITED = """
    import resource
    from pathlib import Path
    from derive.files import write_whole
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    try:
        write_whole(Path("m.py"), "new " * 1000)
    except OSError as error:
        print(error.filename, error.strerror, Path("m.py").read_text())
"""


def test_a_file_that_may_not_grow_so_large(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text("old")
    assert run(LIMITED, tmp_path) == "m.py File too large old\n" and names(tmp_path) == ["m.py"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_a_device_that_is_full() -> None:
    with pytest.raises(OSError, match="No space left") as caught:
        write_whole(Path("/dev/full"), "text")
    assert caught.value.filename == "/dev/full"


READ_ONLY = """
    import os, tempfile
    from pathlib import Path
    from derive.files import write_whole
    folder = Path(tempfile.mkdtemp())
    path = folder / "m.py"
    path.write_text("old")
    path.chmod(0o666)
    folder.chmod(0o555)
    child = os.fork()
    if not child:
        if os.geteuid() == 0:
            os.setuid(65534)  # a folder is read-only to anyone but root
        try:
            write_whole(path, "new")
        except OSError as error:
            os._exit(error.errno)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.strerror(os.waitstatus_to_exitcode(status)), path.read_text(), os.listdir(folder))
    folder.chmod(0o755)
    path.unlink()
    folder.rmdir()
"""


def test_a_folder_that_is_read_only(tmp_path: Path) -> None:
    assert run(READ_ONLY, tmp_path) == "Permission denied old ['m.py']\n"


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def written(tree_of: Path) -> Iterator[str]:
    """The calls in derive that write to a file, by file and line."""
    import ast

    for path in sorted(tree_of.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
                modes = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                is_open = name == "open" and any(set(mode) & set("wax+") and len(mode) < 4 for mode in modes)
                if is_open or name in ("write_text", "write_bytes", "savefig", "copyfile", "mkdir"):
                    yield f"{path.relative_to(tree_of).as_posix()} {name}"


def test_nothing_else_in_derive_writes_files(checkout: Path) -> None:
    """All commands that write share one writer; files in folders of a child process alone are written as they are."""
    found = {place for place in written(checkout / "derive") if not place.startswith(("files.py", "check/python/"))}
    assert found == {"bench/plot.py savefig", "cli/latex.py copyfile"}  # into memory, and into a folder of TeX's own
