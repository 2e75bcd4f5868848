"""What every layer of the catalogue promises, tried on its own examples.

In float64: shapes as inferred, backward passes against central differences (1e-6) and against
torch's autograd through an independent formulation (1e-9), gradients that accumulate, and inputs
and incoming gradients that nobody writes to.
"""

from __future__ import annotations

import copy
import itertools
import math
import re
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from netlang.catalogue import registry
from netlang.catalogue.layers import Dropout, ReLU
from netlang.catalogue.layers.wiring import Wire
from netlang.catalogue.losses import Loss
from netlang.catalogue.modules import Layer
from netlang.compiler.passes.bind import Binder
from netlang.compiler.passes.evaluate import Evaluator
from netlang.compiler.passes.values import ItemCall, Names
from netlang.language.diagnostics import Sink
from netlang.language.shapes import Shape
from netlang.language.source import SourceFile
from netlang.language.syntax import parse
from netlang.language.syntax.ast import Definition
from netlang.lowering import c
from tests.catalogue.layers.oracles import ORACLES
from tests.together import together

ROWS = 5
SEEDS = range(3)


def build(text: str) -> Layer | Loss:
    """The item that ``text`` says, made by the compiler's own passes."""
    sink = Sink()
    (statement,) = parse(SourceFile("example", text), sink).statements
    assert isinstance(statement, Definition)
    use = Evaluator(sink).evaluate(statement.value, Names({}, frozenset()))
    assert isinstance(use, ItemCall)
    bound = Binder(sink).bind(use)
    assert bound, [found.title for found in sink.diagnostics]
    item = bound.item(**bound.values)
    assert isinstance(item, Layer | Loss)
    return item


Samples = tuple[tuple[int, ...] | Shape, ...]


def shape_of(sample: tuple[int, ...] | Shape) -> Shape:
    return sample if isinstance(sample, Shape) else Shape(sample)


def layer_of(text: str, samples: Samples) -> Layer:
    layer = build(text)
    assert isinstance(layer, Layer)
    layer.to(torch.float64)
    if isinstance(layer, Dropout) and layer.p:
        drawn = layer.drawn(shape_of(samples[0]))
        mask = (torch.rand(ROWS, *drawn, dtype=torch.float64) > layer.p) / (1 - layer.p)
        layer.masks = itertools.repeat(mask)
    return layer


def inputs(samples: Samples) -> list[Tensor]:
    """Numbers of both signs that stay clear of 0, where ReLU and its like have no derivative; or
    tokens.
    """
    return [_input(shape_of(sample)) for sample in samples]


def _input(shape: Shape) -> Tensor:
    if isinstance(tokens := shape.vocabulary, int):
        return torch.randint(tokens, (ROWS, *shape.sizes)).double()
    x = torch.randn(ROWS, *shape.sizes, dtype=torch.float64)
    return x + 0.1 * x.sign()


def backward(layer: Layer, dy: Tensor) -> tuple[Tensor | None, ...]:
    """The gradients at the inputs, also of a layer that has one; None at tokens."""
    dx = layer.backward(dy)
    return dx if isinstance(dx, tuple) else (dx,)


LAYERS = [
    pytest.param(item, example[0], example[1:], id=example[0])
    for item in registry.items("layer")
    for example in item.examples
]
# What a lowering meets: the compiler follows wires, and a graph holds none.
LOWERED = [case for case in LAYERS if not issubclass(case.values[0], Wire)]
IN_C = [case for case in LOWERED if c.lowers.says(case.values[0])]
layers = together(("item", "text", "samples"), LAYERS)
FIRST, *OTHERS = SEEDS
seeds = pytest.mark.parametrize(
    "seed", [FIRST, *(pytest.param(seed, marks=pytest.mark.slow) for seed in OTHERS)]
)


def differences(value: Callable[[], Tensor], of: Tensor, step: float = 1e-6) -> Tensor:
    """Central differences of the number ``value()`` with respect to each element of ``of``."""
    flat = of.view(-1)
    result = torch.empty_like(flat)
    for index in range(len(flat)):
        kept = flat[index].item()
        flat[index] = kept + step
        above = value()
        flat[index] = kept - step
        below = value()
        flat[index] = kept
        result[index] = (above - below) / (2 * step)
    return result.view(of.shape)


def relative(a: Tensor, b: Tensor) -> float:
    """The largest difference, relative to the largest magnitude (at least 1)."""
    if not a.numel():
        return 0.0
    return ((a - b).abs().max() / max(1.0, b.abs().max().item())).item()


@together("item", registry.items("layer"))
def test_every_layer_has_an_example_and_an_oracle(item: type[Layer]) -> None:
    assert item.examples
    assert item.name in ORACLES, f'write `"{item.name}": ...` in a file of oracles/'


@layers
def test_infer_gives_the_shape_of_the_real_output(
    item: type[Layer], text: str, samples: Samples
) -> None:
    layer = layer_of(text, samples)
    inferred = layer.infer(*map(shape_of, samples))
    assert layer.forward(*inputs(samples)).shape == (ROWS, *inferred.sizes)


@seeds
@layers
def test_backward_agrees_with_central_differences(
    item: type[Layer], text: str, samples: Samples, seed: int
) -> None:
    torch.manual_seed(seed)
    layer, x = layer_of(text, samples), inputs(samples)
    dy = torch.randn_like(layer.forward(*x))
    gradients = [dx if dx is None else dx.clone() for dx in backward(layer, dy)]

    def loss() -> Tensor:
        return (layer.forward(*x) * dy).sum()

    for dx, one, sample in zip(gradients, x, samples, strict=True):
        if dx is None:
            assert isinstance(sample, Shape)
        else:
            assert relative(dx, differences(loss, one)) < 1e-6
    assert relative(layer.gradients, differences(loss, layer.parameters)) < 1e-6


@seeds
@layers
def test_forward_and_backward_agree_with_autograd(
    item: type[Layer], text: str, samples: Samples, seed: int
) -> None:
    torch.manual_seed(seed)
    layer, x = layer_of(text, samples), inputs(samples)
    y = layer.forward(*x)
    dy = torch.randn_like(y)
    dx = backward(layer, dy)

    twin_x = [one.clone().requires_grad_() for one in x]
    weights = [weight.clone().requires_grad_() for weight, _ in layer.param()]
    ours = [gradient.clone() for _, gradient in layer.param()]
    for name, weight in zip(layer.declared_weights(), weights, strict=True):
        vars(layer)[name] = weight  # an assignment would copy it
    twin_y = ORACLES[item.name](layer, *twin_x)
    theirs = torch.autograd.grad(
        twin_y, [*twin_x, *weights], dy, allow_unused=True, materialize_grads=True
    )

    assert relative(y, twin_y.detach()) < 1e-9
    for gradient, expected in zip([*dx, *ours], theirs, strict=True):
        if gradient is None:
            assert not expected.any()
        else:
            assert relative(gradient, expected) < 1e-9


@layers
def test_evaluation_agrees_with_the_oracle(item: type[Layer], text: str, samples: Samples) -> None:
    layer, x = layer_of(text, samples).eval(), inputs(samples)
    y = layer.forward(*x)
    assert relative(y, ORACLES[item.name](layer, *x)) < 1e-9


@layers
def test_outputs_come_near_to_their_bounds_and_not_beyond(
    item: type[Layer], text: str, samples: Samples
) -> None:
    layer, x = layer_of(text, samples).eval(), inputs(samples)
    for end, sign in zip(layer.bounds, (-1, 1), strict=True):
        if math.isinf(end):
            continue
        sizes = [0.01 * 1.01**step for step in range(1200)]
        found = torch.stack([sign * layer.forward(*(one * size for one in x)) for size in sizes])
        assert found.max() <= sign * end
        assert found.max() == pytest.approx(sign * end, rel=1e-3, abs=1e-3)


@layers
def test_an_activation_that_stays_within_bounds_says_so(
    item: type[Layer], text: str, samples: Samples
) -> None:
    if ".activations." not in item.__module__:
        return
    layer = layer_of(text, samples).eval()
    y = torch.cat([layer.forward(*(one * 1e6 for one in inputs(samples))) for _ in range(50)])
    for end, is_bounded in zip(layer.bounds, (y.min() > -1e3, y.max() < 1e3), strict=True):
        assert math.isinf(end) != bool(is_bounded)


@layers
def test_a_layer_that_acts_only_in_training_says_so(
    item: type[Layer], text: str, samples: Samples
) -> None:
    layer, x = layer_of(text, samples), inputs(samples)
    evaluated = layer.eval().forward(*x)
    trained = layer.train().forward(*x)
    passes_in_evaluation_alone = evaluated is x[0] and not torch.equal(trained, evaluated)
    assert bool(item.only_in_training) >= passes_in_evaluation_alone
    assert not item.only_in_training or evaluated is x[0]


@layers
def test_gradients_accumulate_until_they_are_zeroed(
    item: type[Layer], text: str, samples: Samples
) -> None:
    layer, x = layer_of(text, samples), inputs(samples)
    dy = torch.randn_like(layer.forward(*x))
    layer.backward(dy)
    once = layer.gradients.clone()
    layer.backward(dy)
    assert torch.allclose(layer.gradients, 2 * once)
    layer.zero_grad()
    assert not layer.gradients.any()


@layers
def test_accumulate_gives_the_weights_gradients_of_backward(
    item: type[Layer], text: str, samples: Samples
) -> None:
    layer, x = layer_of(text, samples), inputs(samples)
    dy = torch.randn_like(layer.forward(*x))
    layer.backward(dy)
    whole = layer.gradients.clone()
    layer.zero_grad()
    layer.accumulate(dy)
    assert torch.equal(layer.gradients, whole)


@layers
def test_param_shares_its_memory_with_the_flat_vectors(
    item: type[Layer], text: str, samples: Samples
) -> None:
    layer = layer_of(text, samples)
    for weight, gradient in layer.param():
        weight.fill_(3.0)
        gradient.fill_(4.0)
    assert layer.parameters.eq(3.0).all()
    assert layer.gradients.eq(4.0).all()


@layers
def test_the_same_call_again_gives_the_same_bits(
    item: type[Layer], text: str, samples: Samples
) -> None:
    layer, x = layer_of(text, samples), inputs(samples)
    dy = torch.randn_like(layer.forward(*x))
    results = []
    for _ in range(2):
        layer.zero_grad()
        y = layer.forward(*x)
        results.append([y, *backward(layer, dy), layer.gradients.clone()])
        layer.backward(layer.forward(*inputs(samples)))
    pairs = zip(*results, strict=True)
    assert all(a is b is None or (a is not None and torch.equal(a, b)) for a, b in pairs)


@layers
def test_outputs_and_gradients_stay_as_they_are_when_others_are_computed(
    item: type[Layer], text: str, samples: Samples
) -> None:
    layer, x = layer_of(text, samples), inputs(samples)
    y = layer.forward(*x)
    found = [one for one in (y, *backward(layer, torch.randn_like(y))) if one is not None]
    kept = [one.clone() for one in found]
    layer.backward(layer.forward(*inputs(samples)))
    assert all(map(torch.equal, found, kept))


@layers
def test_inputs_and_incoming_gradients_are_left_as_they_are(
    item: type[Layer], text: str, samples: Samples
) -> None:
    layer, x = layer_of(text, samples), inputs(samples)
    dy = torch.randn_like(layer.forward(*x))
    kept_x, kept_dy = [one.clone() for one in x], dy.clone()
    layer.forward(*x)
    layer.backward(dy)
    assert all(map(torch.equal, x, kept_x))
    assert torch.equal(dy, kept_dy)


def scattered(x: Tensor) -> Tensor:
    """The same numbers, which lie in memory in another order and apart from each other."""
    reversed_dims = [*range(x.dim())][::-1]
    backwards = x.permute(reversed_dims).contiguous()
    apart = torch.stack([backwards, torch.full_like(backwards, 7)], -1)[..., 0]
    return apart.permute(reversed_dims)


@layers
def test_it_does_not_matter_where_the_numbers_lie_in_memory(
    item: type[Layer], text: str, samples: Samples
) -> None:
    layer, x = layer_of(text, samples), inputs(samples)
    y = layer.forward(*x)
    dy = torch.randn_like(y)
    expected = [y, *backward(layer, dy), layer.gradients.clone()]
    layer.zero_grad()
    found = [layer.forward(*map(scattered, x)), *backward(layer, scattered(dy)), layer.gradients]
    for one, other in zip(found, expected, strict=True):
        assert (one is None) == (other is None)
        assert one is None or other is None or relative(one, other) < 1e-12
    layer.zero_grad()
    layer.forward(*map(scattered, x))
    layer.accumulate(scattered(dy))
    assert relative(layer.gradients, expected[-1]) < 1e-12


@layers
def test_of_no_samples_it_makes_none_and_its_weights_get_no_gradients(
    item: type[Layer], text: str, samples: Samples
) -> None:
    layer = layer_of(text, samples).eval()
    x = [one[:0] for one in inputs(samples)]
    y = layer.forward(*x)
    assert y.shape == (0, *layer.infer(*map(shape_of, samples)).sizes)
    for dx, one in zip(backward(layer, torch.ones_like(y)), x, strict=True):
        assert dx is None or dx.shape == one.shape
    assert not layer.gradients.any()


@layers
@pytest.mark.parametrize("method", ["backward", "accumulate"])
def test_a_layer_says_that_backward_comes_after_forward(
    item: type[Layer], text: str, samples: Samples, method: str
) -> None:
    layer = layer_of(text, samples)
    for dy in (torch.ones(ROWS, 2, dtype=torch.float64), [[1.0]]):
        with pytest.raises(RuntimeError, match=f"{item.name}.*: call forward before backward"):
            getattr(layer, method)(dy)


@layers
@pytest.mark.parametrize("method", ["backward", "accumulate"])
def test_a_layer_refuses_a_gradient_of_another_shape_than_its_output(
    item: type[Layer], text: str, samples: Samples, method: str
) -> None:
    layer = layer_of(text, samples)
    y = layer.forward(*inputs(samples))
    said = f"{item.name}.* takes the gradient at its output, of shape"
    for dy in (y[:1], y.unsqueeze(1), y[..., :1].expand(*y.shape[:-1], 9), y.sum()):
        with pytest.raises(ValueError, match=said) as refused:
            getattr(layer, method)(dy)
        assert f"{[*y.shape]}, not {[*dy.shape]}" in str(refused.value)
    with pytest.raises(TypeError, match=r"at its output in a tensor, not a list"):
        getattr(layer, method)(y.tolist())
    getattr(layer, method)(torch.ones_like(y))
    assert not layer.declared_weights() or layer.gradients.any()


@layers
def test_a_layer_says_which_inputs_it_takes(item: type[Layer], text: str, samples: Samples) -> None:
    layer, x = layer_of(text, samples), inputs(samples)
    wrong = [
        (TypeError, "tensors, not a list", [*x[1:], x[0].tolist()]),
        (TypeError, "real numbers, not torch.complex128", [*x[1:], x[0].to(torch.complex128)]),
        (ValueError, "not a single number", [*x[1:], x[0].sum()]),
    ]
    least, most = layer.arity
    if least > 1:
        wrong += [
            (TypeError, "takes two inputs", x[:1]),
            (TypeError, "takes two inputs.*, each by itself, not a list", [x]),
            (ValueError, r"as many samples each, not of shapes \[1", [x[0][:1], *x[1:]]),
        ]
    if most is not None:
        said = rf"takes .*inputs?, not {(most // len(x) + 1) * len(x)}"
        wrong += [(TypeError, said, x * (most // len(x) + 1))]
    for _ in range(2):  # also after an input that it takes
        for kind, said, given in wrong:
            with pytest.raises(kind, match=f"{item.name}.*{said}"):
                layer.forward(*given)
        layer.forward(*x)


MISMATCH_INPUTS: dict[str, tuple[tuple[tuple[int, ...], ...], str]] = {
    "Linear(3, 4)": (((ROWS, 4),), r"takes shape [N, 3], not [5, 4]"),
    "Linear(ROWS, 4)": (((ROWS,),), r"takes shape [N, 5], not [5]: `x.unsqueeze(0)` makes it"),
    "Softmax": (((ROWS,),), r"takes shape [N, _], not [5]"),
    "Slice(1, 2)": (((ROWS, 2),), r"takes shape [N, 3] or more, not [5, 2]"),
    "Slice(1, 2, dim=2)": (((ROWS, 2),), r"takes shape [N, 2, _], not [5, 2]"),
    "Add": (((ROWS, 4), (ROWS, 1)), r"takes shape [N, 4] as input 2, not [5, 1]"),
    "Mul": (((ROWS, 4), (ROWS, 4), (ROWS,)), r"takes shape [N, 4] as input 3, not [5]"),
    "Concat(dim=2)": (((ROWS, 4), (ROWS, 4)), r"takes shape [N, 4, _] as input 1, not [5, 4]"),
    "Concat": (((ROWS, 4, 2), (ROWS, 1, 3)), r"takes shape [N, 1, 2] as input 2, not [5, 1, 3]"),
    "Select(2)": (((ROWS, 4), (ROWS, 2)), r": there is no input 2; the last is 1"),
}


@pytest.mark.parametrize("text", MISMATCH_INPUTS)
def test_a_layer_says_which_shape_it_takes(text: str) -> None:
    layer, (shapes, said) = build(text.replace("ROWS", str(ROWS))), MISMATCH_INPUTS[text]
    with pytest.raises(ValueError, match=re.escape(said)) as refused:
        layer.forward(*(torch.ones(shape) for shape in shapes))
    assert str(refused.value).startswith(layer.name)


@layers
def test_a_layer_with_weights_says_of_which_type_its_numbers_are(
    item: type[Layer], text: str, samples: Samples
) -> None:
    layer, x = layer_of(text, samples), inputs(samples)
    if not layer.declared_weights():
        return
    if any(isinstance(sample, Shape) for sample in samples):
        pytest.skip("tokens may be of any type")
    y = layer.forward(*x)
    for dtype in (torch.float32, torch.int64):
        said = f"{item.name}.* takes torch.float64, as its weights are, not {dtype}"
        with pytest.raises(TypeError, match=said):
            layer.forward(*(one.to(dtype) for one in x))
        with pytest.raises(TypeError, match=said):
            layer.backward(y.to(dtype))
    with pytest.raises(TypeError, match="on cpu, as its weights are, not on meta"):
        layer.forward(*(one.to("meta") for one in x))


def test_a_layer_of_ones_own_keeps_its_own_errors() -> None:
    class Broken(ReLU):
        def forward(self, x: Tensor) -> Tensor:
            raise RuntimeError("of its own")

        def backward(self, dy: Tensor) -> Tensor:
            return 2 * super().backward(dy)

    with pytest.raises(RuntimeError, match="of its own"):
        Broken().forward(torch.ones(2, 3))


def test_a_layer_of_ones_own_may_call_the_one_that_it_is_made_from() -> None:
    class Double(ReLU):
        def forward(self, x: Tensor) -> Tensor:
            return 2 * super().forward(x)

        def backward(self, dy: Tensor) -> Tensor:
            return 2 * super().backward(dy)

    x = torch.tensor([[1.0, -1.0]])
    for layer in (Double(), Double.declared({})):
        assert layer.forward(x).tolist() == [[2, 0]]
        assert layer.backward(torch.ones(1, 2)).tolist() == [[2, 0]]
        layer.accumulate(torch.ones(1, 2))
    with pytest.raises(ValueError, match=r"Double.* output, of shape \[1, 2\], not \[1, 1\]"):
        _after(Double(), x).backward(torch.ones(1, 1))


def _after(layer: Layer, x: Tensor) -> Layer:
    layer.forward(x)
    return layer


@layers
def test_a_copy_computes_the_same(item: type[Layer], text: str, samples: Samples) -> None:
    layer, x = layer_of(text, samples).eval(), inputs(samples)
    twin = copy.deepcopy(layer)
    assert torch.equal(twin.forward(*x), layer.forward(*x))


@pytest.mark.parametrize(
    ("layer", "given", "said"),
    [
        (
            "Add",
            (torch.ones(2, 3), torch.ones(2, 3, device="meta")),
            "one device, not cpu and meta",
        ),
        ("MatMul", (torch.ones(1, 2, 2), torch.ones(1, 2, 2).double()), "of one dtype, not torch."),
        ("BatchNorm(2, affine=false)", (torch.ones(3, 2).double(),), "as its statistics are"),
        ("Max", (torch.ones(2, 0, 3),), "inputs with numbers, not shape [2, 0, 3]"),
    ],
)
def test_a_layer_says_what_is_wrong_with_inputs_of_which_torch_makes_nothing(
    layer: str, given: tuple[Tensor, ...], said: str
) -> None:
    with pytest.raises((TypeError, ValueError), match=re.escape(said)) as refused:
        build(layer).forward(*given)
    assert str(refused.value).startswith(layer.partition("(")[0])
