"""Networks whose weights others have counted: written in netlang, they have exactly as many."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from netlang.compiler.ir import Graph
from netlang.compiler.passes import compile_source
from netlang.language.syntax import read
from netlang.language.syntax.format import format_source

HERE = Path(__file__).parent

WEIGHTS = {
    "alexnet": 61_100_840,  # torchvision's
    "googlenet": 6_624_904,  # torchvision's, without the auxiliary classifiers
    "gpt2": 124_439_808,  # the small one, with one table for what it reads and for what it gives
    "lenet": 431_080,  # Caffe's
    "mobilenet_v2": 3_504_872,
    "resnet18": 11_689_512,
    "resnet152": 60_192_808,
    "vgg16": 138_357_544,
}

# By hand, for one sample: weights of a kernel times places that it is laid on.
MACS = {
    # 24² · 5² · 20 + 8² · 20 · 5² · 50 + 800 · 500 + 500 · 10
    "lenet": 288_000 + 1_600_000 + 400_000 + 5_000,
    # 3² times 64 · 3 and 64 · 64 at 224², 128 · (64 + 128) at 112², 256 · (128 + 2 · 256) at 56²,
    # 512 · (256 + 2 · 512) at 28², 3 · 512² at 14²; 25088 · 4096 + 4096² + 4096 · 1000
    "vgg16": 9 * (64 * 67 * 224**2 + 128 * 192 * 112**2 + 256 * 640 * 56**2)
    + 9 * (512 * 1280 * 28**2 + 3 * 512**2 * 14**2)
    + 25_088 * 4096
    + 4096 * 5096,
}

published = pytest.mark.parametrize("name", WEIGHTS)


@cache
def text_of(name: str) -> str:
    return (HERE / f"{name}.net").read_text(encoding="utf-8")


@cache
def graph_of(name: str) -> Graph:
    found = compile_source(read(str(HERE / f"{name}.net")))
    assert not found.diagnostics
    return found.require().graph


def test_every_file_is_in_the_table() -> None:
    assert {path.stem for path in HERE.glob("*.net")} == {*WEIGHTS}


@published
def test_a_network_has_as_many_weights_as_published(name: str) -> None:
    assert graph_of(name).weights == WEIGHTS[name]


@pytest.mark.parametrize("name", MACS)
def test_a_network_takes_as_many_multiply_adds_as_counted_by_hand(name: str) -> None:
    assert graph_of(name).macs == MACS[name]


@published
def test_a_network_gives_a_score_for_each_class(name: str) -> None:
    classes = {"lenet": (10,), "gpt2": (1024, 50_257)}
    assert graph_of(name).output.sizes == classes.get(name, (1000,))


@published
def test_a_network_is_written_as_the_formatter_writes_it(name: str) -> None:
    assert format_source(read(str(HERE / f"{name}.net"))) == text_of(name)


def test_the_largest_residual_network_fits_on_a_page_with_its_settings() -> None:
    assert len(text_of("resnet152").splitlines()) <= 30


def test_gpt2_fits_on_a_page_with_its_settings() -> None:
    assert len(text_of("gpt2").splitlines()) <= 20
