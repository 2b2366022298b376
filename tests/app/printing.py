"""Whether a PDF can be made on this machine."""

from crm_sheets.dashboard.fonts import any_font
from crm_sheets.dashboard.pictures import can_draw


def can_print() -> bool:
    """WeasyPrint, what it needs of the machine, and a font are there."""
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError):  # OSError: Pango is not on the machine
        return False
    return can_draw() and any_font()
