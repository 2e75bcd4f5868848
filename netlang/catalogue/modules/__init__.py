"""Modules run forwards and backwards, and keep weights; layers are those that files can name."""

from netlang.catalogue.modules.inputs import takes_inputs as takes_inputs
from netlang.catalogue.modules.layer import DrawRequest as DrawRequest
from netlang.catalogue.modules.layer import Join as Join
from netlang.catalogue.modules.layer import Layer as Layer
from netlang.catalogue.modules.module import Module as Module
from netlang.catalogue.modules.module import Statistic as Statistic
from netlang.catalogue.modules.module import Weight as Weight
from netlang.catalogue.modules.module import numbered as numbered
from netlang.catalogue.modules.sequential import Sequential as Sequential
from netlang.catalogue.modules.sight import Sight as Sight
from netlang.catalogue.modules.sight import up_to_its_own as up_to_its_own
from netlang.catalogue.modules.weights import PlacedWeight as PlacedWeight
from netlang.catalogue.modules.weights import Weights as Weights
from netlang.catalogue.modules.windows import Window as Window
