"""rtvae plays neural audio models as live instruments; this file holds only the version."""

__version__ = "0.1.0"
