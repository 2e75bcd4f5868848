"""Recurrent layers are torch's of the same name, for whole sequences and for those that end."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from netlang.catalogue.layers import GRU, LSTM, RNN
from netlang.catalogue.modules import DrawRequest
from netlang.language.shapes import Shape, ShapeError
from tests.catalogue.layers.oracles.recurrent import by_torch, twin_of
from tests.catalogue.layers.test_conformance import relative

LENGTHS = torch.tensor([3, 5, 1, 4])
WAYS = pytest.mark.parametrize(
    "arguments",
    [{}, {"bidirectional": True, "num_layers": 2}, {"output": "last", "bidirectional": True}],
    ids=["", "both ways", "last"],
)
KINDS = pytest.mark.parametrize("kind", [RNN, GRU, LSTM], ids=lambda kind: kind.name)


def padded(steps: int) -> Tensor:
    """Sequences of these lengths, with large numbers behind their ends."""
    x = torch.randn(len(LENGTHS), max(LENGTHS), 2, dtype=torch.float64)
    x = torch.cat([x, torch.zeros(len(x), steps - x.shape[1], 2)], 1)
    for row, length in zip(x, LENGTHS, strict=True):
        row[length:] = 1e4
    return x


def passed(layer: Any, x: Tensor, dy: Tensor) -> list[Tensor]:
    """The outputs, the gradient at the inputs and those of the weights."""
    layer.zero_grad()
    y = layer.forward(x, LENGTHS)
    dx, none = layer.backward(dy[:, : y.shape[1]] if y.dim() == 3 else dy[:, 0, : y.shape[1]])
    assert none is None
    return [y, dx, layer.gradients.clone()]


@KINDS
@WAYS
def test_padding_more_changes_neither_results_nor_gradients(
    kind: type[RNN], arguments: dict[str, Any]
) -> None:
    torch.manual_seed(0)
    layer = kind(2, 3, **arguments).to(torch.float64)
    dy, x = torch.randn(len(LENGTHS), 9, 6, dtype=torch.float64), padded(9)
    if layer.output == "all" and not layer.bidirectional:
        dy = dy[..., :3]
    short, long = passed(layer, x[:, :5], dy), passed(layer, x, dy)
    for row, length in enumerate(LENGTHS):
        assert not long[1][row, length:].any()
        if layer.output == "all":
            assert not long[0][row, length:].any()
    for one, other in zip(short, long, strict=True):
        assert relative(other[:, :5] if one.dim() == 3 else other, one) < 1e-12


@KINDS
@WAYS
def test_sequences_that_end_are_those_that_torch_packs(
    kind: type[RNN], arguments: dict[str, Any]
) -> None:
    torch.manual_seed(0)
    layer = kind(2, 3, **arguments).to(torch.float64)
    x = padded(5)
    y = layer.forward(x, LENGTHS)
    dy = torch.randn_like(y)
    dx, _ = layer.backward(dy)

    twin = twin_of(layer)
    twin.load_state_dict({name: getattr(layer, name) for name in layer.declared_weights()})
    twin_x = x.clone().requires_grad_()
    packed = nn.utils.rnn.pack_padded_sequence(twin_x, LENGTHS, True, enforce_sorted=False)
    states, kept = twin(packed)
    if layer.output == "all":
        theirs = nn.utils.rnn.pad_packed_sequence(states, batch_first=True)[0]
    else:
        theirs = torch.cat([*(kept[0] if isinstance(kept, tuple) else kept)], -1)
    theirs.backward(dy)

    assert relative(y, theirs.detach()) < 1e-12
    assert twin_x.grad is not None
    assert relative(dx, twin_x.grad) < 1e-12
    for name, weight in twin.named_parameters():
        assert relative(getattr(layer, f"{name}_grad"), weight.grad) < 1e-12  # type: ignore[arg-type]


@KINDS
@WAYS
@pytest.mark.parametrize("lengths", [None, LENGTHS], ids=["whole", "padded"])
def test_dropout_lies_between_the_layers(
    kind: type[RNN], arguments: dict[str, Any], lengths: Tensor | None
) -> None:
    torch.manual_seed(0)
    whole = kind(2, 3, **arguments | {"num_layers": 3}, dropout=0.5).to(torch.float64)
    width = 6 if whole.bidirectional else 3
    parts = [
        kind(size, 3, bidirectional=whole.bidirectional, output=output).to(torch.float64)
        for size, output in ((2, "all"), (width, "all"), (width, whole.output))
    ]
    for number, part in enumerate(parts):
        for name in part.declared_weights():
            getattr(part, name).copy_(getattr(whole, name.replace("_l0", f"_l{number}")))
    x, given = padded(7), () if lengths is None else (lengths,)
    whole.draw(DrawRequest(0, 1, 4, torch.arange(4), 4, whole.drawn(Shape.of(7, 2)), x.dtype))
    masks = [next(one.masks) for one in whole.dropping if one.masks]
    assert len(masks) == 2
    assert not torch.equal(*masks)
    for dropping, mask in zip(whole.dropping, masks, strict=True):
        dropping.masks = iter([mask])

    y = first = whole.forward(x, *given)
    y = parts[2].forward(
        parts[1].forward(parts[0].forward(x, *given) * masks[0], *given) * masks[1], *given
    )
    assert relative(first, y) < 1e-14
    dx = dy = torch.randn_like(y)
    for part, mask in zip(reversed(parts), [*reversed(masks), None], strict=True):
        found = part.backward(dx)
        dx = found[0] if given else found
        dx = dx if mask is None else dx * mask
    found = whole.backward(dy)
    assert relative(found[0] if given else found, dx) < 1e-14
    for number, part in enumerate(parts):
        for name in part.declared_weights():
            own = getattr(whole, f"{name.replace('_l0', f'_l{number}')}_grad")
            assert relative(own, getattr(part, f"{name}_grad")) < 1e-14
    assert torch.equal(whole.eval().forward(x), whole.forward(x))


@KINDS
def test_dropout_between_layers_asks_for_two(kind: type[RNN]) -> None:
    with pytest.raises(ShapeError) as refused:
        kind.declared({"input_size": 2, "hidden_size": 3, "dropout": 0.5}).infer(Shape.of(7, 2))
    assert refused.value.reason.endswith("and has one layer")
    assert "`-> Dropout(0.5)`" in refused.value.help


@KINDS
def test_each_sequence_is_as_if_it_were_alone(kind: type[RNN]) -> None:
    layer = kind(2, 3, bidirectional=True).to(torch.float64)
    x = padded(7)
    y = layer.forward(x, LENGTHS)
    for row, length in enumerate(LENGTHS):
        alone = layer.forward(x[row : row + 1, :length])
        assert relative(y[row, :length], alone[0]) < 1e-12


@KINDS
def test_the_weights_have_the_names_shapes_and_distribution_of_torchs(kind: type[RNN]) -> None:
    layer = kind(20, 30, num_layers=2, bidirectional=True)
    theirs = twin_of(layer).state_dict()
    assert {name: [*one.shape] for name, one in layer.tensors().items()} == {
        name: [*one.shape] for name, one in theirs.items()
    }
    for name, weight in theirs.items():
        own, bound = getattr(layer, name), 30**-0.5
        assert own.abs().max() <= bound
        assert own.abs().max() > (0.9 if own.dim() == 2 else 0.5) * bound
        assert weight.abs().max() <= bound  # of torch's too


@KINDS
@pytest.mark.parametrize("shape", [(1, 1, 2), (1, 4, 2), (3, 1, 2)], ids=str)
def test_one_step_and_one_sequence_are_taken(kind: type[RNN], shape: tuple[int, ...]) -> None:
    layer, x = kind(2, 3, num_layers=2, bidirectional=True), torch.randn(shape)
    torch.testing.assert_close(layer.forward(x), by_torch(layer, x))
    assert layer.backward(torch.ones(*shape[:2], 6)).shape == shape


@KINDS
def test_large_numbers_and_inputs_in_another_order_of_memory_are_taken(kind: type[RNN]) -> None:
    layer = kind(2, 3, bidirectional=True)
    x = 1e4 * torch.randn(2, 5, 4).permute(2, 1, 0)
    y = layer.forward(x)
    assert y.isfinite().all()
    torch.testing.assert_close(y, layer.forward(x.contiguous()))
    assert layer.backward(torch.ones_like(y)).isfinite().all()


@KINDS
def test_a_layer_without_numbers_computes_shapes(kind: type[RNN]) -> None:
    layer = kind(2, 3, bidirectional=True).to("meta")
    assert layer.forward(torch.empty(4, 5, 2, device="meta")).shape == (4, 5, 6)


@KINDS
def test_lengths_that_cannot_be_are_refused(kind: type[RNN]) -> None:
    layer, x = kind(2, 3), torch.ones(2, 4, 2)
    for lengths in ([0, 4], [2, 5]):
        with pytest.raises(ValueError, match="the lengths of these sequences are from 1 to 4"):
            layer.forward(x, torch.tensor(lengths))
    with pytest.raises(ValueError, match="2 sequences have as many lengths, and not 3"):
        layer.forward(x, torch.ones(3))


def test_multiply_adds_are_those_of_the_weights_at_each_step() -> None:
    from netlang.language.shapes import Shape

    assert LSTM(2, 3, bias=False).macs(Shape.of(10, 2)) == 10 * 4 * 3 * (2 + 3)
    both = GRU(2, 3, num_layers=2, bidirectional=True)
    assert both.macs(Shape.of(5, 2)) == 5 * 2 * 9 * ((2 + 3) + (6 + 3))
