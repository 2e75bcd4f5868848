"""What a runtime of ONNX says of rows, beside what netlang says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnxruntime
import polars
import torch

from netlang.api.model import Model
from netlang.catalogue.data.pipeline import (
    ArrayPipeline,
    Pipeline,
    SeveralArrays,
    TextPipeline,
    Texts,
)
from netlang.compiler.answers import (
    Answers,
    ClassAnswers,
    LabelAnswers,
    NumberAnswers,
    SeveralAnswers,
    own_outputs,
)
from netlang.lowering.onnx import to_onnx
from netlang.lowering.trained import TrainedProgram


def trained_program(model: Model) -> TrainedProgram:
    trained = model._trained
    assert trained
    return trained.trained_program


def session_of(model: Model) -> onnxruntime.InferenceSession:
    (file,) = to_onnx(trained_program(model), "model").values()
    return runtime(file)


def runtime(file: bytes) -> onnxruntime.InferenceSession:
    """A model in a runtime of one thread, as to start some takes longer than small models do."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def run(session: onnxruntime.InferenceSession, feed: Mapping[str, Any]) -> dict[str, Any]:
    names = [port.name for port in session.get_outputs()]
    return dict(zip(names, session.run(names, feed), strict=True))


def columns_of(model: Model, frame: polars.DataFrame) -> dict[str, Any]:
    """The columns of a table of texts as a model of ONNX takes them."""
    pipeline = trained_program(model).pipeline
    assert isinstance(pipeline, Pipeline)
    found: dict[str, Any] = {}
    for encoder in pipeline.encoders:
        cells = frame[encoder.name]
        if isinstance(encoder, Texts):
            tokens = encoder.tokens([text or "" for text in cells])
            found[encoder.name] = tokens.nan_to_num(-1).long().numpy()
        elif encoder.as_text:
            found[encoder.name] = np.array([[text or ""] for text in cells], dtype=object)
        else:
            numbers = cells.cast(polars.Float64, strict=False).fill_null(float("nan"))
            found[encoder.name] = numbers.to_numpy()[:, None]
    return found


def assert_same(
    answers: Answers, outputs: torch.Tensor, found: Mapping[str, Any], begin: str = ""
) -> None:
    """The answers that netlang reads out of ``outputs`` are those that were ``found``."""
    match answers:
        case SeveralAnswers():
            for part, own in answers.outputs:
                row = own_outputs(part, own, outputs)
                assert_same(own, row, found, f"{part.name}.")
        case ClassAnswers():
            kind = "scores" if answers.kind == "scores" else "probabilities"
            assert_close(found[begin + kind], answers.by_class(outputs))
            names = np.array([*answers.classes, ""], dtype=object)
            are_numbers = outputs.isfinite().flatten(1).all(1)
            labels = answers.labels(outputs)
            labels[~are_numbers] = len(answers.classes)
            assert (found[begin + "label"] == names[labels.numpy()]).all()
        case LabelAnswers():
            predicted = answers.loss.prediction(outputs)
            kind = "scores" if f"output({answers.targets[0]})" in answers.names else "probabilities"
            assert_close(found[begin + kind], predicted)
            assert (found[begin + "labels"] == (predicted > 0.5).long().numpy()).all()
        case NumberAnswers():
            assert_close(found[begin + "prediction"], answers.numbers(outputs))
            further = map(answers.to_values, answers.loss.further_of(outputs))
            for name, one in zip(answers.loss.further, further, strict=True):
                assert_close(found[begin + name], one)
        case _:
            raise AssertionError(answers)


def assert_close(found: Any, expected: torch.Tensor) -> None:
    """To 1e-5 of the deviation of numbers in large units, and else of 1."""
    numbers, size = torch.from_numpy(found).to(expected.dtype), expected.shape
    atol = 1e-5 * max(1.0, float(expected[expected.isfinite()].std()))
    torch.testing.assert_close(numbers.reshape(size), expected, rtol=0, atol=atol, equal_nan=True)


def assert_answers_of_test(model: Model) -> None:
    """On the samples that the model was tested on."""
    trained, training = model._trained, model._training
    assert trained
    assert training
    inputs = training.split.judged.inputs[:50]
    found = run(session_of(model), own_samples(trained_program(model).pipeline, inputs))
    assert_same(trained_program(model).answers, trained.outputs(inputs), found)


def own_samples(pipeline: Any, inputs: torch.Tensor) -> dict[str, Any]:
    """Samples as a model of ONNX takes them, of inputs that the pipeline has made."""
    match pipeline:
        case Pipeline():
            columns = pipeline.to_numbers(inputs).numpy().T
            return {name: one[:, None] for name, one in zip(pipeline.columns, columns, strict=True)}
        case ArrayPipeline():
            return {pipeline.name: _of_array(pipeline, inputs)}
        case SeveralArrays():
            parts = pipeline.parts(inputs)
            each = zip(pipeline.arrays, parts, strict=True)
            return {one.name: _of_array(one, part) for one, part in each}
        case TextPipeline():
            return {"text": inputs.long().numpy()}
    return {"input": inputs.numpy()}


def _of_array(pipeline: ArrayPipeline, inputs: torch.Tensor) -> Any:
    if pipeline.tokens is not None:
        return inputs.nan_to_num(-1).long().numpy()
    return pipeline.to_numbers(inputs).float().numpy()
