"""The log: one JSON object a line, made of fields that are named here, so that no value of a cell gets into it."""

import json
import logging
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from traceback import extract_tb

from crm_sheets.errors import CrmSheetsError, Undeliverable

LOGGER = logging.getLogger("crm_sheets")
_FILE_SIZE, _FILES = 5_000_000, 5
_FRAMES = 6


@dataclass(frozen=True, slots=True)
class Event:
    """What happened. Keys and codes only: a name or a value of a cell has no field to go to."""

    name: str
    job: str = ""
    run: str = ""
    workbook: str = ""
    tab: str = ""
    row: str = ""
    code: str = ""
    count: int | None = None
    seconds: float | None = None
    failures: int | None = None
    error: str = ""
    message: str = ""
    place: str = ""


def failure(name: str, error: BaseException, **fields: str) -> Event:
    """The event of a failure.

    Our own errors are told in their words, which name places; the words of any other may quote a value (ValueError:
    invalid literal …), so only its type and the lines that it came through are told.
    """
    told = isinstance(error, CrmSheetsError) and not isinstance(error, Undeliverable)
    frames = () if told else extract_tb(error.__traceback__)[-_FRAMES:]
    return Event(
        name,
        job=fields.get("job", ""),
        error=type(error).__name__,
        message=str(error) if told else "",
        place=" < ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames)),
    )


def log(event: Event, level: int = logging.INFO) -> None:
    """Writes the event."""
    LOGGER.log(level, event.name, extra={"event": event})


class JsonLines(logging.Formatter):
    """Formats a record as one line; of a record that is not an Event (some library's), only its origin."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        event = getattr(record, "event", None)
        fields = asdict(event) if isinstance(event, Event) else {"name": "library", "place": record.name}
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname.lower(), "event": fields.pop("name")}
        line |= {name: value for name, value in fields.items() if value not in ("", None)}
        return json.dumps(line, ensure_ascii=False)


def configure(level: str, file: Path | None) -> None:
    """Sends our events of `level` (debug, info …) and above to stderr, or to a file that is kept from growing."""
    handler: logging.Handler = logging.StreamHandler()
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(file, maxBytes=_FILE_SIZE, backupCount=_FILES, encoding="utf-8")
    handler.setFormatter(JsonLines())
    for old in LOGGER.handlers[:]:
        LOGGER.removeHandler(old)
        old.close()
    LOGGER.addHandler(handler)
    LOGGER.setLevel(level.upper())
    LOGGER.propagate = False
