"""Networks that the package onnx brings along, without their trained weights, are read whole."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from netlang.imports.importing import import_file
from tests.together import together

FOLDER = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
WEIGHTS = {
    "bvlc_alexnet": 60_965_224,
    "inception_v1": 6_998_552,
    "resnet50": 25_557_032,
    "shufflenet": 1_393_320,
    "squeezenet": 1_235_496,
    "vgg19": 143_667_240,
}


@pytest.mark.slow
@together(("name", "weights"), WEIGHTS.items())
def test_a_published_network_has_its_weights(name: str, weights: int) -> None:
    file = FOLDER / f"light_{name}.onnx"
    if not file.exists():
        pytest.skip("this version of onnx does not bring it along")
    found = import_file(file)
    assert not found.lacking
    assert found.program
    assert found.program.graph.weights == weights
    assert len(found.text.splitlines()) < 60
