"""Tables that the tests of data read, and what is asked of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from netlang.catalogue.data import CSV
from netlang.language.diagnostics import Diagnostic, NetError

NET = 'data = CSV("t.csv", target="y")\n'
FLOWERS = "a,b,y\n" + "".join(f"{i},{i * i},{'xyz'[i % 3]}\n" for i in range(30))

Make = Callable[..., CSV]


def mistake(data: CSV) -> Diagnostic:
    """The one diagnostic that describing ``data`` raises."""
    with pytest.raises(NetError) as raised:
        data.describe()
    (diagnostic,) = raised.value.diagnostics
    return diagnostic


def shown(diagnostic: Diagnostic) -> tuple[str, int, int, str]:
    """Where the primary span of a diagnostic starts, and its text."""
    assert diagnostic.span is not None
    first = diagnostic.span.first
    name = Path(diagnostic.span.source.name).name
    return name, first.line, first.column, diagnostic.span.text


def inputs_of(data: CSV, seed: int = 0) -> list[list[float]]:
    """All samples, sorted; those of an unstandardised table are its rows."""
    split = data.load(seed)
    rows: list[list[float]] = torch.cat([split.train.inputs, split.test.inputs]).tolist()
    return sorted(rows)
