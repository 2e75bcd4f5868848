"""How a trained network's outputs are read: ``answers`` and ``predict`` of an exported file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
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
from netlang.lowering.python import mathematics
from netlang.lowering.python.inputs import scaling_of
from netlang.lowering.python.readings import Reading, reading_of
from netlang.lowering.python.text import literal, operand, statement
from netlang.lowering.trained import TrainedProgram
from netlang.system.record import Record


class _Output(Record):
    """One output of a network, which its ``answers`` read. ``y`` is the expression of it, and
    ``shape`` that of a sample, as ``target`` is that of what it predicts. One of several has a
    ``name``. If it ``gives_back`` inputs, these are in units of their own.
    """

    answers: Answers
    y: str
    shape: tuple[int, ...]
    target: tuple[int, ...]
    goal: Goal | None
    name: str = ""
    gives_back: bool = False

    @property
    def places(self) -> bool:
        """Whether a sample has several places, with a class each, or numbers."""
        least = 0 if isinstance(self.answers, ClassAnswers) else 1
        return self.gives_back or len(self.target) > least

    @property
    def reading(self) -> Reading:
        """How its loss reads it.  Raises Unsupported."""
        found = reading_of(self.answers.loss, self.shape[-1] if self.shape else 1)
        return Reading(
            prediction=self.of_y(found.prediction),
            probabilities=self.of_y(found.probabilities),
            further=[*map(self.of_y, found.further)],
        )

    def of_y(self, text: str) -> str:
        """A text of outputs ``y`` for this one."""
        return text if self.y == "y" else re.sub(r"\by\b", lambda found: self.y, text)


class AnswersText:
    """``source`` defines ``answers(samples)``, ``predict(samples)`` and, where there are classes,
    ``probabilities(samples)``; they use ``outputs(samples)``, the ``constants`` above
    them and the functions that they ``use``.  Raises Unsupported.
    """

    def __init__(self, trained: TrainedProgram) -> None:
        self.constants: dict[str, str] = {}
        self._answers, self._pipeline = trained.answers, trained.pipeline
        self._outputs = [*_outputs(trained)]
        self._is_several = isinstance(self._answers, SeveralAnswers)
        self._probabilities: dict[str, str] = {}  # by the output, an expression of those of classes
        self._lines = [*self._reading()]

    @property
    def are_arrays(self) -> bool:
        """Whether a sample's answer is an array: of places, or of as many numbers as it has."""
        return any(output.places for output in self._outputs)

    @property
    def source(self) -> str:
        """The functions."""
        texts = [_function("answers", _ANSWERS, [*self._lines, "return found"])]
        if self._is_several and self._probabilities:
            each = self._probabilities.items()
            given = ", ".join(f"{literal(name)}: {one}" for name, one in each)
            lines = ["y = outputs(samples)", _line("return ", f"{{{given}}}")]
            texts.append(_function("probabilities", _PROBABILITIES_OF_EACH, lines))
        elif self._probabilities:
            (given,) = self._probabilities.values()
            if given == "y":
                lines = ["return outputs(samples)"]
            else:
                lines = ["y = outputs(samples)", f"return {given}"]
            texts.append(_function("probabilities", _PROBABILITIES, lines))
        is_one = "prediction" in self._answers.names or self.are_arrays
        predict = _PREDICT if is_one and not self._is_several else _PREDICT_SEVERAL
        return "\n\n".join([*texts, predict])

    @property
    def uses(self) -> list[Callable[..., Any]]:
        """The functions that they call, of those in ``mathematics``."""
        called = {*re.findall(r"\w+(?=\()", self.source)}
        return [one for name, one in vars(mathematics).items() if name in called and callable(one)]

    def _reading(self) -> Iterator[str]:
        yield "y = outputs(samples)"
        yield "found = {}"
        for output in self._outputs:
            if output.name:
                yield f"# the output `{output.name}`"
            match output.answers:
                case ClassAnswers() as answers:
                    yield from self._of_classes(answers, output)
                case LabelAnswers() as answers:
                    yield from self._of_labels(answers, output)
                case NumberAnswers() as answers:
                    yield from self._of_numbers(answers, output)

    def _of_classes(self, answers: ClassAnswers, output: _Output) -> Iterator[str]:
        name, reading = output.name, output.reading
        by_class, count = output.y, output.shape[-1]
        if answers.kind == "logits":
            by_class = reading.probabilities
        elif answers.kind == "scores":
            by_class, count = reading.prediction, answers.loss.predicted(output.shape)[-1]
        by_class = f"of_both({by_class})" if count == 1 else by_class
        key = f"found[{literal(answers.names[0])}] = "
        of = "output" if answers.kind == "scores" else "p"
        if self.are_arrays:
            yield _line(key, f"numbered({reading.prediction})")
            yield _line(f"found[{literal(f'{of}({name})' if name else of)}] = ", by_class)
        else:
            constant = self._constant(f"{name}_classes" if name else "classes")
            self.constants[constant] = literal(answers.classes)
            yield _line(key, f"named({constant}, {reading.prediction})")
            of_class = f"{name}={{name}}" if name else "{name}"
            names = f'[f"{of}({of_class})" for name in {constant}]'
            yield _line("found |= ", f"columns_of({names}, {by_class})")
        if answers.kind != "scores":
            self._probabilities[name] = by_class

    def _constant(self, name: str) -> str:
        """The name in capitals, with a number behind it where another name is the same so."""
        word = re.sub(r"\W", "_", name).upper()
        free, number = word, 2
        while free in self.constants:
            free, number = f"{word}_{number}", number + 1
        return free

    def _of_labels(self, answers: LabelAnswers, output: _Output) -> Iterator[str]:
        yield _line("p = ", output.reading.prediction)
        if not answers.names[1].startswith("output("):
            self._probabilities[output.name] = output.reading.prediction
        names = zip(answers.names[::2], answers.names[1::2], strict=True)
        for place, (prediction, p) in enumerate(names):
            yield f"found[{literal(prediction)}] = (p[:, {place}] > 0.5).astype(int)"
            yield f"found[{literal(p)}] = p[:, {place}]"

    def _of_numbers(self, answers: NumberAnswers, output: _Output) -> Iterator[str]:
        units, count = self._units(output.goal), len(answers.targets)
        for at, one in enumerate([output.reading.prediction, *output.reading.further]):
            values = f"in_units({one}, {units})" if units else one
            names = answers.names[at * count : (at + 1) * count]
            if not output.places:
                yield _line("found |= ", f"columns_of({literal(names)}, {values})")
            elif at == 0:  # netlang predict has arrays of what is predicted alone
                if output.shape != output.target:
                    sizes = "".join(f", {size}" for size in output.target)
                    values = f"{operand(values)}.reshape(len(y){sizes})"
                key = f"prediction of {output.name}" if output.name else "prediction"
                yield _line(f"found[{literal(key)}] = ", values)

    def _units(self, goal: Goal | None) -> str:
        """The scale and the shift of numbers that are predicted; an empty text where they are in
        their own units.
        """
        match goal, self._pipeline:
            case Values(shift=shift, scale=scale), _ if any(shift) or {*scale} != {1.0}:
                if len(scale) == 1:
                    return f"{scale[0]!r}, {shift[0]!r}"
                return f"np.array({literal(scale)}), np.array({literal(shift)})"
            case Inputs(), ArrayPipeline() as pipeline if found := scaling_of(pipeline):
                return f"{found[1]}, {found[0]}"
        return ""


def _outputs(trained: TrainedProgram) -> Iterator[_Output]:
    """Each output of the network, and how it is read."""
    pipeline, answers = trained.pipeline, trained.answers
    goal = None if isinstance(pipeline, TextPipeline | None) else pipeline.goal
    if isinstance(answers, SeveralAnswers):
        count = len(answers.outputs)
        goals = goal.for_outputs(count) if goal else [None] * count
        for (part, own), its in zip(answers.outputs, goals, strict=True):
            y = _own(part, own)
            yield _Output(own, y, part.shape, part.target_shape, its, part.name)
        return
    description, shape = trained.program.description, trained.program.graph.output.sizes
    target = description.target_shape if description else ()
    gives_back = isinstance(goal, Inputs) and isinstance(pipeline, ArrayPipeline)
    yield _Output(answers, "y", shape, target, goal, gives_back=gives_back)


def _own(part: OutputPart, answers: Answers) -> str:
    """One output, as an expression of the row of all."""
    row = f"y[:, {part.begin}:{part.end}]"
    if len(part.shape) == 1 or isinstance(answers, LabelAnswers):
        return row
    sizes = "".join(f", {size}" for size in part.shape)
    return f"{row}.reshape(len(y){sizes})"


def _line(head: str, expression: str) -> str:
    """A statement within a function, whose indent is added later."""
    return statement(4, head, expression).removeprefix("    ")


def _function(name: str, about: str, lines: Iterable[str]) -> str:
    body = "".join(f"    {line}\n" for line in lines)
    return f'def {name}(samples):\n    """{about}"""\n{body}'


_ANSWERS = "What the network says of each sample, by the names that `netlang predict` has."
_PROBABILITIES = "The probability of each class.  Shape: [N, *, classes]."
_PROBABILITIES_OF_EACH = "The probabilities of classes, by the names of the outputs."
_PREDICT = '''\
def predict(samples):
    """What is predicted of each sample."""
    return answers(samples)["prediction"]
'''
_PREDICT_SEVERAL = '''\
def predict(samples):
    """What is predicted of each sample, by the names of the targets."""
    found, begin = answers(samples), "prediction of "
    return {
        name.removeprefix(begin): one for name, one in found.items() if name.startswith(begin)
    }
'''
