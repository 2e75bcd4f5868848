"""Nothing is told of networks as people write them every day, as nothing is wrong with them."""

from __future__ import annotations

import re
from pathlib import Path

import numpy
import pytest

from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile

_, *PARTS = re.split(
    r"^## (.*)\n", (Path(__file__).parent / "everyday.txt").read_text(), flags=re.M
)
NETWORKS = dict(zip(PARTS[::2], PARTS[1::2], strict=True))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = (f"{i % 7}.5,{i * i % 11},{i % 9}.25,{i % 8 / 8},{'ab'[i % 2]}\n" for i in range(40))
    (tmp_path / "houses.csv").write_text("rooms,age,price,share,kind\n" + "".join(rows))
    reviews = "good film,good\nbad film,bad\nwhat a good film,good\nwhat a bad end,bad\n" * 3
    (tmp_path / "reviews.csv").write_text("review,mood\n" + reviews)
    (tmp_path / "poem.txt").write_text(
        "Tyger Tyger, burning bright, in the forests of night. " * 20
    )
    numpy.save(tmp_path / "pixels.npy", numpy.arange(240.0).reshape(40, 6) % 17 / 16)
    waves = numpy.sin(numpy.arange(960.0)).reshape(40, 12, 2)
    numpy.savez(tmp_path / "waves.npz", x=waves, y=waves[:, -1, 0] * 1.7)
    return tmp_path


@pytest.mark.parametrize("name", NETWORKS)
def test_nothing_is_told_of_a_network_with_which_nothing_is_wrong(name: str, folder: Path) -> None:
    found = compile_source(SourceFile("a.net", NETWORKS[name], folder / "a.net"))
    assert found.program
    assert not [f"{one.code} {one.title}" for one in found.diagnostics]
