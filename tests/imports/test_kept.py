"""A foreign network with its weights is a model file that netlang asks as those of its runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from netlang.compiler.answers import answers_of
from netlang.compiler.passes import compile_source
from netlang.imports.kept import model_of, tensors_of
from netlang.imports.writer import write
from netlang.language.source import SourceFile
from netlang.runs.models.trained import TrainedModel, load_model
from tests.imports.onnx.test_reading import Of, drawn, exported, numbers, read, tokens


def test_rows_of_numbers_are_rows_of_a_table(tmp_path: Path) -> None:
    module = drawn(nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2), nn.Softmax(1)))
    model = kept(module, (numbers(2, 3),), tmp_path)
    assert model.kept.pipeline
    rows = model.kept.pipeline.apply({"x1": [1.0, 2], "x2": [0.5, 0], "x3": [0, 3.0]})
    same(model.outputs(rows), module(torch.tensor([[1.0, 0.5, 0], [2, 0, 3]])))
    assert answers_of(model.program, model.kept.pipeline).names == ("prediction", "p(0)", "p(1)")


def test_pictures_are_arrays_of_numbers_as_they_are(tmp_path: Path) -> None:
    module = drawn(
        nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3))
    )
    model = kept(module, (numbers(2, 1, 4, 4),), tmp_path)
    assert model.kept.pipeline
    pictures = np.random.default_rng(0).integers(0, 255, (3, 1, 4, 4)).astype(np.uint8)
    inputs = model.kept.pipeline.apply(pictures)
    same(model.outputs(inputs), module(torch.tensor(pictures).float()))
    found = answers_of(model.program, model.kept.pipeline)
    assert found.names == tuple(f"prediction of output {n}" for n in (1, 2, 3))


def test_tokens_have_numbers_at_each_place(tmp_path: Path) -> None:
    module = drawn(nn.Sequential(nn.Embedding(7, 4), nn.Linear(4, 3)))
    model = kept(module, (tokens(2, 5),), tmp_path)
    assert model.kept.pipeline
    inputs = model.kept.pipeline.apply(np.array([[0, 1, 2, 3, 6]]))
    wanted = module(torch.tensor([[0, 1, 2, 3, 6]]))
    same(model.outputs(inputs), wanted)
    assert torch.equal(model.kept.pipeline.to_values(wanted), wanted.double())


def test_several_inputs_lie_in_one_row(tmp_path: Path) -> None:
    module = drawn(
        Of(
            lambda own, x, z: torch.cat([own.a(x), own.b(z)], 1).softmax(1),
            a=nn.Linear(3, 4),
            b=nn.Linear(2, 4),
        )
    )
    x, z = numbers(2, 3), numbers(2, 2)
    model = kept(module, (x, z), tmp_path)
    assert model.kept.pipeline
    same(model.outputs(model.kept.pipeline.apply([x.numpy(), z.numpy()])), module(x, z))


def kept(module: nn.Module, inputs: tuple[Tensor, ...], folder: Path) -> TrainedModel:
    graph = read(exported(module, inputs)).replace(settings={"start": '"model.safetensors"'})
    written = write(graph)
    made = compile_source(SourceFile("model.net", written.text), is_begun=True).require()
    path = folder / "model.safetensors"
    path.write_bytes(
        model_of(graph, made, tensors_of(made, written.layers), "model.net").to_bytes()
    )
    return load_model(str(path))


def same(found: Tensor, wanted: Tensor) -> None:
    torch.testing.assert_close(found, wanted.detach(), rtol=1e-5, atol=1e-5)
