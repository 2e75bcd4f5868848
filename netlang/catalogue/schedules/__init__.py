"""Schedules: how the learning rate changes while a network is trained."""

from netlang.catalogue.schedules.curves import (
    Cosine,
    CosineLog,
    CosineRestarts,
    OneCycle,
    Polynomial,
)
from netlang.catalogue.schedules.falls import Exponential, MultiStep, Step
from netlang.catalogue.schedules.flat import Constant, Warmup
from netlang.catalogue.schedules.plateau import Plateau, PlateauState
from netlang.catalogue.schedules.rates import Part, Rates, parts_of_training
from netlang.catalogue.schedules.schedule import PER_EPOCH, Place, Schedule

__all__ = [
    "PER_EPOCH",
    "Constant",
    "Cosine",
    "CosineLog",
    "CosineRestarts",
    "Exponential",
    "MultiStep",
    "OneCycle",
    "Part",
    "Place",
    "Plateau",
    "PlateauState",
    "Polynomial",
    "Rates",
    "Schedule",
    "Step",
    "Warmup",
    "parts_of_training",
]
