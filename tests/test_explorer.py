"""The explorer computes in the reader's browser: what it says is what deconvlib says."""

import itertools

import numpy as np
from explorer import ask

import deconvlib as dl

GRID = list(itertools.product(range(1, 6), range(1, 6), range(1, 5), range(1, 4), range(-1, 4), range(-2, 4), range(4)))
RANDOM = np.random.default_rng(20)


def answered(axes, arrays):
    """What the explorer makes of the knobs of one or two axes, and of the numbers in the cells."""
    body = """given.map(([axes, x, w]) => {
      try {
        const made = axes.map(([i, k, s, d, b, e, a]) => cropped(i, k, s, d, b, e, a));
        const two = made.length === 1 ? [ONE, made[0]] : made;
        return { made, y: transposed(two, x, w), entries: entries(two), overlap: made.map(overlap),
                 phases: made.map(phases), even: evenOverlap(made), kernels: made.map(evenKernel),
                 multiplications: multiplications(made) };
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        return { refusal: refusal.message };
      }
    })"""
    names = [
        "ONE",
        "Refusal",
        "cropped",
        "entries",
        "evenKernel",
        "evenOverlap",
        "multiplications",
        "overlap",
        "phases",
        "transposed",
    ]
    given = [[each, *(array.tolist() for array in both)] for each, both in zip(axes, arrays)]
    return ask(body, given, *(f"{name} from geometry.js" for name in names))


def geometry_of(axes) -> dl.Geometry:
    return dl.Geometry(tuple(dl.Axis(i, k, s, d, (b, e - a)) for i, k, s, d, b, e, a in axes))


def numbers(axes):
    """Random input and kernel, flat."""
    inputs, taps = (int(np.prod([axis[n] for axis in axes])) for n in (0, 1))
    return RANDOM.integers(-9, 10, inputs), RANDOM.integers(-9, 10, taps)


def asked_of_deconvlib(axes, x, w):
    """The same call, with a kernel of one channel; or the words of its refusal."""
    i, k, s, d, b, e, a = zip(*axes)
    x, w = x.reshape(1, *i, 1), w.reshape(*k, 1, 1)
    padding = tuple(zip(b, e))
    try:
        return dl.conv_transpose(x, w, s, padding, a, dilation_rate=d, method="scatter")[0, ..., 0]
    except ValueError as error:
        return str(error)


def compare(axes, arrays, answers):
    refusals = 0
    for each, (x, w), answer in zip(axes, arrays, answers):
        expected = asked_of_deconvlib(each, x, w)
        if isinstance(expected, str):
            assert answer == {"refusal": expected}, each
            refusals += 1
            continue
        geometry = geometry_of(each)
        assert answer["y"] == expected.ravel().tolist(), each
        assert tuple(made["output"] for made in answer["made"]) == geometry.output_size
        assert tuple(made["full"] for made in answer["made"]) == geometry.full_size
        assert tuple(made["span"] for made in answer["made"]) == geometry.span
        C = np.zeros((x.size, expected.size), int)
        for entry in answer["entries"]:
            C[entry["row"], entry["column"]] = w[entry["tap"]]
        kernel = w.reshape(*geometry.kernel_size, 1, 1)
        assert np.array_equal(C, dl.conv_matrix(kernel, geometry)), each
        counts = [np.array(axis) for axis in answer["overlap"]]
        assert np.array_equal(counts[0] if len(counts) == 1 else np.outer(*counts), dl.overlap(geometry))
        assert answer["even"] == dl.even_overlap(geometry)
        assert answer["multiplications"] == x.size * w.size
        for axis, phases, least in zip(geometry.axes, answer["phases"], answer["kernels"]):
            taps = [np.arange(axis.kernel_size)[taps].tolist() for _, taps, _ in axis.phases()]
            assert phases[: len(taps)] == taps
            try:
                assert least == dl.even_kernel_size(axis.kernel_size, axis.stride, axis.dilation)
            except ValueError:
                assert least is None
    return refusals


def test_one_axis_is_right_for_settings_at_random():
    """Sizes, sums, the matrix, overlap, phases, and why a setting is refused."""
    axes = [[GRID[n]] for n in RANDOM.choice(len(GRID), 3000, replace=False)]
    arrays = [numbers(each) for each in axes]
    refused = compare(axes, arrays, answered(axes, arrays))
    assert 100 < refused < len(axes) - 100


def test_two_axes_are_right_for_settings_at_random():
    legal = [
        s for s in GRID if s[6] < max(s[2], s[3]) and s[2] * (s[0] - 1) + s[3] * (s[1] - 1) + 1 > s[4] + s[5] - s[6]
    ]
    chosen = RANDOM.choice(len(legal), (400, 2))
    axes = [[legal[a], legal[b]] for a, b in chosen] + [[GRID[0], GRID[-1]], [GRID[5], GRID[300]]]
    arrays = [numbers(each) for each in axes]
    refused = compare(axes, arrays, answered(axes, arrays))
    assert refused >= 1


def test_the_address_keeps_a_state_and_refuses_nonsense():
    """What an address says comes back from it; what it can't mean is as at the start."""
    states = [
        "i=4&k=2x3&s=1x2&b=1x0&e=-1&a=1x0&x=picture&w=1,-2,3.5,4,5,6&seed=7",
        "axes=1&i=5&k=4&s=3&d=2&e=1&x=ones&w=random",
        "of=keras&call=strides=2,+padding=%22same%22",
        "i=99999999&k=-3&s=x&d=1.4&b=&p=1,2,y&w=none&q=1&seed=z",
        "p=1x2&c=8x12",
        "axes=3&i=4&k=2x3x5&p=0x1",
    ]
    body = "given.map((search) => { const state = fromAddress(search); return [state, address(state)]; })"
    answers = ask(body, states, "fromAddress from state.js", "address from state.js")
    again = ask(body, [said for _, said in answers], "fromAddress from state.js", "address from state.js")
    assert again == answers
    typed, one, keras, odd, sides, three = (state for state, _ in answers)
    assert (typed["k"], typed["b"], typed["e"], typed["w"]) == ([2, 3], [1, 0], [-1, -1], [1, -2, 3.5, 4, 5, 6])
    assert (one["axes"], one["i"], one["e"], one["x"]) == (1, [5, 5], [1, 1], "ones")
    assert (keras["of"], keras["call"]) == ("keras", 'strides=2, padding="same"')
    assert (odd["i"], odd["k"], odd["s"], odd["d"], odd["b"], odd["w"]) == (
        [100000] * 2,
        [1, 1],
        [2, 2],
        [1, 1],
        [0, 0],
        "ramp",
    )
    assert (sides["b"], sides["e"], sides["c"]) == ([1, 2], [1, 2], [8, 12])
    assert (three["i"], three["k"], three["b"]) == ([4, 4, 4], [2, 3, 5], [0, 0, 1])


def test_numbers_that_were_not_typed_are_zero():
    """So is what an address does not say of a larger grid."""
    assert ask("filled(given, [2, 3])", [5, -1], "filled from model.js") == [5, -1, 0, 0, 0, 0]


def test_what_is_typed_is_a_number_or_zero():
    texts = ["3", "-1", "−1", "1.5", "1,5", "", "x", "9" * 400, "1e999", "-", " 2 "]
    assert ask("given.map(typed)", texts, "typed from model.js") == [3, -1, -1, 1.5, 1.5, 0, 0, 0, 0, 0, 2]


def test_what_a_cell_says_is_what_there_is():
    """One axis: a sample, a tap, a product, with and without something that the crop cuts."""
    said = {
        ("", '{"j": [0, 1]}'): "x[1] = 2 times the kernel lands on 3 output samples",
        ("", '{"t": [0, 2]}'): "Tap w[2] = 3 lands on 3 output samples, one for each input sample",
        ("b=1", '{"t": [0, 0]}'): "Tap w[0] = 1 lands on 2 output samples",
        ("b=3", '{"j": [0, 0]}'): "x[0] = 1 times the kernel lands on nothing: the crop cuts it",
        ("b=1", '{"j": [0, 0], "t": [0, 0]}'): "x[0]·w[0] = 1·1: the crop cuts it",
        ("b=1", '{"j": [0, 0], "t": [0, 1]}'): "x[0]·w[1] = 1·2 = 2 lands in y[0]",
        ("b=1", '{"n": [0, 1]}'): "y[1] = 1·3 + 2·1 = 5",
        ("k=1", '{"n": [0, 1]}'): "y[1] = 0: no tap reaches it",
        ("i=17&k=17&s=1&x=ones&w=ones", '{"n": [0, 16]}'): "y[16] = 17 = " + " + ".join(["1·1"] * 17),
        ("", '{"j": [0, 0], "n": [0, 6]}'): "C has a zero here: x[0] does not reach y[6]",
        ("", '{"j": [0, 0], "n": [0, 2]}'): "x[0]·w[2] = 1·3 = 3 lands in y[2], one of the 2 numbers that add up to 5",
    }
    body = """given.map(([search, chosen]) => {
      const state = fromAddress(`axes=1&${search}`);
      return told(model(axesOf(state), state), JSON.parse(chosen));
    })"""
    names = ("told from model.js", "model from model.js", "axesOf from state.js", "fromAddress from state.js")
    assert ask(body, [*said], *names) == [*said.values()]
