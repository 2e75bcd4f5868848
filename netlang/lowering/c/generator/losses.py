"""The loss of a step: a call for each of its terms, which fills the gradient of the outputs.

Targets are class numbers or values, as the caller of the C says. Those of several outputs lie side
by side in one row, class numbers among the values.
"""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import dedent, indent

from netlang.catalogue.losses import Loss
from netlang.catalogue.outputs import mean_of_members
from netlang.language.shapes import Shape
from netlang.lowering.c.generator.buffers import TARGETS, Buffer
from netlang.lowering.c.generator.calls import Call, Parameter, output
from netlang.lowering.c.generator.checks import check_loss
from netlang.lowering.c.generator.targets import TargetRows
from netlang.lowering.c.generator.texts import (
    constants,
    each,
    mentions,
    number,
    of_members,
    substituted,
    table,
)
from netlang.lowering.c.kernels import (
    ROWS,
    ElementwiseLoss,
    LossSum,
    LossTerm,
    RowwiseLoss,
    SingleLoss,
)
from netlang.lowering.c.lowerings import lowers
from netlang.lowering.lowerings import Unsupported
from netlang.system.record import Record


class Losses:
    """The terms of a ``loss`` of outputs of the shape ``y``, or of those of each of ``members``.

    ``targets`` is the shape of a sample's targets as values.  Raises Unsupported for a loss that
    has no C, or a wrong one.
    """

    def __init__(self, loss: Loss, y: Shape, members: int = 1) -> None:
        self._members = members
        found = lowers.lowered(mean_of_members(loss, members) if members > 1 else loss, y)
        terms = found.terms if isinstance(found, LossSum) else (LossTerm(found),)
        parts = [term.part for term in terms if term.part]
        self.targets = Shape((parts[-1].target_end,) if parts else loss.predicted(y.sizes))
        of_classes = "classification" in loss.tasks
        self._terms: list[_Term] = []
        for index, term in enumerate(terms):
            check_loss(loss, term.kernel)
            rows = TargetRows(term.kernel, y, self.targets, term.part)
            adds = any(term.part is earlier.part for earlier in terms[:index])
            made = _Term(loss.name, index, term.kernel, term.weight, adds, rows, of_classes)
            made.check()
            self._terms.append(made)

    @property
    def count(self) -> int:
        return len(self._terms)

    @property
    def takes_values(self) -> bool:
        """Whether class numbers have to become values in memory, as some loop runs over all."""
        return any(one.is_flat for one in self._terms)

    @property
    def classes(self) -> int:
        """The most values that a class number becomes."""
        return max(one.rows.m for one in self._terms)

    def calls(self, y: Buffer, dy: Buffer) -> Iterator[Call]:
        """Those that fill the gradient ``dy`` of the outputs ``y``, in their order."""
        for one in self._terms:
            named = [
                Parameter("all_y", y),
                Parameter("all_t", Buffer("value", TARGETS)),
                Parameter("classes", "c->classes ? w->classes : NULL", "const int *restrict"),
                Parameter("of_class", "w->of_class"),
                output("all_dy", dy, adds=one.adds),
                output("all_own", dy._replace(what="part of gradient")),
                Parameter("batch", f"(real)batch{self._each}", "real"),
                Parameter("rows", f"rows[{one.index}]{self._each}", "real"),
            ]
            yield Call("loss_gradient", of_members(one.body(), self._members), named)

    @property
    def _each(self) -> str:
        """How many times more rows are judged than a batch has."""
        return f" * {self._members}" if self._members > 1 else ""

    def counting(self) -> str:
        """C's functions that count the targets of a batch, for the terms that ask for it."""
        return "".join(
            one.rows.counting(f"counted_{one.index}", one.of_classes)
            for one in self._terms
            if one.counts
        )

    def counted(self) -> str:
        """Their calls."""
        return "".join(
            f"    rows[{one.index}] = of_batch(counted_{one.index}(c, first, last), last - first, "
            "batch);\n"
            for one in self._terms
            if one.counts
        )


class _Term(Record):
    """Term number ``index`` of the loss ``name``: a kernel times a ``weight``, whose gradient is
    the first for its outputs, or ``adds`` to that of others.
    """

    name: str
    index: int
    kernel: SingleLoss
    weight: float
    adds: bool
    rows: TargetRows
    of_classes: bool  # whether targets of the only output may be class numbers

    def check(self) -> None:
        """Raises Unsupported if the text takes other targets than there are."""
        kernel, m, n = self.kernel, self.rows.m, self.rows.n
        if isinstance(kernel, ElementwiseLoss) and m != n:
            raise Unsupported(f"{self.name} has targets of another shape, and is no RowwiseLoss")
        if isinstance(kernel, RowwiseLoss) and kernel.counts and len(kernel.counts) != m:
            raise Unsupported(f"{self.name} counts {len(kernel.counts)} classes, and there are {m}")

    @property
    def is_flat(self) -> bool:
        """Whether it is one loop over all numbers of the only output."""
        return isinstance(self.kernel, ElementwiseLoss) and not self.rows.part

    @property
    def counts(self) -> bool:
        """Whether it is a mean over the targets that count."""
        return isinstance(self.kernel, RowwiseLoss) and mentions(self.kernel.gradient, "rows")

    def body(self) -> str:
        """That of its function."""
        return self._flat() if self.is_flat else self._by_rows()

    @property
    def _text(self) -> str:
        """The statements for a row."""
        text = dedent(self.kernel.gradient).strip("\n")
        if isinstance(self.kernel, ElementwiseLoss):
            expression = substituted(text, {"y": "y[i]", "t": "t[i]"})
            return f"for (int i = 0; i < n; i++) dy[i] = {expression};"
        return text

    def _flat(self) -> str:
        text, to = self.kernel.gradient, "+=" if self.adds else "="
        times = "" if self.weight == 1 else f"{number(self.weight)} * "
        lines = ["const real y = all_y[e], t = all_t[e];", f"all_dy[e] {to} {times}({text});"]
        shape = Shape((self.rows.rows, self.rows.n))
        return constants(self.kernel.constants, text) + each(shape, ROWS, lines)

    def _by_rows(self) -> str:
        """A loop over the rows of outputs; what adds to others fills memory of its own first."""
        rows, text = self.rows, self._text
        if weighed := self._weighing():
            text = f"{{\n{indent(text, '    ')}\n}}\n{weighed}"
        body = f"""\
const real *const y = all_y + {rows.y};
real *const dy = {"all_own" if self.adds else "all_dy"} + {rows.y};
{self._target(text)}"""
        tables = self.kernel.tables if isinstance(self.kernel, RowwiseLoss) else {}
        defined = f"    enum {{ n = {rows.n}, row = {rows.row} }};\n"
        for name, values in tables.items():
            defined += table(name, values) if mentions(body, name) else ""
        defined += constants(self.kernel.constants, body)
        over = f"for (int r = 0; r < N * {rows.rows}; r++)"
        return f"{defined}    {over} {{\n{indent(body, '        ')}\n    }}"

    def _target(self, text: str) -> str:
        """The ``text`` of a row with its target ``t`` around it. That of a class number is a row of
        zeros, in which 1 stands for as long as the text runs.
        """
        rows, part = self.rows, self.rows.part
        at = "[0] = class == 1" if rows.m == 1 else "[class] = 1"
        put = f"{self._skipping(of_classes=True)}of_class{at};"
        take = f"of_class[{'0' if rows.m == 1 else 'class'}] = 0;"
        values = f"const real *t = {rows.values};\n{self._skipping(of_classes=False)}"
        if part and part.classes:
            target = f"const int class = {rows.class_number};\nconst real *const t = of_class;"
            return f"{target}\n{put}\n{text}\n{take}"
        if part or not self.of_classes:
            return f"{values}{text}"
        otherwise = self._skipping(of_classes=False)
        return f"""\
const int class = classes ? {rows.class_number} : 0;
const real *const t = classes ? of_class : {rows.values};
if (classes) {{
{indent(put, "    ")}
}}{f" else {otherwise}" if otherwise else ""}
{text}
if (classes) {take}"""

    def _skipping(self, of_classes: bool) -> str:
        """What goes on with the next row where a target says nothing."""
        cleared = "" if self.adds else f"memset(dy, 0, {self.rows.length} * sizeof(real)); "
        nothing = self.rows.says_nothing(of_classes)
        return f"if ({nothing}) {{ {cleared}continue; }}\n" if nothing else ""

    def _weighing(self) -> str:
        every, weight = f"for (int i = 0; i < {self.rows.length}; i++)", number(self.weight)
        if self.adds:
            return f"{every} all_dy[{self.rows.y} + i] += {weight} * dy[i];"
        return f"{every} dy[i] *= {weight};" if self.weight != 1 else ""
