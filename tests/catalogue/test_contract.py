"""A class of one's own may build on others: a call is checked once, a name has one meaning."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from netlang import SGD, Layer, Linear, Loss, Metric, Optimizer, ReLU, Sequential, Weight, arg
from netlang.catalogue.items import Item


class SumOut(Linear):
    """The sum of a linear layer's outputs."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).sum(-1, keepdim=True)

    def backward(self, dy: Tensor) -> Tensor:
        return super().backward(dy.expand(-1, self.out_features))


def test_a_layer_may_go_on_from_its_parents_outputs_and_is_still_checked() -> None:
    layer, plain, x = SumOut(2, 3), Linear(2, 3), torch.rand(4, 2)
    plain.parameters.copy_(layer.parameters)
    y = layer.forward(x)
    assert torch.equal(y, plain.forward(x).sum(-1, keepdim=True))
    for method in (layer.backward, layer.accumulate):
        with pytest.raises(ValueError, match=r"of shape \[4, 1\], not \[4, 3\]"):
            method(torch.ones(4, 3))
    assert torch.equal(layer.backward(torch.ones(4, 1)), plain.backward(torch.ones(4, 3)))
    assert torch.equal(layer.gradients, plain.gradients)
    with pytest.raises(ValueError, match="takes shape"):
        layer.forward(torch.rand(4, 5))
    with pytest.raises(TypeError, match="one input, not 0"):
        layer.forward()  # type: ignore[call-arg]


def test_an_initialiser_sees_each_weight_alone_and_its_shape() -> None:
    class Twice(Layer):
        def tensors(self) -> dict[str, Weight]:
            def initial(values: Tensor, generator: torch.Generator) -> None:
                values.fill_(values.shape[-1])

            return {"first": Weight((2, 3), initial), "second": Weight((5,), initial)}

        def forward(self, x: Tensor) -> Tensor:
            return x

        def backward(self, dy: Tensor) -> Tensor:
            return dy

    assert Twice().parameters.tolist() == [3] * 6 + [5] * 5


def test_what_is_assigned_to_a_weight_stands_in_the_flat_vector() -> None:
    model = Sequential([Linear(2, 1), ReLU()])
    layer = next(model.layers())
    assert isinstance(layer, Linear)
    layer.weight = torch.tensor([[3.0, 4.0]])
    layer.bias_grad += 2
    layer.weight_grad = torch.ones(1, 2)
    assert model.parameters[:2].tolist() == [3, 4]
    assert model.gradients.tolist() == [1, 1, 2]
    assert model.forward(torch.ones(1, 2)) == layer.weight.sum() + layer.bias
    for wrong in (torch.ones(2, 1), 3.0, None):
        with pytest.raises(ValueError, match=r"Linear\(.*\): weight is a tensor of shape \[1, 2\]"):
            layer.weight = wrong  # type: ignore[assignment]


@pytest.mark.parametrize("name", ["size", "saved", "parameters", "width", "modules", "forward"])
def test_a_tensor_has_no_name_that_means_something_else(name: str) -> None:
    class Named(Layer):
        width: int = arg()

        def tensors(self) -> dict[str, Weight]:
            return {name: Weight((2,), lambda values, generator: values.zero_())}

        def forward(self, x: Tensor) -> Tensor:
            return x

        def backward(self, dy: Tensor) -> Tensor:
            return dy

    with pytest.raises(TypeError, match=f"Named: the name '{name}' of a tensor is taken"):
        Named(3)


def test_an_optimizer_says_that_another_sequential_took_its_layers() -> None:
    layers = [Linear(2, 3), ReLU(), Linear(3, 1)]
    first = Sequential(layers)
    optimizer = SGD(first)
    optimizer.step()
    second = Sequential([*layers[:2], Linear(3, 4)])
    with pytest.raises(RuntimeError, match=r"SGD: Linear\(in_features=2.* has left the model"):
        optimizer.step()
    SGD(second).step()
    inner = Sequential([second])
    SGD(inner).step()
    SGD(second).step()


def test_an_optimizer_checks_the_gradients_once_in_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    class Halved(SGD):
        def step(self) -> None:
            self.model.gradients.div_(2)
            super().step()

    checked: list[Optimizer] = []
    monkeypatch.setattr("netlang.catalogue.optimizers.optimizer._check_finite", checked.append)
    optimizer = Halved(Linear(2, 2))
    optimizer.model.gradients.fill_(math.inf)
    optimizer.step()
    optimizer.step()
    assert checked == [optimizer, optimizer]


def test_a_loss_that_asks_for_nothing_is_checked_too() -> None:
    class Difference(Loss):
        def value(self, y: Tensor, t: Tensor) -> Tensor:
            return (y - t).sum()

        def gradient(self, y: Tensor, t: Tensor) -> Tensor:
            return torch.ones_like(y)

    with pytest.raises(ValueError, match="one shape"):
        Difference().forward(torch.rand(4, 3), torch.rand(4, 1))


@pytest.mark.parametrize("kind", [Loss, Optimizer, Metric, Layer])
def test_what_lacks_a_method_cannot_be_made(kind: type[Item]) -> None:
    class Empty(kind, abstract=True):  # type: ignore[misc, valid-type]
        pass

    for item in (kind, Empty):
        with pytest.raises(TypeError, match="abstract"):
            item(Linear(1, 1)) if kind is Optimizer else item()


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (Layer, "name"), (Layer, "parameters"), (Layer, "size"), (Layer, "saved"), (Layer, "kind"),
        (Loss, "y"), (Loss, "t"), (Optimizer, "model"), (Optimizer, "steps"), (Metric, "count"),
    ],
)  # fmt: skip
def test_an_argument_has_no_name_that_means_something_else(kind: type[Item], name: str) -> None:
    with pytest.raises(TypeError, match=rf"Own\.{name}: the name is taken, as every .* has a"):
        type("Own", (kind,), {"__annotations__": {name: "float"}, name: arg(default=1.0)})
