"""How a trained network's outputs are read: ``answers`` and ``predict`` of an exported file."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from netlang.catalogue.data.pipeline import (
    ArrayPipeline,
    Goal,
    Inputs,
    TextPipeline,
    Values,
)
from netlang.catalogue.targets import OutputPart
from netlang.compiler.answers import (
    Answers,
    ClassAnswers,
    LabelAnswers,
    NumberAnswers,
    SeveralAnswers,
)
from netlang.lowering.lowerings import Unsupported
from netlang.lowering.python import mathematics
from netlang.lowering.python.inputs import scaling_of
from netlang.lowering.python.readings import reading_of
from netlang.lowering.python.text import literal, operand, statement
from netlang.lowering.trained import TrainedProgram


class AnswersText:
    """``source`` defines ``answers(samples)``, ``predict(samples)`` and, where there is one output
    of classes, ``probabilities(samples)``; they use ``outputs(samples)``, the ``constants`` above
    them and the functions that they ``use``.
    """

    def __init__(self, trained: TrainedProgram) -> None:
        self.constants: dict[str, str] = {}
        self._answers = trained.answers
        self._pipeline = trained.pipeline
        self._shape = trained.program.graph.output.sizes
        description = trained.program.description
        self._target_shape = description.target_shape if description else ()
        self.classes: list[str] = []  # the lines of `probabilities`
        self._lines = [*self._reading()]

    @property
    def are_arrays(self) -> bool:
        """Whether a sample's answer is an array: of places, or of as many numbers as it has."""
        if isinstance(self._answers, SeveralAnswers):
            outputs = self._answers.outputs
            return any(_has_places(one, part.target_shape) for part, one in outputs)
        if isinstance(self._pipeline, ArrayPipeline) and isinstance(self._pipeline.goal, Inputs):
            return True
        return _has_places(self._answers, self._target_shape)

    @property
    def source(self) -> str:
        """The functions."""
        lines = ["def answers(samples):", _ANSWERS, *self._lines, "    return found\n"]
        texts = ["\n".join(lines)]
        if self.classes:
            texts.append(
                "\n".join(["def probabilities(samples):", _PROBABILITIES, *self.classes, ""])
            )
        named = not isinstance(self._answers, SeveralAnswers) and (
            "prediction" in self._answers.names or self.are_arrays
        )
        return "\n\n".join([*texts, _PREDICT if named else _PREDICT_SEVERAL])

    @property
    def uses(self) -> list[Callable[..., Any]]:
        """The functions that they use, of those in ``mathematics``."""
        named = {*re.findall(r"\w+(?=\()", self.source)}
        own = ("sigmoid", "softmax", "cosine", "numbered", "named", "of_both")
        return [
            getattr(mathematics, one) for one in (*own, "in_units", "columns_of") if one in named
        ]

    def _reading(self) -> Iterator[str]:
        yield "    y = outputs(samples)"
        yield "    found = {}"
        match self._answers:
            case SeveralAnswers(outputs=outputs):
                goals = self._goals(len(outputs))
                for (part, answers), goal in zip(outputs, goals, strict=True):
                    yield f"    # the output `{part.name}`"
                    yield from self._of(answers, _own(part, answers), part.shape, goal, part.name)
            case answers:
                (goal,) = self._goals(1)
                yield from self._of(answers, "y", self._shape, goal)

    def _goals(self, count: int) -> list[Goal | None]:
        if self._pipeline is None or isinstance(self._pipeline, TextPipeline):
            return [None] * count
        return [*self._pipeline.goal.for_outputs(count)] if count > 1 else [self._pipeline.goal]

    def _of(
        self, answers: Answers, y: str, shape: tuple[int, ...], goal: Goal | None, name: str = ""
    ) -> Iterator[str]:
        """The lines that put what one output ``y`` says into ``found``."""
        reading = reading_of(answers.loss, shape[-1] if shape else 1)
        predicted = _of_y(reading.prediction, y)
        match answers:
            case ClassAnswers():
                yield from self._of_classes(answers, y, predicted, shape, name)
            case LabelAnswers():
                yield statement(4, "p = ", predicted)
                yield from self._of_labels(answers)
            case NumberAnswers():
                yield from self._of_numbers(
                    answers, [reading.prediction, *reading.further], y, goal
                )
            case _:
                raise Unsupported("these answers have no counterpart in Python yet")

    def _of_labels(self, answers: LabelAnswers) -> Iterator[str]:
        names = zip(answers.names[::2], answers.names[1::2], strict=True)
        for place, (prediction, p) in enumerate(names):
            yield f"    found[{literal(prediction)}] = (p[:, {place}] > 0.5).astype(int)"
            yield f"    found[{literal(p)}] = p[:, {place}]"

    def _of_classes(
        self, answers: ClassAnswers, y: str, predicted: str, shape: tuple[int, ...], name: str
    ) -> Iterator[str]:
        constant = f"{_constant(name)}_CLASSES" if name else "CLASSES"
        self.constants[constant] = literal(answers.classes)
        by_class = y
        if answers.kind == "logits":
            by_class = _of_y(reading_of(answers.loss, shape[-1]).probabilities, y)
        elif answers.kind == "scores":
            by_class = predicted
        if (shape[-1] if answers.kind != "scores" else _predicted(answers, shape)) == 1:
            by_class = f"of_both({by_class})"
        of = "output" if answers.kind == "scores" else "p"
        if self.are_arrays:
            key, numbers = answers.names[0], f"{of}({name})" if name else of
            yield statement(4, f"found[{literal(key)}] = ", f"numbered({predicted})")
            yield statement(4, f"found[{literal(numbers)}] = ", by_class)
        else:
            key = literal(answers.names[0])
            yield statement(4, f"found[{key}] = ", f"named({constant}, {predicted})")
            is_class = f"{name}=" if name else ""
            names = f'[f"{of}({is_class}{{name}})" for name in {constant}]'
            yield statement(4, "found |= ", f"columns_of({names}, {by_class})")
        if answers.kind != "scores" and not name:
            self.classes = ["    y = outputs(samples)", f"    return {by_class}"]
            if by_class == "y":
                self.classes = ["    return outputs(samples)"]

    def _of_numbers(
        self, answers: NumberAnswers, read: list[str], y: str, goal: Goal | None
    ) -> Iterator[str]:
        units = self._units(goal)
        each = [f"in_units({_of_y(one, y)}, {units})" if units else _of_y(one, y) for one in read]
        if self.are_arrays and not isinstance(self._answers, SeveralAnswers):
            shape = "".join(f", {size}" for size in self._target_shape)
            yield statement(
                4, 'found["prediction"] = ', f"{operand(each[0])}.reshape(len(y){shape})"
            )
            return
        count = len(answers.targets)
        for at, one in enumerate(each):
            names = answers.names[at * count : (at + 1) * count]
            yield statement(4, "found |= ", f"columns_of({literal(names)}, {one})")

    def _units(self, goal: Goal | None) -> str:
        """The scale and the shift of numbers that are predicted; an empty text where they are in
        their own units.
        """
        match goal, self._pipeline:
            case Values(shift=shift, scale=scale), _:
                if not any(shift) and {*scale} == {1.0}:
                    return ""
                one = len(scale) == 1
                values = (scale, shift)
                return ", ".join(repr(v[0]) if one else f"np.array({literal(v)})" for v in values)
            case Inputs(), ArrayPipeline() as pipeline:
                found = scaling_of(pipeline)
                return f"{found[1]}, {found[0]}" if found else ""
        return ""


def _has_places(answers: Answers, target: tuple[int, ...]) -> bool:
    """Whether a sample has several places, with a class each, or numbers."""
    return len(target) > (0 if isinstance(answers, ClassAnswers) else 1)


def _predicted(answers: ClassAnswers, shape: tuple[int, ...]) -> int:
    """How many numbers a loss predicts by outputs of this shape."""
    return int(answers.loss.predicted(shape)[-1])


def _of_y(text: str, y: str) -> str:
    """A text of outputs ``y`` for other ones."""
    return text if y == "y" else re.sub(r"\by\b", lambda found: y, text)


def _own(part: OutputPart, answers: Answers) -> str:
    """One output, as an expression of the row of all."""
    row = f"y[:, {part.begin}:{part.end}]"
    if len(part.shape) == 1 or isinstance(answers, LabelAnswers):
        return row
    sizes = ", ".join(map(str, part.shape))
    return f"{row}.reshape(len(y), {sizes})" if math.prod(part.shape) > 1 else f"y[:, {part.begin}]"


def _constant(name: str) -> str:
    return re.sub(r"\W", "_", name).upper()


_ANSWERS = (
    '    """What the network says of each sample, by the names that `netlang predict` has."""'
)
_PROBABILITIES = '    """The probability of each class.  Shape: [N, *, classes]."""'
_PREDICT = '''\
def predict(samples):
    """What is predicted of each sample."""
    return answers(samples)["prediction"]
'''
_PREDICT_SEVERAL = '''\
def predict(samples):
    """What is predicted of each sample, by the names of the targets."""
    found, begin = answers(samples), "prediction of "
    return {name.removeprefix(begin): one for name, one in found.items() if begin in name}
'''
