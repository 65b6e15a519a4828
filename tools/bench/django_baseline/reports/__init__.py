"""The one application of the comparison: reports and what they refer to."""
