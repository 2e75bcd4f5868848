"""What exported C is put together by: folded sizes, memory that is shared, names and numbers."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from netlang.lowering.c.inference import numbers
from netlang.lowering.c.inference.memory import Memory, Use
from netlang.lowering.c.inference.spelling import plain, wrapped
from tests.together import together

NUMBERS = st.integers(0, 4).map(str)
ATOMS = NUMBERS | st.sampled_from(["r", "i", "PAD(3)", "N"])
SUMS = st.recursive(
    ATOMS,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "*", "-", "/", "%"]), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        )
        | st.tuples(inner, st.sampled_from(["+", "*"]), inner).map(" ".join)
    ),
    max_leaves=12,
)


@given(text=SUMS, r=st.integers(0, 5), i=st.integers(0, 5))
@example(text="(0 / N * 0)", r=0, i=0)
@settings(max_examples=100)
def test_a_folded_index_is_the_same_number(text: str, r: int, i: int) -> None:
    assert value(plain(text), r, i) == value(text, r, i)


def value(text: str, r: int, i: int) -> int | None:
    """What C makes of it; None where it divides by 0."""
    counted = re.sub(r"\d+|\b[riN]\b", lambda found: f"Whole({found[0]})", text)
    known = {"Whole": Whole, "PAD": lambda n: n, "N": 1, "r": r, "i": i}
    try:
        return int(eval(counted, known))
    except ZeroDivisionError:
        return None


class Whole(int):
    """A whole number that C divides: towards 0."""

    def __add__(self, other: int) -> Whole:
        return Whole(int(self) + int(other))

    def __sub__(self, other: int) -> Whole:
        return Whole(int(self) - int(other))

    def __mul__(self, other: int) -> Whole:
        return Whole(int(self) * int(other))

    def __truediv__(self, other: int) -> Whole:  # type: ignore[override]
        return Whole(int(int(self) / int(other)))

    def __mod__(self, other: int) -> Whole:
        return self - self / other * other


STEPS = st.lists(
    st.tuples(st.integers(1, 5), st.lists(st.integers(1, 4), max_size=3), st.booleans()),
    min_size=1,
    max_size=12,
)


@given(STEPS)
def test_values_that_are_needed_at_the_same_time_lie_apart(
    made: list[tuple[int, list[int], bool]],
) -> None:
    """Each step makes a value, and reads some of those before it, so many steps back."""
    steps = []
    for at, (size, back, in_place) in enumerate(made):
        reads = tuple(f"v{at - one}" for one in back if one <= at)
        steps.append(Use({f"v{at}": size}, reads, in_place))
    memory = Memory(steps)
    ends = {name: at for at, step in enumerate(steps) for name in (*step.makes, *step.reads)}
    places = {
        f"v{at}": range(memory.places[f"v{at}"], memory.places[f"v{at}"] + size)
        for at, (size, *_) in enumerate(made)
    }
    assert memory.size == max(place.stop for place in places.values())
    for at, step in enumerate(steps):
        own = places[f"v{at}"]
        for other in range(at):
            before, name = places[f"v{other}"], f"v{other}"
            if ends[name] > at or (ends[name] == at and not step.in_place):
                assert not {*own} & {*before}
            elif ends[name] == at:
                assert own == before or not {*own} & {*before}


@together(
    ("number", "text"),
    [
        (1.0, "1.0f"),
        (0.1, "0.1f"),
        (-2.5e-12, "-2.5e-12f"),
        (math.inf, "INFINITY"),
        (-math.inf, "-INFINITY"),
        (math.nan, "NAN"),
        (123456789.0, "1.2345679e+08f"),
    ],
)
def test_a_float_is_written_by_the_fewest_digits(number: float, text: str) -> None:
    assert numbers.of_float(number) == text
    if math.isfinite(number):
        assert np.float32(text.rstrip("f")) == np.float32(number)


@together(
    ("text", "literal"),
    [
        ("plain", '"plain"'),
        ('a "b" \\', '"a \\"b\\" \\\\"'),
        ("??=", '"\\?\\?="'),
        ("grün1", '"gr\\303\\274n1"'),
        ("\n", '"\\012"'),
    ],
)
def test_a_text_becomes_a_literal(text: str, literal: str) -> None:
    assert numbers.quoted(text) == literal


@pytest.mark.parametrize("count", [1, 9])
def test_a_long_line_is_broken_behind_commas(count: int) -> None:
    line = f"call({', '.join(f'argument_{number}' for number in range(count))});"
    lines = wrapped(line)
    assert len(lines) == (1 if count == 1 else 2)
    assert " ".join(one.strip() for one in lines) == line
    assert all(one.startswith("     argument") for one in lines[1:])
