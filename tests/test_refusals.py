"""The edge of every refusal: the last call that is accepted, its neighbour that is not, and what that is told.

refusals.txt has the cases: two calls, and below them how the error begins, with the rule and the value.
"""

import re
from pathlib import Path

import numpy as np
import pytest

import deconvlib as dl
from deconvlib import frameworks

CASES = re.findall(r"^(\S.*)\n(\S.*)\n {4}(.+)$", Path(__file__).with_name("refusals.txt").read_text("utf8"), re.M)
NAMES = vars(frameworks) | {
    "dl": dl,
    "np": np,
    "x": np.ones((2, 4, 5, 6)),
    "kernel": np.ones((3, 3, 4, 6)),
    "z": np.ones((2, 9, 11, 4)),
    "geometry": dl.Geometry.of((4, 5), 3, 2),
    "plan": dl.plan(np.ones((3, 3, 4, 6)), dl.Geometry.of((4, 5), 3, 2)),
    **dl.METHODS,
}


@pytest.mark.parametrize(("accepted", "refused", "told"), CASES, ids=[refused for _, refused, _ in CASES])
def test_a_call_is_accepted_and_its_neighbour_is_refused(accepted, refused, told):
    eval(accepted, NAMES)
    with pytest.raises((TypeError, ValueError)) as error:
        eval(refused, NAMES)
    assert f"{error.type.__name__}: {error.value}".startswith(told)


def test_there_are_cases_of_every_part():
    """A case that is written otherwise would not be read."""
    lines = Path(__file__).with_name("refusals.txt").read_text("utf8").splitlines()
    assert len(CASES) == sum(line.startswith("    ") for line in lines)
    assert 3 * len(CASES) == sum(bool(line) and not line.startswith("#") for line in lines)
