"""Curves are pictures whose points are where the numbers say."""

from __future__ import annotations

import base64
import math
import re
from itertools import pairwise

from netlang.api.notebook.curves import curves_html, ticks
from netlang.api.notebook.markup import Html, page
from tests.together import together


def pictures(made: Html) -> list[tuple[str, str]]:
    """What each picture says of itself, and its SVG."""
    found = re.findall(r'alt="([^"]*)" src="data:image/svg\+xml;base64,([^"]*)"', made)
    return [(said, base64.b64decode(data).decode()) for said, data in found]


def lines(svg: str, colour: str) -> list[list[tuple[float, float]]]:
    """The points of each stroke in a colour."""
    strokes = re.findall(rf'points="([^"]*)"[^>]*stroke="{colour}"', svg)
    return [[_point(one) for one in stroke.split()] for stroke in strokes]


def _point(written: str) -> tuple[float, float]:
    x, y = written.split(",")
    return float(x), float(y)


RED, GREEN = "#d55e00", "#009e73"


def test_a_curve_goes_from_left_to_right_and_is_the_lower_the_smaller_its_number() -> None:
    epochs = [{"train.loss": 1 / n, "test.loss": 2 / n} for n in range(1, 6)]
    ((said, svg),) = pictures(curves_html(epochs, until=10))
    assert said == "loss after 5 of 10 epochs: train 0.2000, test 0.4000"
    (train,), (test,) = lines(svg, RED), lines(svg, GREEN)
    assert [x for x, _ in train] == sorted(x for x, _ in train)
    assert [y for _, y in train] == sorted(y for _, y in train)
    assert all(below[1] > above[1] for below, above in zip(train, test, strict=True))
    assert train[-1][0] < 200  # half of the epochs are to come


def test_a_curve_is_broken_where_a_number_is_not_finite() -> None:
    numbers = (1.0, 2.0, math.nan, 3.0, 1.0, math.inf, 2.0)
    ((_, svg),) = pictures(curves_html([{"train.loss": one} for one in numbers]))
    assert [len(one) for one in lines(svg, RED)] == [2, 2]
    assert svg.count(f'r="2" fill="{RED}"') == 1
    assert "nan" not in svg
    assert "inf" not in svg


@together(
    "numbers",
    [(0.5,), (0.0, 0.0), (1e-30, 2e-30), (1e300, -1e300), (math.nan, math.nan), (3.0,) * 5000],
)
def test_any_numbers_make_a_picture(numbers: tuple[float, ...]) -> None:
    ((_, svg),) = pictures(curves_html([{"train.loss": one} for one in numbers]))
    assert len(svg) < 20_000
    assert not re.search("nan|inf", svg)


def test_there_is_a_picture_for_each_of_the_first_metrics_and_none_for_the_rate() -> None:
    names = ["train.loss", "train.lr", "test.loss", "test.accuracy", "test.f1", "test.mcc"]
    made = pictures(curves_html([dict.fromkeys(names, 0.5)] * 2))
    assert [said.split()[0] for said, _ in made] == ["loss", "accuracy", "f1"]
    assert curves_html([]) == ""


def test_names_of_outputs_are_text_in_the_picture() -> None:
    ((_, svg),) = pictures(curves_html([{"test.<b>.loss": 1.0}]))
    assert "<b>" not in svg


@together(
    ("low", "high", "most"),
    [(0.0, 1.0, 5), (-1e-9, 1e-9, 4), (1, 30, 5), (0.91, 0.97, 5), (1e5, 3e9, 5), (-7.0, -6.9, 3)],
)
def test_ticks_are_few_even_and_within_their_range(low: float, high: float, most: int) -> None:
    found = ticks(low, high, most)
    assert 1 <= len(found) <= most
    assert all(low <= one <= high for one in found)
    steps = [b - a for a, b in pairwise(found)]
    assert all(math.isclose(one, steps[0], rel_tol=1e-6) for one in steps)


def test_colours_can_be_seen_on_white_and_on_black() -> None:
    parts = ["train", "validation", "test"]
    ((_, svg),) = pictures(curves_html([{f"{part}.loss": 1.0 for part in parts}] * 2))
    colours = {*re.findall(r"#[0-9a-f]{6}\b", svg), *re.findall(r"#[0-9a-f]{6}\b", page())}
    assert len(colours) == 9
    for colour in colours:
        apart = [contrast(colour, ground) for ground in ("#ffffff", "#111111", "#1f1f1f")]
        assert min(apart) >= 3, (colour, apart)


def contrast(colour: str, ground: str) -> float:
    """How far two colours are apart, by the rule of WCAG 2."""
    dark, light = sorted(map(luminance, (colour, ground)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(share * one for share, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
