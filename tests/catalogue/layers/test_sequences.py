"""What layers of sequences say to samples that are none, and that it works."""

from __future__ import annotations

import re

import pytest

from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile


@pytest.mark.parametrize(
    ("sample", "layer"),
    [
        ("[40]", "LSTM(_, 8)"),
        ("[40]", "GRU(4, 8)"),
        ("[40]", "RNN(40, 8)"),
        ("[64]", "Attention(16, 4)"),
        ("[8]", "Rotary"),
        ("[12]", "PositionalEmbedding(10, 4)"),
        ("[1, 28, 28]", "LSTM(28, 8)"),
        ("[3, 8, 8]", "LSTM(3, 8)"),
    ],
)
def test_what_is_put_in_front_of_a_layer_of_sequences_makes_it_one(sample: str, layer: str) -> None:
    text = f"input = {sample}\nnet = {layer}\n"
    (found,) = compile_source(SourceFile("a.net", text)).diagnostics
    front = re.search("put `(.*?) ->`", found.helps[0])
    assert front, found.helps
    mended = text.replace(layer, f"{front[1]} -> {layer}")
    assert compile_source(SourceFile("a.net", mended)).ok


def test_a_row_that_steps_do_not_divide_is_told_so() -> None:
    text = "input = [40]\nnet = LSTM(7, 8)\n"
    (found,) = compile_source(SourceFile("a.net", text)).diagnostics
    assert "steps of 7 numbers" in found.helps[0]
