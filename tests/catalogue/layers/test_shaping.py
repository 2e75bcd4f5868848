"""Shaping layers find the sizes that are left out, and say what of a shape they cannot make."""

from __future__ import annotations

import pytest
import torch

from netlang.catalogue.layers import Permute
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import Diagnostic
from netlang.language.diagnostics.suggest import Guess
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile


def finding(text: str) -> Diagnostic:
    """What is wrong with a file."""
    (found,) = compile_source(SourceFile("a.net", text)).diagnostics
    return found


@pytest.mark.parametrize(
    ("net", "sample", "gives"),
    [
        ("Unflatten([1, _, 8])", [64], (1, 8, 8)),
        ("Unflatten([_, 4], dim=1)", [8, 3], (2, 4, 3)),
        ("Reshape([_, 6])", [2, 3, 4], (4, 6)),
        ("Permute([2, 0, 1])", [28, 20, 3], (3, 28, 20)),
        ("Flatten(2)", [3, 4, 5], (3, 20)),
        ("Flatten(end_dim=2)", [3, 4, 5], (12, 5)),
        ("Slice(1, 2, dim=-2)", [3, 4, 5], (3, 2, 5)),
        ("[Identity, Identity] -> Concat(dim=-1)", [3, 4], (3, 8)),
        # What comes later says what was left out.
        ("Linear(_, _) -> Unflatten([2, 3])", [5], (2, 3)),
        ("Unflatten([_, _]) -> Linear(4, 1)", [8], (2, 1)),
        ("Reshape([_, _]) -> Linear(6, 1)", [2, 3, 4], (4, 1)),
        ("Linear(_, _) -> Reshape([2, 9])", [3, 5], (2, 9)),
        ("Linear(_, _) -> Flatten -> Linear(12, 1)", [3, 5], (1,)),
        ("Linear(_, _) -> Permute([1, 0]) -> Flatten -> Linear(12, 1)", [3, 5], (1,)),
    ],
)
def test_sizes_follow_from_what_is_before_and_behind(
    net: str, sample: list[int], gives: tuple[int, ...]
) -> None:
    graph = compile_source(SourceFile("a.net", f"net = {net}\ninput = {sample}\n")).require().graph
    assert graph.output.sizes == gives


@pytest.mark.parametrize(
    ("net", "title", "help"),
    [
        (
            "Unflatten([2, 5])",
            "`Unflatten` makes [2, 5] of 12 numbers",
            "the product of its sizes is 10, and has to be 12: `_` in place of one of them lets "
            "netlang find it",
        ),
        (
            "Unflatten([5, 7])",
            "`Unflatten` makes [5, 7] of 12 numbers",
            "the product of its sizes is 35, and has to be 12",
        ),
        (
            "Reshape([5, _])",
            "`Reshape` makes [5, _] of 36 numbers",
            "36 is no multiple of 5: change one of the other sizes",
        ),
        (
            "Linear(_, _) -> Reshape([2, 5])",
            "`Reshape` makes [2, 5] of [N, 3, _]",
            "the product of its sizes is 10, which is no multiple of 3",
        ),
        (
            "Permute([2, 1])",
            "`Permute` has [2, 1], which is no order",
            "the batch is not counted here: write `Permute([1, 0])`",
        ),
        (
            "Permute([0, 2, 1])",
            "`Permute` orders 3 dimensions, and a sample of [N, 3, 12] has 2",
            "the batch is not counted here: write `Permute([1, 0])`",
        ),
        (
            "Permute([1, 1])",
            "`Permute` has [1, 1], which is no order",
            "name each dimension of a sample once: 0 and 1",
        ),
        (
            "Permute([2, 0, 1])",
            "`Permute` orders 3 dimensions, and a sample of [N, 3, 12] has 2",
            "name each dimension of a sample once: 0 and 1",
        ),
        (
            "Flatten(2, 1)",
            "`Flatten` begins with dimension 2 of [N, 3, 12], and ends with 1",
            "`Flatten` alone makes one row of a sample",
        ),
    ],
)
def test_what_cannot_be_made_of_a_shape_is_told(net: str, title: str, help: str) -> None:
    message = finding(f"net = {net}\ninput = [3, 12]\n").message()
    assert (message.title, message.helps) == (title, help)


@pytest.mark.parametrize(
    ("net", "written", "meant"),
    [
        ("[Slice(0, 3), {}] -> Add", "Slice(3, 6)", "Slice(3, 3)"),  # as x[3:6] in Python
        ("{}", "Slice(3, 5)", "Slice(3, 2)"),
        ("{}", "Slice(1, 7)", "Slice(1, 6)"),
        ("{}", "Slice(5, 3)", "Slice(5, 2)"),
        ("{}", "Slice(2, 9)", "Slice(2, 5)"),
    ],
)
def test_a_length_that_may_be_an_end_is_taken_for_one(net: str, written: str, meant: str) -> None:
    text = f"net = {net}\ninput = [7]\n"
    assert finding(text.format(written)).helps[0].startswith(f"write `{meant}`")
    assert compile_source(SourceFile("a.net", text.format(meant))).program


def test_the_dimension_of_the_batch_is_no_samples() -> None:
    assert "goes along dimension 0" in finding("net = Slice(0, 1, dim=0)\ninput = [3]\n").title


@pytest.mark.parametrize(
    ("net", "gives"),
    [
        ("Unflatten([2, 3])", (2, 3)),
        ("Reshape([3, 2])", (3, 2)),
        ("Flatten", (6,)),
        ("Slice(0, 4)", (4,)),
        ("Unflatten([2, 3]) -> Permute([1, 0])", (3, 2)),
        ("[Identity, Identity] -> Concat", (12,)),
    ],
)
def test_what_only_moves_tokens_keeps_them(net: str, gives: tuple[int, ...]) -> None:
    text = f"net = {net} -> Embedding(5, 3)\ninput = [6]\n"
    graph = compile_source(SourceFile("a.net", text)).require().graph
    assert graph.nodes[-1].takes[0].solved() == Shape(gives, graph.input.tokens)


@pytest.mark.parametrize(
    ("written", "meant"), [("View([2])", "Reshape"), ("Transpose([1, 0])", "Permute")]
)
def test_other_names_of_shaping_layers_lead_to_them(written: str, meant: str) -> None:
    found = finding(f"net = Linear(2, 3) -> {written}\n")
    assert vars(found)["meant"] == Guess(meant, sure=True)


def test_permute_is_torchs_order_of_one_sample() -> None:
    pictures = torch.rand(2, 3, 4, 5)
    for picture, permuted in zip(pictures, Permute([2, 0, 1]).forward(pictures), strict=True):
        assert torch.equal(permuted, picture.permute(2, 0, 1))
