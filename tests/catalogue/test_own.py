"""Layers and records in a file of one's own, whether Python keeps annotations as text or not."""

from __future__ import annotations

import importlib.util
import inspect
import pydoc
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

import netlang
from netlang.catalogue import registry
from netlang.catalogue.items import Item
from netlang.catalogue.modules import Layer, Sequential
from netlang.catalogue.optimizers import SGD
from netlang.language.shapes import Shape
from netlang.lowering import c, onnx, pytorch
from tests.catalogue.layers.test_conformance import differences, relative
from tests.lowering.c.test_declarations import mistakes
from tests.paths import examples
from tests.together import together

FUTURE = "from __future__ import annotations\n"
futures = pytest.mark.parametrize("future", [FUTURE, ""], ids=["as text", "as types"])
HEAD = """\
import typing
import typing as t
from typing import Annotated, Any, ClassVar, Optional, Tuple, Union
import netlang
import netlang as nl
from netlang import Layer, Size, arg
"""


def imported(text: str, folder: Path) -> ModuleType:
    """The file with this text, as a module."""
    file = folder / "own_layers.py"
    file.write_text(text)
    spec = importlib.util.spec_from_file_location("own_layers", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[spec.name]
    return module


@futures
def test_the_example_in_contributing_is_a_layer_in_a_file_of_ones_own(
    future: str, tmp_path: Path
) -> None:
    layer, lowerings, imports = examples("A layer")
    own = imported(f"{future}{imports}\n\n{layer}\n\n{lowerings}", tmp_path).HardShrink
    assert [(one.name, one.type.text, one.default) for one in own.arguments] == [
        ("threshold", "a number", 0.5)
    ]
    with pytest.raises(ValueError, match="threshold"):
        own(-1.0)
    made = own(1.0).to(torch.float64)
    x = torch.tensor([[1.5, -2.0, 0.5]], dtype=torch.float64)
    assert made.forward(x).tolist() == [[1.5, -2.0, 0.0]]
    dy = torch.rand(1, 3, dtype=torch.float64)
    expected = differences(lambda: (made.forward(x) * dy).sum(), x)
    assert relative(made.backward(dy), expected) < 1e-6
    shape = Shape.of(3)
    kernel = c.lowers.lowered(made, shape)
    assert kernel.constants == {"most": 1.0}
    assert mistakes(kernel, inputs=1) == set()
    twin = eval(pytorch.lowers.lowered(made, shape).text, {"nn": torch.nn})
    torch.testing.assert_close(twin(x), made.forward(x))
    said = onnx.lowers.lowered(made, onnx.Own("hardshrink1", {}), onnx.Value("float32"))
    assert (said.operation.kind, said.operation.attributes) == ("Shrink", {"lambd": 1.0})
    model = Sequential([own(), netlang.Linear(3, 1)])
    SGD(model, lr=0.1).step()
    assert model.forward(torch.ones(2, 3)).shape == (2, 1)


FIELDS = {
    "float": ("a number", 0.5, 0.5),
    '"float"': ("a number", 0.5, 0.5),
    "float | None": ("a number", None, None),
    "None | float": ("a number", None, None),
    '"float | None"': ("a number", None, None),
    "Optional[float]": ("a number", None, None),
    "typing.Optional[float]": ("a number", None, None),
    'Optional["float"]': ("a number", None, None),
    "Union[float, None]": ("a number", None, None),
    "Annotated[float, 'metres']": ("a number", 2, 2.0),
    "Annotated[float, print]": ("a number", 2, 2.0),
    "Annotated[Optional[float], 'metres']": ("a number", None, None),
    "Annotated[float | None, 'metres'] | None": ("a number", None, None),
    "int": ("a whole number", -3, -3),
    "t.Optional[int]": ("a whole number", None, None),
    "bool": ("`true` or `false`", True, True),
    "str": ("a string", "a", "a"),
    "Size": ("a whole number", 3, 3),
    "nl.Size": ("a whole number", 3, 3),
    "Size | None": ("a whole number", None, None),
    "Optional[Size]": ("a whole number", None, None),
    "tuple[str, ...]": ("a list of strings", ("a",), ("a",)),
    "typing.Tuple[str, ...]": ("a list of strings", ("a",), ("a",)),
    "tuple[float, ...]": ("a list of numbers such as `[2, 1.5]`", (1, 2.5), (1.0, 2.5)),
    "tuple[Size, ...]": ("a list of sizes such as `[3, 32, 32]`", (2, 3), (2, 3)),
    "Tuple[netlang.Size, ...] | None": ("a list of sizes such as `[3, 32, 32]`", None, None),
}


@futures
@pytest.mark.parametrize("annotation", FIELDS)
def test_an_annotation_says_an_arguments_kind(annotation: str, future: str, tmp_path: Path) -> None:
    text, default, value = FIELDS[annotation]
    declared = f"class Own(Layer):\n    field: {annotation} = arg(default={default!r})\n"
    methods = "    def forward(self, x): return x\n    def backward(self, dy): return dy\n"
    own = imported(future + HEAD + declared + methods, tmp_path).Own
    (argument,) = own.arguments
    assert argument.type.text == text
    assert own().field == own.field == value
    if "Size" in annotation and "uple" not in annotation:
        with pytest.raises(ValueError, match="at least 1"):
            own(0)


@futures
@pytest.mark.parametrize(
    "annotation",
    [
        "complex", "Any", "list[str]", "tuple[bool, ...]", "tuple[str, str]", "tuple", "int | str",
        "Union[int, str, None]", "ClassVar[float]",
        "'floaty'", "'1 +'", "'float()'", "Layer", "None",
        "dict[str, float]", "Annotated[complex, 1]",
    ],
)  # fmt: skip
def test_an_unknown_annotation_names_class_field_and_what_is_possible(
    annotation: str, future: str, tmp_path: Path
) -> None:
    text = f"{future}{HEAD}class Own(Layer):\n    field: {annotation} = arg(default=None)\n"
    with pytest.raises(TypeError, match=r"Own\.field") as error:
        imported(text, tmp_path)
    said = str(error.value)
    texts = (
        "PartName | tuple[PartName, ...], "
        "tuple[str, ...], float | str, str | tuple[str, ...], tuple[int, ...], "
        "int | tuple[int, ...], int | str | tuple[int, ...], float | tuple[float, ...], "
        "tuple[float, ...], tuple[Size, ...] or Size | tuple[Size, ...]"
    )
    possible = f"Size, int, float, bool, str, MetricPath, NetworkName, {texts}"
    if annotation == "None" and not future:
        assert "needs a type" in said
    else:
        assert f"type is {possible}, or one of them `| None`, not" in said


@futures
def test_an_argument_without_a_type_or_with_an_impossible_default_is_refused(
    future: str, tmp_path: Path
) -> None:
    for field, said in (
        ("slope = arg(default=0.1)", r"Own\.slope needs a type: `slope: float = arg"),
        ("slope: float = arg(default='x')", r"Own\.slope: the default must be a number, not 'x'"),
        ("p: float = arg(default=2.0, at_most=1.0)", r"Own\.p: the default must be .*at most 1"),
        ("n: Size = arg(default=0)", r"Own\.n: the default must be a whole number, at least 1"),
    ):
        with pytest.raises(TypeError, match=said):
            imported(f"{future}{HEAD}class Own(Layer):\n    {field}\n", tmp_path)


def test_an_argument_that_is_declared_again_keeps_its_place() -> None:
    class First(Item, abstract=True):
        a: int = netlang.arg(default=1)
        b: int = netlang.arg(default=2)

    class Second(First):
        a: int = netlang.arg(default=5)

    assert Second.signature() == "Second(a=5, b=2)"
    assert (Second(b=3).a, Second(4).a) == (5, 4)


RECORDS = """\
from netlang.system.record import Record
class Own(Record):
    shared: ClassVar[int] = 1
    also: typing.ClassVar[int] = 2
    bare: ClassVar = 3
    quoted: "t.ClassVar[dict[str, int]]" = {}
    x: int
    y: Optional[float] = None
    classvariable: str = "no"
"""


@futures
def test_a_record_has_no_field_of_what_belongs_to_its_class(future: str, tmp_path: Path) -> None:
    own = imported(future + HEAD + RECORDS, tmp_path).Own
    assert repr(own(3)) == "Own(x=3, y=None, classvariable='no')"


ITEMS = together("item", registry.ITEMS.values(), ids=lambda item: item.name)


@ITEMS
def test_python_knows_what_an_item_takes(item: type[Item]) -> None:
    found = dict(inspect.signature(item).parameters)
    assert [*found] == [*item.leading, *(one.name for one in item.arguments)]
    for argument in item.arguments:
        said = found[argument.name]
        assert said.default == (inspect.Parameter.empty if argument.required else argument.default)
        assert said.annotation is not inspect.Parameter.empty


@ITEMS
def test_help_tells_of_an_item_and_each_argument(item: type[Item]) -> None:
    page = pydoc.render_doc(item, renderer=pydoc.plaintext)
    assert item.about
    for line in (*item.about.splitlines(), *(one.doc for one in item.arguments)):
        assert line.strip() in page
    assert f" {item.__name__}{inspect.signature(item)}" in page or not item.arguments
    for argument in item.arguments:
        assert f"{argument.name}: {argument.expects}" in page


def test_a_constructor_of_ones_own_has_a_signature_of_its_own() -> None:
    class Own(Layer):
        p: float = netlang.arg(default=0.5)

        def __init__(self, percent: int) -> None:
            super().__init__(percent / 100)

        def forward(self, x: Any) -> Any:
            return x

        def backward(self, dy: Any) -> Any:
            return dy

    assert [*inspect.signature(Own).parameters] == ["percent"]
    assert [*inspect.signature(Own(30)).parameters] == ["x"]  # of a call


def test_the_package_shows_what_is_public_and_nothing_else() -> None:
    apart = {*netlang._NOT_FOR_STAR, *netlang._OF_SKLEARN, "__version__"}  # which `*` does not give
    assert sorted({*netlang.__all__, *apart}) == dir(netlang)
    assert len(set(netlang.__all__)) == len(netlang.__all__)
    for name in netlang.__all__:
        assert getattr(netlang, name).__doc__ or name in ("Callback", "Size")
    assert {item.__name__ for item in registry.ITEMS.values()} < set(netlang.__all__)
    for name in ("Any", "T", "Hyper", "ABC", "Callable"):
        with pytest.raises(ImportError):
            exec(f"from netlang import {name}")
    starred: dict[str, Any] = {}
    exec("from netlang import *", starred)
    assert set(starred) - {"__builtins__"} == set(netlang.__all__)


def test_importing_netlang_imports_no_torch() -> None:
    program = "import sys, netlang; dir(netlang); netlang.Linear; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "False\n"


def test_each_weight_of_ones_own_layer_begins_as_it_declares(tmp_path: Path) -> None:
    text = """
from netlang import Layer, Size, Weight, arg

class Scale(Layer):
    "y = x gain + offset."
    features: Size = arg(doc="how many")

    def tensors(self):
        shape = (self.features,)
        return {
            "gain": Weight(shape, lambda values, generator: values.fill_(2.0)),
            "offset": Weight(shape, lambda values, generator: values.zero_()),
        }

    def forward(self, x):
        self.saved = x
        return x * self.gain + self.offset

    def backward(self, dy):
        self.gain_grad += (dy * self.saved).sum(0)
        self.offset_grad += dy.sum(0)
        return dy * self.gain
"""
    layer = imported(text, tmp_path).Scale(3)
    assert layer.parameters.tolist() == [2, 2, 2, 0, 0, 0]
    assert layer.forward(torch.ones(4, 3)).tolist() == [[2.0] * 3] * 4
    assert layer.backward(torch.ones(4, 3)).tolist() == [[2.0] * 3] * 4
    assert layer.gradients.tolist() == [4.0] * 6
