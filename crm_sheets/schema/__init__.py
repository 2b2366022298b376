"""What a tab means: its columns, their types, and how a cell becomes a value. Pure."""
