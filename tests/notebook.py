"""Runs a notebook: `python -m tests.notebook IN OUT`.

In a process of its own, since Jupyter's client warns of itself, and warnings are errors in a test.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SECONDS = 120


def run(source: Path, target: Path) -> None:
    """Execute every cell in a fresh kernel of this Python, and write the notebook with what the cells showed."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(source, as_version=4)
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=SECONDS,
        coalesce_streams=True,  # in how many pieces a cell's text comes is chance
        record_timing=False,
        resources={"metadata": {"path": str(target.parent)}},
    )
    client.execute(stderr=subprocess.DEVNULL)  # the kernel's own remarks; what a cell writes there is its output
    # Nothing of the machine that it ran on.
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    nbformat.write(notebook, target)


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]))
