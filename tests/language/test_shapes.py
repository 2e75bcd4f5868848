"""Shapes, on their own."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netlang.language.shapes import Shape, ShapeError, Unknown, unify

SAMPLES = st.lists(st.integers(1, 1000), max_size=5).map(tuple)


@pytest.mark.parametrize(
    ("shape", "text"),
    [(Shape.of(), "[N]"), (Shape.of(25), "[N, 25]"), (Shape.of(3, 4), "[N, 3, 4]")],
)
def test_a_shape_is_shown_with_the_batch_in_front(shape: Shape, text: str) -> None:
    assert str(shape) == repr(shape) == text


@given(SAMPLES)
def test_shapes_of_equal_samples_are_equal(sample: tuple[int, ...]) -> None:
    assert Shape(sample) == Shape.of(*sample)
    assert hash(Shape(sample)) == hash(Shape.of(*sample))
    assert Shape(sample) != Shape((*sample, 1))


def test_shapes_become_equal_when_their_dimensions_do_and_keep_their_hash() -> None:
    hole, other = Unknown(), Unknown()
    shape, before = Shape.of(3, hole), hash(Shape.of(3, hole))
    assert shape not in (Shape.of(3, 10), Shape.of(3, other))
    assert unify(hole, other)
    assert shape == Shape.of(3, other)
    assert unify(other, 10)
    assert shape == Shape.of(3, 10)
    assert hash(shape) == before == hash(Shape.of(3, 10))


def test_shapes_that_differ_in_one_size_are_made_one_in_the_others() -> None:
    hole = Unknown()
    assert not Shape.of(3, hole).unify(Shape.of(4, 10))
    assert Shape.of(hole) == Shape.of(10)


@given(SAMPLES)
def test_size_is_the_product_and_last_the_last(sample: tuple[int, ...]) -> None:
    shape = Shape(sample)
    assert shape.size == math.prod(sample)
    assert shape.last == (sample[-1] if sample else None)


def test_a_sample_that_is_one_number_has_size_1_and_no_last() -> None:
    assert Shape.of().size == 1
    assert Shape.of().last is None


@given(SAMPLES.filter(bool), st.integers(1, 1000))
def test_with_last_changes_the_last_dimension_alone(sample: tuple[int, ...], size: int) -> None:
    changed = Shape(sample).with_last(size)
    assert changed.last == size
    assert changed.sample[:-1] == sample[:-1]
    assert Shape(sample).with_last(sample[-1]) == Shape(sample)


def test_with_last_makes_a_row_of_a_lone_number() -> None:
    assert Shape.of().with_last(4) == Shape.of(4)


def test_a_shape_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Shape.of(3).sample = (4,)  # type: ignore[misc]


def test_a_mismatch_holds_what_would_fit_and_names_no_argument_unless_told() -> None:
    with pytest.raises(ShapeError) as raised:
        raise ShapeError(Shape.of(3))
    assert raised.value.takes == Shape.of(3)
    assert raised.value.argument is None
    assert raised.value.size is None
