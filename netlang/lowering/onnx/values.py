"""A model of ONNX as values: constants, inputs, and what operators make of others.

A value knows the operation that makes it, and the operation its inputs; so a function of a layer is
written as its formula, and what nothing reads is no part of the model. Nothing here needs the
package onnx: ``file.py`` writes the model with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from netlang.language.shapes import Shape
from netlang.system.lazy import np

if TYPE_CHECKING:
    Number = float | int

ML = "ai.onnx.ml"
"""The domain of the operators for tables, which every runtime of ONNX has as well."""


class Value:
    """A tensor of the model. ``dtype`` is called as numpy calls it, "str" for texts.

    ``shape`` is that of a sample of what a layer gets or gives, which its function may ask for. A
    sequence that ``is_free`` may have another number of steps than its first dimension says.
    """

    def __init__(self, dtype: str, shape: Shape | None = None, name: str = "") -> None:
        self.dtype, self.name, self._shape = dtype, name, shape
        self.is_free = False

    @property
    def shape(self) -> Shape:
        assert self._shape, "only what a layer gets has a shape that is known here"
        return self._shape

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of a sample."""
        return self.shape.sizes

    def of_shape(self, shape: Shape, is_free: bool = False) -> Value:
        """This value, as what a layer gives that has this ``shape``."""
        self._shape, self.is_free = shape, is_free
        return self

    def steps(self) -> Value:
        """How many steps a sequence has.  Shape: [1]."""
        if not self.is_free:
            return whole(self.sizes[0])
        return op("Shape", self, dtype="int64", start=1, end=2)

    def places(self) -> Value:
        """The numbers of its steps, from 0 on.  Shape: [T]."""
        if not self.is_free:
            return constant(np.arange(self.sizes[0]), "int64")
        ends = self.steps().squeezed(0)
        return op("Range", constant(0, "int64"), ends, constant(1, "int64"))

    def __add__(self, other: Value | Number) -> Value:
        return op("Add", self, other)

    def __sub__(self, other: Value | Number) -> Value:
        return op("Sub", self, other)

    def __rsub__(self, other: Number) -> Value:
        return op("Sub", constant(other, self.dtype), self)

    def __mul__(self, other: Value | Number) -> Value:
        return op("Mul", self, other)

    def __truediv__(self, other: Value | Number) -> Value:
        return op("Div", self, other)

    def __matmul__(self, other: Value) -> Value:
        return op("MatMul", self, other)

    def __neg__(self) -> Value:
        return op("Neg", self)

    def __gt__(self, other: Value | Number) -> Value:
        return op("Greater", self, other, dtype="bool")

    def __ge__(self, other: Value | Number) -> Value:
        return op("GreaterOrEqual", self, other, dtype="bool")

    def __le__(self, other: Value | Number) -> Value:
        return op("LessOrEqual", self, other, dtype="bool")

    def __lt__(self, other: Value | Number) -> Value:
        return op("Less", self, other, dtype="bool")

    def equals(self, other: Value | Number) -> Value:
        return op("Equal", self, other, dtype="bool")

    def cast(self, dtype: str) -> Value:
        """Its numbers in another type."""
        return self if dtype == self.dtype else op("Cast", self, dtype=dtype, to=dtype)

    def reshaped(self, *sizes: int) -> Value:
        """A size of 0 is the one that stands there; one of -1 is what the others leave."""
        return op("Reshape", self, whole(*sizes))

    def transposed(self, *order: int) -> Value:
        return op("Transpose", self, perm=order)

    def unsqueezed(self, *axes: int) -> Value:
        return op("Unsqueeze", self, whole(*axes)) if axes else self

    def squeezed(self, *axes: int) -> Value:
        return op("Squeeze", self, whole(*axes))

    def sliced(self, axis: int, begin: int, end: int, step: int = 1) -> Value:
        return op("Slice", self, whole(begin), whole(end), whole(axis), whole(step))

    def split(self, axis: int, *sizes: int) -> list[Value]:
        """Parts of so many ``sizes`` along an axis."""
        found = operation("Split", [self, whole(*sizes)], {"axis": axis})
        return found.results(len(sizes), self.dtype)

    def mean(self, *axes: int, keep: bool = True) -> Value:
        return op("ReduceMean", self, axes=axes, keepdims=int(keep))

    def max(self, *axes: int, keep: bool = True) -> Value:
        return op("ReduceMax", self, axes=axes, keepdims=int(keep))

    def min(self, *axes: int, keep: bool = True) -> Value:
        return op("ReduceMin", self, axes=axes, keepdims=int(keep))

    def sum(self, *axes: int, keep: bool = True) -> Value:
        return op("ReduceSum", self, whole(*axes), keepdims=int(keep))

    def logsumexp(self, *axes: int, keep: bool = True) -> Value:
        return op("ReduceLogSumExp", self, axes=axes, keepdims=int(keep))

    def where(self, condition: Value, other: Value | Number) -> Value:
        """This one where the condition holds, and the other elsewhere."""
        return op("Where", condition, self, _as_value(other, self.dtype), dtype=self.dtype)


class Constant(Value):
    """Numbers, or texts, that are a part of the model."""

    def __init__(self, array: Any, name: str = "") -> None:
        array = np.asarray(array)
        super().__init__("str" if array.dtype.kind in "UO" else str(array.dtype), name=name)
        self.array = array


class Result(Value):
    """What an operation makes."""

    def __init__(self, dtype: str, operation: Operation) -> None:
        super().__init__(dtype)
        self.operation = operation


class Operation:
    """An operator, what it gets, where None stands for an input that is left out, and its numbers.

    ``scope`` is the name of the layer that it is a part of, ``note`` what is said of that.
    """

    def __init__(
        self, kind: str, inputs: Sequence[Value | None], attributes: dict[str, Any], domain: str
    ) -> None:
        self.kind, self.inputs, self.attributes = kind, [*inputs], attributes
        self.domain, self.scope, self.note = domain, "", ""
        self.outputs: list[Value] = []

    def results(self, count: int, dtype: str) -> list[Value]:
        """So many outputs of this type."""
        self.outputs = [Result(dtype, self) for _ in range(count)]
        return self.outputs


def belongs(y: Value, x: Sequence[Value], scope: str, note: str = "") -> None:
    """Say of the operations that make ``y`` of ``x``, if they belong to nothing yet, what to."""
    rest = [y]
    while rest:
        value = rest.pop()
        if isinstance(value, Result) and value not in x and not value.operation.scope:
            value.operation.scope, value.operation.note = scope, note
            rest += [one for one in value.operation.inputs if one is not None]


def operation(
    kind: str, inputs: Sequence[Value | None], attributes: dict[str, Any], domain: str = ""
) -> Operation:
    """An operation whose ``results`` are still to be asked for."""
    while inputs and inputs[-1] is None:
        inputs = inputs[:-1]
    return Operation(kind, inputs, attributes, domain)


def op(
    kind: str,
    *inputs: Value | Number | None,
    dtype: str = "",
    domain: str = "",
    **attributes: Any,
) -> Value:
    """What an operator of one output makes. A number is a constant of the first input's type, which
    the output has, too, unless ``dtype`` says another.
    """
    first = next(one for one in inputs if isinstance(one, Value))
    values = [None if one is None else _as_value(one, first.dtype) for one in inputs]
    found = operation(kind, values, attributes, domain)
    return found.results(1, dtype or first.dtype)[0]


def concat(axis: int, *values: Value) -> Value:
    """The values behind one another along an axis."""
    return values[0] if len(values) == 1 else op("Concat", *values, axis=axis)


def constant(number: Any, dtype: str = "float32", name: str = "") -> Constant:
    """A number, or an array of them."""
    return Constant(np.asarray(number, dtype=dtype), name)


def whole(*numbers: int) -> Constant:
    """A list of whole numbers, as sizes and axes are."""
    return Constant(np.asarray(numbers, dtype="int64"))


def texts(*words: str) -> Constant:
    """A list of texts."""
    return Constant(np.asarray(words, dtype=object))


def _as_value(one: Value | Number, dtype: str) -> Value:
    return one if isinstance(one, Value) else constant(one, dtype)
