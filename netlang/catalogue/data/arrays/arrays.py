"""``Arrays`` is the data set whose samples are in files of NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from netlang.catalogue.data.arrays import npy_format
from netlang.catalogue.data.arrays.arranged import Arranged, names_of
from netlang.catalogue.data.arrays.ends import check_inside, check_lengths, ended
from netlang.catalogue.data.arrays.named_arrays import NamedArrays, Place
from netlang.catalogue.data.arrays.opened import Opened, Refused
from netlang.catalogue.data.arrays.targets import ArrayTargets, read_targets, targets_like
from netlang.catalogue.data.pipeline.array_samples import unusable
from netlang.system.lazy import np


class Arrays(NamedArrays, like=("NPZ", "NPY", "Numpy", "TensorDataset")):
    """Arrays that NumPy has saved: an NPZ file of them, or an NPY file for each.

    Inputs: [N, *], of any shape; several arrays lie in a row, and `Input("name")` takes one. Of
    ``tokens``, whole numbers stand for something. Targets [N] of texts or whole numbers make
    classes by the rules of `Table`, others are numbers to predict, as are [N, targets]; with
    `task="classification"`, those of [N, *] are a class at each place, and -1 is none. With
    `target="input"` they are the inputs themselves, as an autoencoder gives them back. Without
    arrays to test on, the share ``test`` is set aside, of every class as nearly the same as whole
    samples allow.
    """

    for_path = '`Arrays({}, inputs="x", target="y")`'
    endings = (".npz", ".npy")

    def read(self) -> Arranged:
        places = self.places()
        files = dict[str, Opened]()
        for place in (one for named in places.values() for one in named if one):
            if place.path not in files and self.held is None:
                files[place.path] = place.opened(self)
        prints = tuple(one.fingerprint for one in files.values())
        found, *beside = self._inputs(places, files)
        found = found.replace(files=prints)
        if beside:
            found = found.replace(beside=tuple(beside))
        if not places["target"]:
            return found.with_inputs_as_targets()
        return self._with_targets(found, places, files)

    def _inputs(
        self, places: Mapping[str, Sequence[Place | None]], files: Mapping[str, Opened]
    ) -> list[Arranged]:
        """The inputs, of as many samples each, and those to test on.  Raises NetError."""
        found = list[Arranged]()
        for index, place in enumerate(places["inputs"]):
            assert place
            tokens = [*self.each_of("tokens"), *[0] * len(places["inputs"])][index] or None
            lengths = _at(places["lengths"], index)
            samples = self._samples(place, lengths, tokens, files)
            if found and len(samples) != len(found[0].samples):
                self._refuse_another_count(place, samples, places["inputs"][0], found[0].samples)
            called = place.name or Path(self.path).stem
            of_lengths = "" if lengths is None else lengths.name or Path(lengths.path).stem
            one = Arranged(called, "", samples, ArrayTargets(None), (), lengths=of_lengths)
            one = one.replace(tokens=tokens)
            if tested := _at(places["test_inputs"], index):
                others = self._samples(tested, _at(places["test_lengths"], index), tokens, files)
                self._check_alike(tested, others, samples)
                if found and found[0].tested and len(others) != len(found[0].tested[0]):
                    first = places["test_inputs"][0]
                    self._refuse_another_count(tested, others, first, found[0].tested[0])
                one = one.replace(tested=(others, others))
            found.append(one)
        return found

    def _refuse_another_count(
        self, place: Place, samples: Any, first: Place | None, others: Any
    ) -> None:
        assert first
        reason = f"`{first.name}` has {len(others):,} samples, and `{place.name}` {len(samples):,}"
        raise place.refused(self, Refused(reason, "save as many of both"))

    def _check_alike(self, place: Place, others: Any, samples: Any) -> None:
        """Raises NetError for samples to test on that have another shape."""
        if others.shape[1:] != samples.shape[1:]:
            sizes = " and ".join(str([*one.shape[1:]]) for one in (others, samples))
            reason = f"samples of the test and those to learn from have other shapes: {sizes}"
            raise place.refused(self, Refused(reason, "give both the same shape"))

    def _samples(
        self,
        place: Place,
        lengths: Place | None,
        tokens: int | None,
        files: Mapping[str, Opened],
    ) -> Any:
        """The samples at a place, with NaN behind the ends that the ``lengths`` tell.

        Shape: [N, *].  Raises NetError.
        """
        samples = self._array(place, files)
        if samples.dtype.kind not in "biuf":
            raise place.refused(self, Refused("it holds texts", "save an array of numbers"))
        if samples.ndim == 1:
            samples = samples[:, None]
        if not self.has_several:
            samples = self.shaped(samples)
        elif self.shape is not None:
            why = Refused("it has several inputs", "leave `shape` out, and save them in theirs")
            raise self.refused_at("shape", why)
        if lengths:
            samples = self._sequences(place, samples, lengths, tokens, files)
        if wrong := unusable(place.name, samples, bool(lengths), tokens):
            help = "mend or remove the sample"
            if tokens is not None and "tokens" in wrong.wrong:
                help = "give `tokens` the largest one and 1 more, or mend the sample"
            raise place.refused(self, Refused(f"sample {wrong.sample} {wrong.wrong}", help))
        return samples

    def _sequences(
        self,
        inputs: Place,
        samples: Any,
        place: Place,
        tokens: int | None,
        files: Mapping[str, Opened],
    ) -> Any:
        """The samples with NaN behind the ends that the array at ``place`` tells.

        Shape: [N, steps], of tokens, or [N, steps, features].  Raises NetError.
        """
        lengths = self._array(place, files)
        rank, wanted = (3, "[N, steps, features]") if tokens is None else (2, "[N, steps]")
        sequences = samples[:, :, None] if samples.ndim == 2 < rank else samples
        if sequences.ndim != rank:
            shape = [*samples.shape]
            what = "sequences" if tokens is None else "sequences of tokens"
            why = Refused(f"it has the shape {shape}", f"{what} have {wanted}")
            raise inputs.refused(self, why)
        count, steps = sequences.shape[:2]
        try:
            check_lengths(lengths, place.name or place.path, count, steps)
        except Refused as why:
            raise place.refused(self, why) from None
        try:
            check_inside(sequences, lengths)
        except Refused as why:
            raise inputs.refused(self, why) from None
        return ended(sequences, lengths)

    def _with_targets(
        self,
        found: Arranged,
        places: Mapping[str, Sequence[Place | None]],
        files: Mapping[str, Opened],
    ) -> Arranged:
        """What was ``found`` with its targets.  Raises NetError."""
        named, values = dict[str, ArrayTargets](), list[Any]()
        for index, place in enumerate(places["target"]):
            assert place
            name = place.name or Path(place.path).stem
            named[name] = self._targets(place, files, found.samples, self._read_targets)
            if tested := _at(places["test_target"], index):
                assert found.tested
                like = named[name]
                read = partial(targets_like, like)
                values.append(self._targets(tested, files, found.tested[0], read))
        if len(named) > 1:
            self._check_several(named, places["target"])
            if not any(one.classes for one in named.values()):
                named, values = _side_by_side(named, values)
        (name, targets), *further = named.items()
        found = found.replace(target=name, targets=targets, further=tuple(further))
        if found.tested:
            found = found.replace(tested=(found.tested[0], values if further else values[0]))
        return found

    def _check_several(
        self, named: Mapping[str, ArrayTargets], places: Sequence[Place | None]
    ) -> None:
        """Raises NetError for one of several targets that is more than a class or numbers
        for each sample.
        """
        has_classes = any(one.classes for one in named.values())
        for (name, one), place in zip(named.items(), places, strict=True):
            assert place
            each = one.values.shape[1:]
            if (has_classes and math.prod(each) != 1) or (one.classes and each):
                what = f"`{name}` has {[*each]} for each sample, beside other targets"
                help = "of several targets, each is a class or a number"
                raise place.refused(self, Refused(what, help))

    def _read_targets(self, found: Any) -> ArrayTargets:
        return read_targets(found, self.task, self.classes)

    def _targets(
        self,
        place: Place,
        files: Mapping[str, Opened],
        samples: Any,
        read: Callable[[Any], Any],
    ) -> Any:
        """What ``read`` makes of the targets of ``samples``.  Raises NetError."""
        found = self._array(place, files)
        try:
            if len(found) != len(samples):
                reason = f"there are {len(found):,} targets, and {len(samples):,} samples"
                raise Refused(reason, "save as many of both")
            return read(found)
        except Refused as why:
            raise place.refused(self, why) from None

    def _array(self, place: Place, files: Mapping[str, Opened]) -> Any:
        if self.held is not None:
            return self.held[place.name]
        content = files[place.path].content
        try:
            if place.name:
                return npy_format.member_in(content, place.name)
            return npy_format.array_in(content)
        except Refused as why:
            raise place.refused(self, why) from None


def _at(places: Sequence[Place | None], index: int) -> Place | None:
    return places[index] if places else None


def _side_by_side(
    named: Mapping[str, ArrayTargets], tested: Sequence[Any]
) -> tuple[dict[str, ArrayTargets], list[Any]]:
    """Targets of numbers as one, and those to test on."""
    names = tuple(one for name, found in named.items() for one in names_of(name, found))
    values = np.concatenate([one.values for one in named.values()], 1)
    tests = [np.concatenate(tested, 1)] if tested else []
    return {names[0]: ArrayTargets(values, names=names)}, tests
