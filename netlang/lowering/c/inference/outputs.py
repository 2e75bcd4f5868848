"""What becomes of a network's outputs: probabilities of logits, numbers in their own units.

Answers are those of ``netlang predict``, in the same order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from netlang.catalogue.data.pipeline import (
    AnyPipeline,
    ArrayPipeline,
    Goal,
    Inputs,
    Pipeline,
    SeveralArrays,
    Values,
)
from netlang.catalogue.losses import (
    Focal,
    GaussianNLL,
    Hinge,
    Loss,
    PoissonNLL,
    Quantile,
    SigmoidCrossEntropy,
)
from netlang.catalogue.outputs import SumOfLosses
from netlang.compiler.answers import (
    Answers,
    ClassAnswers,
    LabelAnswers,
    NumberAnswers,
    SeveralAnswers,
)
from netlang.lowering.c.inference import numbers
from netlang.lowering.c.rows import behind
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.trained import TrainedProgram
from netlang.system.record import Record

# Of each group of numbers, what is added to them when they are multiplied by the other.
_Scaling = tuple[Sequence[float], Sequence[float]]


class OutputInC(Record):
    """What a network says, or one of several things: ``count`` numbers, from ``begin`` on.

    ``name`` is what it is called, "" where there is one. ``about`` says what the numbers are, and
    ``names`` has one for each in a row of ``shape``'s last. Of ``classes``, it is one.
    ``statements`` fill ``outputs`` from the network's ``y``, which are as they are where there are
    none. ``constants`` are defined before.
    """

    name: str
    about: str
    names: tuple[str, ...]
    shape: tuple[int, ...]
    begin: int
    classes: bool
    statements: tuple[str, ...] = ()
    constants: str = ""

    @property
    def count(self) -> int:
        return math.prod(self.shape)


def outputs_of(trained: TrainedProgram) -> list[OutputInC]:
    """Raises Unsupported for a loss whose outputs are read in a way that C does not know."""
    answers, graph = trained.answers, trained.program.graph
    if not isinstance(answers, SeveralAnswers):
        goal = trained.pipeline.goal if trained.pipeline else None
        return [_output(answers, "", graph.output.sizes or (1,), 0, 0, goal, trained.pipeline)]
    goals: Sequence[Goal | None] = [None] * len(answers.outputs)
    if trained.pipeline:
        goals = trained.pipeline.goal.for_outputs(len(answers.outputs))
    found: list[OutputInC] = []
    begin = 0
    for (part, own), goal in zip(answers.outputs, goals, strict=True):
        shape = part.shape or (1,)
        found.append(_output(own, part.name, shape, part.begin, begin, goal, None))
        begin += found[-1].count
    # Where one is moved, all are.
    if any(one.statements for one in found):
        each = zip(found, answers.outputs, strict=True)
        found = [_moved(one, part.begin) for one, (part, _) in each]
    return found


def _moved(one: OutputInC, source: int) -> OutputInC:
    """An output that is there as it is, where others are not."""
    if one.statements:
        return one
    to, y = behind("outputs", one.begin), behind("y", source)
    return one.replace(statements=(f"memcpy({to}, {y}, {one.count} * sizeof(float));",))


def _output(
    answers: Answers,
    name: str,
    shape: tuple[int, ...],
    source: int,
    begin: int,
    goal: Goal | None,
    pipeline: AnyPipeline | None,
) -> OutputInC:
    """What the numbers of ``shape`` from ``source`` on say, written from ``begin`` on."""
    match answers:
        case ClassAnswers():
            return _classes(answers, name, shape, source, begin)
        case LabelAnswers():
            by = _predicted_by(answers.loss, shape[-1])
            names = tuple(answers.targets)
            about = "the probability of each label, which holds above one half"
            statements = _each(by, math.prod(shape), source, begin)
            return OutputInC(name, about, names, shape, begin, False, statements)
        case NumberAnswers():
            scaling = _scaling(goal, pipeline)
            return _numbers(answers, name, shape, source, begin, scaling, _names(answers, goal))
    raise Unsupported(f"{type(answers).__name__} has no counterpart in C yet")


def _classes(
    answers: ClassAnswers, name: str, shape: tuple[int, ...], source: int, begin: int
) -> OutputInC:
    count, size = shape[-1], math.prod(shape)
    by = ""
    if answers.kind == "logits":
        by = _first(answers.loss).stands_by(count)
    elif answers.kind == "scores":
        by = _predicted_by(answers.loss, count)
    are_scores = answers.kind == "scores"
    about = "a score for each class" if are_scores else "the probability of each class"
    if count > 1:
        statements = _each(by, size, source, begin, count)
        return OutputInC(name, about, answers.classes, shape, begin, True, statements)
    # One output is the number of the second of two classes.
    p = _formula(by).format("y[i]" if not source else f"y[{source} + i]")
    at = f"{begin} + 2 * i" if begin else "2 * i"
    lines = f"const float p = {p};", f"outputs[{at}] = 1 - p;", f"outputs[{at} + 1] = p;"
    loop = (f"for (int i = 0; i < {size}; i++) {{", *(f"    {line}" for line in lines), "}")
    return OutputInC(name, about, answers.classes, (*shape[:-1], 2), begin, True, loop)


def _numbers(
    answers: NumberAnswers,
    name: str,
    shape: tuple[int, ...],
    source: int,
    begin: int,
    scaling: _Scaling | None,
    names: tuple[str, ...],
) -> OutputInC:
    """Each number of an answer in its own units."""
    loss = _first(answers.loss)
    columns = _read(loss, shape, source)
    each = shape if len(columns) == 1 else (len(columns) * len(columns[0]),)
    about = "numbers in their own units"
    by = "exp" if isinstance(loss, PoissonNLL) and loss.log_input else ""
    if columns == [[f"y[{source + i}]" for i in range(math.prod(shape))]]:
        if scaling is None:
            statements = _each(by, math.prod(shape), source, begin)
            return OutputInC(name, about, names, each, begin, False, statements)
        return _scaled(name, about, names, shape, source, begin, scaling, by)
    lines: list[str] = []
    for column in columns:
        shift, scale = scaling or ([0.0] * len(column), [1.0] * len(column))
        for text, low, width in zip(column, shift, scale, strict=True):
            to = f"outputs[{begin + len(lines)}]"
            value = f"(float)({text} * {numbers.of_double(width)} + {_in_brackets(low)})"
            lines.append(f"{to} = {value if scaling else text};")
    return OutputInC(name, about, names, each, begin, False, tuple(lines))


def _names(answers: NumberAnswers, goal: Goal | None) -> tuple[str, ...]:
    """What each number is called; there is no need of names for inputs that are given back."""
    if isinstance(goal, Inputs):
        return ()
    ends = [f" of {target}" for target in answers.targets] if len(answers.targets) > 1 else [""]
    further = _first(answers.loss).further
    return (*answers.targets, *(f"{one}{end}" for one in further for end in ends))


def _read(loss: Loss, shape: tuple[int, ...], source: int) -> list[list[str]]:
    """What the loss reads out of outputs, as C: what it predicts, and what else."""
    y = [f"y[{source + i}]" for i in range(math.prod(shape))]
    if isinstance(loss, Quantile) and isinstance(loss.q, tuple) and len(shape) == 1:
        size = len(y) // len(loss.q)
        each = [y[first : first + size] for first in range(0, len(y), size)]
        middle = min(range(len(loss.q)), key=lambda at: abs(loss.q[at] - 0.5))  # type: ignore[index]
        return [each[middle], *each]
    if isinstance(loss, GaussianNLL) and len(shape) == 1:
        half = len(y) // 2
        pairs = [*zip(y[:half], y[half:], strict=True)]
        away = f"sqrtf(fmaxf({{}}, {loss.eps!r}f))"
        below = [f"({mean} - {away.format(variance)})" for mean, variance in pairs]
        above = [f"({mean} + {away.format(variance)})" for mean, variance in pairs]
        return [y[:half], below, above]
    if loss.further:
        raise Unsupported(f"the further answers of {loss.name} have no counterpart in C yet")
    _predicted_by(loss, shape[-1])  # refuses those that are read otherwise
    return [y]


def _scaled(
    name: str,
    about: str,
    names: tuple[str, ...],
    shape: tuple[int, ...],
    source: int,
    begin: int,
    scaling: _Scaling,
    by: str,
) -> OutputInC:
    """Numbers times a scale, plus a shift, by groups of as many."""
    count, groups = math.prod(shape), len(scaling[0])
    prefix = f"{name}_" if name else ""
    tables = "".join(
        numbers.array(
            "static const double", f"{prefix}output_{one}", [*map(numbers.of_double, values)]
        )
        for one, values in zip(("shift", "scale"), scaling, strict=True)
    )
    which = "[i]" if groups == count else f"[i / {count // groups}]" if groups > 1 else "[0]"
    value = _formula(by).format(f"y[{source} + i]" if source else "y[i]")
    to = f"outputs[{begin} + i]" if begin else "outputs[i]"
    in_units = f"{value} * {prefix}output_scale{which} + {prefix}output_shift{which}"
    loop = f"for (int i = 0; i < {count}; i++) {to} = (float)({in_units});"
    return OutputInC(name, about, names, shape, begin, False, (loop,), tables)


def _scaling(goal: Goal | None, pipeline: AnyPipeline | None) -> _Scaling | None:
    """The shift and the scale of each group of numbers, None where they are in their own units."""
    match goal, pipeline:
        case Values(shift=shift, scale=scale), _:
            found = shift, scale
        case Inputs(), ArrayPipeline(shift=shift, scale=scale, lengths=""):
            found = shift, scale
        case Inputs(), Pipeline():
            if any(curve for one in pipeline.encoders for curve in one.curves):
                raise Unsupported("bent inputs that are given back have no counterpart in C yet")
            pairs = [pair for one in pipeline.encoders for pair in one.scaling]
            found = tuple(zip(*pairs, strict=True))  # type: ignore[assignment]
        case Inputs(), SeveralArrays() | ArrayPipeline():
            raise Unsupported("such arrays that are given back have no counterpart in C yet")
        case _:
            return None
    is_same = not any(found[0]) and all(one == 1 for one in found[1])
    return None if is_same else found


def _first(loss: Loss) -> Loss:
    """The loss whose words outputs are read by: of a sum, the first one."""
    return loss.terms[0].loss if isinstance(loss, SumOfLosses) else loss


def _predicted_by(loss: Loss, outputs: int) -> str:
    """What makes of outputs what the loss predicts: "sigmoid", "exp", "half" or nothing.

    Raises Unsupported for a loss that does it in its own way.
    """
    loss = _first(loss)
    match loss:
        case SigmoidCrossEntropy():
            return "sigmoid"
        case PoissonNLL():
            return "exp" if loss.log_input else ""
        case Focal():
            return "sigmoid" if outputs == 1 else ""
        case Hinge():
            return "half" if outputs == 1 else ""
        case Quantile() if not isinstance(loss.q, tuple):
            return ""
    if type(loss).prediction is not Loss.prediction:
        raise Unsupported(f"what {loss.name} reads out of outputs has no counterpart in C yet")
    return ""


def _formula(by: str) -> str:
    return {"sigmoid": "sigmoid({})", "exp": "expf({})", "half": "(1 + {}) / 2", "": "{}"}[by]


def _each(by: str, count: int, source: int, begin: int, row: int = 1) -> tuple[str, ...]:
    """Statements for all numbers, of which ``row`` belong together; none for those that are as they
    are.
    """
    y, outputs = behind("y", source), behind("outputs", begin)
    if not by:
        return ()
    if by == "softmax":
        return (f"softmax({count // row}, {row}, {y}, {outputs});",)
    value = _formula(by).format(f"y[{source} + i]" if source else "y[i]")
    to = f"outputs[{begin} + i]" if begin else "outputs[i]"
    return (f"for (int i = 0; i < {count}; i++) {to} = {value};",)


def _in_brackets(value: float) -> str:
    text = numbers.of_double(value)
    return f"({text})" if value < 0 else text


FUNCTIONS = {
    "softmax": """
/* Rows of probabilities, of rows of logits. */
static void softmax(int rows, int size, const float *x, float *y) {
    for (int r = 0; r < rows; r++, x += size, y += size) {
        float top = x[0], total = 0;
        for (int i = 1; i < size; i++) top = x[i] > top ? x[i] : top;
        for (int i = 0; i < size; i++) total += y[i] = expf(x[i] - top);
        for (int i = 0; i < size; i++) y[i] /= total;
    }
}
""",
}
