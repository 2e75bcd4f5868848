"""The header and the source of a trained network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import indent, wrap
from typing import NamedTuple

import netlang
from netlang.language.diagnostics.wording import counted
from netlang.lowering.c.generator.writing import escaped
from netlang.lowering.c.inference import columns, inputs, numbers, outputs, spelling
from netlang.lowering.c.inference.cells import CELLS, PLACE_OF, SYMBOL_OF, found_in
from netlang.lowering.c.inference.columns import Column
from netlang.lowering.c.inference.inputs import inputs_of
from netlang.lowering.c.inference.network import NetworkInC
from netlang.lowering.c.inference.outputs import OutputInC, outputs_of
from netlang.lowering.c.inference.program import program
from netlang.lowering.trained import TrainedProgram

_OWN = spelling, columns, inputs, outputs
_FUNCTIONS = {name: text for one in _OWN for name, text in one.FUNCTIONS.items()}

# By what uses them; each file has those that it needs.
_INCLUDES = {
    "float": r"FLT_MIN|FLT_MAX",
    "math": r"NAN|INFINITY|isnan"
    r"|(?:exp|expm1|log|log1p|tanh|erfc?|sqrt|pow|sin|cos|fabs|fmin|fmax)f?\(",
    "stddef": r"NULL|size_t",
    "stdlib": r"abs|strtod",
    "string": r"mem\w+|str(?:cmp|len|chr|ncmp)",
}
STANDARD_HEADERS = frozenset(
    {"assert", "complex", "ctype", "errno", "fenv", "float", "inttypes", "iso646", "limits"}
    | {"locale", "math", "setjmp", "signal", "stdalign", "stdarg", "stdatomic", "stdbool"}
    | {"stddef", "stdint", "stdio", "stdlib", "stdnoreturn", "string", "tgmath", "threads"}
    | {"time", "uchar", "wchar", "wctype"}
)
_MOST_NAMED = 12  # categories in a line of a comment
_WIDTH = 96


class _Names(NamedTuple):
    """What begins the names in C: of functions, and of constants."""

    small: str
    large: str


def to_c(trained: TrainedProgram, stem: str) -> dict[str, bytes]:
    """The source and the header of a trained network, by the names of their files.

    Names in C begin as the files do.  Raises Unsupported for what has no C.
    """
    small = numbers.identifier(stem).lower()
    small = small if re.match("[a-z]", small) else f"net_{small}"
    files = _Files(trained, stem, _Names(small, small.upper()))
    return {f"{stem}.c": files.source().encode(), f"{stem}.h": files.header().encode()}


class _Files:
    def __init__(self, trained: TrainedProgram, stem: str, names: _Names) -> None:
        self.trained, self.stem, self.names = trained, stem, names
        graph = trained.program.graph
        self.inputs = inputs_of(trained.pipeline, graph.input)
        self.real, self.outputs = outputs_of(trained)
        are_read = any(one.statements for one in self.outputs)
        self.network = NetworkInC(
            graph,
            trained.tensors,
            inputs=None if self.inputs.statements else "inputs",
            outputs=None if are_read else "outputs",
        )
        name = Path(trained.program.source.name).name
        name = "A network" if name.startswith("<") else name  # which was no file
        self.title = f"{name} as netlang {netlang.__version__}"

    def header(self) -> str:
        """What a user of the network has to know."""
        (small, large), graph = self.names, self.trained.program.graph
        count = sum(one.count for one in self.outputs)
        weights = counted(graph.weights, "weight")
        return "\n".join(
            [
                f"/* {escaped(self.title)} has trained it: {weights}.\n",
                f"       {self.inputs.real} inputs[{large}_INPUTS] = {{...}};",
                f"       {self.real} outputs[{large}_OUTPUTS];",
                f"       float work[{large}_WORK];",
                f"       {small}_predict(inputs, outputs, work);\n",
                f"   Compile {self.stem}.c as C11, and link with -lm. */\n",
                f"#ifndef {large}_H\n#define {large}_H\n",
                '#ifdef __cplusplus\nextern "C" {\n#endif\n',
                "/* The numbers of a sample, those that are said of it, and those to work in. */",
                f"enum {{\n    {large}_INPUTS = {self.inputs.count},",
                f"    {large}_OUTPUTS = {count},",
                f"    {large}_WORK = {max(1, self.network.size)}\n}};\n",
                _comment(
                    "Fill outputs for the inputs of one sample. It changes outputs and work alone, "
                    "so threads may call it at the same time, each with outputs and work of its "
                    "own."
                ),
                f"{self._signature};\n",
                *self._about_inputs(),
                *(line for one in self.outputs for line in self._about_output(one)),
                "#ifdef __cplusplus\n}\n#endif\n\n#endif\n",
            ]
        )

    def source(self) -> str:
        """The weights, the layers, and the functions of the header."""
        constants = [self.inputs.constants, *(one.constants for one in self.outputs)]
        own = [self.network.functions, self._predict(), *self._tables()]
        used = spelling.used_functions("\n".join(own), _FUNCTIONS).strip("\n")
        body = [self.network.weights, *constants, used, *own]
        main = program(
            self.inputs,
            self.outputs,
            self.real,
            self.stem,
            *self.names,
            prefixes=[*map(self._prefix, self.outputs)],
            names=self.trained.answers.names,
            separator=getattr(self.trained.program.data, "delimiter", ",") or ",",
            has_cells=CELLS in own,
        )
        code = "\n".join([*own, used])
        included = [name for name, words in _INCLUDES.items() if re.search(rf"\b(?:{words})", code)]
        return "\n".join(
            [
                f"/* {escaped(self.title)} has trained it; {self.stem}.h says how it is used. */\n",
                f'#include "{self.stem}.h"\n',
                *(f"#include <{name}.h>" for name in included),
                "",
                *(part.strip("\n") + "\n" for part in body if part.strip("\n")),
                main,
            ]
        )

    @property
    def _signature(self) -> str:
        arrays = f"const {self.inputs.real} *inputs, {self.real} *outputs, float *work"
        return f"void {self.names.small}_predict({arrays})"

    def _predict(self) -> str:
        lines: list[str] = []
        tests = [_any("isnan({})", one) for one in _runs(self.inputs.required)]
        tests += [_any("fabs({}) > FLT_MAX", one) for one in _runs(self.inputs.floats)]
        tests += self.inputs.checks
        if tests:
            none = f"for (int i = 0; i < {self.names.large}_OUTPUTS; i++) outputs[i] = NAN;"
            lines = ["int lacks = 0;", *tests]
            lines += ["if (lacks) {", f"    {none}", "    return;", "}", ""]
        if self.inputs.statements:
            lines += [f"float *const x = {self.network.begin};", *self.inputs.statements, ""]
        if self.network.calls:
            lines += self.network.calls.splitlines()
        if read := [line for one in self.outputs for line in one.statements]:
            const = "" if self.real == "double" else "const "  # in which softmax is in place
            lines += ["", f"{const}float *const y = {self.network.end};", *read]
        if not re.search(r"\bwork\b", "\n".join(lines)):
            lines.insert(0, "(void)work;")
        body = indent("\n".join(lines), "    ")
        return f"{self._signature} {{\n{body}\n}}\n"

    def _about_inputs(self) -> list[str]:
        """The part of the header that is about the inputs."""
        small, _ = self.names
        if not self.inputs.columns:
            lines = [_comment(self.inputs.about)]
            if self.inputs.symbols:
                lines.append(
                    f"extern const char *const {small}_symbols[{len(self.inputs.symbols)}];"
                )
            return [*lines, ""]
        columns = [*self.inputs.columns]
        names = f"extern const char *const {small}_inputs[{len(columns)}];\n"
        listed = "\n".join(map(_column_line, columns))
        about = "The columns of the table, and the first input of each"
        if self.inputs.floats:
            about += ".\n   A number beyond those of float gives no answer"
        lines = [f"/* {about}:\n\n{listed} */", names]
        if any(one.categories for one in columns):
            about = "The number of a category in an input, by its name as training had it, or one "
            about += "that says the same: true and True, 1 and 1.0. NAN for what marks a missing "
            about += "one, as NA does, and -1 for another, which counts as none of them."
            if any(one.tokens for one in columns):
                about += " The token of a symbol is that plus 1."
            lines += [_comment(about), f"double {small}_category(int input, const char *name);\n"]
        return lines

    def _prefix(self, one: OutputInC) -> str:
        """What begins the names of what is of one output."""
        return (
            f"{self.names.small}_{numbers.identifier(one.name)}" if one.name else self.names.small
        )

    def _about_output(self, one: OutputInC) -> list[str]:
        """The part of the header that is about one of the outputs."""
        own = self._prefix(one)
        where = f", from outputs + {one.begin} on" if len(self.outputs) > 1 else ""
        name = f"Of `{one.name}`" if one.name else "The outputs"
        rows = f" {[*one.shape]}: in each row," if len(one.shape) > 1 else ":"
        lines = [_comment(f"{name}{where}{rows} {one.about}.")]
        what = "classes" if one.classes else "names"
        if one.names:
            lines.append(f"extern const char *const {own}_{what}[{len(one.names)}];")
        if one.classes:
            row = "a row of its" if len(one.shape) > 1 else "its"
            about = f"The number of the class that {row} outputs say; -1 if they are no numbers."
            lines += ["", _comment(about)]
            lines.append(f"int {own}_class(const {self.real} *outputs);")
        return [*lines, ""]

    def _tables(self) -> list[str]:
        """The definitions of what the header declares besides."""
        small, _ = self.names
        columns, found = self.inputs.columns, []
        if columns:
            found.append(numbers.texts(f"{small}_inputs", [one.name for one in columns]))
        if self.inputs.symbols:
            found.append(numbers.texts(f"{small}_symbols", self.inputs.symbols))
        found += self._categories(columns)
        for one in self.outputs:
            own = self._prefix(one)
            if one.names:
                what = "classes" if one.classes else "names"
                found.append(numbers.texts(f"{own}_{what}", one.names))
            if one.classes:
                found.append(_largest(own, self.real, one.shape[-1]))
        return found

    def _categories(self, columns: Iterable[Column]) -> list[str]:
        """The function that finds a category, with its tables."""
        found, lines, uses = [], [], dict[str, None]()
        for number, one in enumerate(columns):
            if one.categories:
                table = f"categories{number}"
                found.append(f"static {numbers.texts(table, one.categories)}")
                last = one.first + one.count - 1
                here = f"input == {last}"
                if one.count > 1:
                    here = f"input >= {one.first} && input <= {last}"
                if one.tokens:
                    uses |= dict.fromkeys([SYMBOL_OF])
                    find = f"symbol_of(name, {table}, {len(one.categories)})"
                else:
                    uses |= dict.fromkeys([CELLS, PLACE_OF])
                    find = found_in(one.categories, table)
                lines.append(f"    if ({here}) return {find};\n")
        if not found:
            return []
        head = f"double {self.names.small}_category(int input, const char *name) {{\n"
        return [*found, *uses, head + "".join(lines) + "    return -1;\n}\n"]


def _runs(places: Sequence[int]) -> list[range]:
    """The places, those as one that follow each other."""
    found: list[range] = []
    for place in places:
        if found and found[-1].stop == place:
            found[-1] = range(found[-1].start, place + 1)
        else:
            found.append(range(place, place + 1))
    return found


def _any(test: str, places: range) -> str:
    """The statement that sees whether a ``test`` holds for an input at these places."""
    if len(places) == 1:
        return f"lacks |= {test.format(f'inputs[{places.start}]')};"
    over = f"int i = {places.start}; i < {places.stop}; i++"
    return f"for ({over}) lacks |= {test.format('inputs[i]')};"


def _largest(own: str, real: str, count: int) -> str:
    return f"""\
int {own}_class(const {real} *outputs) {{
    int largest = 0;
    for (int i = 1; i < {count}; i++)
        if (outputs[i] > outputs[largest]) largest = i;
    for (int i = 0; i < {count}; i++)
        if (isnan(outputs[i])) return -1;
    return largest;
}}
"""


def _comment(text: str) -> str:
    """A text as a comment, in as many lines as it needs."""
    lines = wrap(escaped(text), _WIDTH - 6, break_long_words=False, break_on_hyphens=False)
    return "/* " + "\n   ".join(lines) + " */"


def _column_line(one: Column) -> str:
    names = [name for name in one.categories[:_MOST_NAMED] if name]
    more = ", ..." if len(one.categories) > _MOST_NAMED else ""
    each = ", ".join(f'"{name}"' for name in names)
    listed = f": {each}{more}" if names and not one.tokens else ""
    about, _, missing = one.about.partition("; ")
    return f"   {one.first:>4}  {_legible(f'{one.name}: {about}{listed}; {missing}')}"


def _legible(text: str) -> str:
    """``text`` for a comment, which it does not end, in UTF-8; what is no sign is "?"."""
    line = "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))
    return re.sub(r"(?<=[*/?])(?=[*/?])", " ", line.replace("\\", "/"))
