"""First files for arrays, pictures and texts check without a warning, and are trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import NetError
from netlang.language.syntax.format import format_source
from netlang.runs.first_files.first_file import first_file
from netlang.runs.first_files.place import Place
from netlang.runs.training.training import Training
from tests.catalogue.data.arrays.files import write_idx


def _checked(data: Path, target: str | None = None) -> str:
    """The text for the data, once it has been checked, and trained for an epoch."""
    source = first_file(Place(data, data.parent / "a.net"), target)
    found = compile_source(source, ["epochs=1"], to_run=True)
    assert not found.diagnostics
    assert format_source(source) == source.text
    list(Training(found.require()).events())
    return source.text


@pytest.mark.parametrize("sizes", [[(12, 12)], [(12, 12), (9, 14)]])
def test_pictures_of_one_size_stay_and_others_are_brought_to_one(
    tmp_path: Path, sizes: list[tuple[int, int]]
) -> None:
    for kind in ("cat", "dog"):
        (tmp_path / "pets" / kind).mkdir(parents=True)
        for place in range(8):
            picture = Image.new("RGB", sizes[place % len(sizes)], (place, 9, 90))
            picture.save(tmp_path / "pets" / kind / f"{place}.png")
    text = _checked(tmp_path / "pets")
    assert "# Its classes are cat 8 and dog 8." in text
    assert 'data = Images(\n    "pets/",' in text
    assert ("size=[64, 64]" in text) == (len(sizes) > 1)


def test_mnists_four_files_are_pictures(tmp_path: Path) -> None:
    assert 'data = IDX(\n    "mnist/",' in _checked(write_idx(tmp_path / "mnist"))


@pytest.mark.parametrize(
    ("arrays", "target", "named"),
    [
        ({"x": (40, 5), "y": (40,)}, None, 'inputs="x",\n    target="y"'),
        ({"kind": (40,), "signal": (40, 5)}, None, 'inputs="signal",\n    target="kind"'),
        ({"a": (40, 5), "b": (40, 5), "c": (40,)}, "c", 'inputs="a",\n    target="c"'),
        (
            {"x_train": (40, 4, 4), "y_train": (40,), "x_test": (9, 4, 4), "y_test": (9,)},
            None,
            'inputs="x_train",\n    target="y_train",\n    test_inputs="x_test"',
        ),
    ],
    ids=lambda one: "-".join(one) if isinstance(one, dict) else "",
)
def test_arrays_are_told_by_their_names_and_shapes(
    tmp_path: Path, arrays: dict[str, Any], target: str | None, named: str
) -> None:
    draw = np.random.default_rng(0)
    found = {
        name: draw.random(shape) if len(shape) > 1 else draw.integers(0, 2, shape)
        for name, shape in arrays.items()
    }
    np.savez(tmp_path / "a.npz", **found)
    assert named in _checked(tmp_path / "a.npz", target)


def test_an_archive_whose_target_is_not_plain_lists_its_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", a=np.zeros((4, 2)), b=np.zeros((4, 2)))
    with pytest.raises(NetError) as raised:
        first_file(Place(tmp_path / "a.npz", tmp_path / "a.net"))
    assert "which of the 2 arrays" in raised.value.diagnostics[0].title


def test_a_text_is_gone_on_with(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("A river runs past the old mill.\n" * 60)
    assert 'data = Text("a.txt", context=64)' in _checked(tmp_path / "a.txt")
