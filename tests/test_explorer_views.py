"""What the explorer's pictures show, cell by cell, is what the package computes."""

import itertools
import re

import numpy as np
import pytest
from explorer import ask

import deconvlib as dl
from deconvlib.geometry import Axis, Geometry

RANDOM = np.random.default_rng(9)
RECT = re.compile(r'<rect x="([-\d.]+)" y="([-\d.]+)" width="([\d.]+)" height="([\d.]+)"[^>]* class="([^"]+)"([^>]*)/>')
TEXT = re.compile(r'<text x="([-\d.]+)" y="([-\d.]+)" class="t-(\w+)"[^>]*>([^<]*)</text>')


def axes_at_random(count):
    while True:
        axes = []
        for _ in range(2):
            i, k, s, d = (int(RANDOM.integers(1, most)) for most in (5, 5, 4, 3))
            full = s * (i - 1) + d * (k - 1) + 1
            begin, end = (int(n) for n in RANDOM.integers(-1, 3, 2))
            if full - begin - end >= 1:
                axes.append(Axis(i, k, s, d, (begin, end)))
        if len(axes) == 2:
            yield tuple(axes[2 - count :])


SETTINGS = [*itertools.islice(axes_at_random(2), 60), *itertools.islice(axes_at_random(1), 40)]


@pytest.fixture(scope="module")
def pictures():
    """Each view of each setting, with random numbers, and what it lights up for every output sample."""
    cases = []
    for axes in SETTINGS:
        x = RANDOM.integers(1, 10, int(np.prod([a.input_size for a in axes])))
        w = RANDOM.integers(1, 10, int(np.prod([a.kernel_size for a in axes])))
        given = [[a.input_size, a.kernel_size, a.stride, a.dilation, *a.crop] for a in axes]
        cases.append((given, x.tolist(), w.tolist()))
    body = """given.map(([axes, x, w]) => {
      const made = axes.map((each) => axis(...each));
      const two = made.length === 1 ? [{ ...ONE, flat: true }, made[0]] : made;
      const model = { axes: two, x, w, y: transposed(two, x, w) };
      const drawn = { output: output(model), counts: output(model, { counts: true }), stamps: stamps(model) };
      Object.assign(drawn, { padded: padded(model), phases: phases(model), matrix: matrix(model) });
      drawn.upright = matrix(model, { upright: true });
      const columns = two[1].output;
      const chosen = model.y.map((_, n) => ({ n: [Math.floor(n / columns), n % columns] }));
      return Object.fromEntries(Object.entries(drawn).map(([name, picture]) => [name, {
        still: picture.still, grids: picture.grids, lit: chosen.map((one) => picture.lit(links(two, one), one)) }]));
    })"""
    names = [f"{name} from geometry.js" for name in ("axis", "ONE", "links", "transposed")]
    names += [f"{name} from views.js" for name in ("output", "stamps", "padded", "phases", "matrix")]
    found = []
    for axes, (_, x, w), drawn in zip(SETTINGS, cases, ask(body, cases, *names)):
        two = Geometry((Axis(1, 1), *axes) if len(axes) == 1 else axes)
        found.append((two, np.reshape(x, two.input_size), np.reshape(w, two.kernel_size), drawn))
    return found


def cells(drawing: str, grid: dict) -> dict[tuple[int, int], tuple[str, str]]:
    """(row, column) -> (role, text) of a grid."""
    texts = {}
    for x, y, _, text in TEXT.findall(drawing):
        texts[place(float(x), float(y), grid)] = text.replace("−", "-")
    found = {}
    for x, y, width, _, role, _ in RECT.findall(drawing):
        cell = place(float(x) + float(width) / 2, float(y) + float(width) / 2, grid)
        if cell is not None and abs(float(width) - grid["size"]) <= 2 and "frame" not in role:
            found[cell] = (role, texts.get(cell, ""))
    return found


def place(x: float, y: float, grid: dict) -> tuple[int, int] | None:
    row, column = (y - grid["y"]) // grid["size"], (x - grid["x"]) // grid["size"]
    inside = 0 <= row < grid["rows"] and 0 <= column < grid["columns"]
    return (int(row), int(column)) if inside else None


def expected(geometry, x, w):
    return dl.METHODS["scatter"](x[None, ..., None], w[..., None, None], geometry)[0, ..., 0]


def test_the_output_has_its_values_and_its_overlap(pictures):
    for geometry, x, w, drawn in pictures:
        y, counts = expected(geometry, x, w), dl.overlap(geometry)
        shown = cells(drawn["output"]["still"], drawn["output"]["grids"][-1])
        assert {cell: int(text) for cell, (_, text) in shown.items()} == dict(np.ndenumerate(y))
        assert {cell for cell, (role, _) in shown.items() if role == "zero"} == set(zip(*np.nonzero(counts == 0)))
        shown = cells(drawn["counts"]["still"], drawn["counts"]["grids"][-1])
        assert {cell: int(text) for cell, (_, text) in shown.items()} == dict(np.ndenumerate(counts))


def test_the_window_on_the_padded_input_has_the_rotated_kernel_and_gives_the_output(pictures):
    for geometry, x, w, drawn in pictures:
        y = expected(geometry, x, w)
        grid = drawn["padded"]["grids"][0]
        still = cells(drawn["padded"]["still"], grid)
        assert (grid["rows"], grid["columns"]) == tuple(o + k - 1 for o, k in zip(geometry.output_size, geometry.span))
        for (n, value), lit in zip(np.ndenumerate(y), drawn["padded"]["lit"]):
            total, taps = 0, []
            for px, py, _, text in TEXT.findall(lit):
                sample, tap = (int(number) for number in text.replace("−", "-").split("·"))
                assert still[place(float(px), float(py), grid)][1] == str(sample)
                taps.append(tap)
                total += sample * tap
            assert total == value, (geometry, n)
            assert sorted(taps) == sorted(w.ravel())


def test_the_stamps_of_one_axis_add_up(pictures):
    for geometry, x, w, drawn in pictures:
        if (
            geometry.input_size[0] > 1
            or geometry.kernel_size[0] > 1
            or "stamp" not in {grid["kind"] for grid in drawn["stamps"]["grids"]}
        ):
            continue
        *_, around, total = drawn["stamps"]["grids"]
        rows = [grid for grid in drawn["stamps"]["grids"] if grid["kind"] == "stamp"]
        sums = np.zeros(around["columns"], int)
        for j, grid in enumerate(rows):
            for (_, column), (role, text) in cells(drawn["stamps"]["still"], grid).items():
                assert role == "kernel"
                sums[column] += int(text)
            assert len(cells(drawn["stamps"]["still"], grid)) == w.size, j
        axis = geometry.axes[1]
        first = max(axis.crop[0], 0)
        below = cells(drawn["stamps"]["still"], total)
        shown = [int(below[0, column][1]) for column in range(axis.output_size)]
        assert shown == expected(geometry, x, w)[0].tolist() == sums[first : first + axis.output_size].tolist()


def test_what_the_crop_cuts_stands_around_the_output(pictures):
    for geometry, _, _, drawn in pictures:
        around, grid = drawn["output"]["grids"]
        cut = {cell for cell, (role, _) in cells(drawn["output"]["still"], around).items() if role == "crop"}
        begins = [max(begin, 0) for begin, _ in geometry.crop]
        sizes = [b + o + max(end, 0) for b, o, (_, end) in zip(begins, geometry.output_size, geometry.crop)]
        inside = [range(b, b + o) for b, o in zip(begins, geometry.output_size)]
        assert (around["rows"], around["columns"]) == tuple(sizes)
        assert cut == set(np.ndindex(*sizes)) - set(itertools.product(*inside)), geometry
        assert (grid["rows"], grid["columns"]) == geometry.output_size


def test_stamps_lie_where_they_fall(pictures):
    """With two axes: as many shades upon a cell as pairs reach it."""
    for geometry, _, _, drawn in pictures:
        grid = drawn["stamps"]["grids"][0]
        if grid["kind"] == "stamp":
            continue
        counts = np.zeros((grid["rows"], grid["columns"]), int)
        for x, y, width, _, role, _ in RECT.findall(drawn["stamps"]["still"]):
            if role == "ink-of-stamp":
                counts[place(float(x) + float(width) / 2, float(y) + float(width) / 2, grid)] += 1
        begins = [max(begin, 0) for begin, _ in geometry.crop]
        window = tuple(slice(begin, begin + size) for begin, size in zip(begins, geometry.output_size))
        assert np.array_equal(counts[window], dl.overlap(geometry)), geometry


def test_phases_interleave_into_the_output(pictures):
    for geometry, x, w, drawn in pictures:
        *kernels, whole = drawn["phases"]["grids"]
        shown = cells(drawn["phases"]["still"], whole)
        assert {cell: int(text) for cell, (_, text) in shown.items()} == dict(np.ndenumerate(expected(geometry, x, w)))
        taps = [int(text) for grid in kernels for _, text in cells(drawn["phases"]["still"], grid).values()]
        assert sorted(taps) == sorted(w.ravel())
        hues = {}
        for px, py, width, _, role, more in RECT.findall(drawn["phases"]["still"]):
            cell = place(float(px) + float(width) / 2, float(py) + float(width) / 2, whole)
            if role == "phase" and cell is not None:
                hues[cell] = re.search(r"--hue:(\d+)", more)[1]
        for row, column in hues:
            s = geometry.stride
            assert hues[row, column] == hues[row % s[0], column % s[1]]


@pytest.mark.parametrize("name", ["matrix", "upright"])
def test_the_matrix_has_the_taps_where_the_package_has_them(pictures, name):
    for geometry, _, w, drawn in pictures:
        C = dl.conv_matrix(w[..., None, None], geometry)
        C = C.T if name == "upright" else C
        grid = drawn[name]["grids"][0]
        assert (grid["rows"], grid["columns"]) == C.shape
        shown = cells(drawn[name]["still"], grid)
        assert set(shown) == set(zip(*np.nonzero(C)))
        for cell, (role, text) in shown.items():
            assert role in ("kernel", "entry")
            if text:
                assert int(text) == C[cell]
