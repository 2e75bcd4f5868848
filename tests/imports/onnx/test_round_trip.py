"""What netlang exports to ONNX is read again as the same network, which gives the same numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

import netlang
from netlang.imports.importing import import_file
from netlang.lowering.onnx import to_onnx
from netlang.system.shipped import folder
from tests.lowering.onnx.answered import trained_program

FAST = ["iris", "multitask", "siamese"]
SLOW = ["autoencoder", "chars", "gru", "lenet", "mixer", "resnet", "unet"]


@pytest.mark.parametrize(
    "name", [*FAST, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)]
)
def test_a_model_comes_back(name: str, tmp_path: Path) -> None:
    model = netlang.load(folder("models") / f"{name}.net", epochs=1).fit()
    trained = trained_program(model)
    for file, data in to_onnx(trained, name).items():
        (tmp_path / file).write_bytes(data)
    found = import_file(tmp_path / f"{name}.onnx", weights="again.safetensors")
    assert found.beside
    assert found.beside.apart < 1e-5
    assert found.program
    assert found.program.graph.weights == trained.program.graph.weights
    wanted = {layer: one for layer, one in trained.tensors.items() if "num_batches" not in layer}
    assert found.model
    assert sorted(tuple(one.shape) for one in found.model.tensors.values()) == sorted(
        tuple(one.shape) for one in wanted.values()
    )
    for one in wanted.values():
        alike = [own for own in found.model.tensors.values() if own.shape == one.shape]
        assert min((own - one).abs().max() for own in alike) < 1e-6
