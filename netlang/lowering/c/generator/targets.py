"""Rows of outputs and their targets, as C: where they lie, which say nothing, how they count."""

from __future__ import annotations

from textwrap import indent

from netlang.catalogue.targets import OutputPart
from netlang.language.shapes import Shape
from netlang.lowering.c.kernels import RowwiseLoss, SamplewiseLoss, SingleLoss
from netlang.lowering.c.rows import row_sizes


class TargetRows:
    """The rows of which a loss's text takes one: those of the only output, which are padded, or of
    a ``part`` of a row that has several outputs. ``y`` and ``t`` are the shapes of a sample.

    There are ``rows`` in a sample, or one that is the whole sample, whose next row of ``n`` numbers
    lies ``row`` further. The text fills ``length`` numbers. A target has ``m`` values.
    """

    def __init__(self, kernel: SingleLoss, y: Shape, t: Shape, part: OutputPart | None) -> None:
        self.part = part
        self.rows, self.n = row_sizes(Shape(part.shape) if part else y)
        self.row = self.length = f"{self.n}" if part else f"PAD({self.n})"
        self.m = row_sizes(Shape(part.target_shape) if part else t)[1]
        if part and part.classes:
            self.m = self.n
        if isinstance(kernel, SamplewiseLoss):
            self.length, self.rows = f"{self.rows} * {self.row}", 1
            self.m = 2 if part else self.m
        (_, self._y), (_, self._t) = row_sizes(y), row_sizes(t)  # of the whole sample
        self._of_rows = isinstance(kernel, RowwiseLoss)
        self.ignored = kernel.ignored if isinstance(kernel, RowwiseLoss) else None
        self.counts = kernel.counts if isinstance(kernel, RowwiseLoss) else ()

    @property
    def y(self) -> str:
        """Where row ``r`` of a chunk's outputs begins."""
        if self.part is None:
            return f"r * {self.length}"
        return self._in_part(f"PAD({self._y})", self.part.begin, self.n)

    @property
    def values(self) -> str:
        """Its target in a chunk, where that is values."""
        padded = f"PAD({self._t})"
        return f"all_t + {self._target(padded) if self.part else f'r * {padded}'}"

    @property
    def class_number(self) -> str:
        """Its target in a chunk, where that is a class number."""
        padded = f"PAD({self._t})"
        return f"(int)all_t[{self._target(padded)}]" if self.part else "classes[r]"

    def says_nothing(self, of_classes: bool) -> str:
        """The condition on which ``class``, or ``t``, says nothing; "" if each says something."""
        found = ["class < 0"] if of_classes and self._of_rows and self.rows > 1 else []
        if self.ignored is not None:
            of_values = f"t[0] == {self.ignored}" if self.m == 1 else f"t[{self.ignored}] == 1"
            found.append(f"class == {self.ignored}" if of_classes else of_values)
        return " || ".join(found)

    def counting(self, name: str, may_be_classes: bool) -> str:
        """The function of that ``name``, which adds up how much the targets of a batch count."""
        if self.part:
            counted = self._counted(bool(self.part.classes))
        elif may_be_classes:
            forms = self._counted(True), self._counted(False)
            of_classes, of_values = (indent(one, "    ") for one in forms)
            counted = f"if (c->classes) {{\n{of_classes}\n}} else {{\n{of_values}\n}}"
            counted = forms[0] if forms[0] == forms[1] else counted
        else:
            counted = self._counted(False)
        table = ""
        if self.counts:
            table = f"    static const double counts[] = {{{', '.join(map(repr, self.counts))}}};\n"
        return (
            f"static double {name}(const struct call *c, int64_t first, int64_t last) {{\n"
            f"{table}    double sum = 0;\n    (void)c;\n{indent(counted, '    ')}\n"
            "    return sum;\n}\n\n"
        )

    def _counted(self, of_classes: bool) -> str:
        """Statements that add up ``sum``, of targets that are of one kind."""
        nothing = self.says_nothing(of_classes)
        if not nothing and not self.counts:
            return f"sum = (double)((last - first) * {self.rows});"
        at = self._target(f"{self._t}") if self.part else f"r * {self.m}"
        target = f"const real *const t = c->targets + {at};"
        count = f"for (int i = 0; i < {self.m}; i++) sum += counts[i] * t[i];"
        if of_classes:
            given = f"(int)c->targets[{at}]" if self.part else "(int)c->classes[r]"
            target, count = f"const int class = {given};", "sum += counts[class];"
        lines = [
            target,
            *([f"if ({nothing}) continue;"] if nothing else []),
            count if self.counts else "sum += 1;",
        ]
        over = f"for (int64_t r = first * {self.rows}; r < last * {self.rows}; r++)"
        return "\n".join([f"{over} {{", *(f"    {line}" for line in lines), "}"])

    def _target(self, whole: str) -> str:
        """Where a target begins in the rows of several outputs, which lie ``whole`` apart."""
        assert self.part
        return self._in_part(whole, self.part.target_begin, 1 if self.part.classes else self.m)

    def _in_part(self, whole: str, begin: int, size: int) -> str:
        if self.rows == 1:
            return f"r * {whole} + {begin}"
        return f"r / {self.rows} * {whole} + {begin} + r % {self.rows} * {size}"
