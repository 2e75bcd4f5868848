"""Normalisation: layers that give numbers the mean 0 and the variance 1, each for other numbers."""

from netlang.catalogue.layers.normalization.of_channels import *
from netlang.catalogue.layers.normalization.of_places import *
