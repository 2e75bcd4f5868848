"""Which augmentations go with which samples and targets."""

from __future__ import annotations

import pytest
import torch

from netlang.catalogue import registry
from netlang.catalogue.augment import (
    Augmentation,
    Brightness,
    Contrast,
    Crop,
    CutMix,
    Cutout,
    DropFeatures,
    Flip,
    Given,
    Mixup,
    Noise,
    Rotate,
    Shift,
    Windows,
    Zoom,
)
from netlang.catalogue.data import Description, Text
from netlang.catalogue.losses import MSE, SoftmaxCrossEntropy
from netlang.language.shapes import Shape

PLACES: list[Augmentation] = [
    Flip(), Crop(2), Shift(2, dim=-1), Rotate(), Zoom(), Brightness(), Contrast(), Cutout(3)
]  # fmt: skip
OTHERS: list[Augmentation] = [CutMix(), Mixup(), Noise(), DropFeatures(), Windows()]

PICTURE = Description(Shape.of(1, 8, 8), 9, 0, ("a", "b"))
ROW = PICTURE.replace(input=Shape.of(5))
COLUMNS = (("size", "number", 1), ("kind", "category", 4))
CODED = (("size", Shape.of(1)), ("kind", Shape((), 4)))
PIXELS = PICTURE.replace(target_shape=(8, 8))
ON_PICTURES = "Flip Crop Shift Rotate Zoom Brightness Contrast Cutout CutMix Mixup Noise"


@pytest.mark.parametrize(
    ("found", "fitting"),
    [
        (PICTURE, ON_PICTURES),
        (PICTURE.replace(input=Shape.of(8, 8)), ON_PICTURES),
        (ROW, "Shift Mixup Noise DropFeatures"),
        (ROW.replace(columns=COLUMNS), "Mixup Noise DropFeatures"),
        (ROW.replace(columns=COLUMNS[1:]), "Mixup DropFeatures"),
        (ROW.replace(columns=(*COLUMNS, ("words", "text", 4))), "Noise"),
        (ROW.replace(columns=COLUMNS, inputs=CODED), "Noise DropFeatures"),
        (ROW.replace(input=Shape((8, 2), padded=True)), "Noise"),
        (ROW.replace(input=Shape.of(6, tokens=9)), ""),
        (ROW.replace(inputs=(("x", Shape.of(2)), ("y", Shape.of(3)))), "Mixup Noise"),
        (ROW.replace(inputs=(("x", Shape.of(2)), ("y", Shape.of(3, tokens=4)))), ""),
        (Description.of_tasks({"one": ROW, "other": ROW}), "Shift Noise DropFeatures"),
        (PIXELS, "Flip Crop Shift Rotate Zoom Brightness Contrast Cutout Noise"),
        (PICTURE.replace(classes=None, target_shape=(1, 8, 8)), ON_PICTURES),
        (PICTURE.replace(classes=None, target_shape=(2, 8, 8)), ON_PICTURES.replace(
            "Crop Shift Rotate Zoom ", "")),
    ],
)  # fmt: skip
def test_each_goes_with_samples_of_its_kind(found: Description, fitting: str) -> None:
    losses = [SoftmaxCrossEntropy()] if found.classes else [MSE()]
    each = [(one.name, one.remark(Given(found, losses, None))) for one in (*PLACES, *OTHERS)]
    assert [name for name, remark in each if remark is None] == fitting.split()
    assert all(remark.reason and remark.help for _, remark in each if remark)


def test_stretches_along_a_dimension_are_for_sequences_too() -> None:
    padded = ROW.replace(input=Shape((8, 2), padded=True))
    sequence = ROW.replace(input=Shape.of(8, 2))
    for one in (Cutout(3, dim=1), Shift(3), Flip(dim=1)):
        assert one.remark(Given(sequence, [], None)) is None
        assert (one.remark(Given(padded, [], None)) is None) == isinstance(one, Cutout)


def test_edges_need_a_class_that_the_loss_skips_or_none_at_all() -> None:
    for one in (Crop(2), Rotate(), Zoom(), Shift(2, dim=-1)):
        assert one.remark(Given(PIXELS, [SoftmaxCrossEntropy()], None)) is None
        remark = one.remark(Given(PIXELS, [MSE()], None))
        assert remark
        assert remark.of_targets
        mirrored = type(one).declared({**one.values, "mode": "reflect"})
        assert mirrored.remark(Given(PIXELS, [MSE()], None)) is None


def test_mixtures_are_for_losses_of_shares_whose_gradient_is_then_right() -> None:
    source = torch.Generator().manual_seed(0)
    y, t = (torch.rand(4, 3, generator=source, dtype=torch.float64).softmax(1) for _ in range(2))
    refused = set()
    for item in registry.items("loss"):
        loss = item.declared({})
        if "classification" not in item.tasks:
            continue
        if Mixup().remark(Given(PICTURE, [loss], None)):
            refused.add(item.name)
            continue
        outputs = (y.log() if item.expects == "log-probabilities" else y).clone()
        outputs.requires_grad_()
        loss.value(outputs, t).backward()
        assert outputs.grad is not None
        torch.testing.assert_close(loss.gradient(outputs.detach(), t), outputs.grad)
    assert refused == {"CosineEmbedding", "Triplet"}


def test_windows_are_for_texts_that_leave_nothing_out() -> None:
    found = Description(Shape.of(64, tokens=9), 9, 0, ("a", "b"), target_shape=(64,))
    for stride, fits in ((None, True), (64, True), (8, True), (65, False)):
        text = Text.declared({"path": "a.txt", "stride": stride})
        assert (Windows().remark(Given(found, [], text)) is None) == fits
