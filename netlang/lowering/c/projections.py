"""Linear functions of rows within a layer, several of the same input beside one another, in C."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from netlang.lowering.c.kernels import Array
from netlang.system.record import Record


class Projection(Record):
    """It makes ``rows`` of ``{name}``, with the parts beside one another, of those of an input.

    ``parts`` says how many numbers each has, and their weights are ``{part}_weight`` and, with a
    ``bias``, ``{part}_bias``. Rows of the input have ``inputs`` numbers. All are texts of C. Arrays
    beside the weights are ``prepared`` and ``sums``, as a ``Routine`` has them.
    """

    name: str
    rows: str
    inputs: str
    parts: Mapping[str, str]
    bias: bool

    @property
    def outputs(self) -> str:
        return " + ".join(self.parts.values())

    @property
    def row(self) -> str:
        """How far apart the rows are that it makes."""
        return f"PAD({self.outputs})"

    @property
    def prepared(self) -> dict[str, Array]:
        name, inputs, across = self.name, self.inputs, f"PAD({self.outputs})"
        found = {
            f"{name}_across": Array(
                f"{inputs} * {across}",
                _block(
                    f"transpose({size}, {inputs}, {part}_weight, {name}_across + {at}, {across});"
                    for part, size, at in self._placed()
                ),
            ),
            f"{name}_along": Array(
                f"({self.outputs}) * PAD({inputs})",
                _block(
                    f"move_rows({size}, {inputs}, {part}_weight, {inputs}, "
                    f"{name}_along + ({at}) * PAD({inputs}), PAD({inputs}));"
                    for part, size, at in self._placed()
                ),
            ),
        }
        if self.bias:
            found[f"{name}_start"] = Array(
                across,
                _block(
                    f"move_rows(1, {size}, {part}_bias, {size}, {name}_start + {at}, {size});"
                    for part, size, at in self._placed()
                ),
            )
        return found

    @property
    def sums(self) -> dict[str, Array]:
        name, inputs = self.name, self.inputs
        found = {
            f"{name}_along_grad": Array(
                f"({self.outputs}) * PAD({inputs})",
                _block(
                    f"move_rows({size}, {inputs}, {name}_along_grad + ({at}) * PAD({inputs}), "
                    f"PAD({inputs}), {part}_weight_grad, {inputs});"
                    for part, size, at in self._placed()
                ),
            )
        }
        if self.bias:
            found[f"{name}_start_grad"] = Array(
                f"PAD({self.outputs})",
                _block(
                    f"move_rows(1, {size}, {name}_start_grad + {at}, {size}, "
                    f"{part}_bias_grad, {size});"
                    for part, size, at in self._placed()
                ),
            )
        return found

    def of(self, x: str) -> str:
        """The statement that fills ``{name}`` from the rows of ``x``."""
        return self.into(self.name, x)

    def into(self, y: str, x: str) -> str:
        """The statement that fills ``y`` from the rows of ``x``."""
        start = f"{self.name}_start" if self.bias else "NULL"
        return (
            f"product({self.rows}, {self.outputs}, {self.inputs}, {x}, PAD({self.inputs}), 1, "
            f"{self.name}_across, PAD({self.outputs}), {y}, PAD({self.outputs}), {start}, 0);"
        )

    def gradients(self, dy: str, x: str, row: str = "") -> str:
        """The statements that add to ``sums``, or set them unless ``add`` is 1. Those of ``dy`` lie
        a ``row`` apart, if not as far as rows that it makes.
        """
        row = row or self.row
        inputs, outputs = self.inputs, self.outputs
        text = (
            f"product({outputs}, {inputs}, {self.rows}, {dy}, 1, {row}, "
            f"{x}, PAD({inputs}), {self.name}_along_grad, PAD({inputs}), NULL, add);"
        )
        if not self.bias:
            return text
        of_bias = f"{dy}, {row}, {self.name}_start_grad, add"
        return f"{text}\nsum_rows_apart({self.rows}, {outputs}, {of_bias});"

    def backward(self, dy: str, dx: str, add: str) -> str:
        """The statement that fills ``dx``, or adds to it if ``add`` is 1."""
        inputs, outputs = self.inputs, self.outputs
        return (
            f"product({self.rows}, {inputs}, {outputs}, {dy}, PAD({outputs}), 1, "
            f"{self.name}_along, PAD({inputs}), {dx}, PAD({inputs}), NULL, {add});"
        )

    def _placed(self) -> Iterator[tuple[str, str, str]]:
        """Each part with its size, and where it begins in a row of all."""
        before: list[str] = []
        for part, size in self.parts.items():
            yield part, size, " + ".join(before) or "0"
            before.append(size)


def _block(statements: Iterator[str]) -> str:
    return "{ " + " ".join(statements) + " }"
