"""Files of models/, trained for an epoch, answer in a runtime of ONNX as in netlang."""

from __future__ import annotations

from typing import Any

import pytest
import torch

import netlang
from netlang.catalogue.data.pipeline import ArrayPipeline, Pipeline, SeveralArrays, TextPipeline
from netlang.system.shipped import folder
from tests.lowering.onnx.answered import assert_same, run, session_of, trained_program

FAST = ["gru", "iris", "lenet", "model1", "multitask", "siamese", "xor"]
SLOW = [path.stem for path in folder("models").glob("*.net") if path.stem not in FAST]


@pytest.mark.parametrize(
    "name", [*FAST, *(pytest.param(name, marks=pytest.mark.slow) for name in sorted(SLOW))]
)
def test_a_model(name: str) -> None:
    model = netlang.load(folder("models") / f"{name}.net", epochs=1).fit()
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
            return {pipeline.name: pipeline.to_numbers(inputs).float().numpy()}
        case SeveralArrays():
            parts = pipeline.parts(pipeline.to_numbers(inputs))
            names = [one.name for one in pipeline.arrays]
            return {name: one.float().numpy() for name, one in zip(names, parts, strict=True)}
        case TextPipeline():
            return {"text": inputs.long().numpy()}
    return {"input": inputs.numpy()}
