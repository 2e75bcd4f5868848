"""The notebook that comes with netlang, run as Jupyter runs it."""

from __future__ import annotations

import json
import re
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from tests.paths import MODELS
from tests.program import netlang

NOTEBOOK = MODELS / "notebook.ipynb"


def cells() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text())["cells"]
    return [cell for cell in found if cell["cell_type"] == "code"]


def test_init_copies_the_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = netlang("init", "notebook")
    assert "jupyter lab notebook.ipynb" in result.stdout
    assert (tmp_path / "notebook.ipynb").read_text() == NOTEBOOK.read_text()


def test_it_is_kept_without_outputs() -> None:
    assert [cell for cell in cells() if cell["outputs"] or cell["execution_count"]] == []


@pytest.mark.slow
def test_it_runs_in_a_kernel_and_each_cell_shows_what_it_should(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = tmp_path / "kernels" / "own"
    kernel.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "own", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    for name in ("JUPYTER_PATH", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import nbclient
        import nbformat

        notebook: Any = nbformat.read(NOTEBOOK, 4)  # type: ignore[no-untyped-call]
        where = {"metadata": {"path": str(tmp_path)}}
        nbclient.NotebookClient(notebook, kernel_name="own", resources=where).execute()
    shown = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            shown[cell.source.split("\n")[0]] = cell.outputs
    trained = html(shown["%%net disc"])
    assert re.search("30 epochs, trained in .*expect test.accuracy &gt; 0.9<.*>met<", trained)
    assert trained.count("<img ") == 2
    assert "inside" in shown["disc.predict([[0.5, 0.5], [0.95, 0.05]])"][0]["data"]["text/plain"]
    assert html(shown["disc"]).count("<details>") == 4
    assert "27 weights" in html(shown["%%net small --set hidden={width} --set epochs=10"])
    assert '<img class="graph"' in html(shown["%%net net"])
    assert "20 epochs" in html(shown["%%net cubes"])
    message, error = shown["%%net broken"]
    assert '<span class="error">error[E0301]</span>' in html([message])
    assert error["output_type"] == "error"


def html(outputs: list[Any]) -> str:
    """The HTML of the one output that a cell has, in one line."""
    (only,) = outputs
    made: str = only["data"]["text/html"]
    return made.replace("\n", " ")
