"""The demo's notebook runs from the first cell to the last."""

from pathlib import Path

import nbformat
from nbclient import NotebookClient

EXAMPLE = Path(__file__).resolve().parents[2] / "examples/california_housing"


def test_the_notebook_runs():
    notebook = nbformat.read(EXAMPLE / "housing.ipynb", as_version=4)
    client = NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(EXAMPLE)}}
    )
    client.execute()
    printed = "".join(
        output.get("text", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    )
    assert "promote" in printed and "Reproduced to the bit" in printed
