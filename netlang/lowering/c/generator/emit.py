"""The C of a whole training step: the prelude, and the frame filled with a plan's calls.

The code depends only on what is computed. Names and files appear in comments alone, if these are
asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from string import Template

from netlang.catalogue.clipping import Clipping
from netlang.catalogue.losses import Loss
from netlang.catalogue.optimizers import Optimizer
from netlang.catalogue.penalties import Penalty
from netlang.compiler.ir import Graph
from netlang.language.shapes import Shape
from netlang.lowering.c.generator.arrays import declarations
from netlang.lowering.c.generator.buffers import TARGETS, Buffer
from netlang.lowering.c.generator.calls import Call, Meeting
from netlang.lowering.c.generator.losses import Losses
from netlang.lowering.c.generator.outlining import Outliner
from netlang.lowering.c.generator.passes import Passes
from netlang.lowering.c.generator.plan import Plan
from netlang.lowering.c.generator.steps import steps_of
from netlang.lowering.c.generator.sums import loops, tree
from netlang.lowering.c.generator.texts import names
from netlang.lowering.c.generator.writing import CallWriter, Functions
from netlang.lowering.c.kernels import BLOCKS, ROWS
from netlang.lowering.c.rows import length, row_sizes
from netlang.lowering.c.tiling import Tiling, tile
from netlang.system.record import Record

# What the C begins with: each part may use those before it.
_PRELUDE = (
    *("vectors", "functions", "lanes", "windows", "random"),
    *("products", "gates", "rows", "layouts", "threads"),
)

# Further parts, each for those who name what it declares.
_IF_NAMED = {"convolutions": "convolution", "winograd": "transformed"}


class Emission(Record):
    """The C source, and what its caller has to bring for it."""

    source: str
    random: tuple[int, ...]  # the numbers of the nodes that draw: a key is brought for each
    slices: int  # of a batch: how many threads, or processes, may share it
    slice_samples: int  # but for the last slices, which may have fewer or none
    calls_blas: bool
    arguments: tuple[float, ...]  # of a step, behind those of the optimizer
    measures: bool  # whether a layer measures the whole batch


# What is gathered for each row of a sample, where a network has members: the number by which it
# draws, and its target.
_FOR_MEMBERS = """\
    for (int n = 0; n < N * MEMBERS; n++)
        w->of_members[n] = w->samples[n / MEMBERS] * MEMBERS + n % MEMBERS;
    spread_out((char *)$t, TARGETS * sizeof(real));
    spread_out((char *)w->classes, TARGET_ROWS * sizeof(int));
"""


def emit(
    graph: Graph,
    loss: Loss,
    optimizer: Optimizer,
    batch: int,
    real: str = "float",
    comments: bool = False,
    penalties: Sequence[Penalty] = (),
    clipping: Clipping | None = None,
) -> Emission:
    """Steps of ``batch`` samples in C, of numbers that are ``"float"`` or ``"double"``.

    Where a part of what is behind the gradients has no C, there is no more than these.

    Raises Unsupported if a layer or the loss has no C, or for a network of thousands of millions of
    numbers.
    """
    steps = steps_of(graph, optimizer, penalties, clipping)
    plan = Plan(graph)
    losses = Losses(loss, graph.output, plan.members)
    parts = tile(graph, batch, plan.calls_blas, plan.is_in_blocks, plan.measures)
    functions: Functions = {}
    frame = _training(plan, losses, parts, functions, comments)
    frame |= _evaluation(graph, parts, functions, comments)
    frame |= {"step": steps.functions, "steps": steps.sizes, "measured": steps.measured}
    frame["functions"] = _functions(functions)
    frame["sizes"] = _sizes(plan, parts) + _step_sizes(plan, losses, parts, batch)
    source = _source("frame.c", real, frame)
    return Emission(
        source,
        tuple(plan.random),
        parts.slices,
        parts.chunks * parts.chunk,
        plan.calls_blas,
        steps.arguments,
        plan.measures,
    )


class Inference(Record):
    """The C source of a network that gives outputs alone, and what its caller has to bring."""

    source: str
    calls_blas: bool


def emit_inference(
    graph: Graph, at_once: int, real: str = "float", comments: bool = False
) -> Inference:
    """The network alone in C, through which ``at_once`` samples go together.

    A lone sample goes through it in rows, or else fills blocks of few lanes sooner than of many.

    Raises Unsupported as ``emit`` does.
    """
    plan = Plan(graph, to_evaluate=True, of_one=at_once == 1)
    parts = tile(graph, at_once, plan.calls_blas, plan.is_in_blocks)
    passes = Passes(plan, parts.chunk)
    memory = passes.memory
    functions: Functions = {}
    lists = Outliner(CallWriter(graph, memory.names, functions, comments))
    frame = {
        "evaluate": lists.of("evaluate", passes.forward, 1),
        "before": lists.of("before", passes.before, 1),
        "outlined": lists.definitions,
        "prepared": _prepared(plan),
        "evaluated": _fields(memory.fields),
        "x": memory.names[Buffer("value", 0)],
        "y": memory.names[Buffer("value", graph.result)],
        "functions": _functions(functions),
        "sizes": _sizes(plan, parts),
    }
    few_lanes = at_once == 1 and _works_in_blocks(plan)
    return Inference(_source("inference.c", real, frame, few_lanes), plan.calls_blas)


def _works_in_blocks(plan: Plan) -> bool:
    """Whether most multiply-adds are made in blocks."""
    in_blocks = (number for number in plan.live if plan.layouts[number] == BLOCKS)
    return 2 * sum(plan.graph.nodes[number].macs for number in in_blocks) > plan.graph.macs


def _functions(functions: Functions) -> str:
    return "\n".join(f"FUNCTION {name}{text}" for (_, text), name in functions.items())


def _source(template: str, real: str, frame: Mapping[str, str], few_lanes: bool = False) -> str:
    """The whole file: the parts of the prelude that it names, and the filled ``template``."""
    used = names(frame["functions"])
    source = [
        *(["#define REAL_IS_DOUBLE"] if real == "double" else []),
        *(["#define FEW_LANES"] if few_lanes else []),
        f"typedef {real} real;",
        *(_file(f"prelude/{part}.c") for part in _PRELUDE),
        *(_file(f"prelude/{part}.c") for part, name in _IF_NAMED.items() if name in used),
        Template(_file(template)).substitute(frame),
    ]
    return "\n".join(source)


def _training(
    plan: Plan, losses: Losses, parts: Tiling, functions: Functions, comments: bool
) -> dict[str, str]:
    """The parts of the frame that train the layers."""
    passes = Passes(plan, parts.chunk, losses)
    memory = passes.memory
    lists = Outliner(CallWriter(plan.graph, memory.names, functions, comments))
    sums = (
        one for owner, arrays in plan.arrays.items() for one in declarations(arrays.sums, owner)
    )
    meetings = [one for one in (*passes.forward, *passes.backward) if isinstance(one, Meeting)]
    samples = [*_OF_SAMPLES, *([_OF_MEMBERS] if plan.members > 1 else [])]
    return {
        "meetings": str(len(meetings)),
        "measuring": _measuring(meetings),
        "tree": tree(parts.slices),
        "sums": loops(parts.slices),
        "before": lists.of("before", passes.before, 1),
        "loss": lists.of("loss", passes.loss, 1),
        "counting": losses.counting(),
        "counted": losses.counted(),
        "phases": _phases(lists, passes.forward, passes.backward),
        "after": lists.of("after", passes.after, 1),
        "outlined": lists.definitions,
        "prepared": _prepared(plan),
        "work": _fields([*samples, *memory.fields, *sums]),
        "draw": _draw(plan),
        "x": memory.names[Buffer("value", 0)],
        "t": memory.names[Buffer("value", TARGETS)],
        "for_members": _of_members(plan, memory.names[Buffer("value", TARGETS)]),
        "y": memory.names[Buffer("value", plan.graph.result)],
        "dy": memory.names[Buffer("gradient", plan.graph.result)],
    }


def _measuring(meetings: Sequence[Meeting]) -> str:
    """The rows of the table of what slices measure."""
    return "".join(
        f"    {{{phase}, offsetof(struct prepared, {array}), "
        f"sizeof(((struct prepared *)0)->{array}) / SLICES}},\n"
        for phase, meeting in enumerate(meetings)
        for array in meeting.arrays
    )


def _phases(lists: Outliner, forward: Sequence[Call], backward: Sequence[Call]) -> str:
    """The calls for a chunk, in as many phases as slices meet between them."""
    whole = [*_cut("forward", forward), *_cut("backward", backward)]
    if len(whole) == 2:
        texts = [lists.of(*part, 2) for part in whole]
        return f"        {_GATHER}{texts[0]}        {_LOSE}{texts[1]}"
    there = sum(name == "forward" for name, _ in whole)
    texts = [lists.of(f"{name}_{at}", calls, 3) for at, (name, calls) in enumerate(whole)]
    texts[0] = f"            {_GATHER}{texts[0]}"
    texts[there - 1 : there + 1] = [f"{texts[there - 1]}            {_LOSE}{texts[there]}"]
    cases = (f"        case {at}:\n{text}            break;\n" for at, text in enumerate(texts))
    return f"        switch (phase) {{\n{''.join(cases)}        }}\n"


_GATHER = "gather(c, w, first, n);\n"
_LOSE = "lose(c, w, first, n, batch, rows);\n"


def _cut(name: str, calls: Iterable[Call]) -> list[tuple[str, list[Call]]]:
    """The calls between those at which slices meet."""
    parts: list[list[Call]] = [[]]
    for call in calls:
        if isinstance(call, Meeting):
            parts.append([])
        else:
            parts[-1].append(call)
    return [(name, part) for part in parts]


def _of_members(plan: Plan, t: str) -> str:
    """What is gathered for each row of a sample, where a network has members."""
    return Template(_FOR_MEMBERS).substitute(t=t) if plan.members > 1 else ""


def _evaluation(
    graph: Graph, parts: Tiling, functions: Functions, comments: bool
) -> dict[str, str]:
    """The parts of the frame that evaluate the layers: a forward pass alone."""
    plan = Plan(graph, to_evaluate=True)
    passes = Passes(plan, parts.chunk)
    memory = passes.memory
    lists = Outliner(CallWriter(graph, memory.names, functions, comments))
    return {
        "evaluate": lists.of("evaluate", passes.forward, 1),
        "evaluate_outlined": lists.definitions,
        "evaluated": _fields(memory.fields),
        "evaluated_x": memory.names[Buffer("value", 0)],
        "evaluated_y": memory.names[Buffer("value", graph.result)],
    }


_OF_SAMPLES = (
    "uint32_t samples[BLOCKS * LANES]",
    "int classes[N * MEMBERS * TARGET_ROWS]",
    "real of_class[CLASSES]",  # zeros, but for a moment
)
_OF_MEMBERS = "uint32_t of_members[PAD(N * MEMBERS)]"


def _prepared(plan: Plan) -> str:
    kept = (one for owner, own in plan.arrays.items() for one in declarations(own.prepared, owner))
    sums = (
        f"real {array}[SLICES * ({size})]"
        for number in plan.live
        for array, size in plan.batch_sums(number).values()
    )
    units = (f"uint32_t units{n}[{length(_drawn(plan, n))}]" for n in plan.random)
    return _fields([*kept, *units, *sums] or ["char nothing"])


def _drawn(plan: Plan, number: int) -> Shape:
    """The shape in which what a node draws for a sample lies: in blocks, nothing is padded."""
    units = plan.units(number)
    return units if plan.layouts[number] == ROWS else Shape((units.size,))


def _draw(plan: Plan) -> str:
    """Each unit's part of what is drawn, which is the same for all samples of an epoch."""
    return "".join(
        "    hash_units({}, {}, c->keys[{}], p->units{});\n".format(
            *row_sizes(_drawn(plan, number)), key, number
        )
        for number, key in plan.random.items()
    )


def _sizes(plan: Plan, parts: Tiling) -> str:
    graph = plan.graph
    sizes: dict[str, int | str] = {"N": parts.chunk, "BLOCKS": "(N + LANES - 1) / LANES"}
    sizes["SLICES"] = parts.slices
    sizes["INPUT_ROWS"], sizes["INPUT_ROW"] = row_sizes(graph.input)
    sizes["OUTPUT_ROWS"], sizes["OUTPUT_ROW"] = row_sizes(graph.output)
    sizes["WEIGHTS"] = graph.weights
    sizes["STATISTICS"] = sum(node.own_statistics for node in graph.nodes)
    return _enumerated(sizes)


def _step_sizes(plan: Plan, losses: Losses, parts: Tiling, batch: int) -> str:
    """What else training knows."""
    sizes: dict[str, int | str] = {"CHUNKS": parts.chunks, "BATCH": batch}
    sizes["TARGET_ROWS"], sizes["TARGET_ROW"] = row_sizes(losses.targets)
    sizes["TERMS"], sizes["CLASSES"] = losses.count, losses.classes
    sizes["TAKES_VALUES"] = int(losses.takes_values)
    sizes["MEMBERS"] = plan.members
    return f",\n{_enumerated(sizes)}"


def _enumerated(sizes: Mapping[str, int | str]) -> str:
    return ",\n".join(f"    {name} = {value}" for name, value in sizes.items())


def _fields(fields: Iterable[str]) -> str:
    return "\n".join(f"    ALIGNED {field};" for field in fields)


def _file(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
