"""Networks of kinds that people know, in the layers for pictures, sequences and text: nothing is
said about any of them, and those whose weights others have counted have as many.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from netlang.compiler.passes import compile_source
from netlang.language.syntax import read
from netlang.language.syntax.format import format_source

HERE = Path(__file__).parent

WEIGHTS = {
    # torchvision's, less the scale of each channel of each of its 18 blocks
    "convnext": 28_589_128 - (3 * 96 + 3 * 192 + 9 * 384 + 3 * 768),
    "dcgan": 3_576_704,  # that of PyTorch's tutorial
    "squeezenet": 1_235_496,  # torchvision's squeezenet1_1
    # 5000 · 100; a layer and direction has 4 · 128 rows of its inputs, its state and two biases
    "tagger": 500_000 + 2 * 512 * (100 + 128 + 2) + 2 * 512 * (256 + 128 + 2) + 17 * 257,
}

every_network = pytest.mark.parametrize("name", sorted(path.stem for path in HERE.glob("*.net")))


@every_network
def test_nothing_is_said_about_a_network_that_is_right(name: str) -> None:
    assert compile_source(read(str(HERE / f"{name}.net"))).diagnostics == ()


@every_network
def test_a_network_is_written_as_the_formatter_writes_it(name: str) -> None:
    source = read(str(HERE / f"{name}.net"))
    assert format_source(source) == source.text


@pytest.mark.parametrize("name", WEIGHTS)
def test_a_network_has_as_many_weights_as_others_counted(name: str) -> None:
    assert compile_source(read(str(HERE / f"{name}.net"))).require().graph.weights == WEIGHTS[name]
