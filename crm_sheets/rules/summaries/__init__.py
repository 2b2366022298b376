"""Figures of the summary tabs, one module a tab."""
