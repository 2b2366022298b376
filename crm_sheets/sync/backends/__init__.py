"""Where workbooks live."""
