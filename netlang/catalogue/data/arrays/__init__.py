"""Data in arrays: pictures, texts and other samples that are no rows of a table."""

from netlang.catalogue.data.arrays.arrays import Arrays
from netlang.catalogue.data.arrays.idx import IDX
from netlang.catalogue.data.arrays.images import Images
from netlang.catalogue.data.arrays.sklearn_set import Sklearn
from netlang.catalogue.data.arrays.text import Text

__all__ = ["IDX", "Arrays", "Images", "Sklearn", "Text"]
