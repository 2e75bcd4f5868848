"""Pictures show what they are given, whatever that is."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib.figure
import numpy as np
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection
from torch import Tensor

from netlang.catalogue.data import Pipeline, Samples, Split
from netlang.catalogue.data.pipeline import Classes, Numbers
from netlang.compiler.passes import compile_source
from netlang.language.source import SourceFile
from netlang.runs.plots import (
    Curves,
    Decision,
    decision,
    draw_curves,
    draw_decisions,
    has_plane,
)
from netlang.runs.plots.palette import markers, palette
from netlang.system.packages import Unusable
from tests.program import DISC

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("coarse")]  # as many pictures are drawn

Epoch = dict[str, float]


def split(
    points: Tensor,
    labels: Tensor,
    classes: Sequence[str] = "ab",
    columns: tuple[str, str] = ("x", "y"),
    shift: tuple[float, float] = (0.0, 0.0),
    scale: tuple[float, float] = (1.0, 1.0),
) -> Split:
    """Data with ``points`` and their ``labels`` to test on."""
    samples = Samples(points, labels)
    encoders = tuple(map(Numbers, columns, shift, scale))
    pipeline = Pipeline(encoders, Classes(("class",), tuple(classes)))
    return Split(samples, samples, pipeline=pipeline)


def history(factor: float = 1.0) -> list[Epoch]:
    parts = {"train": 1.0, "test": 2.0}
    return [
        {f"{part}.loss": factor * scale / n for part, scale in parts.items()}
        | {f"{part}.accuracy": 1 - 0.1 * scale / n for part, scale in parts.items()}
        for n in range(1, 6)
    ]


def lines(panel: Axes) -> dict[str, list[float]]:
    return {str(line.get_label()): [*map(float, line.get_ydata())] for line in panel.lines}  # type: ignore[arg-type]


@pytest.mark.parametrize("absent", ["matplotlib", "matplotlib.legend_handler"])
def test_decisions_without_matplotlib_are_unusable(
    absent: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, absent, None)
    with pytest.raises(Unusable):
        draw_decisions([[]], tmp_path / "a.png")


def test_inputs_that_are_no_columns_have_no_plane() -> None:
    program = compile_source(SourceFile("a.net", DISC), to_run=True).require()
    assert program.data
    found = program.data.load()
    assert has_plane(program, found)
    assert not has_plane(program, Split(found.train, found.test))


def test_arrays_of_two_numbers_have_a_plane(tmp_path: Path) -> None:
    numbers = np.arange(80.0).reshape(40, 2) % 7
    np.savez(tmp_path / "d.npz", x=numbers, y=np.arange(40) % 2)
    text = DISC.replace("Disc(train=40, test=40)", 'Arrays("d.npz")')
    program = compile_source(SourceFile("a.net", text, tmp_path / "a.net"), to_run=True).require()
    assert program.data
    found = program.data.load()
    assert has_plane(program, found)
    outputs = decision("a", lambda inputs: inputs, found)
    assert outputs.names == ("x[0]", "x[1]")
    assert outputs.corners[0] < 0 < 6 < outputs.corners[2]


def test_curves_have_a_row_for_each_metric_and_a_line_for_each_part(
    panels: list[Axes], tmp_path: Path
) -> None:
    draw_curves([("a.net", [Curves("", [history()])])], tmp_path / "a.png")
    loss, accuracy = panels
    assert (loss.get_title(), loss.get_ylabel(), accuracy.get_ylabel()) == (
        "a.net", "loss", "accuracy",
    )  # fmt: skip
    assert lines(loss) == {
        part: [epoch[f"{part}.loss"] for epoch in history()] for part in ("train", "test")
    }
    assert not loss.collections


def test_pictures_do_not_depend_on_torchs_default_device(tmp_path: Path) -> None:
    points = torch.tensor([[0.0, 0.0], [1.0, 1.0]])
    data = split(points, torch.tensor([0, 1]))
    pictures = []
    for device in ("cpu", "meta"):
        curves, decisions = tmp_path / f"{device}.png", tmp_path / f"{device}-plane.png"
        with torch.device(device):
            draw_curves([("a.net", [Curves("", [history()])])], curves)
            draw_decisions([[decision("a.net", left, data)]], decisions)
        pictures.append((curves.read_bytes(), decisions.read_bytes()))
    assert pictures[0] == pictures[1]


def test_of_several_runs_there_is_the_mean_with_a_band_of_a_deviation(
    panels: list[Axes], tmp_path: Path
) -> None:
    curves = [Curves("netlang", [history(1), history(3)]), Curves("PyTorch", [history(2)] * 2)]
    draw_curves([("a.net", curves), ("b.net", curves)], tmp_path / "a.png")
    assert len(panels) == 4
    drawn = lines(panels[0])
    assert list(drawn) == ["netlang train", "netlang test", "PyTorch train", "PyTorch test"]
    assert drawn["netlang train"] == pytest.approx([2 / n for n in range(1, 6)])
    band = panels[0].collections[0]
    assert isinstance(band, PolyCollection)
    (path,) = band.get_paths()
    heights = [y for x, y in path.vertices.tolist() if x == 1.0]  # type: ignore[union-attr]
    assert (min(heights), max(heights)) == pytest.approx((2 - math.sqrt(2), 2 + math.sqrt(2)))


def test_the_legend_is_right_for_all_columns(panels: list[Axes], tmp_path: Path) -> None:
    ours, theirs = Curves("netlang", [history()]), Curves("PyTorch", [history()])
    validated = [
        {**epoch, "validation.loss": 1.0, "validation.accuracy": 0.5} for epoch in history()
    ]
    columns = [("a", [theirs]), ("b", [ours, theirs]), ("c", [Curves("netlang", [validated])])]
    draw_curves(columns, tmp_path / "a.png")
    drawn = {
        (str(line.get_label()), str(line.get_color())) for panel in panels for line in panel.lines
    }
    (legend,) = panels[0].get_figure().legends  # type: ignore[union-attr]
    labels = [text.get_text() for text in legend.get_texts()]
    shown = [str(line.get_color()) for line in legend.get_lines()]
    assert sorted(zip(labels, shown, strict=True)) == sorted(drawn)
    assert len({colour for label, colour in drawn}) == 2


def test_the_best_epoch_is_marked_where_it_is_not_the_last(
    panels: list[Axes], tmp_path: Path
) -> None:
    draw_curves([("a.net", [Curves("", [history()], 3)])], tmp_path / "a.png")
    for panel in panels:
        *_, mark = panel.lines
        assert (mark.get_label(), [*map(float, mark.get_xdata())]) == ("best epoch", [3, 3])  # type: ignore[arg-type]
    (legend,) = panels[0].get_figure().legends  # type: ignore[union-attr]
    assert [text.get_text() for text in legend.get_texts()] == ["train", "test", "best epoch"]


def test_epochs_are_whole_numbers(panels: list[Axes], tmp_path: Path) -> None:
    draw_curves([("a.net", [Curves("", [history()[:3]])])], tmp_path / "a.png")
    assert all(float(tick).is_integer() for tick in panels[0].get_xticks())


def test_a_legend_is_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found: list[tuple[float, float]] = []
    save = matplotlib.figure.Figure.savefig

    def saved(figure: matplotlib.figure.Figure, *given: Any, **how: Any) -> None:
        save(figure, *given, **how)
        (legend,) = figure.legends
        box = legend.get_window_extent()
        found.extend([(box.x0, 0), (figure.bbox.x1, box.x1)])

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", saved)
    draw_decisions([[plane(left, border=True)]], tmp_path / "a.png")
    assert all(large >= small for large, small in found)


def test_one_epoch_is_a_point(panels: list[Axes], tmp_path: Path) -> None:
    draw_curves([("a.net", [Curves("", [history()[:1]])])], tmp_path / "a.png")
    assert {line.get_marker() for line in panels[0].lines} == {"o"}


@pytest.mark.parametrize("epochs", [1, 2, 3, 7, 40, 5000])
def test_ticks_are_at_epochs(epochs: int, panels: list[Axes], tmp_path: Path) -> None:
    run = [{"train.loss": 1.0, "test.loss": 2.0}] * epochs
    draw_curves([("a.net", [Curves("", [run])])], tmp_path / "a.png")
    left, right = panels[0].get_xlim()
    ticks = [float(tick) for tick in panels[0].get_xticks() if left <= tick <= right]
    assert ticks
    assert all(tick.is_integer() and 0 <= tick <= epochs for tick in ticks)


def test_a_number_between_two_that_cannot_be_drawn_is_a_point(
    panels: list[Axes], tmp_path: Path
) -> None:
    run = [{"train.loss": value} for value in (math.inf, 1.0, math.nan, math.inf)]
    draw_curves([("a.net", [Curves("", [run])])], tmp_path / "a.png")
    assert panels[0].lines[0].get_marker() == "o"


def test_of_files_with_one_name_each_has_a_column(panels: list[Axes], tmp_path: Path) -> None:
    draw_curves([("a.net", [Curves("", [history()])])] * 2, tmp_path / "a.png")
    assert len(panels) == 4


def test_a_file_with_fewer_metrics_has_no_empty_panels(panels: list[Axes], tmp_path: Path) -> None:
    short = [{"train.loss": 1.0, "test.loss": 1.0}] * 3
    draw_curves(
        [("a", [Curves("", [history()])]), ("b", [Curves("", [short])])], tmp_path / "a.png"
    )
    assert [panel.axison for panel in panels] == [True, True, True, False]
    assert panels[1].get_xlabel() == "epoch"


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e300, 1.7e308, -1.7e308, 5e-324, 0.0])
def test_any_number_can_be_drawn(value: float, tmp_path: Path) -> None:
    run = [{"train.loss": -value, "test.loss": value}, {"train.loss": value, "test.loss": value}]
    draw_curves([("a.net", [Curves("", [run, run])])], tmp_path / "a.png")
    assert (tmp_path / "a.png").exists()


@pytest.mark.parametrize("title", ["a$b$.net", "$", r"\frac{x}", "_a", "Ünïcode"])
def test_a_title_is_no_mathematics(title: str, panels: list[Axes], tmp_path: Path) -> None:
    draw_curves([(title, [Curves("", [history()])])], tmp_path / "a.png")
    assert panels[0].get_title() == title


def test_of_a_long_title_there_is_its_end(panels: list[Axes], tmp_path: Path) -> None:
    draw_curves([("deep/" * 30 + "a.net", [Curves("", [history()])])], tmp_path / "a.png")
    title = panels[0].get_title()
    assert title.startswith("…")
    assert title.endswith("deep/a.net")


@pytest.mark.parametrize("name", ["W" * 200, "i" * 200, "deep/" * 30 + "a.net"])
def test_a_long_title_is_as_wide_as_its_panel_at_most(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found: list[tuple[float, float]] = []
    save = matplotlib.figure.Figure.savefig

    def saved(figure: matplotlib.figure.Figure, *given: Any, **how: Any) -> None:
        save(figure, *given, **how)
        figure.draw_without_rendering()
        box = figure.axes[0].title.get_window_extent()
        found.append((box.width, figure.axes[0].get_window_extent().width))
        found.append((-box.x0, 0))
        found.append((box.x1, figure.bbox.x1))

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", saved)
    draw_curves([(name, [Curves("", [history()])])], tmp_path / "a.png")
    draw_decisions([[plane(left, title=name)]], tmp_path / "a.png")
    for small, large in found:
        assert small <= large * 1.06


def test_signs_that_the_font_lacks_are_written_out(panels: list[Axes], tmp_path: Path) -> None:
    title = "\N{CJK UNIFIED IDEOGRAPH-96EA}\x1b.net"
    draw_curves([(title, [Curves("", [history()])])], tmp_path / "a.png")
    assert panels[0].get_title() == r"\u96ea\x1b.net"


LONG = "a name that is long, and goes on and on for as long as a name may"
NUMBERS = [1.0, 1e4, 1e5, -1e5, 1e-5]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize(("across", "columns"), [(1.0, (LONG, LONG)), (1e5, ("x", "y"))])
def test_every_text_of_decisions_is_inside_the_picture(
    number: float, across: float, columns: tuple[str, str], cut_off: list[str], tmp_path: Path
) -> None:
    one = plane(left, scale=(across, number), columns=columns, title=columns[0])
    other = plane(left, names=["a", LONG], scale=(across, number), columns=columns)
    for rows in ([[one]], [[other]], [[one, other], [other, one]]):
        draw_decisions(rows, tmp_path / "a.png")
    if across == 1:
        many = plane(left, classes=60, scale=(across, number), columns=columns)
        draw_decisions([[many]], tmp_path / "a.png")
    assert not cut_off


@pytest.mark.parametrize("number", NUMBERS)
def test_every_text_of_curves_is_inside_the_picture(
    number: float, cut_off: list[str], tmp_path: Path
) -> None:
    for titles, names in ((["a.net"], [""]), ([LONG, "b.net"], ["netlang", "PyTorch"])):
        curves = [Curves(name, [history(number)]) for name in names]
        draw_curves([(title, curves) for title in titles], tmp_path / "a.png")
    assert not cut_off


def test_two_decisions_may_show_the_same_part_of_the_plane() -> None:
    points = torch.tensor([[0.0, 0.0], [1.0, 1.0]])
    labels = torch.tensor([0, 1])
    around = torch.tensor([[-1.0, 0.0], [2.0, 3.0]])
    found = decision("a.net", left, split(points, labels), None, around)
    assert found.corners == decision("b.net", left, split(around, labels)).corners


def plane(
    evaluate: Any,
    count: int = 60,
    classes: int = 2,
    border: bool = False,
    names: Sequence[str] = (),
    title: str = "a.net",
    **columns: Any,
) -> Decision:
    source = torch.Generator().manual_seed(0)
    points = torch.rand(count, 2, generator=source)
    labels = torch.arange(count) % classes
    circle = torch.rand(9, 2) if border else None
    names = names or [f"class {number}" for number in range(classes)]
    return decision(title, evaluate, split(points, labels, names, **columns), circle)


def left(x: Tensor) -> Tensor:
    """Two outputs: the first class on the left."""
    return torch.stack([0.5 - x[:, 0], x[:, 0] - 0.5], dim=1)


def test_a_decision_knows_where_the_network_is_right() -> None:
    found = plane(left)
    assert torch.equal(found.right, (found.points[:, 0] > 0.5).long() == found.labels)
    x0, _, x1, _ = found.corners
    middle = found.plane.shape[1] * (0.5 - x0) / (x1 - x0)
    assert found.plane[:, : int(middle) - 1].eq(0).all()
    assert found.plane[:, int(middle) + 2 :].eq(1).all()


def test_the_first_row_of_the_plane_is_its_lowest() -> None:
    found = plane(lambda x: x[:, 1:])
    assert found.plane[0].eq(0).all()
    assert found.plane[-1].eq(1).all()


def test_right_and_wrong_points_are_told_apart(panels: list[Axes], tmp_path: Path) -> None:
    found = plane(left, border=True)
    draw_decisions([[found]], tmp_path / "a.png")
    (panel,) = panels
    points = {
        str(one.get_gid()): len(one.get_offsets())  # type: ignore[arg-type]
        for one in panel.collections
        if isinstance(one, PathCollection)
    }
    right = [int((found.right & (found.labels == label)).sum()) for label in range(2)]
    assert points == {"right 0": right[0], "right 1": right[1], "wrong": 60 - sum(right)}
    assert "true border" in [line.get_gid() for line in panel.lines]


@pytest.mark.parametrize(
    ("evaluate", "classes"),
    [
        (lambda x: torch.cat([x, 1 - x], dim=1), 4),
        (lambda x: x[:, :1], 2),
        (lambda x: torch.zeros(len(x), 1), 2),
        (lambda x: torch.ones(len(x), 2), 1),
        (lambda x: torch.full((len(x), 2), math.nan), 2),
        (lambda x: torch.cat([x] * 5, dim=1), 10),
    ],
    ids=["four classes", "one output", "one decision", "one class", "no numbers", "many classes"],
)
def test_any_decision_can_be_drawn(evaluate: Any, classes: int, tmp_path: Path) -> None:
    found = plane(evaluate, classes=classes)
    draw_decisions([[found, found], [found]], tmp_path / "a.png")
    assert (tmp_path / "a.png").exists()


def test_points_in_one_place_can_be_drawn(tmp_path: Path) -> None:
    found = decision("a", left, split(torch.zeros(4, 2), torch.zeros(4, dtype=torch.long), "a"))
    draw_decisions([[found]], tmp_path / "a.png")
    assert (tmp_path / "a.png").exists()


def legend(monkeypatch: pytest.MonkeyPatch, shown: Decision, file: Path) -> list[str]:
    found: list[str] = []
    save = matplotlib.figure.Figure.savefig

    def saved(figure: matplotlib.figure.Figure, *given: Any, **how: Any) -> None:
        (part,) = figure.subfigs
        found.extend(text.get_text() for one in part.legends for text in one.get_texts())
        save(figure, *given, **how)
        figure.draw_without_rendering()
        (box,) = (one.get_window_extent() for one in part.legends)
        assert part.axes[0].get_window_extent().x1 <= box.x0
        assert box.x1 <= figure.bbox.x1
        assert box.y0 >= figure.bbox.y0

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", saved)
    draw_decisions([[shown]], file)
    return found


@pytest.mark.parametrize("count", [1, 2, 7, 8, 10, 30])
def test_every_class_is_named(count: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shown = plane(left, classes=count)
    assert legend(monkeypatch, shown, tmp_path / "a.png") == [*shown.classes]


def test_of_very_many_classes_the_legend_says_how_many_more_there_are(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = legend(monkeypatch, plane(left, classes=200), tmp_path / "a.png")
    assert names[-1] == f"and {200 - len(names) + 1} more"


def test_names_of_classes_are_no_mathematics_and_no_orders(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = ["$x_2$", "_hidden", r"a\b", "ü", "\N{BLACK STAR}\n\x1b", "", "x" * 500]
    found = legend(monkeypatch, plane(left, classes=7, names=names), tmp_path / "a.png")
    assert found[:4] == names[:4]
    assert found[4] == "\N{BLACK STAR} \\x1b"
    assert found[6].startswith("xxx")
    assert found[6].endswith("…")


# What linear red, green and blue look like without one kind of cone.
# Source: Machado, Oliveira and Fernandes 2009, severity 1.
EYES = (
    ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    ((0.152286, 1.052583, -0.204868),
     (0.114503, 0.786281, 0.099216),
     (-0.003882, -0.048116, 1.051998)),
    ((0.367322, 0.860646, -0.227968),
     (0.280085, 0.672501, 0.047413),
     (-0.011820, 0.042940, 0.968881)),
)  # fmt: skip
# Source: Ottosson, "A perceptual color space for image processing", 2020.
CONES = ((0.4122214708, 0.5363325363, 0.0514459929),
          (0.2119034982, 0.6806995451, 0.1073969566),
          (0.0883024619, 0.2817188376, 0.6299787005))  # fmt: skip
OKLAB = ((0.2104542553, 0.7936177850, -0.0040720468),
          (1.9779984951, -2.4285922050, 0.4505937099),
          (0.0259040371, 0.7827717662, -0.8086757660))  # fmt: skip


def appearance(colours: Tensor) -> Tensor:
    """How three kinds of eyes see colours [N, 3]: sRGB from 0 to 1 becomes OKLab.

    Shape: [3, N, 3].
    """
    bent = ((colours + 0.055) / 1.055).pow(2.4)
    linear = torch.where(colours <= 0.04045, colours / 12.92, bent)
    eyes, cones, oklab = (torch.tensor(one, dtype=linear.dtype) for one in (EYES, CONES, OKLAB))
    seen = (linear @ eyes.mT).clamp(0, 1)
    return (seen @ cones.mT).pow(1 / 3) @ oklab.mT


def rgb(colours: list[str]) -> Tensor:
    """Red, green and blue from 0 to 1 of colours such as ``#0072b2``.  Shape: [N, 3]."""
    digits = [[int(one[at : at + 2], 16) / 255 for at in (1, 3, 5)] for one in colours]
    return torch.tensor(digits, dtype=torch.float64)


def distances(colours: list[str]) -> torch.Tensor:
    """How far each colour is from each, for the eyes that see the difference least: black is at a
    distance of 1 from white.
    """
    seen = appearance(rgb(colours))
    return torch.cdist(seen, seen).amin(0)


@pytest.mark.parametrize("count", [2, 7, 10, 20, 30])
def test_colours_are_apart_to_the_colour_blind_too(count: int) -> None:
    apart = distances(palette(count)) + torch.eye(count).double()
    assert apart.min() > 0.06
    assert palette(count) == palette(40)[:count]


def test_red_and_green_of_one_lightness_are_alike_to_the_colour_blind() -> None:
    assert distances(["#b03a2e", "#6e6a00"])[0, 1] < 0.06 < distances(["#000000", "#ffffff"])[0, 1]


def test_a_hundred_classes_have_colours_of_their_own() -> None:
    assert len({*palette(100)}) == 100


def test_classes_of_one_colour_have_other_signs() -> None:
    assert len({*zip(palette(500), markers(500), strict=True)}) == 500


def test_axes_are_called_as_the_columns_and_in_their_units(
    panels: list[Axes], tmp_path: Path
) -> None:
    columns, shift, scale = ("age", "income"), (40.0, 3e4), (10.0, 1e4)
    found = plane(left, columns=columns, shift=shift, scale=scale)
    draw_decisions([[found]], tmp_path / "a.png")
    (panel,) = panels
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("age", "income")
    (x0, x1), (y0, y1) = panel.get_xlim(), panel.get_ylim()
    assert 39 < x0 < 40.5 < 49 < x1 < 51
    assert 2.9e4 < y0 < 3.05e4 < 3.9e4 < y1 < 4.1e4
    same = plane(left)
    assert torch.equal(found.right, same.right)
    assert (found.plane == same.plane).double().mean() > 0.995


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 0.5, 1.0, 1.4, 30.0, 1e9])
def test_whatever_the_columns_scales_the_picture_is_no_thin_line(
    scale: float, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found: list[float] = []
    save = matplotlib.figure.Figure.savefig

    def saved(figure: matplotlib.figure.Figure, *given: Any, **how: Any) -> None:
        save(figure, *given, **how)
        box = figure.axes[0].get_window_extent()
        found.append(box.height / box.width)

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", saved)
    draw_decisions([[plane(left, scale=(1.0, scale))]], tmp_path / "a.png")
    alike = 1 / 1.5 < scale < 1.5
    assert found == [pytest.approx(scale if alike else 1.0, rel=0.1)]


@pytest.mark.parametrize("value", [0.0, 1.0, -5.0, 1e30, 1e-30])
def test_a_column_that_is_constant_has_room_around_it(value: float) -> None:
    points = torch.tensor([[0.0, value], [1.0, value]])
    x0, y0, x1, y1 = decision("a", left, split(points, torch.tensor([0, 1]))).corners
    assert x0 < 0 < 1 < x1
    assert y0 < torch.tensor(value).item() < y1


def test_the_sign_of_right_points_has_the_colours_of_classes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found: dict[str, set[str]] = {}
    save = matplotlib.figure.Figure.savefig

    def saved(figure: matplotlib.figure.Figure, *given: Any, **how: Any) -> None:
        (legend,) = figure.legends
        for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=True):
            lines = handle if isinstance(handle, tuple) else (handle,)
            found[text.get_text()] = {line.get_color() for line in lines}  # type: ignore[union-attr]
        save(figure, *given, **how)

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", saved)
    draw_decisions([[plane(left)]], tmp_path / "a.png")
    assert found["right"] <= {*palette(2)}
    assert found["wrong"].isdisjoint(palette(2))
