"""The terminal answers what the package answers, from a line as it stands in somebody's code."""

import inspect
import json
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from cases import FRAMEWORKS

import deconvlib
from deconvlib import frameworks
from deconvlib.__main__ import main, parser
from deconvlib.terminal import signatures, text
from deconvlib.terminal.lines import read, read_all
from tests.pasted_lines import DEEP, READ, REFUSED

PAGE = Path(__file__).parents[1] / "docs" / "guides" / "terminal.md"
COMMANDS = ("size", "translate", "solve", "reach")
UP = "nn.ConvTranspose2d(64, 32, 3, stride=2, padding=1, output_padding=1)"
KERAS = "Conv2DTranspose(32, 3, strides=2, padding='same')"


def asked(capsys, *arguments):
    """What a command prints."""
    assert main(list(arguments)) == 0
    return capsys.readouterr().out


def refused(capsys, *arguments):
    """What a command says when it stops with exit code 2."""
    with pytest.raises(SystemExit) as stopped:
        main(list(arguments))
    assert stopped.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    return said.err


def test_a_size_is_that_of_the_framework_with_its_crop(capsys):
    geometry = frameworks.pytorch.geometry((5, 9), 3, 2, 1, 1)
    answer = json.loads(asked(capsys, "size", UP, "--input", "5x9", "--json"))
    assert answer["sizes"] == [[[5, 9], list(geometry.output_size)]]
    assert answer["crop"] == [list(pair) for pair in geometry.crop]
    assert answer["even_overlap"] is deconvlib.even_overlap(geometry) is False
    assert "5x9 -> 10x18" in asked(capsys, "size", UP, "--input", "5x9")


def test_without_an_input_the_usual_sizes_are_shown(capsys):
    said = asked(capsys, "size", UP)
    assert "8x8 -> 16x16\n16x16 -> 32x32" in said


def test_where_the_channels_are_known_the_work_is_counted(capsys):
    geometry = frameworks.pytorch.geometry((5, 9), 3, 2, groups=4)
    found = deconvlib.describe(geometry, 16, 8)
    asking = ["size", "nn.ConvTranspose2d(16, 8, 3, 2, groups=4)", "--input", "5x9"]
    work = {"macs": found.macs, "kept_macs": found.kept_macs, "parameters": found.parameters}
    assert json.loads(asked(capsys, *asking, "--json"))["work"] == work
    assert f"{found.macs:,} MACs" in asked(capsys, *asking)
    assert "MACs" not in asked(capsys, "size", "nn.ConvTranspose2d(c, 8, 3, 2)", "--input", "5x9")
    assert "that divides the channels, got 3" in refused(
        capsys, "size", "nn.ConvTranspose2d(16, 8, 3, 2, groups=3)", "--input", "5"
    )


def test_a_stack_goes_from_size_to_size(capsys):
    stack = "nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.ReLU(), nn.ConvTranspose2d(8, 3, 3, stride=2))"
    answer = json.loads(asked(capsys, "size", stack, "--input", "8x9", "--json"))
    assert answer["sizes"] == [[[8, 9], [3, 4], [7, 9]]]


@pytest.mark.parametrize("to", FRAMEWORKS)
def test_a_translation_is_the_code_of_the_framework(capsys, to):
    """It is that of `call`, so that whatever proves `call` proves it."""
    geometry = frameworks.keras.geometry((8, 8), 3, 2, "same")
    answer = json.loads(asked(capsys, "translate", KERAS, "--to", to, "--json"))
    (call,) = (found["calls"][to] for found in answer["translations"])
    assert call["code"] == getattr(frameworks, to).call(geometry).code
    assert call["code"].rstrip() in asked(capsys, "translate", KERAS, "--to", to)


def test_without_a_target_a_layer_is_translated_to_all_others(capsys):
    said = asked(capsys, "translate", KERAS)
    assert re.findall(r"^# (\w+), for", said, re.M) == ["TensorFlow", "PyTorch", "JAX", "ONNX"]


def test_the_weights_line_moves_the_weights(capsys):
    """With groups and a turned kernel, from PyTorch to JAX: as the two modules do it."""
    line = "nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2)"
    answer = json.loads(asked(capsys, "translate", line, "--to", "jax", "--json"))
    weights = np.random.default_rng(5).normal(size=(4, 3, 3, 2))
    there = {"weights": weights, **{name: getattr(frameworks, name) for name in ("pytorch", "jax")}}
    exec(answer["translations"][0]["calls"]["jax"]["weights"], there)
    assert np.array_equal(
        there["kernel"], frameworks.jax.kernel(frameworks.pytorch.from_kernel(weights, groups=2), groups=2)
    )


def test_a_translation_is_python_text(capsys):
    compile(asked(capsys, "translate", UP), "translation", "exec")


def test_solve_gives_the_settings_of_the_package_and_their_number(capsys):
    answer = json.loads(asked(capsys, "solve", "8", "16", "--kernel-sizes", "2-4", "--strides", "2", "--json"))
    found = deconvlib.solve(8, 16, kernel_sizes=range(2, 5), strides=2)
    assert [(s["kernel_size"], s["stride"], tuple(s["crop"])) for s in answer["settings"]] == [
        (axis.kernel_size, axis.stride, axis.crop) for axis in found
    ]
    for setting in answer["settings"]:
        size = frameworks.pytorch.geometry(
            8, setting["kernel_size"], setting["stride"], setting["padding"], setting["output_padding"]
        ).output_size
        assert size == (16,)


def test_solve_says_why_there_is_no_setting_and_leaves_with_1(capsys):
    assert main(["solve", "8", "17", "--kernel-sizes", "4", "--strides", "2", "--output-paddings", "0"]) == 1
    assert "the nearest sizes are 16 and 18" in capsys.readouterr().out


def test_solve_shows_ten_and_with_all_every_setting(capsys):
    every = deconvlib.solve(8, 16, kernel_sizes=range(1, 9), strides=range(1, 5))
    assert f"and {len(every) - 10} more" in asked(capsys, "solve", "8", "16")
    assert len(asked(capsys, "solve", "8", "16", "--all").splitlines()) == len(every) + 1


def test_reach_is_the_receptive_field(capsys):
    geometry = frameworks.pytorch.geometry((16, 16), 4, 2, 1)
    (field, _) = deconvlib.receptive_field([("conv_transpose", geometry)])
    answer = json.loads(asked(capsys, "reach", "nn.ConvTranspose2d(8, 8, 4, 2, 1)", "--input", "16", "--json"))
    assert answer["axes"] == [{"size": field.size, "jump": str(field.jump), "offset": str(field.offset)}] * 2
    assert "sees 2 input samples, around 1/2 p - 1/4" in asked(capsys, "reach", "nn.ConvTranspose2d(8, 8, 4, 2, 1)")


def test_reach_says_exactly_which_inputs_and_outputs_belong_together(capsys):
    """As far as the borders go where the input's size is known, and as if there were none otherwise."""
    line = "nn.ConvTranspose1d(8, 8, 4, 2, 1)"
    layer = frameworks.pytorch.geometry(60, 4, 2, 1)
    for size, asked_of in (("60", layer), (None, layer.layer)):
        given = ["--input", size] if size else []
        answer = json.loads(asked(capsys, "reach", line, "--outputs", "100:200", "--inputs", "0:10", "--json", *given))
        (needed,) = deconvlib.inputs_needed([("conv_transpose", asked_of)], (100, 200))
        (touched,) = deconvlib.outputs_touched([("conv_transpose", asked_of)], (0, 10))
        assert answer["inputs_needed"] == [[needed.start, needed.stop]]
        assert answer["outputs_touched"] == [[touched.start, touched.stop]]
    assert "outputs 100:200 need inputs 49:101" in asked(capsys, "reach", line, "--outputs", "100:200")
    assert "is written 100:200" in refused(capsys, "reach", line, "--outputs", "200:100")


@pytest.mark.parametrize(
    ("down", "up", "size", "said"),
    [
        ("nn.MaxPool2d(2)", "nn.ConvTranspose2d(8, 8, 2, 2)", "64x50", "skip connections fit"),
        ("nn.MaxPool2d(2)", "nn.ConvTranspose2d(8, 8, 2, 2)", "63x50", "do not fit: pad the input to 64x50"),
        ("MaxPooling2D()", "Conv2DTranspose(8, 2, strides=2)", "63", "do not fit: pad the input to 64x64"),
        ("Conv2D(8, 4, 2)", "Conv2DTranspose(8, 4, strides=2)", "8", "skip connections fit"),
    ],
)
def test_an_encoder_and_decoder_says_whether_skip_connections_fit(capsys, down, up, size, said):
    """Layers that keep the size may stand between."""
    keep = "nn.Conv2d(8, 8, 3, padding=1)"
    assert said in asked(capsys, "size", keep, down, keep, up, "--input", size)
    assert "skip" not in asked(capsys, "size", up, down, "--input", size)
    assert "skip" not in asked(capsys, "size", "nn.Conv2d(8, 8, 3)", down, up, "--input", size)


def test_a_pool_has_the_sizes_of_its_framework():
    layer = read("nn.MaxPool2d(kernel_size=3, stride=2, padding=1)")
    assert layer.geometry((7, 8)).input_size == (4, 4)
    assert read("nn.AvgPool2d(3)").geometry((7, 9)).input_size == (2, 3)
    assert read("MaxPooling2D((2, 2), padding='same')").geometry((7, 8)).input_size == (4, 4)
    with pytest.raises(ValueError, match="must round its size down"):
        read("nn.MaxPool2d(2, ceil_mode=True)")


def test_arguments_can_be_given_as_words(capsys):
    said = asked(capsys, "size", "keras", "kernel_size=3", "strides=2", "padding=same", "--input", "4x5")
    assert "4x5 -> 8x10" in said
    assert "write kernel_size" in refused(capsys, "size", "keras", "size=3")
    assert "it has" in refused(capsys, "size", "keras", "kernel_size=3", "wings=2")
    assert "name=value" in refused(capsys, "size", "keras", "3")


def test_lines_come_from_standard_input_too():
    command = [sys.executable, "-m", "deconvlib", "size", "-", "--input", "8"]
    done = subprocess.run(command, input=f"a = {UP}\nb = {UP}\n", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "8x8 -> 16x16 -> 32x32" in done.stdout


def test_a_reader_that_has_seen_enough_is_no_error():
    """As in `deconvlib solve 8 16 --all | head -1`."""
    command = [sys.executable, "-m", "deconvlib", "solve", "8", "16", "--all"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    running.stdout.close()
    assert running.stderr.read() == ""
    running.stderr.close()
    assert running.wait() == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_the_example_of_each_help_runs(command, capsys):
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == 0
    example = re.search(rf"^  deconvlib ({command} .*)$", capsys.readouterr().out, re.M)[1]
    asked(capsys, *shlex.split(example))


def test_the_example_of_the_whole_runs(capsys):
    asked(capsys, *shlex.split(re.search(r"deconvlib (size .*)", parser().format_help())[1]))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "the following arguments are required"),
        (["size"], "the following arguments are required: layer"),
        (["scale", UP], "invalid choice: 'scale'"),
        ([UP], f"write deconvlib size {UP!r}"),
        (["size", UP, "--input", "8by8"], "a size is written 8x8, got '8by8'"),
        (["size", UP, "--input", "8x8x8"], "ConvTranspose2d has 2 spatial axes, got the input size 8x8x8"),
        (["size", UP, "--let", "k"], "a variable is written k=16, got 'k'"),
        (["solve", "8", "16", "--strides", "two"], "a range is written 4, 3,5 or 1-8, got 'two'"),
        (["solve", "8", "0"], "output_size"),
        (["size", "nn.ConvTranspose2d(1, 1, 3, padding=9)", "--input", "2"], "take a padding of at most"),
        (["size", "F.conv_transpose2d(x, w, stride=2)"], "--kernel-size 3"),
        (["translate", "nn.Conv2d(1, 1, 3)"], "translate takes a transposed convolution, got Conv2d"),
        (["size", "missing.onnx"], "got missing.onnx, which is not there"),
        (["size", "nn.ConvTranspose2d(1, 1, sizes[0] // 2)"], "--let sizes[0]=2"),
        (["size", "tf.nn.conv2d_transpose(x, w, shape, strides=s)"], "--let shape=16,16 --let s=2"),
        (["size", "tf.nn.conv2d_transpose(x, w, tf.shape(y), 2)"], "write the number in its place"),
    ],
)
def test_a_wrong_question_ends_with_2_the_rule_the_value_and_where_help_is(arguments, said, capsys):
    message = refused(capsys, *arguments)
    assert said in message
    assert message.startswith("deconvlib")
    assert "--help shows an example" in message
    assert "Traceback" not in message


def test_colours_are_for_a_terminal_only(capsys, monkeypatch):
    assert "\033" not in asked(capsys, "size", UP)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert text.heading("bold") == "\033[1mbold\033[0m"
    monkeypatch.setenv("NO_COLOR", "1")
    assert text.heading("plain") == "plain"


def test_nothing_of_a_line_is_run(tmp_path):
    """A call inside of an argument is text."""
    file = tmp_path / "made"
    with pytest.raises(ValueError, match="needs a number for kernel_size"):
        read(f"nn.ConvTranspose2d(1, 1, open({str(file)!r}, 'w'))")
    assert not file.exists()


@pytest.mark.parametrize("line", READ)
def test_a_line_means_what_the_table_says(line):
    layer, meaning = read(line), READ[line]
    channels = tuple(c if isinstance(c, int) else None for c in layer.channels)
    arguments = {"strides": 1, "padding": "SAME"} if layer.name == "ConvTranspose" and layer.framework == "jax" else {}
    assert (layer.framework, layer.kernel_size, layer.axes) == (meaning.framework, meaning.kernel_size, meaning.axes)
    assert layer.arguments == arguments | meaning.arguments
    assert channels == meaning.channels


@pytest.mark.parametrize("line", DEEP, ids=lambda line: line[:20])
def test_nonsense_is_refused_at_once(line):
    start = time.perf_counter()
    with pytest.raises(
        ValueError, match="must be whole|must be Python|needs a number|there is no convolution|at most|characters"
    ):
        read(line)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize("line", REFUSED)
def test_a_line_is_refused_in_the_words_of_the_table(line):
    with pytest.raises(ValueError, match=re.escape(REFUSED[line])):
        read(line)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["size", "nn.ConvTranspose2d(4, 4, " + "9" * 5000 + ")"], "at most 100 digits, got one of 5000"),
        (["size", "nn.ConvTranspose2d(4, 4, 0x" + "f" * 5000 + ")"], "at most 100 digits, got one of 5002"),
        (["size", "nn.ConvTranspose2d(4, 4, " + "*".join(["9" * 99] * 99) + ")"], "needs a number for kernel_size"),
        (["size", "nn.ConvTranspose2d(4, 4, 3, stride=\udcff)"], r"characters alone, got '\udcff' at 35"),
        (["size", "pytorch", "kernel_size=" + "9" * 5000], "at most 100 digits, got one of 5000"),
        (["size", "pytorch", "kernel_size=\udcff"], r"characters alone, got '\udcff' at 0"),
        (["size", UP, "--input", "9" * 5000], "a size is written 8x8"),
        (["size", UP, "--let", "k=" + "9" * 5000], "a variable is written k=16"),
        (["solve", "9" * 5000, "16"], "a number of samples is written 16"),
        (["solve", "8", "16", "--strides", "1-999999999999"], "a range is written 4, 3,5 or 1-8"),
        (["reach", UP, "--outputs", "0:" + "9" * 5000], "a range of samples is written 100:200"),
    ],
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_what_no_program_has_is_refused_in_words_of_our_own(capsys, arguments, words):
    said = refused(capsys, *arguments)
    assert words in said
    assert len(said) < 700


def test_variables_take_the_values_that_are_given():
    line = "weight_norm(ConvTranspose1d(c // 2, c // 4, k, u, padding=(k - u) // 2))"
    layer = read(line, {"k": 16, "u": 8})
    assert (layer.kernel_size, layer.arguments) == (16, {"stride": 8, "padding": 4})
    with pytest.raises(ValueError, match="--let k=2"):
        read(line)
    with pytest.raises(ValueError, match=re.escape("--let k=2 --let self.u=2")):
        read("nn.ConvTranspose1d(4, 2, k, self.u, padding=(k - self.u) // 2)")
    with pytest.raises(ValueError, match=re.escape("the line says (16 - 8) / 2; write the number in its place")):
        read("nn.ConvTranspose1d(4, 2, k, u, padding=(k - u) / 2)", {"k": 16, "u": 8})


def test_the_layers_of_a_python_file_are_read(capsys, tmp_path):
    file = tmp_path / "model.py"
    file.write_text(f"class Up(nn.Module):\n    def __init__(self):\n        self.up = {UP}\n", "utf8")
    assert "8x8 -> 16x16" in asked(capsys, "size", str(file), "--input", "8")
    assert "which is not there; look at the path" in refused(capsys, "size", str(tmp_path / "none.py"))


def test_every_convolution_of_a_text_is_found_in_its_order():
    node = "ConvTranspose[kernel_shape = [2]](%x, %w)"
    program = f"class Net:\n    up = {UP}\n    x = layers.{KERAS}(x)\n    n = {node}\n"
    assert [layer.framework for layer in read_all(program)] == ["pytorch", "keras", "onnx"]
    with pytest.raises(ValueError, match="one layer at a time"):
        read(program)


def same_words(theirs, ours):
    """All of their parameters are ours, and those that can stand without their names stand in the same order."""
    parameters = inspect.signature(theirs).parameters.values()
    named = [p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    assert set(named) <= set(ours.parameters)
    order = [p.name for p in parameters if p.kind == p.POSITIONAL_OR_KEYWORD]
    assert list(ours.parameters[: len(order)]) == order


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_the_words_of_keras_and_tensorflow_are_theirs(axes):
    import keras
    import tensorflow

    for name in (f"Conv{axes}DTranspose", f"Conv{axes}D"):
        same_words(getattr(keras.layers, name), signatures.SIGNATURES[name])
    for name in (f"MaxPooling{axes}D", f"AveragePooling{axes}D"):
        same_words(getattr(keras.layers, name), signatures.SIGNATURES[name])
    name = f"conv{axes}d_transpose"
    same_words(getattr(tensorflow.nn, name), signatures.signature(name, ("tf", "nn"), set()))
    same_words(tensorflow.nn.conv_transpose, signatures.signature("conv_transpose", ("tf", "nn"), set()))
    same_words(keras.ops.conv_transpose, signatures.signature("conv_transpose", ("ops",), set()))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_the_words_of_pytorch_are_its_own(axes):
    torch = pytest.importorskip("torch")
    for name in (
        f"ConvTranspose{axes}d",
        f"LazyConvTranspose{axes}d",
        f"Conv{axes}d",
        f"LazyConv{axes}d",
        f"MaxPool{axes}d",
    ):
        same_words(getattr(torch.nn, name), signatures.SIGNATURES[name])


def test_the_words_of_jax_are_its_own():
    jax = pytest.importorskip("jax")
    same_words(jax.lax.conv_transpose, signatures.signature("conv_transpose", ("lax",), set()))


def test_a_printed_module_of_pytorch_is_read_back():
    torch = pytest.importorskip("torch")
    module = torch.nn.ConvTranspose2d(6, 4, 3, 2, 1, 1, groups=2, dilation=2, bias=False)
    layer = read(str(module))
    assert layer.channels == (6, 4)
    assert layer.geometry((7, 5)) == frameworks.pytorch.geometry((7, 5), 3, 2, 1, 1, 2, 2)
    same = read(str(torch.nn.Conv2d(3, 4, 5, padding="same")))
    assert same.geometry((9, 9)).input_size == (9, 9)


@pytest.mark.parametrize("to", ["jax", "onnx", "keras", "tensorflow"])
@pytest.mark.parametrize("groups", [1, 2])
def test_a_translated_module_computes_what_it_did(to, groups, capsys):
    """From what a module of PyTorch prints of itself, with the line for its weights, on another size."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnxruntime" if to == "onnx" else to)
    module = torch.nn.ConvTranspose2d(4, 6, (3, 4), (2, 3), (1, 0), (1, 2), groups=groups, dilation=(1, 2), bias=False)
    answer = json.loads(asked(capsys, "translate", str(module), "--to", to, "--json"))
    (call,) = (found["calls"][to] for found in answer["translations"])
    x = np.random.default_rng(3).normal(size=(2, 4, 5, 7)).astype(np.float32)
    there = {"weights": module.weight.detach().numpy(), "pytorch": frameworks.pytorch, to: getattr(frameworks, to)}
    exec(call["weights"], there)
    there["x"] = x if to == "onnx" else np.moveaxis(x, 1, -1)
    exec(call["code"], there)
    y = np.asarray(there["y"])
    expected = module(torch.as_tensor(x)).detach().numpy()
    assert np.allclose(y if to == "onnx" else np.moveaxis(y, -1, 1), expected, atol=1e-5)


@pytest.mark.filterwarnings("ignore:Deprecated since")  # people still print graphs so
def test_an_onnx_file_and_its_three_texts_are_the_same_node(tmp_path, capsys):
    onnx = pytest.importorskip("onnx")
    from onnx import helper, printer

    attributes = {"strides": [2, 3], "pads": [1, 0, 2, 1], "output_padding": [1, 2], "dilations": [2, 1]}
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], kernel_shape=[3, 4], **attributes)
    value = [helper.make_tensor_value_info(name, 1, None) for name in "xy"]
    weights = onnx.numpy_helper.from_array(np.zeros((4, 5, 3, 4), np.float32), "w")
    graph = helper.make_graph([node], "graph", value[:1], value[1:], [weights])
    onnx.save(helper.make_model(graph), tmp_path / "model.onnx")
    expected = frameworks.onnx.geometry((5, 6), (3, 4), **attributes)
    for written in (helper.printable_graph(graph), printer.to_text(graph), str(node)):
        assert read(written).geometry((5, 6)) == expected, written
    answer = json.loads(asked(capsys, "size", str(tmp_path / "model.onnx"), "--input", "5x6", "--json"))
    assert answer["sizes"] == [[[5, 6], list(expected.output_size)]]


def test_the_command_needs_numpy_alone():
    """Also for a question about a framework: nothing of it is imported."""
    code = "import sys; from deconvlib.__main__ import main; main(sys.argv[1:]); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code, "size", KERAS], capture_output=True, text=True, check=True)
    assert not set(re.findall(r"'(\w+)'", done.stdout)) & {"keras", "tensorflow", "torch", "jax", "onnx", "scipy"}


def test_the_page_shows_what_its_commands_print(generated, capsys):
    """Each `sh` block that begins with the command stands above what the command says."""

    def answered(block):
        try:
            code = main(shlex.split(block["command"].replace("\\\n", "")))
        except SystemExit as stopped:
            code = stopped.code
        assert code in (0, 2)
        said = capsys.readouterr()
        return f"{block['before']}```text\n{said.out or said.err}```\n"

    before = r"(?P<before>```sh\ndeconvlib (?P<command>(?:.*\\\n)*.*)\n```\n\n)"
    page = PAGE.read_text("utf8")
    written, count = re.subn(before + r"```text\n(?:(?!```).*\n)*```\n", answered, page)
    assert count == page.count("```sh\n") >= len(COMMANDS)
    generated(PAGE, written)


@pytest.mark.parametrize(
    "others", ["nn.Upsample(scale_factor=2), nn.PixelShuffle(2)", "UpSampling2D(2), Cropping2D(1)"]
)
def test_layers_beside_a_stack_that_change_the_size_are_named(capsys, others):
    """What is not read may not go unsaid; a pool that is read is none of them, nor is one in a comment."""
    names = re.findall(r"(\w+)\(", others)
    line = f"nn.Sequential({UP}, nn.MaxPool2d(2), {others}, nn.ReLU())  # no nn.ZeroPad2d(1)"
    for command in ("size", "reach"):
        assert json.loads(asked(capsys, command, line, "--json"))["not_read"] == names
        assert f"not counted, though the size changes there as well: {', '.join(names)}" in asked(capsys, command, line)
    assert "not counted" not in asked(capsys, "size", f"nn.Sequential({UP}, nn.ReLU())")
