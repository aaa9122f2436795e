"""EgoEditBench, end to end: edit its sources, have them judged, score them, draw the table."""
