"""A data set that a .net file names, for tests of what that may read."""

from __future__ import annotations

from pathlib import Path

import pytest

from netlang.catalogue.data.dataset import DataSet
from netlang.language.source import SourceFile, Span
from tests.catalogue.data.arrays.files import Named


@pytest.fixture
def named(tmp_path: Path) -> Named:
    """As if a .net file in ``tmp_path`` named the data set."""

    def make(data: DataSet) -> DataSet:
        text = "net = ReLU\ndata = D"
        data.span = Span(SourceFile("m.net", text, tmp_path / "m.net"), 18, 19)
        return data

    return make
