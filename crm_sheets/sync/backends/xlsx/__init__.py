"""Workbooks as xlsx files: read by our own reader, changed by our own patcher, never loaded and saved."""
