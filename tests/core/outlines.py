"""What is remembered of a sheet, as tests look at it."""

from crm_sheets.outline import LENGTH, STRIDE


def witnesses_in(block: bytes) -> list[str]:
    """The hidden keys in the entries of a block."""
    return [block[at : at + LENGTH].decode("ascii") for at in range(0, len(block), STRIDE)]
