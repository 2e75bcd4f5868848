"""A pipeline turns the columns of a table into inputs and targets, by what training rows taught."""

from netlang.catalogue.data.pipeline.array_pipeline import ArrayPipeline
from netlang.catalogue.data.pipeline.array_samples import SampleError
from netlang.catalogue.data.pipeline.cells import Cells, ColumnError
from netlang.catalogue.data.pipeline.encoders import Categories, Codes, Encoder, Numbers
from netlang.catalogue.data.pipeline.goals import (
    Classes,
    Goal,
    Inputs,
    Labels,
    Several,
    Values,
)
from netlang.catalogue.data.pipeline.pipeline import Pipeline
from netlang.catalogue.data.pipeline.several_arrays import SeveralArrays
from netlang.catalogue.data.pipeline.text_pipeline import TextPipeline
from netlang.catalogue.data.pipeline.texts import Texts

AnyPipeline = Pipeline | ArrayPipeline | SeveralArrays | TextPipeline

__all__ = [
    "AnyPipeline",
    "ArrayPipeline",
    "Categories",
    "Cells",
    "Classes",
    "Codes",
    "ColumnError",
    "Encoder",
    "Goal",
    "Inputs",
    "Labels",
    "Numbers",
    "Pipeline",
    "SampleError",
    "Several",
    "SeveralArrays",
    "TextPipeline",
    "Texts",
    "Values",
]
