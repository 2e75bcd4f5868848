"""A network of members is as many networks as there are, which share weights and a prediction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn.functional import linear, silu

from netlang.catalogue import registry
from netlang.catalogue.layers.members import MeanOfMembers, mean_of_members
from netlang.compiler.ir import Program
from netlang.compiler.passes import compile_source
from netlang.engine.network import Network
from netlang.language.source import SourceFile
from netlang.lowering.pytorch import to_pytorch
from netlang.runs.comparison.lockstep import Lockstep
from netlang.runs.comparison.twin import Twin
from netlang.runs.models.trained import load_model
from netlang.runs.training.training import Training
from netlang.system.shipped import folder
from tests.lowering.pytorch.written import assert_laid_out

MEMBERS = 3
Says = Callable[[Tensor], Tensor]
ENDS: dict[str, tuple[str, Says, Says]] = {  # the end of a network, what it does, what that means
    "SoftmaxCrossEntropy": ("Linear(5, 3)", lambda y: y, lambda y: y.softmax(-1)),
    "CrossEntropy": ("Linear(5, 3) -> Sigmoid", lambda y: y.sigmoid(), lambda y: y),
    "MSE": ("Linear(5, 3)", lambda y: y, lambda y: y),
    'MSE(reduction="sum")': ("Linear(5, 3)", lambda y: y, lambda y: y),
    'MSE + 0.5 * MSE(reduction="sum")': ("Linear(5, 3)", lambda y: y, lambda y: y),
}
NET = "net = Tanh -> Linear(4, 5) -> Tanh -> Linear(5, 5, bias=false) -> SiLU -> "


@pytest.fixture(autouse=True)
def in_64_bits() -> Iterator[None]:
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def program(text: str, *overrides: str, folder: Path | None = None) -> Program:
    path = folder / "m.net" if folder else None
    return compile_source(SourceFile("m.net", text, path), overrides).require()


def by_hand(own: dict[str, Tensor], member: int, x: Tensor) -> Tensor:
    """What a member says before the end, as a network of its own."""

    def weight(name: str) -> Tensor:
        s, r = own[f"{name}.s"][member], own[f"{name}.r"][member]
        return s.unsqueeze(1) * own[f"{name}.weight"] * r

    x = linear(x.tanh(), weight("linear1"), own["linear1.bias"][member]).tanh()
    x = silu(linear(x, weight("linear2")))
    return linear(x, own["linear3.weight"][member], own["linear3.bias"][member])


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", ENDS)
def test_members_are_networks_of_their_own_and_share_the_mean_of_their_losses(
    name: str, weighted: bool
) -> None:
    end, does, means = ENDS[name]
    made = program(f"{NET}{end}\ninput = [4]\nloss = {name}\nmembers = {MEMBERS}\n")
    network, loss = Network(made.graph, seed=3), made.loss
    assert loss
    network.parameters.normal_()
    x, t = torch.randn(6, 4), torch.rand(6, 3).softmax(-1)
    weights = torch.rand(6) if weighted else None
    own = {one: value.clone().requires_grad_() for one, value in network.named_tensors().items()}
    each = [does(by_hand(own, member, x)) for member in range(MEMBERS)]
    y = network.forward(x)
    assert torch.allclose(means(y), torch.stack([*map(means, each)]).mean(0))
    network.zero_grad()
    network.accumulate(network.loss_gradient(loss, y, t, weights))
    mean: Tensor = sum(loss.weighted(one, t, weights) for one in each) / MEMBERS  # type: ignore[assignment]
    mean.backward()
    found = [layer_gradient.flatten() for layer_gradient in gradients(network)]
    wanted = [value.grad.flatten() for value in own.values() if value.grad is not None]
    assert torch.allclose(torch.cat(found), torch.cat(wanted))


def gradients(network: Network) -> Iterator[Tensor]:
    for name, layer in network.named_layers():
        for tensor in layer.declared_weights():
            assert name
            yield getattr(layer, f"{tensor}_grad")


@pytest.mark.parametrize("by", ["", "softmax", "sigmoid", "exp"])
def test_the_mean_stands_for_the_mean_of_what_outputs_stand_for(by: str) -> None:
    ways: dict[str, Says] = {
        "": lambda y: y,
        "softmax": lambda y: y.softmax(-1),
        "sigmoid": lambda y: y.sigmoid(),
        "exp": lambda y: y.exp(),
    }
    y, stands_for = 4 * torch.randn(5, 3, 2, 4), ways[by]
    assert torch.allclose(stands_for(mean_of_members(y, by)), stands_for(y).mean(1))
    far = torch.tensor([[[800.0, -800.0]], [[-800.0, 800.0]]]).view(1, 2, 1, 2)
    assert by == "exp" or mean_of_members(far, by).isfinite().all()


def test_each_loss_says_what_its_outputs_stand_for() -> None:
    vectors = ("CosineEmbedding", "Triplet")  # are compared, and stand for nothing else
    for loss in (item.declared({}) for item in registry.items("loss") if item.name not in vectors):
        for outputs in (1, 2, 4):
            y = torch.rand(5, MEMBERS, outputs, dtype=torch.float64) + 0.1
            mean = mean_of_members(y, loss.stands_by(outputs))
            # Margins are no probabilities, and the mean is of them.
            said = loss.prediction if loss.name == "Hinge" else loss.probabilities
            wanted = torch.stack([*map(said, y.unbind(1))]).mean(0)
            assert torch.allclose(said(mean), wanted), loss


@pytest.mark.parametrize("by", ["softmax", "sigmoid", "exp"])
def test_the_gradient_through_the_mean_agrees_with_autograd(by: str) -> None:
    values = {"members": 3, "by": (by, ""), "sizes": (4, 2), "classes": (2, 2)}
    layer = MeanOfMembers.declared(values)  # type: ignore[arg-type]
    x = torch.randn(15, 6, requires_grad=True)
    y = layer.forward(x)
    dy = torch.randn_like(y)
    y.backward(dy)
    with torch.no_grad():
        assert x.grad is not None
        assert torch.allclose(layer.backward(dy), x.grad)


def test_members_begin_alike_but_for_the_first_signs_and_the_last_weights() -> None:
    made = program(f"{NET}Linear(5, 3)\ninput = [4]\nmembers = {MEMBERS}\n")
    own = Network(made.graph, seed=1).named_tensors()
    assert (own["linear1.r"].abs() == 1).all()
    assert own["linear1.r"].unique().numel() == 2
    for name in ("linear1.s", "linear2.r", "linear2.s"):
        assert (own[name] == 1).all()
    assert (own["linear1.bias"] == own["linear1.bias"][0]).all()
    assert not torch.equal(own["linear3.weight"][0], own["linear3.weight"][1])
    plain = program(f"{NET}Linear(5, 3)\ninput = [4]\n")
    one = program(f"{NET}Linear(5, 3)\ninput = [4]\nmembers = 1\n")
    assert [node.call for node in one.graph.layers] == [node.call for node in plain.graph.layers]


def test_what_comes_before_the_first_linear_layer_is_computed_once() -> None:
    text = "net = Conv1d(2, 3, 2) -> Flatten -> [Identity, Linear(_, 6)] -> Add -> Linear(6, 1)\n"
    graph = program(f"{text}input = [2, 3]\nmembers = 4\n").graph
    names = [node.layer.name for node in graph.layers]
    assert names == ["Conv1d", "Flatten", "EachMember", "MemberLinear", "Add",
                     "OwnLinear", "MeanOfMembers"]  # fmt: skip
    each = {node.layer.name: node.members for node in graph.layers}
    assert each["Flatten"] == 1
    assert each["Add"] == 4


def test_layers_that_share_weights_do_so_in_each_member() -> None:
    text = "shared s = Linear(4, 4) -> Dropout(0.5)\nnet = s -> s -> [s, Linear(4, 4)] -> Add\n"
    made = program(f"{text}input = [4]\nmembers = 2\n")
    network = Network(made.graph, seed=0).eval()
    own = network.named_tensors()
    assert [*own] == [
        "linear1.weight", "linear1.bias", "linear1.r", "linear1.s", "linear4.weight",
        "linear4.bias",
    ]  # fmt: skip
    assert network.forward(torch.randn(3, 4)).shape == (3, 4)


FILES = {
    "classes": 'net = Linear(_, 4) -> Dropout(0.3) -> Linear(4, 4) -> ReLU -> Linear(4, _)\n'
    'data = Table("iris.csv", target="species", weights="balanced")\nloss = SoftmaxCrossEntropy\n',
    "outputs": 'net = Linear(_, 4) -> ReLU -> [Linear(4, _) as kind, Linear(4, _) as width]\n'
    'data = Table("iris.csv", target=["species", "petal_width"])\n'
    "loss = [SoftmaxCrossEntropy, 0.5 * MSE]\n",
    "points": "net = Linear(_, 4) -> Tanh -> Linear(4, _, init=\"lecun\") -> Sigmoid\n"
    "data = Disc(train=40, test=20)\nloss = CrossEntropy\n",
}  # fmt: skip
REST = "optimizer = Adam(lr=0.01)\nepochs = 2\nbatch = 16\nmembers = 3\n"


@pytest.fixture(params=FILES)
def trained(request: pytest.FixtureRequest, tmp_path: Path) -> Program:
    iris = (folder("models") / "iris.csv").read_text().splitlines(keepends=True)
    (tmp_path / "iris.csv").write_text("".join([iris[0], *iris[1::5]]))
    return program(FILES[request.param] + REST, folder=tmp_path)


def test_a_training_is_as_in_pytorch_and_goes_into_a_model_file(
    trained: Program, tmp_path: Path
) -> None:
    lockstep = Lockstep(Twin(trained, tmp_path / "twin.py"), "auto")
    assert lockstep.engine == "tensor"
    assert max(one.float64 for one in lockstep.epochs()) < 1e-12
    assert_laid_out([to_pytorch(trained, tmp_path).source], tmp_path)
    torch.set_default_dtype(torch.float32)
    training = Training(trained)
    for _ in training.events():
        pass
    (tmp_path / "m.safetensors").write_bytes(training.model().to_bytes())
    model, inputs = load_model(tmp_path / "m.safetensors"), training.split.judged.inputs
    assert torch.equal(model.outputs(inputs), training.outputs(inputs))


def test_a_bias_of_each_member_is_not_lost_before_a_norm_of_all() -> None:
    text = "net = Linear(2, 4) -> BatchNorm(_) -> ReLU -> Linear(4, 2)\n"
    codes = [one.code for one in compile_source(SourceFile("m.net", text)).diagnostics]
    assert codes == ["W0631"]
    assert not compile_source(SourceFile("m.net", f"{text}members = 2\n")).diagnostics


def test_members_say_nothing_of_no_samples() -> None:
    text = "net = Linear(4, 5) -> Tanh -> Linear(5, 5) -> Tanh -> Linear(5, 2)\n"
    network = Network(program(f"{text}input = [4]\nmembers = 3\n").graph, 0)
    assert network.evaluate(torch.zeros(0, 4)).shape == (0, 2)
