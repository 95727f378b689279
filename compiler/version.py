"""The version, once: the build reads it here, and so do `--version` and the plan."""

__version__ = "0.1.0"
