"""What becomes of a network's outputs: probabilities of logits, numbers in their own units.

Answers are those of ``netlang predict``, in the same order.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from netlang.catalogue.data.pipeline import (
    ArrayPipeline,
    Goal,
    Inputs,
    Values,
)
from netlang.catalogue.losses import (
    CosineEmbedding,
    Focal,
    GaussianNLL,
    Hinge,
    Loss,
    PoissonNLL,
    Quantile,
    SigmoidCrossEntropy,
    Triplet,
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
from netlang.lowering.c.inference.inputs import given_back
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
    classes: bool = False
    statements: tuple[str, ...] = ()
    constants: str = ""

    @property
    def count(self) -> int:
        return math.prod(self.shape)


class _Place(Record):
    """Numbers of a ``shape``, from ``source`` on in the network's ``y``, go to ``begin`` in
    ``outputs``, which are of the C type ``real``.
    """

    name: str
    shape: tuple[int, ...]
    source: int
    begin: int
    real: str

    @property
    def count(self) -> int:
        return math.prod(self.shape)

    @property
    def y(self) -> str:
        """Number i of the network's, as C."""
        return f"y[{self.source} + i]" if self.source else "y[i]"

    @property
    def output(self) -> str:
        """Number i of the answer, as C."""
        return f"outputs[{self.begin} + i]" if self.begin else "outputs[i]"

    def each(self, value: str) -> tuple[str, ...]:
        """Statements that give each number this ``value``."""
        return (f"for (int i = 0; i < {self.count}; i++) {self.output} = {value};",)

    def by(self, by: str, row: int = 1) -> tuple[str, ...]:
        """Statements that make of all numbers what ``_formula`` says, or of each ``row`` of them
        their "softmax"; none where they are as they are.
        """
        if by != "softmax":
            return self.each(_formula(by).format(self.y)) if by else ()
        y, sizes = behind("y", self.source), f"{self.count // row}, {row}"
        if self.real == "float":
            return (f"softmax({sizes}, {y}, {behind('outputs', self.begin)});",)
        return (f"softmax({sizes}, {y}, {y});", *self.each(self.y))


def outputs_of(trained: TrainedProgram) -> tuple[str, list[OutputInC]]:
    """The C type of all outputs, and the outputs. Numbers in units of their own are doubles, as
    they may be large and differ by little.

    Raises Unsupported for a loss whose outputs are read in a way that C does not know.
    """
    answers, graph, pipeline = trained.answers, trained.program.graph, trained.pipeline
    if not isinstance(answers, SeveralAnswers):
        shape = graph.output.sizes or (1,)
        if isinstance(pipeline, ArrayPipeline) and isinstance(pipeline.goal, Inputs):
            statements = tuple(given_back(pipeline))
            return "float", [OutputInC("", _BACK, (), shape, 0, statements=statements)]
        scaling = _scaling(pipeline.goal) if pipeline else None
        real = "double" if scaling else "float"
        return real, [_output(answers, _Place("", shape, 0, 0, real), scaling)]
    goals: Sequence[Goal | None] = [None] * len(answers.outputs)
    if pipeline:
        goals = pipeline.goal.for_outputs(len(answers.outputs))
    scalings = [_scaling(goal) for goal in goals]
    real = "double" if any(scalings) else "float"
    places: list[_Place] = []
    found: list[OutputInC] = []
    for (part, own), scaling in zip(answers.outputs, scalings, strict=True):
        begin = found[-1].begin + found[-1].count if found else 0
        places.append(_Place(part.name, part.shape or (1,), part.begin, begin, real))
        found.append(_output(own, places[-1], scaling))
    if real == "float" and not any(one.statements for one in found):
        return real, found
    # Where one is moved, all are.
    both = zip(found, places, strict=True)
    return real, [one.replace(statements=one.statements or at.each(at.y)) for one, at in both]


def _output(answers: Answers, at: _Place, scaling: _Scaling | None) -> OutputInC:
    match answers:
        case ClassAnswers():
            return _classes(answers, at)
        case LabelAnswers():
            statements = at.by(_predicted_by(answers.loss, at.shape[-1]))
            about = "the probability of each label, which holds above one half"
            names = tuple(answers.targets)
            return OutputInC(at.name, about, names, at.shape, at.begin, statements=statements)
        case NumberAnswers():
            return _numbers(_first(answers.loss), at, scaling, _names(answers))
    raise Unsupported(f"{type(answers).__name__} has no counterpart in exported C yet")


def _classes(answers: ClassAnswers, at: _Place) -> OutputInC:
    loss, count, by = _first(answers.loss), at.shape[-1], ""
    shape: tuple[int, ...] = (*at.shape[:-1], max(2, count))
    if vectors := _of_vectors(loss, at):
        return OutputInC(at.name, _SCORES, answers.classes, (2,), at.begin, True, vectors)
    if answers.kind == "logits":
        by = loss.stands_by(count)
    elif answers.kind == "scores":
        by = _predicted_by(loss, count)
    statements = at.by(by, count)
    if count == 1:
        # It is the number of the second of two classes.
        to = f"outputs[{at.begin} + 2 * i" if at.begin else "outputs[2 * i"
        p = _formula(by).format(at.y)
        lines = f"const float p = {p};", f"{to}] = 1 - p;", f"{to} + 1] = p;"
        loop = f"for (int i = 0; i < {at.count}; i++) {{"
        statements = (loop, *(f"    {line}" for line in lines), "}")
    about = _SCORES if answers.kind == "scores" else "the probability of each class"
    return OutputInC(at.name, about, answers.classes, shape, at.begin, True, statements)


_SCORES = "a score for each class"


def _of_vectors(loss: Loss, at: _Place) -> tuple[str, ...]:
    """Statements for a loss that compares vectors; none for another one."""
    size = at.shape[-1]
    y = [behind("y", at.source + number * size) for number in range(at.shape[0])]
    outputs = f"outputs[{at.begin}]", f"outputs[{at.begin + 1}]"
    match loss:
        case CosineEmbedding():
            near = f"const float near = cosine_of({size}, {y[0]}, {y[1]});"
            return near, f"{outputs[0]} = (1 - near) / 2;", f"{outputs[1]} = (1 + near) / 2;"
        case Triplet():
            how = f"{numbers.of_float(loss.p)}, {numbers.of_float(loss.eps)}"
            pairs = zip(outputs, y[1:], strict=True)
            return tuple(f"{to} = -distance_of({size}, {y[0]}, {one}, {how});" for to, one in pairs)
    return ()


def _numbers(loss: Loss, at: _Place, scaling: _Scaling | None, names: tuple[str, ...]) -> OutputInC:
    """Numbers in their own units: what the loss predicts, and what else it reads."""
    about = "numbers in their own units"
    read = _read(loss, at)
    if read is None:
        by = _predicted_by(loss, at.shape[-1])
        found = OutputInC(at.name, about, names, at.shape, at.begin)
        return _scaled(found, by, at, scaling) if scaling else found.replace(statements=at.by(by))
    lines: list[str] = []
    for column in read:
        pairs = zip(*scaling, strict=True) if scaling else [(0.0, 1.0)] * len(column)
        for text, (shift, scale) in zip(column, pairs, strict=True):
            scaled = f"{text} * {numbers.of_double(scale)} + {_in_brackets(shift)}"
            to = f"outputs[{at.begin + len(lines)}]"
            lines.append(f"{to} = {scaled if scaling else text};")
    return OutputInC(at.name, about, names, (len(lines),), at.begin, statements=tuple(lines))


def _scaled(found: OutputInC, by: str, at: _Place, scaling: _Scaling) -> OutputInC:
    """Numbers times a scale, plus a shift, by groups of as many."""
    groups, prefix = len(scaling[0]), f"{numbers.identifier(at.name)}_" if at.name else ""
    tables = "".join(
        numbers.array(
            "static const double", f"{prefix}output_{one}", [*map(numbers.of_double, values)]
        )
        for one, values in zip(("shift", "scale"), scaling, strict=True)
    )
    each = at.count // groups
    which = "[0]" if groups == 1 else "[i]" if each == 1 else f"[i / {each}]"
    value = f"{_formula(by).format(at.y)} * {prefix}output_scale{which}"
    value += f" + {prefix}output_shift{which}"
    return found.replace(statements=at.each(value), constants=tables)


def _names(answers: NumberAnswers) -> tuple[str, ...]:
    """What each number is called."""
    targets, further = answers.targets, _first(answers.loss).further
    ends = [f" of {target}" for target in targets] if len(targets) > 1 else [""]
    return (*targets, *(f"{one}{end}" for one in further for end in ends))


def _read(loss: Loss, at: _Place) -> list[list[str]] | None:
    """What the loss reads out of outputs, as C: what it predicts, and what else. None where it
    takes them one by one.

    Raises Unsupported.
    """
    y = [f"y[{at.source + i}]" for i in range(at.count)]
    if isinstance(loss, Quantile) and isinstance(loss.q, tuple) and len(at.shape) == 1:
        q, size = loss.q, len(y) // len(loss.q)
        each = [y[first : first + size] for first in range(0, len(y), size)]
        middle = min(range(len(q)), key=lambda index: abs(q[index] - 0.5))
        return [each[middle], *each]
    if isinstance(loss, GaussianNLL) and len(at.shape) == 1:
        means, variances = y[: len(y) // 2], y[len(y) // 2 :]
        least = numbers.of_float(loss.eps)
        away = [f"sqrtf(fmaxf({variance}, {least}))" for variance in variances]
        low = [f"({mean} - {one})" for mean, one in zip(means, away, strict=True)]
        high = [f"({mean} + {one})" for mean, one in zip(means, away, strict=True)]
        return [means, low, high]
    if loss.further:
        raise Unsupported(f"what {loss.name} reads out of outputs has no counterpart in C yet")
    return None


def _scaling(goal: Goal | None) -> _Scaling | None:
    """The shift and the scale of each group of numbers, None where they are in their own units."""
    if not isinstance(goal, Values):
        return None
    is_same = not any(goal.shift) and all(one == 1 for one in goal.scale)
    return None if is_same else (goal.shift, goal.scale)


_BACK = "the inputs, given back"


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


def _in_brackets(value: float) -> str:
    text = numbers.of_double(value)
    return f"({text})" if value < 0 else text


FUNCTIONS = {
    "cosine_of": """
/* Of the angle between two vectors. */
static float cosine_of(int size, const float *a, const float *b) {
    float both = 0, left = 1e-12f, right = 1e-12f;
    for (int i = 0; i < size; i++) {
        both += a[i] * b[i];
        left += a[i] * a[i];
        right += b[i] * b[i];
    }
    return both / (sqrtf(left) * sqrtf(right));
}
""",
    "distance_of": """
/* The p-norm of the difference of two vectors, to which eps is added. */
static float distance_of(int size, const float *a, const float *b, float p, float eps) {
    float largest = FLT_MIN, sum = 0;
    for (int i = 0; i < size; i++) largest = fmaxf(largest, fabsf(a[i] - b[i] + eps));
    largest = fminf(largest, FLT_MAX);
    /* powers of shares of it, as others may overflow */
    for (int i = 0; i < size; i++) sum += powf(fabsf(a[i] - b[i] + eps) / largest, p);
    return largest * powf(sum, 1 / p);
}
""",
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
