"""When a network that is taught has learned enough."""

from __future__ import annotations

import pytest

from precompute.finetune.transfer import Course


@pytest.mark.parametrize(
    ("gains", "is_over"),
    [
        ([], False),
        ([0.1, 0.2, 0.3], False),
        ([0.3, 0.2, 0.3], True),  # as good is no better
        ([0.1, 0.3, 0.2], False),
        ([0.1, 0.3, 0.2, 0.2], True),
        ([0.1, 0.2, 0.3, 0.4, 0.5], True),  # all epochs
    ],
)
def test_it_ends_after_so_many_epochs_in_a_row_that_are_no_better(gains: list[float], is_over: bool) -> None:
    assert Course(epochs=5, patience=2).is_over(gains) == is_over
