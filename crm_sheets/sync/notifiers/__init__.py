"""How messages reach people."""
