"""What a line means that somebody pastes: one table, for the terminal's reader and for the explorer's.

A meaning is what `deconvlib.frameworks` is asked: whose words they are, and the arguments of its `geometry`.
"""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Meaning:
    """A layer that was read.

    kernel_size: None where the kernel is an array, of which the line does not say the size.
    axes: as many as the name says, or None where it doesn't.
    channels: (in, out); None for one that the line does not say as a number.
    """

    framework: str
    kernel_size: int | tuple[int, ...] | None
    arguments: dict[str, Any] = field(default_factory=dict)
    axes: int | None = None
    channels: tuple[int | None, int | None] = (None, None)


READ = {
    # PyTorch: modules, functions, and what a module prints of itself
    "nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)": Meaning(
        "pytorch", 4, {"stride": 2, "padding": 1}, 2, (64, 32)
    ),
    "self.up = torch.nn.ConvTranspose2d(64, 32, 3, 2, 1, 1)  # doubles": Meaning(
        "pytorch", 3, {"stride": 2, "padding": 1, "output_padding": 1}, 2, (64, 32)
    ),
    "nn.ConvTranspose2d(16, 8, kernel_size=(3, 5), stride=(2, 1), padding=(0, 2), groups=4, bias=False),": Meaning(
        "pytorch", (3, 5), {"stride": (2, 1), "padding": (0, 2), "groups": 4}, 2, (16, 8)
    ),
    "nn.ConvTranspose2d(64, 32, 3, 2, 1, 1, 1, False, 2)": Meaning(
        "pytorch", 3, {"stride": 2, "padding": 1, "output_padding": 1, "groups": 1, "dilation": 2}, 2, (64, 32)
    ),
    "(up): ConvTranspose2d(6, 4, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1), bias=False)": Meaning(
        "pytorch", (3, 3), {"stride": (2, 2), "padding": (1, 1)}, 2, (6, 4)
    ),
    "ConvTranspose1d(512, 256, 16, 8, padding=(16 - 8) // 2)": Meaning(
        "pytorch", 16, {"stride": 8, "padding": 4}, 1, (512, 256)
    ),
    "nn.ConvTranspose1d(channels, channels // 2, 4, stride=2, padding=1)": Meaning(
        "pytorch", 4, {"stride": 2, "padding": 1}, 1
    ),
    "nn.ConvTranspose3d(4, 2, 3, stride=2)": Meaning("pytorch", 3, {"stride": 2}, 3, (4, 2)),
    "nn.LazyConvTranspose2d(32, 2, stride=2)": Meaning("pytorch", 2, {"stride": 2}, 2, (None, 32)),
    "y = F.conv_transpose2d(x, w, stride=2, padding=1)": Meaning("pytorch", None, {"stride": 2, "padding": 1}, 2),
    "F.conv_transpose1d(x, w, None, 2)": Meaning("pytorch", None, {"stride": 2}, 1),
    "up = nn.ConvTranspose2d(64, 32, 4, 2, 1)  # was nn.ConvTranspose2d(64, 32, 3, 2)": Meaning(
        "pytorch", 4, {"stride": 2, "padding": 1}, 2, (64, 32)
    ),
    "nn.Sequential(\n  # nn.ConvTranspose2d(8, 4, 3, 2),\n  nn.ConvTranspose2d(8, 4, 2, 2),\n)": Meaning(
        "pytorch", 2, {"stride": 2}, 2, (8, 4)
    ),
    "nn.Sequential(nn.ConvTranspose2d(8, 4, 2, 2), nn.ReLU())": Meaning("pytorch", 2, {"stride": 2}, 2, (8, 4)),
    "nn.ConvTranspose2d(\n    64,\n    32,\n    kernel_size=4,\n    stride=2,\n    padding=1,\n)": Meaning(
        "pytorch", 4, {"stride": 2, "padding": 1}, 2, (64, 32)
    ),
    "nn.ConvTranspose2d(1_024, 0x20, (0b11, 0o5), stride=(2), padding=-(-1), output_padding=(1, 0,),)": Meaning(
        "pytorch", (3, 5), {"stride": 2, "padding": 1, "output_padding": (1, 0)}, 2, (1024, 32)
    ),
    "nn.ConvTranspose1d(8, 4, 4 \\\n    , 2)": Meaning("pytorch", 4, {"stride": 2}, 1, (8, 4)),
    # Keras
    "Conv2DTranspose(8, 3, padding=r'same')": Meaning("keras", 3, {"padding": "same"}, 2, (None, 8)),
    'Conv2DTranspose(8, 3, padding="""same""", name=u"it\'s")': Meaning("keras", 3, {"padding": "same"}, 2, (None, 8)),
    'Conv2DTranspose(32, 3, strides=2, padding="same")': Meaning(
        "keras", 3, {"strides": 2, "padding": "same"}, 2, (None, 32)
    ),
    "x = layers.Conv2DTranspose(1, (5, 5), (2, 2), 'same', use_bias=False, activation='tanh')(x)": Meaning(
        "keras", (5, 5), {"strides": (2, 2), "padding": "same"}, 2, (None, 1)
    ),
    "tf.keras.layers.Conv2DTranspose(filters=8, kernel_size=4, strides=3, output_padding=1)": Meaning(
        "keras", 4, {"strides": 3, "output_padding": 1}, 2, (None, 8)
    ),
    "keras.layers.Conv1DTranspose(8, 3, dilation_rate=2, output_padding=None)": Meaning(
        "keras", 3, {"dilation_rate": 2, "output_padding": None}, 1, (None, 8)
    ),
    "Conv2DTranspose(8, 3, name='#1', strides=2)": Meaning("keras", 3, {"strides": 2}, 2, (None, 8)),
    r"Conv2DTranspose(8, 3, name='it\'s (a', strides=2)  # it's (b": Meaning("keras", 3, {"strides": 2}, 2, (None, 8)),
    'keras.ops.conv_transpose(x, kernel, 2, "same", 1)': Meaning(
        "keras", None, {"strides": 2, "padding": "same", "output_padding": 1}
    ),
    # TensorFlow: the output's size is one of the arguments, with those of batch and channels
    "tf.nn.conv2d_transpose(x, w, [1, 8, 8, 3], strides=2)": Meaning(
        "tensorflow", None, {"output_shape": (1, 8, 8, 3), "strides": 2}, 2
    ),
    'tf.nn.conv_transpose(x, w, (n, 9, 9, 3), [1, 2, 2, 1], padding="VALID")': Meaning(
        "tensorflow", None, {"output_shape": (1, 9, 9, 3), "strides": (1, 2, 2, 1), "padding": "VALID"}
    ),
    "tf.nn.conv2d_transpose(x, W, output_shape=[tf.shape(x)[0], 16, 16, 8], strides=[1, 2, 2, 1])": Meaning(
        "tensorflow", None, {"output_shape": (1, 16, 16, 8), "strides": (1, 2, 2, 1)}, 2
    ),
    # JAX, and Flax, which says kernel_dilation and has "SAME" for a default
    'lax.conv_transpose(x, kernel, (2, 2), "SAME")': Meaning("jax", None, {"strides": (2, 2), "padding": "SAME"}),
    "jax.lax.conv_transpose(x, k, [2], [(1, 2)], rhs_dilation=[2], transpose_kernel=True)": Meaning(
        "jax", None, {"strides": (2,), "padding": ((1, 2),), "rhs_dilation": (2,), "transpose_kernel": True}
    ),
    "nn.ConvTranspose(features=32, kernel_size=(4, 4), strides=(2, 2))": Meaning(
        "jax", (4, 4), {"strides": (2, 2), "padding": "SAME"}, None, (None, 32)
    ),
    'nnx.ConvTranspose(16, 8, (3,), 2, padding="VALID", kernel_dilation=2, rngs=rngs)': Meaning(
        "jax", (3,), {"strides": 2, "padding": "VALID", "rhs_dilation": 2}, None, (16, 8)
    ),
    # ONNX: a call that makes a node, and the two texts of a node
    'helper.make_node("ConvTranspose", ["x", "w"], ["y"], kernel_shape=[4, 4], pads=[1, 1, 1, 1])': Meaning(
        "onnx", (4, 4), {"kernel_shape": (4, 4), "pads": (1, 1, 1, 1)}
    ),
    "y = ConvTranspose <kernel_shape = [3], strides = [2], output_padding = [1]> (x, w)": Meaning(
        "onnx", (3,), {"kernel_shape": (3,), "strides": (2,), "output_padding": (1,)}
    ),
    '%y = ConvTranspose[auto_pad = "SAME_UPPER", strides = [2, 2]](%x, %w)': Meaning(
        "onnx", None, {"auto_pad": "SAME_UPPER", "strides": (2, 2)}
    ),
}

REFUSED = {  # and the words that the refusal has
    "": "there is no convolution in ''",
    "nn.Linear(64, 32)": "there is no convolution in 'nn.Linear(64, 32)'",
    "nn.ConvTransposed2d(64, 32, 4)": "no layer is called ConvTransposed2d",
    "nn.ConvTranspose2d(64, 32, 4, stride=2": "the call must be whole",
    "nn.ConvTranspose2d(64, 32)": "ConvTranspose2d needs a kernel_size",
    "nn.ConvTranspose2d(64, 32, 4, strides=2)": "ConvTranspose2d has no argument 'strides'; write stride",
    "nn.ConvTranspose2d(64, 32, 4, 2, stride=2)": "ConvTranspose2d has each argument once, got stride twice",
    "nn.ConvTranspose2d(64, 32, 4, stride=2, stride=2)": "ConvTranspose2d has each argument once, got stride twice",
    "nn.ConvTranspose2d(64, 32, 4]": "the call must be whole",
    "nn.ConvTranspose2d(64, 32, 4.0)": "ConvTranspose2d needs a number for kernel_size, and the line says 4.0",
    "nn.ConvTranspose2d(64, 32, True + 3)": "ConvTranspose2d needs a number for kernel_size, and the line says True",
    "Conv2DTranspose(32, 3, padding=b'same')": "Conv2DTranspose needs a number for padding, and the line says b'same'",
    "Conv2DTranspose(32, 3, padding=f'same')": "Conv2DTranspose needs a number for padding, and the line says f'same'",
    "nn.ConvTranspose2d(64, 32, 4, stride=1j)": "ConvTranspose2d needs a number for stride, and the line says 1j",
    "nn.ConvTranspose4d(64, 32, 4)": "no layer is called ConvTranspose4d",
    "nn.ConvTranspose2d(64, 32, 4, __proto__=2)": "ConvTranspose2d has no argument '__proto__'",
    "nn.ConvTranspose2d(64, 32, 4, constructor)": "needs a number for stride, and the line says constructor",
    "toString.conv_transpose(x, w, 2)": "conv_transpose must say whose it is, got 'toString.conv_transpose'",
    "nn.ConvTranspose2d(64, 32, -k)": "ConvTranspose2d needs a number for kernel_size, and the line says -k",
    "make_node()": "there is no convolution in 'make_node()'",
    "nn.ConvTranspose2d(64, 32, k, stride=2)": "ConvTranspose2d needs a number for kernel_size, and the line says k",
    "nn.ConvTranspose2d(*channels, 4, stride=2)": "ConvTranspose2d must have its arguments written out",
    "nn.ConvTranspose2d(64, 32, **settings)": "ConvTranspose2d must have its arguments written out",
    "Conv2DTranspose(32, 3, stride=2)": "Conv2DTranspose has no argument 'stride'; write strides",
    "Conv2DTranspose(32, 3, groups=2)": "Conv2DTranspose has no argument 'groups'",
    "conv_transpose(x, w, 2)": "conv_transpose must say whose it is",
    "paddle.nn.Conv2DTranspose(32, 16, 3)": "paddle.nn.Conv2DTranspose is Paddle's, which deconvlib does not know",
    "nn.Conv2DTranspose(1, 1, kernel_size=3, stride=2)": "nn.Conv2DTranspose is Paddle's or MXNet's, which deconvlib",
    "slim.conv2d_transpose(net, 64, [3, 3], stride=2)": "slim.conv2d_transpose is TF-Slim's, which deconvlib does not",
    "snt.Conv2DTranspose(output_channels=64, kernel_shape=4)": "snt.Conv2DTranspose is Sonnet's, which deconvlib does",
    "ConvTranspose[self.dimension](channels, channels, 2, 2, 0)": "there is no convolution in 'ConvTranspose[self.dim",
    'nn.ConvTranspose2d(64, 32, 4, padding_mode="reflect")': "ConvTranspose2d pads with zeros only",
    "nn.ConvTranspose2d(1, 2, 3, 1, 0, 0, 1, True, 1, 'zeros', None, None, 9)": "takes at most 12 arguments, got 13",
}

DEEP = [  # nobody's code; each is refused at once, whatever the words are
    "nn.ConvTranspose2d(64, 32, " + "()" * 9_000,
    "nn.ConvTranspose2d(64, 32, " + "f(1), " * 3_200,
    "nn.ConvTranspose2d(64, 32, " + "a()+" * 4_500 + "4)",
    "nn.ConvTranspose2d(64, 32, " + "1+" * 400 + "k)",
    "nn.ConvTranspose2d(64, 32, " + "9" * 5_000 + ")",
    "nn.ConvTranspose2d(64, 32, 4, stride=\0)",
    "nn.ConvTranspose2d(64, 32, " + "-" * 19_000 + "4)",
    "nn.ConvTranspose2d(64, 32, " + "(" * 4_000 + "4" + ")" * 4_000 + ")",
    "nn.ConvTranspose2d(" * 1_000,
    "conv" * 4_990 + "(",
    "a" * 19_990,
    "a." * 9_990 + "b(",
    "ConvTranspose<" * 1_400,
    "'" * 9_999,
    "'\\" * 9_990,
    "nn.ConvTranspose2d(64, 32, 4)" + " " * 100_000,
]
