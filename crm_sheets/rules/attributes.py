"""Numbers in the attributes of 字典, as all rules read them."""

MOST = 100_000
"""No days, hours or minutes of a team are more; further ones would leave the calendar."""


def whole(text: str | None, most: int = MOST) -> int | None:
    """A whole number, `most` for a larger one; None for anything else, which another rule tells of."""
    digits = (text or "").strip()
    if not digits.isascii() or not digits.isdecimal():
        return None
    return min(int(digits.lstrip("0")[:9] or "0"), most)
