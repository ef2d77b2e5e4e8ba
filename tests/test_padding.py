"""Laws of the words "valid" and "same"; what they mean in Keras is judged in test_tensorflow.py and in conformance."""

import subprocess
import sys

import pytest
from cases import axes, integers
from hypothesis import given
from hypothesis import strategies as st

import deconvlib as dl
from deconvlib import padding


@given(axes(), st.sampled_from(["valid", "same"]))
def test_words_depend_on_no_crop_and_same_scales_by_the_stride(axis, word):
    said = padding.transposed(word, axis)
    assert said == padding.transposed(word, dl.Axis(axis.input_size, axis.kernel_size, axis.stride, axis.dilation))
    if word == "same":
        assert said.output_size == axis.input_size * axis.stride
    else:
        assert said.crop[0] == 0
        assert said.output_size >= said.full_size


@given(axes(), st.integers(0, 4), st.sampled_from(["valid", "same"]))
def test_an_output_padding_names_the_size_that_the_forward_convolution_would_take(axis, a, word):
    """It adds one sample each to the smallest such size."""
    i, s = axis.input_size, axis.stride
    a %= s
    smallest = axis.full_size if word == "valid" else (i - 1) * s + axis.span % 2
    if smallest + a < 1:
        with pytest.raises(ValueError, match="leave output_padding at None"):
            padding.transposed(word, axis, a)
        return
    assert padding.transposed(word, axis, a).output_size == smallest + a


@given(axes(max_size=9))
def test_forward_same_divides_by_the_stride_and_rounds_up(axis):
    said = padding.forward("same", axis.input_size, axis.kernel_size, axis.stride, axis.dilation)
    assert said.output_size == axis.input_size
    assert said.input_size == len(range(0, axis.input_size, axis.stride))


@pytest.mark.parametrize("function", [dl.conv, dl.conv_transpose])
def test_a_word_that_has_no_meaning_is_refused_without_naming_a_framework_that_nobody_used(function):
    with pytest.raises(ValueError, match=r"padding must be 'valid', 'same', an integer, .* got 'full'") as refused:
        function(integers((1, 4, 2)), integers((3, 2, 2)), padding="full")
    assert "Keras" not in str(refused.value)
    with pytest.raises(ValueError, match="output_padding must be at least 0 and less than the stride") as refused:
        dl.conv_transpose(integers((1, 4, 2)), integers((3, 2, 2)), 2, "same", 2)
    assert "Keras" not in str(refused.value)


def test_whether_a_stride_is_legal_does_not_depend_on_what_was_called_before():
    """2 == 2.0 == 2 + 0j and 1 == True: a cache must not take one for the other."""
    code = """
import numpy as np, deconvlib as dl
x, kernel = np.ones((1, 4, 1)), np.ones((3, 1, 1))
for function in (dl.conv, dl.conv_transpose):
    for good, bad in ((2, 2.0), (1, True), (2, 2 + 0j)):
        for strides, padding in ((bad, 1), ((bad,), 1), (good, ((bad, bad),)), (good, (bad,))):
            function(x, kernel, good, good)
            function(x, kernel, (good,), ((good, good),))
            try:
                function(x, kernel, strides, padding)
            except TypeError as error:
                assert "must be an integer" in str(error)
            else:
                raise AssertionError((strides, padding))
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_api_imports_no_framework_rules():
    code = "import sys, deconvlib; print([name for name in sys.modules if name.startswith('deconvlib.frameworks')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
