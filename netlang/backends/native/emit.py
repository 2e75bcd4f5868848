"""The C of a whole training step: the plan's calls, what is around them, and their memory.

The code depends on what is computed alone. Names and files appear in comments, if these are
asked for, and layers that compute the same share a function.
"""

from __future__ import annotations

import re
from importlib import resources
from textwrap import dedent, indent

from netlang.backends.native.errors import Unsupported
from netlang.backends.native.functions import Call, Functions, Role
from netlang.backends.native.plan import (
    TARGETS,
    Buffer,
    Plan,
    Use,
    allocate,
    last,
    mentions,
    rows,
)
from netlang.ir import Graph
from netlang.kernels import Constants, Update
from netlang.losses import Loss
from netlang.optim import Optimizer
from netlang.record import Record

_LARGE = 1 << 22  # weights of a layer whose products are left to the BLAS
_LARGEST_CHUNK = 64  # samples that go through the network together


class Emission(Record):
    """The C source, and what its caller has to bring for it."""

    source: str
    random: tuple[int, ...]  # the numbers of the nodes that draw: a key is brought for each
    calls_blas: bool


def emit(
    graph: Graph,
    loss: Loss,
    optimizer: type[Optimizer],
    batch: int,
    real: str = "float",
    comments: bool = False,
) -> Emission:
    """Steps of ``batch`` samples in C, of numbers that are ``"float"`` or ``"double"``.

    Raises Unsupported if a layer, the loss or the optimizer has no C.
    """
    update = optimizer.native()
    if update is None:
        raise Unsupported(f"{optimizer.name} has no C")
    plan = Plan(graph, loss)
    text = _Text(plan, batch, comments)
    parts = [
        *(["#define REAL_IS_DOUBLE"] if real == "double" else []),
        f"typedef {real} real;",
        f"#define LARGE {_LARGE}",
        resources.files(__package__).joinpath("prelude.c").read_text(encoding="utf-8"),
        text.code(),
        _update(update, optimizer),
        _TRAIN,
    ]
    calls_blas = any(node.weights > _LARGE for node in graph.nodes)
    return Emission("\n".join(parts), plan.random, calls_blas)


class _Text:
    """The network's part of the file."""

    def __init__(self, plan: Plan, batch: int, comments: bool) -> None:
        self.plan, self.graph, self.batch, self.comments = plan, plan.graph, batch, comments
        self.chunk = -(-batch // -(-batch // _LARGEST_CHUNK))
        self.functions: dict[str, str] = {}  # the name of each function by its text
        make = Functions(plan)
        self.forward = [make.forward(group) for group in plan.groups]
        self.loss = make.loss()
        self.backward = [call for group in reversed(plan.groups) for call in make.backward(group)]
        self.before, self.after = (
            [
                make.around(owner, kernel, getattr(kernel, when), when)
                for owner, kernel in plan.weights.items()
            ]
            for when in ("before", "after")
        )
        self.places = self._places()

    def code(self) -> str:
        step = self._step()  # makes the functions
        shape, output = self.graph.input, self.graph.output
        sizes = {
            "N": self.chunk,
            "BATCH": self.batch,
            "INPUT_ROWS": rows(shape),
            "INPUT_ROW": last(shape),
            "OUTPUT_ROWS": rows(output),
            "OUTPUT_ROW": last(output),
            "WEIGHTS": self.graph.weights,
        }
        numbers = ",\n".join(f"    {name} = {value}" for name, value in sizes.items())
        return "\n".join(
            [
                "/* Sizes: N samples go through the network together. */\n",
                f"enum {{\n{numbers}\n}};\n",
                _CALL,
                *self.functions,
                self._work(),
                self._units(),
                step,
            ]
        )

    def _places(self) -> dict[Buffer, str]:
        """The field of ``struct work`` that holds each buffer."""
        result = Buffer("value", self.graph.result)
        entry = Use((), (Buffer("value", 0), Buffer("value", TARGETS)), False)
        leave = Use((result,), (), False)
        calls = [*self.forward, self.loss, *self.backward]
        middle = len(self.forward)
        uses = [call.use for call in calls]
        timeline = [entry, *uses[:middle], leave, *uses[middle:]]
        self.sizes = {
            buffer: self._size(buffer) for use in timeline for buffer in (*use.reads, *use.writes)
        }
        found = allocate(timeline, self.sizes)
        return {buffer: f"v{place}" for buffer, place in found.items()}

    def _size(self, buffer: Buffer) -> tuple[int, int]:
        at = self.graph.result if buffer.number == TARGETS else buffer.number
        shape = self.graph.shape(at)
        return rows(shape), last(shape)

    def _work(self) -> str:
        """The arrays that a chunk goes through, and those that stay with weights and seeds."""
        fields = {"samples": "uint32_t samples[N]"}
        for buffer, place in self.places.items():
            count, length = self.sizes[buffer]
            fields[place] = f"real {place}[N * {count} * PAD({length})]"
        for owner, kernel in self.plan.weights.items():
            for name, size in kernel.scratch.items():
                filled = _filled(size, kernel.constants)
                fields[f"{name}{owner}"] = f"real {name}{owner}[{filled}]"
        for number in self.plan.random:
            count, length = self._size(Buffer("value", number))
            fields[f"units{number}"] = f"uint32_t units{number}[{count} * PAD({length})]"
        lines = "\n".join(f"    ALIGNED {field};" for field in fields.values())
        return f"struct work {{\n{lines}\n}};\n"

    def _units(self) -> str:
        """Each unit's part of what is drawn, which is the same for all samples of an epoch."""
        lines = []
        for place, number in enumerate(self.plan.random):
            count, length = self._size(Buffer("value", number))
            lines.append(f"    hash_units({count}, {length}, c->keys[{place}], w->units{number});")
        body = "\n".join(lines) if lines else "    (void)c, (void)w;"
        return f"static void draw(const struct call *c, struct work *w) {{\n{body}\n}}\n"

    def _step(self) -> str:
        before, after = (
            "".join(self._called(call, 1) for call in calls) for calls in (self.before, self.after)
        )
        forward, loss, backward = (
            "".join(self._called(call, 2) for call in calls)
            for calls in (self.forward, [self.loss], self.backward)
        )
        return _STEP.format(
            before=before,
            forward=forward,
            loss=loss,
            dy=self.places[Buffer("gradient", self.graph.result)],
            backward=backward,
            after=after,
            x=self.places[Buffer("value", 0)],
            t=self.places[Buffer("value", TARGETS)],
            y=self.places[Buffer("value", self.graph.result)],
        )

    def _called(self, call: Call, depth: int) -> str:
        """The call's line, below a comment on the lines of the source that it computes."""
        if not call.body.strip():
            return ""
        arguments: dict[str, str] = {}  # by what is given: one parameter for one array
        same: dict[str, str] = {}
        parameters = []
        for role in call.roles:
            given = self._given(role)
            is_array = role.kind.endswith("restrict")
            if is_array and given in arguments.values():
                first = next(name for name, other in arguments.items() if other == given)
                same[role.name] = first
            else:
                arguments[role.name] = given
                parameters.append(f"{role.kind}{'' if role.kind[-1] == '*' else ' '}{role.name}")
        body = re.sub(r"\b[A-Za-z_]\w*\b", lambda name: same.get(name[0], name[0]), call.body)
        text = f"({', '.join(parameters) or 'void'}) {{\n{body.rstrip()}\n}}\n"
        name = self._function(call.stem, text)
        line = f"{name}({', '.join(arguments.values())});\n"
        return indent(self._comment(call) + line, "    " * depth)

    def _given(self, role: Role) -> str:
        given = role.given
        return f"w->{self.places[given]}" if isinstance(given, Buffer) else given

    def _function(self, stem: str, text: str) -> str:
        for known, name in self.functions.items():
            if known == f"FUNCTION {name}{text}":
                return name
        name = f"{stem}_{len(self.functions) + 1}"
        self.functions[f"FUNCTION {name}{text}"] = name
        return name

    def _comment(self, call: Call) -> str:
        if not self.comments:
            return ""
        spans = (self.graph.nodes[number - 1].origin.span for number in call.numbers)
        lines = dict.fromkeys(f"line {span.first.line}: {escaped(span.text)}" for span in spans)
        return "".join(f"/* {line} */\n" for line in lines)


def escaped(text: str) -> str:
    """``text`` for a comment: one line of printable ASCII, in which no comment ends or begins."""
    line = " ".join(text.split()).encode("ascii", "backslashreplace").decode()
    printable = "".join(c if c.isprintable() else "?" for c in line)
    plain = printable.replace("\\", "/").replace("??", "? ?")
    return plain.replace("*/", "* /").replace("/*", "/ *")


def _filled(length: str, constants: Constants) -> str:
    """``length`` with numbers in the place of a kernel's constants."""
    known = {name: str(value) for name, value in constants.items()}
    return re.sub(r"\b[A-Za-z_]\w*\b", lambda name: known.get(name[0], name[0]), length)


def _update(update: Update, optimizer: type[Optimizer]) -> str:
    arguments = "".join(
        f"    const double {argument.name} = c->arguments[{place}];\n"
        for place, argument in enumerate(optimizer.arguments)
    )
    arrays = {"w": "c->weights", "dw": "c->gradients"}
    arrays |= {
        name: f"c->state[{place}]"
        for place, name in enumerate(optimizer.state)
        if mentions(update.each, name)
    }
    pointers = "".join(
        f"    real *restrict const all_{name} = {given};\n" for name, given in arrays.items()
    )
    loads = "".join(f"        real {name} = all_{name}[i];\n" for name in arrays)
    stores = "".join(f"        all_{name}[i] = {name};\n" for name in arrays if name != "dw")
    return _UPDATE.format(
        arguments=arguments,
        before=indent(dedent(update.before).strip(), "    "),
        pointers=pointers,
        loads=loads,
        each=indent(dedent(update.each).strip(), "        "),
        stores=stores,
    )


_CALL = """\
/* What a call of train() is given. */

struct call {
    int64_t samples;              /* in all steps together; the last step may have fewer */
    const int64_t *order;         /* [samples] their numbers, in the order they are taken */
    const real *inputs;           /* the whole data set's */
    const real *targets;
    real *outputs;                /* [samples, ...] what the network gave for each */
    real *weights;                /* [WEIGHTS] */
    real *gradients;              /* [WEIGHTS] */
    real *const *state;           /* the optimizer's vectors, each [WEIGHTS] */
    int64_t taken;                /* the optimizer's steps before this call */
    const double *arguments;      /* the optimizer's */
    const uint64_t *keys;         /* one for each layer that draws */
    gemm_function *gemm;          /* the BLAS's product of matrices, for large layers */
    void *work;                   /* work_size() bytes, at a multiple of 64 */
};
"""

_STEP = """\
static void gather(const struct call *c, struct work *w, const int64_t *order, int n) {{
    enum {{
        INPUTS = INPUT_ROWS * PAD(INPUT_ROW),
        OUTPUTS = OUTPUT_ROWS * PAD(OUTPUT_ROW)
    }};
    for (int s = 0; s < n; s++) {{
        const int64_t sample = order[s];
        w->samples[s] = (uint32_t)sample;
        move_rows(INPUT_ROWS, INPUT_ROW, c->inputs + sample * INPUT_ROWS * INPUT_ROW, INPUT_ROW,
                  w->{x} + s * INPUTS, PAD(INPUT_ROW));
        move_rows(OUTPUT_ROWS, OUTPUT_ROW, c->targets + sample * OUTPUT_ROWS * OUTPUT_ROW,
                  OUTPUT_ROW, w->{t} + s * OUTPUTS, PAD(OUTPUT_ROW));
    }}
    if (n < N) {{
        memset(w->{x} + n * INPUTS, 0, (N - n) * INPUTS * sizeof(real));
        memset(w->{t} + n * OUTPUTS, 0, (N - n) * OUTPUTS * sizeof(real));
        memset(w->samples + n, 0, (N - n) * sizeof(uint32_t));
    }}
}}

static void clear_rows(int n, real *gradients) {{
    /* Samples that fill up a chunk say nothing. */
    const int length = OUTPUT_ROWS * PAD(OUTPUT_ROW);
    if (n < N) memset(gradients + n * length, 0, (N - n) * length * sizeof(real));
}}

static void step(const struct call *c, struct work *w, const int64_t *order, int rows,
                 real *outputs) {{
{before}    for (int first = 0; first < rows; first += N) {{
        const int n = rows - first < N ? rows - first : N;
        const int add = first > 0;
        gather(c, w, order + first, n);
{forward}        for (int s = 0; s < n; s++)
            move_rows(OUTPUT_ROWS, OUTPUT_ROW, w->{y} + s * OUTPUT_ROWS * PAD(OUTPUT_ROW),
                      PAD(OUTPUT_ROW), outputs + (first + s) * OUTPUT_ROWS * OUTPUT_ROW,
                      OUTPUT_ROW);
{loss}        clear_rows(n, w->{dy});
{backward}    }}
{after}}}
"""

_UPDATE = """\
static void update(const struct call *c, double t) {{
{arguments}    (void)t;
{before}
{pointers}#pragma omp simd
    for (int i = 0; i < WEIGHTS; i++) {{
{loads}{each}
{stores}    }}
}}
"""

_TRAIN = """\
size_t work_size(void) {
    return sizeof(struct work);
}

void train(const struct call *c) {
    struct work *const w = c->work;
    draw(c, w);
    memset(c->gradients, 0, WEIGHTS * sizeof(real));
    int64_t taken = c->taken;
    for (int64_t first = 0; first < c->samples; first += BATCH) {
        const int64_t left = c->samples - first;
        step(c, w, c->order + first, left < BATCH ? (int)left : BATCH,
             c->outputs + first * OUTPUT_ROWS * OUTPUT_ROW);
        update(c, (double)++taken);
    }
}
"""
