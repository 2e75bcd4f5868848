"""Optimizers: each file has a family, and each class says how a step changes the weights."""

from netlang.catalogue.optimizers.adam import *
from netlang.catalogue.optimizers.lbfgs import *
from netlang.catalogue.optimizers.lion import *
from netlang.catalogue.optimizers.muon import *
from netlang.catalogue.optimizers.optimizer import *
from netlang.catalogue.optimizers.selective import *
from netlang.catalogue.optimizers.several import *
from netlang.catalogue.optimizers.sgd import *
from netlang.catalogue.optimizers.squares import *
