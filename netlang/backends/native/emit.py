"""The C of a whole training step: the plan's calls, what is around them, and their memory.

The code depends on what is computed alone. Names and files appear in comments, if these are
asked for, and layers that compute the same share a function.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
_WORTH_SHARING = 3_000_000  # multiply-adds in a step, about 50 microseconds of one core
_SMALL_SLICE, _MOST_SLICES = 32, 8
_CACHED = 1 << 18  # weights whose gradients stay in a core's own cache


class Emission(Record):
    """The C source, and what its caller has to bring for it."""

    source: str
    random: tuple[int, ...]  # the numbers of the nodes that draw: a key is brought for each
    slices: int  # of a batch: how many threads may share it
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
    return Emission("\n".join(parts), plan.random, text.slices, _calls_blas(graph))


class _Text:
    """The network's part of the file."""

    def __init__(self, plan: Plan, batch: int, comments: bool) -> None:
        self.plan, self.graph, self.batch, self.comments = plan, plan.graph, batch, comments
        self.slices = _slices(plan, batch)
        share = -(-batch // self.slices)
        self.chunks = -(-share // _LARGEST_CHUNK)
        self.chunk = -(-share // self.chunks)
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
            "CHUNKS": self.chunks,
            "SLICES": self.slices,
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
                _SIZES,
                f"enum {{\n{numbers}\n}};\n",
                _CALL,
                *self.functions,
                self._prepared(),
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
            fields |= _fields(owner, kernel.sums, kernel.constants)
        return _struct("work", list(fields.values()))

    def _prepared(self) -> str:
        """What all threads read: layouts of the weights, and each unit's part of what is drawn."""
        fields: dict[str, str] = {}
        for owner, kernel in self.plan.weights.items():
            fields |= _fields(owner, kernel.prepared, kernel.constants)
        for number in self.plan.random:
            count, length = self._size(Buffer("value", number))
            fields[f"units{number}"] = f"uint32_t units{number}[{count} * PAD({length})]"
        return _struct("prepared", [*fields.values()] or ["char nothing"])

    def _units(self) -> str:
        """Each unit's part of what is drawn, which is the same for all samples of an epoch."""
        lines = []
        for place, number in enumerate(self.plan.random):
            count, length = self._size(Buffer("value", number))
            lines.append(f"    hash_units({count}, {length}, c->keys[{place}], p->units{number});")
        body = "\n".join(lines) if lines else "    (void)c, (void)p;"
        return f"static void draw(const struct call *c, struct prepared *p) {{\n{body}\n}}\n"

    def _step(self) -> str:
        before = "".join(
            f"    if (id == {place} % threads) {{\n{self._called(call, 2)}    }}\n"
            for place, call in enumerate(self.before)
        )
        after = "".join(self._called(call, 1) for call in self.after)
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
    return re.sub(r"(?<=[*/?])(?=[*/?])", " ", printable.replace("\\", "/"))


def _slices(plan: Plan, batch: int) -> int:
    """In how many slices a batch is cut: one, if there is too little work for several threads."""
    if 3 * plan.graph.macs * batch < _WORTH_SHARING or _calls_blas(plan.graph):
        return 1
    # Gradients that leave the cache between slices want larger ones.
    smallest = _SMALL_SLICE if plan.graph.weights < _CACHED else 2 * _SMALL_SLICE
    return max(1, min(_MOST_SLICES, batch // smallest))


def _calls_blas(graph: Graph) -> bool:
    return any(node.weights > _LARGE for node in graph.nodes)


def _struct(name: str, fields: Sequence[str]) -> str:
    lines = "\n".join(f"    ALIGNED {field};" for field in fields)
    return f"struct {name} {{\n{lines}\n}};\n"


def _fields(owner: int, arrays: Mapping[str, str], constants: Constants) -> dict[str, str]:
    return {
        f"{name}{owner}": f"real {name}{owner}[{_filled(size, constants)}]"
        for name, size in arrays.items()
    }


def _filled(length: str, constants: Constants) -> str:
    """``length`` with numbers in the place of a kernel's constants."""
    known = {name: str(value) for name, value in constants.items()}
    return re.sub(r"\b[A-Za-z_]\w*\b", lambda name: known.get(name[0], name[0]), length)


def _update(update: Update, optimizer: type[Optimizer]) -> str:
    arguments = "".join(
        f"    const double {argument.name} = c->arguments[{place}];\n"
        for place, argument in enumerate(optimizer.arguments)
    )
    arrays = {"w": "c->weights"}
    arrays |= {
        name: f"c->state[{place}]"
        for place, name in enumerate(optimizer.state)
        if mentions(update.each, name)
    }
    pointers = "".join(
        f"    real *restrict const all_{name} = {given};\n" for name, given in arrays.items()
    )
    loads = "".join(f"        real {name} = all_{name}[i];\n" for name in arrays)
    stores = "".join(f"        all_{name}[i] = {name};\n" for name in arrays)
    return _UPDATE.format(
        arguments=arguments,
        before=indent(dedent(update.before).strip(), "    "),
        pointers=pointers,
        loads=loads,
        each=indent(dedent(update.each).strip(), "        "),
        stores=stores,
    )


_SIZES = """\
/* N samples go through the network together. A batch is cut in slices of CHUNKS times N samples,
   whose gradients are summed apart: threads share the slices, and however many threads there are,
   numbers are added in the same order. */
"""

_CALL = """\
/* What a call of train() is given. */

struct call {
    int64_t threads;              /* 1 to SLICES */
    int64_t samples;              /* in all steps together; the last step may have fewer */
    const int64_t *order;         /* [samples] their numbers, in the order they are taken */
    const real *inputs;           /* the whole data set's */
    const real *targets;
    real *outputs;                /* [samples, ...] what the network gave for each */
    real *weights;                /* [WEIGHTS] */
    real *gradients;              /* [SLICES][WEIGHTS] */
    real *const *state;           /* the optimizer's vectors, each [WEIGHTS] */
    int64_t taken;                /* the optimizer's steps before this call */
    const double *arguments;      /* the optimizer's */
    const uint64_t *keys;         /* one for each layer that draws */
    gemm_function *gemm;          /* the BLAS's product of matrices, for large layers */
    void *prepared;               /* prepared_size() bytes, at a multiple of 64 */
    void *work;                   /* work_size() bytes for each thread, at a multiple of 64 */
};
"""

_STEP = """\
ONLY_CALLS prepare(const struct call *c, struct prepared *p, int id,
                   int threads) {{
    (void)c, (void)p, (void)id, (void)threads;
{before}}}

FUNCTION gather(const struct call *c, struct work *w, const int64_t *order, int n) {{
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

FUNCTION clear_rows(int n, real *gradients) {{
    /* Samples that fill up a chunk say nothing. */
    const int length = OUTPUT_ROWS * PAD(OUTPUT_ROW);
    if (n < N) memset(gradients + n * length, 0, (N - n) * length * sizeof(real));
}}

FUNCTION hand_out(const real *y, int n, real *outputs) {{
    move_rows(n * OUTPUT_ROWS, OUTPUT_ROW, y, PAD(OUTPUT_ROW), outputs, OUTPUT_ROW);
}}

ONLY_CALLS slice(const struct call *c, const struct prepared *shared, struct work *w,
                 const int64_t *order, int begin, int end, int rows, real *outputs, real *dw) {{
    /* The gradients dw of the samples from begin to end of a batch of so many rows. */
    struct prepared *const p = (struct prepared *)shared;
    (void)rows;
    if (begin >= end) {{
        memset(dw, 0, WEIGHTS * sizeof(real));
        return;
    }}
    for (int first = begin; first < end; first += N) {{
        const int n = end - first < N ? end - first : N;
        const int add = first > begin;
        gather(c, w, order + first, n);
{forward}        hand_out(w->{y}, n, outputs + first * OUTPUT_ROWS * OUTPUT_ROW);
{loss}        clear_rows(n, w->{dy});
{backward}    }}
{after}}}
"""

_UPDATE = """\
static void update(const struct call *c, double t, int begin, int end) {{
{arguments}    (void)t;
{before}
{pointers}#pragma omp simd
    for (int i = begin; i < end; i++) {{
        real dw = c->gradients[i];
        for (int s = 1; s < SLICES; s++) dw += c->gradients[s * (int64_t)WEIGHTS + i];
{loads}{each}
{stores}    }}
}}
"""

_TRAIN = """\
size_t work_size(void) {
    return sizeof(struct work);
}

size_t prepared_size(void) {
    return sizeof(struct prepared);
}

/* Threads meet three times in a step: when the weights are laid out, when the gradients of all
   slices are there, and when all weights are changed. */

struct team {
    const struct call *call;
    int arrived, phase;
};

static void meet(struct team *team, int threads) {
    if (threads == 1) return;
    const int phase = __atomic_load_n(&team->phase, __ATOMIC_RELAXED);
    if (__atomic_add_fetch(&team->arrived, 1, __ATOMIC_ACQ_REL) == threads) {
        __atomic_store_n(&team->arrived, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&team->phase, phase + 1, __ATOMIC_RELEASE);
        return;
    }
    for (int turns = 0; __atomic_load_n(&team->phase, __ATOMIC_ACQUIRE) == phase; turns++)
        if (turns > 2000) give_way();
}

static void work_along(void *given, int id, int threads) {
    struct team *const team = given;
    const struct call *const c = team->call;
    struct work *const w = (struct work *)c->work + id;
    const int share = (WEIGHTS + threads - 1) / threads;
    const int begin = share * id < WEIGHTS ? share * id : WEIGHTS;
    const int end = begin + share < WEIGHTS ? begin + share : WEIGHTS;
    int64_t taken = c->taken;
    for (int64_t first = 0; first < c->samples; first += BATCH) {
        const int rows = c->samples - first < BATCH ? (int)(c->samples - first) : BATCH;
        prepare(c, c->prepared, id, threads);
        meet(team, threads);
        for (int s = id; s < SLICES; s += threads) {
            const int after = (s + 1) * CHUNKS * N;
            slice(c, c->prepared, w, c->order + first, s * CHUNKS * N, after < rows ? after : rows,
                  rows, c->outputs + first * OUTPUT_ROWS * OUTPUT_ROW,
                  c->gradients + s * (int64_t)WEIGHTS);
        }
        meet(team, threads);
        update(c, (double)++taken, begin, end);
        meet(team, threads);
    }
}

void train(const struct call *c) {
    struct team team = {c, 0, 0};
    draw(c, c->prepared);
    memset(c->gradients, 0, SLICES * (size_t)WEIGHTS * sizeof(real));
    together(work_along, &team, (int)c->threads);
}
"""
