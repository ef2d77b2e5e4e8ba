"""The strided sums of the planes: which residues one sum takes together."""

import pytest
from cases import AXES

from deconvlib import Axis, Geometry
from deconvlib.fast.frame import Frame


@pytest.mark.parametrize("axis", AXES.values(), ids=AXES)
def test_each_residue_is_added_up_once(axis):
    """Residues that are taken together are the runs of the axis, in their order and at the distances that are said."""
    frame = Frame.of(Geometry((axis,)))
    places = [
        (
            p.first + n * p.apart[0],
            (p.begin[0] + n * p.terms_apart[1][0], p.begin[1] + n * p.terms_apart[1][1]),
            p.lengths,
            p.counts,
        )
        for p in frame.phases
        for n in range(*p.numbers)
    ]
    assert places == [(run.first, (run.begin, run.tap), (run.length,), (run.count,)) for run in frame.runs[0]]


@pytest.mark.parametrize(
    ("axis", "numbers"),
    [
        (Axis(8, 4, 2, crop=(1, 1)), [2]),
        (Axis(8, 3, 2), [1, 1]),  # two taps, then one
        (Axis(8, 5, 4), [1, 3]),
        (Axis(9, 3, 1, 3, crop=(3, 3)), [3]),
    ],
)
def test_residues_alike_are_one_sum(axis, numbers):
    """As many taps and samples at equal distances: one call adds up all of them."""
    assert [phase.numbers[0] for phase in Frame.of(Geometry((axis,))).phases] == numbers


@pytest.mark.parametrize("axis", AXES.values(), ids=AXES)
def test_the_line_holds_all_that_is_read(axis):
    """From the first sample of a residue to its last, nothing lies before the line or behind it."""
    frame = Frame.of(Geometry((axis,)))
    for run in frame.runs[0]:
        if run.length:
            assert frame.front + run.begin >= 0
            assert frame.front + run.end <= frame.length
