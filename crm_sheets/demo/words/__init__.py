"""Word lists, one file for each locale; what stands in them is data, not messages."""
