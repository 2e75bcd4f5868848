"""``Text`` is the data set of a text, in which each symbol is to be predicted from those before."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from netlang.catalogue.arguments import Size, arg
from netlang.catalogue.data.arrays.opened import Opened, Refused, locate, opened, refusal
from netlang.catalogue.data.columns.texts import BYTES
from netlang.catalogue.data.dataset import DataSet, Samples, Split
from netlang.catalogue.data.description import Description
from netlang.catalogue.data.pipeline.text_pipeline import TextPipeline, windows
from netlang.catalogue.data.splits import part_sizes
from netlang.language.diagnostics import NetError
from netlang.language.diagnostics.messages.data import EmptyData
from netlang.language.diagnostics.wording import counted
from netlang.language.shapes import Shape
from netlang.system.fingerprint import Fingerprint
from netlang.system.lazy import np, torch

if TYPE_CHECKING:
    from torch import Tensor

_PURPOSES = {"train": "learn from", "validation": "validate on", "test": "test on"}


class Text(DataSet, like=("TextFile", "CharDataset", "Corpus")):
    """A text in UTF-8: the network tells at each place which symbol comes next.

    Inputs: [N, context] of tokens, one for each character of the text or for each byte.  Targets
    [N, context]: the symbol behind each. Samples follow each other; the end of the text is the
    test, and what comes before it the validation.
    """

    for_path = "`Text({})`"
    endings = (".txt",)
    predicts_next = True

    path: str = arg(
        doc="the file, relative to the file that names it", known_as=("file", "filename")
    )
    context: Size = arg(
        default=64,
        at_most=1 << 20,
        doc="symbols of a sample",
        known_as=("block_size", "seq_len", "sequence_length", "length", "window"),
    )
    by: str = arg(
        default="characters",
        choices=("characters", "bytes"),
        doc="what a token is: a character of the text, or one of 256 bytes",
    )
    test: float = arg(
        default=0.1,
        at_least=0.0,
        below=1.0,
        doc="the share of the text to test on, its end; 0 for no test",
        known_as=("test_size", "test_split"),
    )
    validation: float = arg(
        default=0.0, at_least=0.0, below=1.0, doc="the share before that, to choose models by"
    )
    stride: Size | None = arg(
        default=None,
        doc="symbols from the beginning of a sample to learn from to that of the next; by default "
        "`context`, so that none is in two",
        known_as=("step", "hop"),
    )

    @cached_property
    def _file(self) -> Opened:
        """The file as it was read.  Raises NetError."""
        return opened(self, self.path, locate(self, self.path))

    @cached_property
    def text(self) -> str:
        """The text; by bytes, each of these as the character of its number.

        Raises NetError.
        """
        content = bytes(self._file.content)
        if self.by == "bytes":
            return content.decode("latin-1")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as wrong:
            line = content.count(b"\n", 0, wrong.start) + 1
            reason = f"line {line:,} is no UTF-8: it has a byte {content[wrong.start]:#04x}"
            help = 'save it in UTF-8, or take what it is made of, `by="bytes"`'
            raise refusal(self, self.path, Refused(reason, help)) from None

    @cached_property
    def pipeline(self) -> TextPipeline:
        """How the text becomes tokens.  Raises NetError."""
        symbols = BYTES if self.by == "bytes" else tuple(sorted({*self.text}))
        if len(symbols) < 2:
            what = f"it holds nothing but {symbols[0]!r}" if symbols else "it is empty"
            raise refusal(self, self.path, Refused(what, "name a text to learn from"))
        return TextPipeline(self.by, self.context, symbols)

    @property
    def files(self) -> tuple[Fingerprint, ...]:
        return (self._file.fingerprint,)

    def sizes(self) -> dict[str, int]:
        """How many symbols each part has, in the order in which they stand in the text."""
        ((train, test, validation),) = part_sizes([len(self.text)], self.test, self.validation)
        return {"train": train, "validation": validation, "test": test}

    def stride_in(self, part: str) -> int:
        """How far a sample of the part begins behind the one before."""
        return self.stride if self.stride and part == "train" else self.context

    def describe(self, seed: int = 0) -> Description:
        pipeline, sizes = self.pipeline, self.sizes()
        samples = {
            part: max(0, (size - 1 - self.context) // self.stride_in(part) + 1)
            for part, size in sizes.items()
        }
        self._check(samples, sizes)
        return Description(
            Shape.of(self.context, tokens=len(pipeline.symbols)),
            samples["train"],
            samples["test"],
            pipeline.classes,
            target_shape=(self.context,),
            validation=samples["validation"],
        )

    def load(self, seed: int = 0) -> Split:
        found, sizes = self.describe(), self.sizes()
        parts = zip(sizes, torch.split(self._tokens(), [*sizes.values()]), strict=True)
        samples = {
            name: Samples(*windows(part, self.context, self.stride_in(name)))
            for name, part in parts
            if name in found.parts
        }
        train, others = samples["train"], (samples.get("test"), samples.get("validation"))
        return Split(train, *others, self.pipeline)

    def _check(self, samples: Mapping[str, int], sizes: Mapping[str, int]) -> None:
        """Raises NetError where a part that is asked for has no samples."""
        for part, purpose in _PURPOSES.items():
            argument = "context" if part == "train" else part
            if samples[part] or not self.values[argument]:
                continue
            has = f"{counted(sizes[part], self.by.removesuffix('s'))} to {purpose}"
            makes = "makes" if sizes[part] == 1 else "make"
            what = f"{has} {makes} no sample of {self.context} and what comes next"
            other = "a longer text" if part == "train" else f"a larger share for `{part}`"
            help = f"take a smaller `context`, or {other}"
            raise NetError(EmptyData(self.at(argument), what, "", help))

    def _tokens(self) -> Tensor:
        """All tokens of the text.  Shape: [symbols] int64."""
        if self.by == "bytes":
            return torch.from_numpy(np.frombuffer(self._file.content, np.uint8).astype(np.int64))
        points, known = (
            np.frombuffer(text.encode("utf-32-le"), np.uint32)
            for text in (self.text, "".join(self.pipeline.symbols))
        )
        return torch.from_numpy(np.searchsorted(known, points).astype(np.int64))
