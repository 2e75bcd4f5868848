"""A model that was trained for a moment, with samples of its own, and what netlang says of them."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

import netlang
from netlang.catalogue.data.pipeline import ArrayPipeline, Pipeline, SeveralArrays, TextPipeline
from netlang.compiler.answers import (
    Answers,
    ClassAnswers,
    LabelAnswers,
    NumberAnswers,
    SeveralAnswers,
    own_outputs,
)
from netlang.lowering.trained import TrainedProgram

SAMPLES = 40
"""Those that are asked about: the first of the test."""

Arrays = Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """What is said of samples: ``numbers`` [N, K], each in units of ``scale`` [K], and the
    ``labels`` [N] of each output of classes.
    """

    numbers: Any
    scale: Any
    labels: list[Any]


@dataclass(frozen=True)
class Trained:
    """The ``program`` with its weights, raw ``samples`` in the words of each target, and what
    netlang ``said`` of them.
    """

    program: TrainedProgram
    question: Arrays  # as Python takes them
    feed: Arrays  # as ONNX takes them
    rows: Any  # as the program in C reads them  [N, inputs]
    said: Said


def trained(file: Path, epochs: int = 1) -> Trained:
    """The model of a file, trained for so many epochs, whatever the file expects."""
    model = netlang.load(file, epochs=epochs).fit()
    program, training = model._trained, model._training
    assert program
    assert training
    found = program.trained_program
    if isinstance(found.pipeline, Pipeline) and (path := getattr(model.program.data, "path", "")):
        columns = _cells(file.parent / path)
        inputs = found.pipeline.apply(columns)
        question, feed, rows = _of_table(found.pipeline, columns)
    else:
        inputs = training.split.judged.inputs[:SAMPLES]
        question, feed, rows = _samples(found.pipeline, inputs)
    outputs = program.outputs(inputs)
    return Trained(found, question, feed, rows, _said(found.answers, outputs))


def _cells(table: Path) -> dict[str, list[str]]:
    """The columns of some rows of a table, from all of its parts."""
    with table.open(newline="") as file:
        rows = [*csv.DictReader(file)]
    chosen = rows[:: -(-len(rows) // SAMPLES)]
    return {name: [row[name] for row in chosen] for name in rows[0]}


def _of_table(pipeline: Pipeline, columns: Mapping[str, list[str]]) -> tuple[Arrays, Arrays, Any]:
    """Cells of a table; a missing one is empty."""
    taken = {name: columns[name] for name in pipeline.columns}
    feed: dict[str, Any] = {}
    for encoder in pipeline.encoders:
        cells = taken[encoder.name]
        if encoder.as_text:
            feed[encoder.name] = np.array(cells)[:, None]
        else:
            numbers = [float(cell) if cell else np.nan for cell in cells]
            feed[encoder.name] = np.array(numbers)[:, None]
    rows = [*zip(*taken.values(), strict=True)]
    return {name: np.array(cells) for name, cells in taken.items()}, feed, rows


def _samples(pipeline: Any, inputs: torch.Tensor) -> tuple[Arrays, Arrays, Any]:
    """Raw samples of inputs that the pipeline has made."""
    match pipeline:
        case Pipeline():
            numbers = pipeline.to_numbers(inputs).numpy()
            columns = dict(zip(pipeline.columns, numbers.T, strict=True))
            return columns, {name: one[:, None] for name, one in columns.items()}, numbers
        case ArrayPipeline():
            numbers = pipeline.to_numbers(inputs).numpy()
            return {"array": numbers}, {pipeline.name: numbers}, numbers.reshape(len(numbers), -1)
        case SeveralArrays():
            parts = [one.numpy() for one in pipeline.parts(pipeline.to_numbers(inputs))]
            names = [one.name for one in pipeline.arrays]
            arrays = dict(zip(names, parts, strict=True))
            rows = [one.reshape(len(one), -1) for one in parts]
            return arrays, arrays, np.concatenate(rows, 1)
        case TextPipeline():
            texts = [pipeline.text(row) for row in inputs.long().tolist()]
            return {"texts": np.array(texts)}, {"text": inputs.numpy()}, inputs.numpy()
    array = inputs.numpy()
    return {"array": array}, {"input": array}, array.reshape(len(array), -1)


def _said(answers: Answers, outputs: torch.Tensor) -> Said:
    numbers, scales, labels = [], [], []
    for one, y in _each(answers, outputs):
        match one:
            case ClassAnswers():
                found = [one.by_class(y)]
                names = np.array(one.classes)
                labels.append(names[one.labels(y).numpy()])
            case LabelAnswers():
                found = [one.loss.prediction(y)]
            case NumberAnswers():
                found = [one.numbers(y), *map(one.to_values, one.loss.further_of(y))]
            case _:
                raise AssertionError(one)
        for values in found:
            rows = values.double().flatten(1)
            numbers.append(rows.numpy())
            scales.append(_scale(one, values))
    return Said(np.concatenate(numbers, 1), np.concatenate(scales), labels)


def _each(answers: Answers, outputs: torch.Tensor) -> Iterator[tuple[Answers, torch.Tensor]]:
    if not isinstance(answers, SeveralAnswers):
        yield answers, outputs
        return
    for part, one in answers.outputs:
        yield one, own_outputs(part, one, outputs)


def _scale(answers: Answers, values: torch.Tensor) -> Any:
    """The deviation of the numbers that are predicted; 1 of probabilities."""
    ones = torch.ones(1, *values.shape[1:])
    if not isinstance(answers, NumberAnswers):
        return ones.flatten().numpy()
    scale = answers.to_values(ones) - answers.to_values(torch.zeros_like(ones))
    return scale.double().flatten().numpy()
