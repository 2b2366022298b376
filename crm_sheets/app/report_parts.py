"""What weekly reports are made with, as far as it is on the machine."""

from collections.abc import Callable, Iterator

from crm_sheets.config import Settings
from crm_sheets.dashboard.fonts import any_font, chinese_font


def reports_found(settings: Settings, say: Callable[..., str]) -> str:
    """How weekly reports come out: with pictures and a PDF, or with what stands in for them, and why."""
    folder = settings.reports.folder
    told = say("doctor.found.reports", folder=folder) if folder else say("doctor.found.reports_not_kept")
    return "; ".join((told, *lacking(settings, say)))


def lacking(settings: Settings, say: Callable[..., str]) -> Iterator[str]:
    """What weekly reports have to do without on this machine, and what would mend it."""
    if settings.reports.pictures:
        try:
            if chinese_font() is None:
                yield say("weekly.no_font")
        except ImportError:
            yield say("weekly.no_matplotlib")
    if settings.reports.pdf:
        try:
            if not any_font():
                yield say("weekly.no_font_for_pdf")
            import weasyprint  # noqa: F401
        except (ImportError, OSError) as error:  # OSError: Pango is not on the machine
            yield say("weekly.no_weasyprint", reason=str(error).splitlines()[0])
