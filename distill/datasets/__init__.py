"""EgoEditData's format: read, checked, written, and mixed into training."""
