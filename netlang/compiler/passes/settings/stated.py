"""What a file says about its data and about the network's input."""

from __future__ import annotations

from netlang.catalogue.data import DataSet, Description
from netlang.compiler.passes.settings.slips import Slip
from netlang.language.shapes import Shape
from netlang.language.source import Span
from netlang.system.record import Record


class Data(Record):
    """The data that a file names, their description, and where the file names them."""

    item: DataSet
    description: Description
    span: Span


class Start(Record):
    """The shape of the network's input, and where the file states it.

    ``doubts`` are those of the settings ``input`` and ``data`` that are wrong and reported.
    ``slip`` is a definition that seems to be meant as one of them, if that is missing.
    """

    shape: Shape | None
    span: Span | None
    doubts: frozenset[str] = frozenset()
    slip: Slip | None = None
