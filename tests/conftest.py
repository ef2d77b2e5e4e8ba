import os

from hypothesis import settings

# Before TensorFlow's first import.  On the CPU only oneDNN's kernels know dilation, groups and channels_first.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

settings.register_profile("laws", deadline=None, max_examples=60)
settings.load_profile("laws")
