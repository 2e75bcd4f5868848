"""Sizes that are left open, in front of inputs of any rank: the compiler finds them, or says why it
cannot.
"""

from __future__ import annotations

import pytest

from netlang.catalogue import registry
from netlang.catalogue.arguments import VALUE_TYPES
from netlang.catalogue.modules import Layer
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from tests.catalogue.layers.test_conformance import build
from tests.together import together

SAMPLES = "[8]", "[6, 8]", "[4, 6, 8]", "[2, 4, 6, 8]"
HOLES = [
    pytest.param(example[0], argument.name, id=f"{example[0]} without {argument.name}")
    for item in registry.items("layer")
    for example in item.examples
    for argument in item.arguments
    if argument.type is VALUE_TYPES["Size"] and item.arity[0] < 2
]


@pytest.mark.parametrize("sample", SAMPLES)
@together(("text", "hole"), HOLES)
def test_any_size_may_be_left_open(text: str, hole: str, sample: str) -> None:
    layer = build(text)
    assert isinstance(layer, Layer)
    written, value = str(layer), layer.values[hole]
    opened = written.replace(f"{hole}={'none' if value is None else value}", f"{hole}=_")
    assert opened != written
    source = SourceFile("a.net", f"net = {opened} -> Flatten -> Linear(_, 1)\ninput = {sample}")
    compiled = compile_source(source)
    if not compiled.ok:
        (found, *_) = compiled.diagnostics
        assert found.helps or found.notes
