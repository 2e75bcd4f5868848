"""What the record of a run says of its text."""

from __future__ import annotations

from netlang.language.run_record import ReadFile, WhatWasRun


def test_the_data_of_a_record_has_every_field_also_one_left_at_its_default() -> None:
    run = WhatWasRun("a.net", reads=(ReadFile("b.csv", "/b.csv", "5e"),))
    reads = [{"named": "b.csv", "path": "/b.csv", "sha256": "5e"}]
    assert run.as_data == {"file": "a.net", "overrides": (), "reads": reads, "kept": ""}
