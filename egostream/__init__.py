"""egostream: live instruction-guided editing of egocentric video."""

__version__ = "0.1.0"
