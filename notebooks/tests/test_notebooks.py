"""Every notebook runs from top to bottom, and shows what the stored one shows; the texts are held to a few rules."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

NOTEBOOKS = sorted(Path(__file__).parents[1].glob("[0-9]*.py"))
# A result that somebody wrote into the text would stay when the data change.
RESULT = re.compile(r"\d,\d|\d\s?(°C|mm\b|hPa|m/s|km)")

each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def words(cell: nbformat.NotebookNode) -> list[str]:
    """What a cell shows, without pictures: fonts differ from machine to machine."""
    shown = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            shown.append(output.text)
            continue
        data = output.data
        if "image/png" in data:
            shown.append("(picture)")
        else:
            shown.append(data.get("text/markdown") or data["text/plain"])
    return shown


@each
def test_a_notebook_runs_and_shows_what_is_stored(
    path: Path, stores: dict[str, str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    notebook = jupytext.read(path)
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
    kernel = KernelManager(kernel_name="python3", transport="ipc", ip=str(tmp_path / "kernel"))
    resources = {"metadata": {"path": str(path.parent)}}
    client = NotebookClient(notebook, km=kernel, timeout=600, startup_timeout=180, record_timing=False, resources=resources)
    try:
        client.execute(env=stores)
    finally:
        kernel.shutdown_kernel(now=True)
    stored = path.with_suffix(".ipynb")
    if request.config.getoption("--update"):
        notebook.metadata.pop("language_info", None)
        nbformat.write(notebook, stored)
    outputs = [words(cell) for cell in notebook.cells]
    assert not any("stderr" in output.get("name", "") for cell in notebook.cells for output in cell.get("outputs", []))
    assert outputs == [words(cell) for cell in nbformat.read(stored, as_version=4).cells], (
        "the stored outputs are of another run: look at the difference, then run `make notebooks-test UPDATE=1`"
    )


@each
def test_both_files_of_a_notebook_hold_the_same_cells(path: Path) -> None:
    cells = [(c.cell_type, c.source) for c in jupytext.read(path).cells]
    assert cells == [(c.cell_type, c.source) for c in nbformat.read(path.with_suffix(".ipynb"), as_version=4).cells], (
        "run `make notebooks-test UPDATE=1`"
    )


@each
def test_a_notebook_begins_with_what_one_learns_and_ends_with_what_to_try(path: Path) -> None:
    texts = [c.source for c in jupytext.read(path).cells]
    assert texts[0].startswith("# ")
    assert "**Ce qu'on apprend ici**" in texts[0]
    assert texts[-1].startswith("## À vous\n")


@each
def test_no_text_holds_a_result(path: Path) -> None:
    """Numbers that come from data are computed where they are said."""
    for cell in jupytext.read(path).cells:
        if cell.cell_type == "markdown":
            assert not RESULT.search(cell.source), cell.source
