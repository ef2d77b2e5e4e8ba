"""What each framework means by its arguments: one file a framework, none of which imports the framework.

Each has the same four functions:

    geometry(input_size, kernel_size, <the framework's own arguments>)  -> Geometry
    call(geometry)                                                      -> Call: arguments, crop, and code that runs
    kernel(kernel), from_kernel(array)                                  between deconvlib's kernel layout and its own
"""

from deconvlib.frameworks import jax, keras, onnx, pytorch, tensorflow
from deconvlib.frameworks._call import Call

__all__ = ["Call", "jax", "keras", "onnx", "pytorch", "tensorflow"]
