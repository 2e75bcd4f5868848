"""Modules run forwards and backwards, and keep weights; layers are those that files can name."""

from netlang.catalogue.modules.layer import DrawRequest, Join, Layer
from netlang.catalogue.modules.module import Module, Statistic, Weight, numbered
from netlang.catalogue.modules.sequential import Sequential

__all__ = [
    "DrawRequest",
    "Join",
    "Layer",
    "Module",
    "Sequential",
    "Statistic",
    "Weight",
    "numbered",
]
