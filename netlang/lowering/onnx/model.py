"""A trained network as a file of ONNX: the pipeline of its data, its layers and its answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import netlang
from netlang.catalogue.data.pipeline import (
    ArrayPipeline,
    Pipeline,
    SeveralArrays,
    TextPipeline,
)
from netlang.compiler.answers import ClassAnswers, SeveralAnswers
from netlang.language.shapes import Shape
from netlang.lowering.onnx.answers import answers_of
from netlang.lowering.onnx.arrays import of_array, of_arrays, of_text
from netlang.lowering.onnx.encoded import Encoded, numbers, tokens
from netlang.lowering.onnx.file import STEPS, File, Port
from netlang.lowering.onnx.network import outputs_of
from netlang.lowering.onnx.tables import of_table
from netlang.lowering.onnx.values import Value, belongs
from netlang.lowering.trained import TrainedProgram


def to_onnx(trained: TrainedProgram, stem: str) -> Mapping[str, bytes]:
    """The file, by its name.  Raises Unsupported."""
    program = trained.program
    given = _encoded(trained)
    for value in (given.row, given.used):
        if value:
            belongs(value, (), "pipeline")
    values = outputs_of(program.graph, trained.tensors, given.row)
    inputs = given.inputs
    if values[0].is_free:
        inputs = [port.replace(shape=(STEPS, *port.shape[1:])) for port in inputs]
    outputs = answers_of(trained, values, given.used)
    for port in outputs:
        belongs(port.value, (), "answers")
    about = f"trained by netlang from {Path(program.source.name).name}"
    made = File(stem, inputs, outputs).to_bytes(about, _metadata(trained))
    return {f"{stem}.onnx": made}


def _encoded(trained: TrainedProgram) -> Encoded:
    match trained.pipeline:
        case Pipeline() as pipeline:
            return of_table(pipeline)
        case ArrayPipeline() as pipeline:
            return of_array(pipeline)
        case SeveralArrays() as pipeline:
            return of_arrays(pipeline)
        case TextPipeline() as pipeline:
            return of_text(pipeline)
    return _as_they_are(trained.program.graph.input)


def _as_they_are(shape: Shape) -> Encoded:
    """The network's inputs, where there is no pipeline."""
    if shape.vocabulary is not None:
        port = Port("input", Value("int64"), shape.sizes, "tokens")
        count = shape.vocabulary
        if not isinstance(count, int):
            return Encoded([port], port.value)
        return Encoded([port], *tokens(port.value, count, len(shape.sizes) + 1))
    port = Port("input", Value("float32"), shape.sizes, "the numbers of a sample")
    return Encoded([port], port.value, numbers(port.value, len(shape.sizes) + 1))


def _metadata(trained: TrainedProgram) -> dict[str, str]:
    """What a model tells of itself: texts by their names."""
    program = trained.program
    about = {
        "netlang.version": netlang.__version__,
        "netlang.source": program.source.text,
        "netlang.overrides": _json(program.overrides),
        "netlang.seed": str(program.seed),
        "netlang.metrics": _json(dict(trained.metrics)),
        "netlang.answers": _json(trained.answers.names),
    }
    if trained.pipeline:
        about["netlang.pipeline"] = _json(trained.pipeline.to_json())
    match trained.answers:
        case ClassAnswers() as own:
            about["netlang.classes"] = _json(own.classes)
        case SeveralAnswers() as several:
            of_each = {
                part.name: own.classes
                for part, own in several.outputs
                if isinstance(own, ClassAnswers)
            }
            about["netlang.classes"] = _json(of_each)
    return about


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False)
