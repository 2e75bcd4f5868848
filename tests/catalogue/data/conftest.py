"""A table in a file of its own, for each test that asks for one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from netlang.catalogue.data import CSV
from netlang.language.source import SourceFile, Span
from tests.catalogue.data.examples import NET, Make


@pytest.fixture
def csv(tmp_path: Path) -> Make:
    """A CSV named by a .net file in ``tmp_path``, beside the table with this text."""

    def make(text: str | bytes | None = None, path: str = "t.csv", **arguments: Any) -> CSV:
        if text is not None:
            data = text if isinstance(text, bytes) else text.encode()
            (tmp_path / "t.csv").write_bytes(data)
        data_set = CSV(path, **{"target": "y", **arguments})
        net = SourceFile("m.net", NET, tmp_path / "m.net")
        data_set.span = Span(net, 7, len(NET) - 1)
        return data_set

    return make
