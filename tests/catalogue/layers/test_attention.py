"""Attention equals PyTorch's, hides what it should, and stays finite."""

from __future__ import annotations

import itertools
import pickle

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from netlang.catalogue.layers import Attention, PositionalEmbedding, Rotary
from netlang.catalogue.modules import Layer
from netlang.language.shapes import Shape, ShapeError

ROWS, STEPS, MEMORY, WIDTH, HEADS = 3, 5, 4, 8, 2


def numbers(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64)


def attention(heads: int = HEADS, **options: object) -> Attention:
    """One whose weights are random, the biases, too."""
    layer = Attention(WIDTH, heads, **options)
    layer.to(torch.float64)
    layer.parameters.normal_()
    return layer


def twin(layer: Attention) -> nn.MultiheadAttention:
    """PyTorch's, with the same weights."""
    kdim = layer.kdim or WIDTH
    module = nn.MultiheadAttention(
        WIDTH, layer.num_heads, bias=layer.bias, kdim=kdim, vdim=kdim, batch_first=True
    ).double()
    weights = [layer.q_weight, layer.k_weight, layer.v_weight]
    with torch.no_grad():
        if kdim == WIDTH:
            module.in_proj_weight.copy_(torch.cat(weights))
        else:
            for name, weight in zip("qkv", weights, strict=True):
                getattr(module, f"{name}_proj_weight").copy_(weight)
        module.out_proj.weight.copy_(layer.out_weight)
        if layer.bias:
            biases = [layer.q_bias, layer.k_bias, layer.v_bias]
            module.in_proj_bias.copy_(torch.cat(biases))
            module.out_proj.bias.copy_(layer.out_bias)
    return module


def gradients_of(module: nn.MultiheadAttention) -> list[Tensor]:
    """In the order of our weights."""
    if module.in_proj_weight is None:
        weights = [getattr(module, f"{name}_proj_weight").grad for name in "qkv"]
    else:
        weights = [*module.in_proj_weight.grad.chunk(3)]
    found = [*weights, module.out_proj.weight.grad]
    if module.in_proj_bias is not None:
        found += [*module.in_proj_bias.grad.chunk(3), module.out_proj.bias.grad]
    return found


def assert_close(ours: Tensor, theirs: Tensor) -> None:
    assert torch.allclose(ours, theirs, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("kdim", [None, 6, "self"])
def test_it_equals_pytorchs_of_the_same_weights(
    kdim: int | str | None, causal: bool, bias: bool
) -> None:
    torch.manual_seed(0)
    size = kdim if isinstance(kdim, int) else None
    layer = attention(causal=causal, bias=bias, kdim=size)
    x = numbers(ROWS, STEPS, WIDTH)
    inputs = [x] if kdim == "self" else [x, numbers(ROWS, MEMORY, size or WIDTH)]
    y = layer.forward(*inputs)
    dy = torch.randn_like(y)
    dx = layer.backward(dy)

    module, theirs = twin(layer), [one.clone().requires_grad_() for one in inputs]
    memory = theirs[-1]
    hidden = torch.ones(STEPS, memory.shape[1], dtype=torch.bool).triu(1) if causal else None
    expected, _ = module(theirs[0], memory, memory, attn_mask=hidden, need_weights=False)
    expected.backward(dy)

    assert_close(y, expected)
    for ours, other in zip(dx if len(inputs) > 1 else [dx], theirs, strict=True):
        assert_close(ours, other.grad)
    for (_, ours), gradient in zip(layer.param(), gradients_of(module), strict=True):
        assert_close(ours, gradient)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("kdim", [None, 6])
@pytest.mark.parametrize("kv_heads", [1, 2, 4])
def test_heads_of_a_group_share_keys_and_values_as_pytorchs_do(
    kv_heads: int, kdim: int | None, causal: bool, padded: bool, dtype: torch.dtype
) -> None:
    torch.manual_seed(1)
    layer = attention(4, num_kv_heads=kv_heads, kdim=kdim, causal=causal, bias=False)
    layer.to(dtype)
    inputs = [numbers(ROWS, STEPS, WIDTH).to(dtype)]
    if kdim:
        inputs.append(numbers(ROWS, STEPS, kdim).to(dtype))
    lengths = torch.tensor([STEPS, 2, 1])
    y = layer.forward(*inputs, *[lengths] * padded)
    dy = torch.randn_like(y)
    given = layer.backward(dy)
    dx = given[: len(inputs)] if isinstance(given, tuple) else [given]

    theirs = [one.clone().requires_grad_() for one in inputs]
    weights = [weight.clone().requires_grad_() for weight, _ in layer.param()]
    q, k, v = (
        functional.linear(one, weight).unflatten(2, (-1, WIDTH // 4)).transpose(1, 2)
        for one, weight in zip([theirs[0], theirs[-1], theirs[-1]], weights[:3], strict=True)
    )
    seen = torch.ones(ROWS, 1, STEPS, STEPS, dtype=torch.bool)
    if causal:
        seen = seen.tril()
    real = torch.arange(STEPS) < lengths.unsqueeze(1)
    if padded:
        seen = seen & real[:, None, None]
    o = functional.scaled_dot_product_attention(q, k, v, attn_mask=seen, enable_gqa=True)
    expected = functional.linear(o.transpose(1, 2).flatten(2), weights[3])
    if padded and not kdim:
        expected = expected.masked_fill(~real.unsqueeze(2), 0)
    expected.backward(dy)

    pairs = [(y, expected), *zip(dx, [one.grad for one in theirs], strict=True)]
    gradients = [gradient for _, gradient in layer.param()]
    pairs += zip(gradients, [one.grad for one in weights], strict=True)
    error = 1e-10 if dtype == torch.float64 else 1e-4
    for ours, other in pairs:
        torch.testing.assert_close(ours, other.detach(), rtol=error, atol=error)


def test_a_saturated_softmax_gets_the_gradients_of_float64_in_float32() -> None:
    torch.manual_seed(4)
    exact = attention()
    x, dy = numbers(ROWS, STEPS, WIDTH) * 1e4, numbers(ROWS, STEPS, WIDTH)
    rounded = Attention(WIDTH, HEADS)
    rounded.parameters.copy_(exact.parameters)
    exact.forward(x)
    rounded.forward(x.float())
    dx = rounded.backward(dy.float())
    torch.testing.assert_close(dx.double(), exact.backward(dy), rtol=1e-4, atol=1e-4)


def test_what_is_dropped_gets_no_gradient_and_the_rest_is_scaled() -> None:
    torch.manual_seed(2)
    layer, x = attention(dropout=0.5), numbers(ROWS, STEPS, WIDTH)
    mask = (torch.rand(ROWS, HEADS, STEPS, STEPS) > 0.5).double() * 2
    layer.dropping.masks = itertools.repeat(mask)
    y = layer.forward(x)
    dy = torch.randn_like(y)
    dx = layer.backward(dy)

    theirs = x.clone().requires_grad_()
    q, k, v = (
        functional.linear(theirs, weight, bias).unflatten(2, (HEADS, -1)).transpose(1, 2)
        for weight, bias in zip(*zip(*_projections(layer), strict=True), strict=True)
    )
    p = torch.softmax(q @ k.mT / 2, -1) * mask
    expected = functional.linear((p @ v).transpose(1, 2).flatten(2), layer.out_weight)
    expected = expected + layer.out_bias
    expected.backward(dy)
    assert_close(y, expected)
    assert_close(dx, theirs.grad)


def _projections(layer: Attention) -> list[tuple[Tensor, Tensor]]:
    return [(getattr(layer, f"{name}_weight"), getattr(layer, f"{name}_bias")) for name in "qkv"]


def test_nothing_is_dropped_in_evaluation() -> None:
    layer, x = attention(dropout=0.5), numbers(ROWS, STEPS, WIDTH)
    layer.eval()
    assert torch.equal(layer.forward(x), layer.forward(x))
    layer.train()
    assert not torch.equal(layer.forward(x), layer.forward(x))


def test_a_causal_one_takes_nothing_from_later_positions() -> None:
    layer, x = attention(causal=True, rotary=True), numbers(ROWS, STEPS, WIDTH)
    y = layer.forward(x)
    changed = x.clone()
    changed[:, 3:] = numbers(ROWS, STEPS - 3, WIDTH)
    assert torch.equal(layer.forward(changed)[:, :3], y[:, :3])


def test_turning_with_the_position_depends_on_distances_alone() -> None:
    layer, x = attention(rotary=True), numbers(ROWS, 1, WIDTH).expand(ROWS, STEPS, WIDTH)
    layer.forward(x)
    p = layer.saved[6]  # the weights of the keys
    assert_close(p[:, :, 1:, 1:].log().diff(dim=-1), p[:, :, :-1, :-1].log().diff(dim=-1))


@pytest.mark.parametrize(
    "layer",
    [Attention(8, 2, rotary=True), Rotary(2), PositionalEmbedding(999, 8, form="sinusoidal")],
    ids=repr,
)
def test_what_is_kept_of_positions_is_in_no_copy(layer: Layer) -> None:
    before, x = len(pickle.dumps(layer)), torch.randn(2, 999, 8)
    y = layer.forward(x)
    assert len(pickle.dumps(layer)) == pytest.approx(before, abs=100)
    assert torch.equal(pickle.loads(pickle.dumps(layer)).forward(x), y)


def test_two_inputs_that_are_one_get_a_gradient_each() -> None:
    layer, x = attention(), numbers(ROWS, STEPS, WIDTH)
    y = layer.forward(x)
    alone = layer.backward(torch.ones_like(y))
    assert torch.equal(layer.forward(x, x), y)
    assert_close(sum(layer.backward(torch.ones_like(y))), alone)


def test_what_is_behind_the_end_of_a_sequence_is_nothing_to_the_others() -> None:
    torch.manual_seed(3)
    layer, x, lengths = attention(), numbers(2, STEPS, WIDTH), torch.tensor([STEPS, 2])
    y = layer.forward(x, lengths)
    dx, none = layer.backward(torch.ones_like(y))
    assert none is None
    assert not y[1, 2:].any()
    assert not dx[1, 2:].any()
    assert_close(y[1:, :2], layer.forward(x[1:, :2]))
    assert_close(dx[1:, :2], layer.backward(torch.ones(1, 2, WIDTH, dtype=torch.float64)))


def test_a_query_without_any_key_gets_zeros() -> None:
    layer = Attention.declared({"embed_dim": WIDTH, "num_heads": HEADS, "bias": False})
    layer.make_tensors(torch.default_generator)
    x, memory = torch.randn(2, STEPS, WIDTH), torch.randn(2, MEMORY, WIDTH)
    y = layer.forward(x, memory, torch.tensor([0, 3]))
    dx, dmemory, _ = layer.backward(torch.ones_like(y))
    assert not y[0].any()
    assert not dmemory[0].any()
    assert dx.isfinite().all()
    assert layer.gradients.isfinite().all()


@pytest.mark.parametrize("size", [1e4, 1e-4, 0.0])
def test_it_stays_finite_for_large_inputs_in_float32(size: float) -> None:
    layer = Attention(WIDTH, HEADS, causal=True)
    x = torch.randn(ROWS, STEPS, WIDTH) * size
    y = layer.forward(x)
    dx = layer.backward(torch.ones_like(y))
    assert y.isfinite().all()
    assert dx.isfinite().all()
    assert layer.gradients.isfinite().all()


@pytest.mark.parametrize(
    ("layer", "shapes", "reason"),
    [
        (Attention(8, 3), [Shape.of(5, 8)], "has 3 heads, which do not divide 8 features"),
        (Attention(6, 2, rotary=True), [Shape.of(5, 6)], "turns pairs of features"),
        (Attention(8, 4, num_kv_heads=3), [Shape.of(5, 8)], "do not divide its 4 heads"),
    ],
    ids=str,
)
def test_it_says_which_heads_do_not_come_out_even(
    layer: Attention, shapes: list[Shape], reason: str
) -> None:
    with pytest.raises(ShapeError) as refused:
        layer.infer(*shapes)
    assert reason in refused.value.reason
    assert refused.value.help


def test_it_counts_its_multiply_adds() -> None:
    own = 4 * STEPS * WIDTH * WIDTH + 2 * STEPS * STEPS * WIDTH
    assert attention().macs(Shape.of(STEPS, WIDTH)) == own
    cross = Attention(WIDTH, 4, num_kv_heads=1, kdim=6)
    made = 2 * STEPS * WIDTH * WIDTH + 2 * MEMORY * 6 * 2
    taken = 2 * STEPS * MEMORY * WIDTH
    assert cross.macs(Shape.of(STEPS, WIDTH), Shape.of(MEMORY, 6)) == made + taken
