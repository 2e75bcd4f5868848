"""Items of one's own, of plugins and of the interpreter, are in the catalogue as netlang's are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import torch

import netlang
from netlang.catalogue import own, registry
from netlang.catalogue.layers import Add, BatchNorm, Dropout, Linear, ReLU, Softplus, Tanh
from netlang.catalogue.modules import Layer
from netlang.compiler.passes import compile_source
from netlang.language.diagnostics import NetError
from netlang.language.source import SourceFile
from netlang.runs.gradients.layer_check import check_layer
from netlang.runs.models.trained import load_model
from netlang.runs.training.training import Training
from tests.paths import examples
from tests.together import together

TEXT = """\
net = Linear(2, 4) -> Swish(beta=2) -> Linear(4, 2)
data = Moons
loss = SoftmaxCrossEntropy
optimizer = Adam(0.01)
epochs = 2
"""


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """The layer of CONTRIBUTING.md, in a file."""
    layer, test = examples("A layer of one's own")
    (tmp_path / "mylayers.py").write_text(layer)
    (tmp_path / "test_mylayers.py").write_text(test)
    return tmp_path / "mylayers.py"


def source(text: str = TEXT) -> SourceFile:
    return SourceFile("own.net", text)


def test_the_example_and_its_test(plugin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(plugin.parent)
    names: dict[str, Any] = {}
    exec((plugin.parent / "test_mylayers.py").read_text(), names)
    names["test_swish"]()
    sys.modules.pop("mylayers")
    lines = (plugin.read_text() + (plugin.parent / "test_mylayers.py").read_text()).splitlines()
    assert len(lines) <= 34


def test_a_plugin_is_used_as_the_catalogue_is_and_leaves_nothing(plugin: Path) -> None:
    before = dict(registry.ITEMS), {*registry.NAMES}, {*registry.CHOICES}, [*sys.path]
    with own.plugins_used([plugin]):
        program = compile_source(source(), to_run=True).require()
        assert [one.name for one in program.plugins] == [str(plugin)]
        (wrong,) = compile_source(source(TEXT.replace("beta", "bta"))).diagnostics
        assert "`beta`" in wrong.label
        (wrong,) = compile_source(source(TEXT.replace("Swish", "Swsh"))).diagnostics
        assert "`Swish`" in wrong.label
    after = dict(registry.ITEMS), {*registry.NAMES}, {*registry.CHOICES}
    assert after == before[:3]
    assert not list(plugin.parent.glob("__pycache__"))
    sys.path[:] = before[3]


def test_a_plugin_that_is_used_again_is_run_as_it_is_now(plugin: Path) -> None:
    with own.plugins_used([plugin]):
        plugin.write_text(plugin.read_text().replace("default=1.0", "default=3.0"))
        again = own.use_plugin(plugin)
        assert registry.ITEMS["Swish"].arguments[0].default == 3.0
        assert own.in_use() == (again,)
        own.leave_plugin(again)
    assert "Swish" not in registry.ITEMS


def test_a_class_that_is_gone_from_a_plugin_is_gone_when_it_is_used_again(plugin: Path) -> None:
    with own.plugins_used([plugin]):
        earlier = registry.ITEMS["Swish"]  # which keeps the class alive
        plugin.write_text(plugin.read_text().replace("class Swish", "class Swoosh"))
        again = own.use_plugin(plugin)
        assert [one.name for one in again.items] == ["Swoosh"]
        assert earlier not in registry.ITEMS.values()
        own.leave_plugin(again)


def test_plugins_of_one_file_name_are_two_and_a_name_is_of_one_of_them(plugin: Path) -> None:
    other = plugin.parent / "others" / plugin.name
    other.parent.mkdir()
    other.write_text(plugin.read_text())
    with own.plugins_used([plugin]):
        swish = registry.ITEMS["Swish"]
        with pytest.raises(NetError, match="Swish"):
            own.use_plugin(other)
        assert registry.ITEMS["Swish"] is swish
        other.write_text(plugin.read_text().replace("class Swish", "class Swoosh"))
        with own.plugins_used([other]):
            assert [one.name for one in own.in_use()[1].items] == ["Swoosh"]
        assert registry.ITEMS["Swish"] is swish


def test_a_model_keeps_the_text_and_asks_for_the_plugin(plugin: Path, tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    with own.plugins_used([plugin]):
        training = Training(compile_source(source(), to_run=True).require())
        for _ in training.events():
            pass
        file.write_bytes(training.model().to_bytes())
        model = load_model(str(file))
        assert model.warnings == ()
        assert model.kept.texts["mylayers.py"] == plugin.read_text()
        plugin.write_text(plugin.read_text().replace("how steep", "how very steep"))
        with own.plugins_used([plugin]):
            assert [one.code for one in load_model(str(file)).warnings] == ["W0680"]
            with pytest.warns(UserWarning, match="W0680"):
                assert [one.code for one in netlang.open(file).check()] == ["W0680"]
    with pytest.raises(NetError, match=r"--plugin mylayers\.py"):
        load_model(str(file))


HEAD = "from netlang import Layer, arg\nclass A(Layer):\n"
PASSES = """\
    def forward(self, x):
        return x

    def backward(self, dy):
        return dy
"""
WRONG = {
    "syntax": ("E0520", 3, "SyntaxError", HEAD + "    def f(: pass\n"),
    "a name": ("E0520", 3, "NameError", HEAD + "    x: float = argh()\n"),
    "deep": ("E0520", 2, "ZeroDivisionError", "def f():\n    return 1 / 0\nf()\n"),
    "an end": ("E0520", 1, "SystemExit", "raise SystemExit(0)\n"),
    "in json": ("E0520", 2, "JSONDecodeError", "import json\njson.loads('?')\n"),
    "taken by every layer": ("E0520", 2, "`size`", HEAD + "    size: int = arg(default=1)\n"),
    "no backward": ("E0525", 2, "", HEAD + "    def forward(self, x):\n        return x\n"),
    "no arg": ("E0525", 2, "", HEAD + "    d: int = 3\n" + PASSES),
    "__init__": ("E0525", 2, "", HEAD + "    def __init__(self, k): pass\n" + PASSES),
    "no item": ("E0521", 0, "", "x = 1\n"),
    "a block": ("E0522", 2, "", HEAD.replace("A(", "MLP(") + PASSES),
    "a loss": ("E0522", 2, "", HEAD.replace("A(", "MSE(") + PASSES),
}


@together("name", WRONG)
def test_what_is_wrong_with_a_plugin_names_its_line(name: str, tmp_path: Path) -> None:
    code, line, label, text = WRONG[name]
    file = tmp_path / "p.py"
    file.write_text(text)
    with pytest.raises(NetError) as error:
        own.use_plugin(file)
    (one,) = error.value.diagnostics
    assert (one.code, one.span.first.line if one.span else 0) == (code, line)
    assert label in one.label
    assert "A" not in registry.ITEMS


def test_a_layer_that_breaks_the_contract_is_told_before_training() -> None:
    class Narrow(Layer):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x[:, :1]

        def backward(self, dy: torch.Tensor) -> torch.Tensor:
            return dy

    class Raises(Narrow):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x @ torch.ones(9, 9)

    class Nothing(Narrow):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x

        def backward(self, dy: torch.Tensor) -> torch.Tensor:
            return None  # type: ignore[return-value]

    class Grown(Narrow):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.own = torch.nn.Parameter(torch.ones(4))
            return x * self.own.detach()

    class Drawn(Narrow):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x * torch.randn(4)

    for layer, words in (
        (Grown, "keeps a weight, `own`, that nothing trains"),
        (Drawn, "keeps numbers that nothing trains and no file keeps"),
        (Narrow, r"gives \[3, 1\] for 3 samples by its `forward`, and `infer` says \[N, 4\]"),
        (Raises, "fails when it is run: RuntimeError"),
        (Nothing, "gives NoneType and no tensor by its `backward`"),
    ):
        registry.add(layer)
        try:
            text = TEXT.replace("Swish(beta=2)", layer.name)
            with pytest.raises(NetError, match=words):
                Training(compile_source(source(text), to_run=True).require())
        finally:
            registry.remove(layer)


def test_a_doubtful_gradient_is_a_warning_and_kinks_are_none() -> None:
    class Wrong(Tanh):
        def backward(self, dy: torch.Tensor) -> torch.Tensor:
            return super().backward(dy) * 1.05

    class Right(Tanh):
        pass

    class Steps(ReLU):
        pass

    class Means(BatchNorm):
        pass

    found = {}
    for layer in (Wrong, Right, Steps, Means):
        registry.add(layer)
        try:
            text = TEXT.replace(
                "Swish(beta=2)", f"{layer.name}(4)" if layer is Means else layer.name
            )
            program = compile_source(source(text), to_run=True).require()
            found[layer.name] = [one.code for one in Training(program).warnings]
        finally:
            registry.remove(layer)
    assert found == {"Wrong": ["W0681"], "Right": [], "Steps": [], "Means": []}


def test_what_a_class_of_the_interpreter_lacks_is_told_where_it_is_named() -> None:
    own_class = type("Unfinished", (Layer,), {"__module__": "__main__"})
    try:
        netlang.load("net = Linear(2, 3) -> Linear(3, 2)")
        with pytest.raises(NetError, match="has no `backward` and `forward`"):
            netlang.load("net = Linear(2, 3) -> Unfinished -> Linear(3, 2)")
    finally:
        registry.remove(own_class)
        own_class.__module__ = "tests"


def test_classes_of_the_interpreter_are_found_the_latest_of_a_name() -> None:
    made = [_of_main("Twice"), _of_main("Twice"), _of_main("Tanh")]
    ours = registry.ITEMS["Tanh"]
    try:
        with pytest.warns(UserWarning, match="`Tanh` is netlang's own layer here"):
            model = netlang.load("net = Linear(2, 3) -> Twice -> Tanh -> Linear(3, 2)")
        assert type(model.program.graph.nodes[2].layer) is made[1]
        assert type(model.program.graph.nodes[3].layer) is ours
    finally:
        registry.remove(made[1])
        for one in made:
            one.__module__ = "tests"


def _of_main(name: str) -> type[Layer]:
    def same(self: Layer, x: torch.Tensor) -> torch.Tensor:
        return x

    return type(name, (Layer,), {"__module__": "__main__", "forward": same, "backward": same})


def test_check_layer_finds_what_is_wrong() -> None:
    check_layer(Linear(3, 4), (3,))
    check_layer(Linear(3, 4), (5, 3))
    check_layer(Add(), (3,), (3,))
    check_layer(Dropout(0.5), (6,))

    class Wrong(Softplus):
        def backward(self, dy: torch.Tensor) -> torch.Tensor:
            return super().backward(dy) * 1.001

    class Sets(Linear):
        def backward(self, dy: torch.Tensor) -> torch.Tensor:
            self.gradients.zero_()
            return super().backward(dy)

    class Wide(Softplus):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cat([x, x], -1)

    class Nothing(Softplus):
        def backward(self, dy: torch.Tensor) -> torch.Tensor:
            return None  # type: ignore[return-value]

    with pytest.raises(AssertionError, match="backward gives None"):
        check_layer(Nothing(), (4,))
    with pytest.raises(TypeError, match="check_layer takes a layer"):
        check_layer(torch.nn.ReLU(), (4,))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="takes the shape of a sample"):
        check_layer(Softplus(), 4)  # type: ignore[arg-type]
    with pytest.raises(AssertionError, match="central differences say"):
        check_layer(Wrong(), (4,))
    with pytest.raises(AssertionError, match="has to add"):
        check_layer(Sets(3, 2), (3,))
    with pytest.raises(AssertionError, match="infer says"):
        check_layer(Wide(), (4,))
