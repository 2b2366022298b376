"""Google spreadsheets: [google] and [[mirror]]."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from crm_sheets.config_secrets import SecretReference
from crm_sheets.config_section import Disagreement, Duration, Section
from crm_sheets.config_source import Said
from crm_sheets.language import line
from crm_sheets.tables import MIRROR, ReplicaKey

_ADDRESS = re.compile(r"^https?://[^/]+/(?:.*/)?spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9_-]+)")
_ID = re.compile(r"[A-Za-z0-9_-]{8,}")


def _spreadsheet(given: object) -> object:
    text = str(given).strip()
    found = _ADDRESS.match(text)
    if found is not None:
        return found[1]
    if not _ID.fullmatch(text):
        raise PydanticCustomError(
            "spreadsheet_id", "give the address of a Google spreadsheet, as the browser shows it, or its id"
        )
    return text


SpreadsheetId: TypeAlias = Annotated[str, BeforeValidator(_spreadsheet)]
"""A spreadsheet, given by its address or its id; kept as the id."""


def address_of(spreadsheet: str) -> str:
    """Where a browser opens a spreadsheet."""
    return f"https://docs.google.com/spreadsheets/d/{spreadsheet}"


class GoogleSettings(Section):
    """[google]: with which account, how often, and what is protected."""

    credentials: SecretReference | None = None
    signed_in_as: str = ""
    url: str = ""
    reads_per_minute: int = Field(default=60, ge=1)
    writes_per_minute: int = Field(default=60, ge=1)
    patience: Duration = timedelta(seconds=90)
    protect: Literal["roles", "system", "warn", "none"] = "roles"
    accounts: dict[str, str] = Field(default_factory=dict)


class MirrorSettings(Section):
    """[[mirror]]: another workbook that shows the same, and in which people work as well."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,29}$")
    path: Path | None = None
    spreadsheet: SpreadsheetId | None = None

    def disagreements(self) -> Iterator[Disagreement]:
        """See Section."""
        if (self.path is None) == (self.spreadsheet is None):
            yield ("path", "spreadsheet"), line("mistake.mirror.place")

    @property
    def place(self) -> Path | str:
        """Where it is: a file, or the address of a spreadsheet."""
        return self.path or address_of(self.spreadsheet or "")


def mirror_key(name: str) -> ReplicaKey:
    """The replica of a mirror."""
    return ReplicaKey(f"{MIRROR}{name}")


OWN_MIRROR = "google"
"""The mirror that [workbook] names when it has both a path and a spreadsheet."""


def google_mistakes(
    google: GoogleSettings,
    workbook: tuple[Path | None, str | None],
    views: dict[str, str],
    mirrors: Sequence[tuple[int, MirrorSettings]],
    lacks: Callable[..., bool],
) -> Iterator[Said]:
    """What is wrong with spreadsheets taken together: each is one workbook, and somebody must open them.

    Args:
        google, workbook, views: the settings, and the places of the team's workbook and of people's views.
        mirrors: each with its number in the file.
        lacks: whether something stands at a place that could not be read.
    """
    path, spreadsheet = workbook
    named = [("workbook.spreadsheet", spreadsheet), ("workbook.path", path)]
    named += [(f"views.spreadsheets.{person}", each) for person, each in views.items()]
    for number, mirror in mirrors:
        named += [(f"mirror[{number}].spreadsheet", mirror.spreadsheet), (f"mirror[{number}].path", mirror.path)]
    if path is None and spreadsheet is None and not lacks("workbook", "path") and not lacks("workbook", "spreadsheet"):
        yield "workbook.path", line("mistake.workbook.path")
    first: dict[str, str] = {}
    for key, place in named:
        if place is None:
            continue
        if str(place) in first:
            yield key, line("mistake.workbook.same", other=first[str(place)])
        first.setdefault(str(place), key)
    names = {OWN_MIRROR} if path is not None and spreadsheet is not None else set()
    for number, mirror in mirrors:
        if mirror.name in names:
            yield f"mirror[{number}].name", line("mistake.mirror.twice", given=mirror.name)
        names.add(mirror.name)
    online = [key for key, place in named if place is not None and key.rpartition(".")[2] != "path"]
    if online and google.credentials is None and not lacks("google", "credentials"):
        yield "google.credentials", line("mistake.google.credentials", other=online[0])
