"""Records: what frozen dataclasses are, compared or not, without their generated code."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

import pytest

from netlang.system.record import Record, Value


class Point(Record):
    x: int
    y: int = 0


class Named(Point):
    kind: ClassVar[str] = "named"
    name: str = "origin"

    @property
    def label(self) -> str:
        return f"{self.kind} {self.name}"


class Renamed(Named):
    name: str = "renamed"


class Empty(Record):
    pass


class Squared(Record):
    x: int

    @cached_property
    def square(self) -> int:
        return self.x**2


@pytest.mark.parametrize("point", [Point(1, 2), Point(1, y=2), Point(x=1, y=2), Point(y=2, x=1)])
def test_fields_are_given_by_place_or_by_name(point: Point) -> None:
    assert (point.x, point.y) == (1, 2)


def test_a_field_that_is_left_out_has_its_default() -> None:
    assert Point(1).y == 0
    assert Point(x=1).y == 0


def test_a_subclass_adds_its_fields_after_those_of_its_base() -> None:
    named = Named(1, 2, "a")
    assert (named.x, named.y, named.name, named.label) == (1, 2, "a", "named a")
    assert Named(1).name == "origin"


def test_a_field_that_is_declared_again_keeps_its_place_and_gets_the_new_default() -> None:
    assert Renamed(1, 2).name == "renamed"
    assert repr(Renamed(1, 2, "b")) == "Renamed(x=1, y=2, name='b')"


def test_a_class_variable_is_no_field() -> None:
    with pytest.raises(TypeError):
        Named(1, kind="other")


@pytest.mark.parametrize(
    ("values", "named", "fault"),
    [
        ((), {}, "missing: x"),
        ((), {"y": 1}, "missing: x"),
        ((1, 2, 3), {}, "values without a name: 3"),
        ((1,), {"z": 2}, "unknown: z"),
        ((), {"z": 2}, "missing: x; unknown: z"),
        ((1,), {"x": 2}, "twice: x"),
        ((1, 2), {"y": 2}, "twice: y"),
        ((1, 2), {"z": 2}, "unknown: z"),
        ((1, 2), {"x": 1, "y": 2}, "twice: x, y"),
    ],
)
def test_missing_unknown_repeated_and_too_many_values_are_refused_and_said(
    values: tuple[int, ...], named: dict[str, int], fault: str
) -> None:
    with pytest.raises(TypeError, match=f"^Point takes x, y; {fault}$"):
        Point(*values, **named)


@pytest.mark.parametrize("name", ["label", "replace", "kind", "fields"])
def test_a_property_a_method_or_a_variable_of_the_base_is_no_default(name: str) -> None:
    with pytest.raises(TypeError, match=f"^the field {name} of Hiding would take a part of its"):
        type("Hiding", (Named,), {"__annotations__": {name: "str"}})


def test_a_field_with_a_default_may_replace_a_property_of_the_base() -> None:
    class Labelled(Named):
        label: str = "none"

    assert (Labelled(1).label, Labelled(1, label="a").label) == ("none", "a")


def test_a_record_without_fields_takes_nothing() -> None:
    assert repr(Empty()) == "Empty()"
    with pytest.raises(TypeError):
        Empty(1)


def test_a_record_cannot_be_changed() -> None:
    point = Point(1, 2)
    with pytest.raises(AttributeError, match="cannot be changed"):
        point.x = 3  # type: ignore[misc]
    with pytest.raises(AttributeError, match="cannot be changed"):
        point.z = 3  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="cannot be changed"):
        del point.x
    assert (point.x, point.y) == (1, 2)


def test_records_are_compared_by_identity_and_can_be_keys() -> None:
    first, second = Point(1, 2), Point(1, 2)
    assert first != second
    assert first == first
    assert len({first, second}) == 2


def test_a_record_shows_its_fields_in_order() -> None:
    assert repr(Point(y=2, x=1)) == "Point(x=1, y=2)"


def test_replace_gives_another_record_of_the_same_class_with_other_values() -> None:
    record = Named(1, 2)
    changed = record.replace(x=3, name="a")
    assert Named.fields == ("x", "y", "name")
    assert repr(changed) == "Named(x=3, y=2, name='a')"
    assert repr(record) == "Named(x=1, y=2, name='origin')"
    with pytest.raises(TypeError, match="unknown: z"):
        record.replace(z=4)


def test_a_record_with_a_cached_property_can_be_replaced() -> None:
    record = Squared(3)
    assert (record.square, record.replace(x=4).square) == (9, 16)


def test_a_record_may_match_by_its_fields() -> None:
    match Point(1, 2):
        case Point(x=1, y=y):
            assert y == 2
        case _:
            pytest.fail("did not match")


def test_a_property_may_be_cached() -> None:
    record = Squared(3)
    assert record.square == 9
    assert record.__dict__["square"] == 9


class Pair(Value):
    left: int
    right: tuple[int, ...] = ()


class Other(Pair):
    pass


def test_values_are_equal_by_their_class_and_their_fields() -> None:
    assert Pair(1, (2,)) == Pair(1, right=(2,))
    assert hash(Pair(1)) == hash(Pair(1, ()))
    assert Pair(1) != Pair(2)
    assert Pair(1) != Other(1)
    assert Pair(1) != (1, ())
    assert len({Pair(1), Pair(1), Pair(2)}) == 2
