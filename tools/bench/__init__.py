"""Measures the figures that were promised: speed of pages, start, memory."""
