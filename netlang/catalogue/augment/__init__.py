"""Augmentations change training samples in each epoch anew, so that a network sees more of them."""

from netlang.catalogue.augment.augmentation import (
    Augmentation,
    AugmentedData,
    Draws,
    Given,
    Remark,
    Seen,
)
from netlang.catalogue.augment.light import Brightness, Contrast
from netlang.catalogue.augment.mixing import CutMix, Mixing, Mixup
from netlang.catalogue.augment.moving import Crop, Flip, Moving, Rotate, Shift, Zoom
from netlang.catalogue.augment.numbers import Cutout, DropFeatures, Noise
from netlang.catalogue.augment.windows import Windows

__all__ = [
    "Augmentation",
    "AugmentedData",
    "Brightness",
    "Contrast",
    "Crop",
    "CutMix",
    "Cutout",
    "Draws",
    "DropFeatures",
    "Flip",
    "Given",
    "Mixing",
    "Mixup",
    "Moving",
    "Noise",
    "Remark",
    "Rotate",
    "Seen",
    "Shift",
    "Windows",
    "Zoom",
]
