"""What a file says of its data and of the network's input."""

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
    """What is said of the network's input, and where.

    ``doubts`` has the settings, ``input`` and ``data``, that are wrong and reported. ``slip`` is
    the definition that seems to be meant as the one that is missing.
    """

    shape: Shape | None
    span: Span | None
    doubts: frozenset[str] = frozenset()
    slip: Slip | None = None
