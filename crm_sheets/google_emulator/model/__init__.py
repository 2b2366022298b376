"""Spreadsheets as the emulator holds them: books of sheets of rows of cells."""
