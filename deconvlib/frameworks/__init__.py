"""What each framework means by its arguments: one file a framework, none of which imports the framework.

Each has the same five functions:

    geometry(input_size, kernel_size, <the framework's own arguments>)  -> Geometry
    call(geometry)                                                      -> Call: arguments, crop, and code that runs
    kernel(kernel), from_kernel(array)                                  between deconvlib's kernel layout and its own
    conv_transpose(<the framework's own arrays and arguments>)          NumPy arrays in, a NumPy array out
"""

from deconvlib.frameworks import jax, keras, onnx, pytorch, tensorflow
from deconvlib.frameworks._call import Call

__all__ = ["Call", "jax", "keras", "onnx", "pytorch", "tensorflow"]


def __dir__() -> list[str]:
    return __all__
