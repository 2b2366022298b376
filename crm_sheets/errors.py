"""The exception tree: what is raised when the world is broken. Bad data is never raised, it is an Issue.

CrmSheetsError
├── UsageError                 wrong use or config                              exit code 2
│   └── ConfigError            every mistake of the config at once
├── WorkbookError              something about one workbook                     exit code 3
│   ├── WorkbookBusy           somebody holds it; may be tried again
│   ├── WorkbookChanged        saved by somebody between our read and our write; re-plan
│   ├── WorkbookUnreadable     not an xlsx, truncated, encrypted, a bomb …
│   ├── WriteRefused           the patch could not keep everything that it should
│   ├── BytesRemain            what a reader may no longer see cannot be taken out of the file: make it anew
│   └── Halted                 a brake was pulled: a person must decide
└── ServiceError               mail, Google, database did not answer            exit code 4
    ├── ServiceUnavailable     nothing can be asked of it now, whatever the message: login, network, certificate
    ├── OutcomeUnknown         it may have been done: the answer was lost after the message was handed over
    └── Undeliverable          refused for good: a retry cannot help
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Self


class CrmSheetsError(Exception):
    """Base of everything that crm_sheets raises on purpose."""

    exit_code: ClassVar[int] = 2
    key: str = ""
    """Of the message in the catalogues, for errors that people meet often."""
    parameters: Mapping[str, str] = MappingProxyType({})
    """What that message names."""

    def told(self, key: str, **parameters: object) -> Self:
        """The same error, with the key of its message and what it names."""
        self.key, self.parameters = key, {name: str(value) for name, value in parameters.items()}
        return self


class UsageError(CrmSheetsError):
    """The command was called wrongly, or names something that does not exist."""


class Line(str):
    """One mistake of a config as it is raised, with the key of its message in the catalogues and what that names."""

    __slots__ = ("key", "parameters")
    key: str
    parameters: Mapping[str, object]

    def __new__(cls, text: str, key: str, **parameters: object) -> Self:
        """The line `text`; where the catalogue has `key`, people read that instead.

        What it names may be lines itself, or know how to speak (`language.Spoken`): they come in the same words.
        """
        made = super().__new__(cls, text)
        made.key, made.parameters = key, parameters
        return made


class ConfigError(UsageError):
    """The config has mistakes; `problems` holds one line per mistake, with its key path."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class WorkbookError(CrmSheetsError):
    """Something is wrong with one workbook; the message names it and what to do."""

    exit_code = 3


class WorkbookBusy(WorkbookError):
    """Somebody holds the workbook open; nothing was written and the next cycle tries again.

    `holder` is the name found in the lock file, or None when only the probe told.
    """

    def __init__(self, message: str, holder: str | None = None) -> None:
        super().__init__(message)
        self.holder = holder


class WorkbookChanged(WorkbookError):
    """The workbook is no longer what was read; the plan must be made anew."""


class WorkbookUnreadable(WorkbookError):
    """The file cannot be read as a workbook: `reason` is a stable code, the message says what to do."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class WriteRefused(WorkbookError):
    """The patch would have lost or changed something that is not ours; nothing was written."""


class BytesRemain(WorkbookError):
    """A value that the reader of a workbook may no longer see stands in a part that cannot be emptied; nothing was
    written. The workbook must be made anew from nothing."""


class Halted(WorkbookError):
    """A brake was pulled; nothing of the replica was applied."""


class ServiceError(CrmSheetsError):
    """A service (mail, Google, database) did not answer or refused for now."""

    exit_code = 4


class ServiceUnavailable(ServiceError):
    """The service itself cannot be used now; whatever else waits for it need not be tried."""


class OutcomeUnknown(ServiceError):
    """The request was handed over and its answer was lost: asking again might do it twice."""


class Undeliverable(ServiceError):
    """The service refused for good (SMTP 5xx, unknown recipient)."""
