"""Data sets say where samples come from, and describe them before any is loaded."""

from netlang.catalogue.data.arrays import IDX, Arrays, Images, Sklearn, Text
from netlang.catalogue.data.dataset import DataSet, Samples, Split
from netlang.catalogue.data.description import Description
from netlang.catalogue.data.made import (
    XOR,
    Circles,
    Disc,
    Gauss,
    Moons,
    Pairs,
    Shapes,
    Sine,
    Spiral,
)
from netlang.catalogue.data.pipeline import (
    ArrayPipeline,
    ColumnError,
    Encoder,
    Goal,
    Pipeline,
    SeveralArrays,
    TextPipeline,
)
from netlang.catalogue.data.table import CSV, Table

__all__ = [
    "CSV",
    "IDX",
    "XOR",
    "ArrayPipeline",
    "Arrays",
    "Circles",
    "ColumnError",
    "DataSet",
    "Description",
    "Disc",
    "Encoder",
    "Gauss",
    "Goal",
    "Images",
    "Moons",
    "Pairs",
    "Pipeline",
    "Samples",
    "SeveralArrays",
    "Shapes",
    "Sine",
    "Sklearn",
    "Spiral",
    "Split",
    "Table",
    "Text",
    "TextPipeline",
]
