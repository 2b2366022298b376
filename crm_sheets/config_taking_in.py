"""What the config says of data that comes in by itself: [intake], [[form]] and [attachments]."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field

from crm_sheets.config_section import Duration, Section
from crm_sheets.config_source import near, placed
from crm_sheets.language import line


class IntakeSource(Section):
    """[[intake.source]]: what becomes of the files that match a pattern."""

    files: str = Field(min_length=1)
    tab: str | None = None
    mapping: Path | None = None
    mode: Literal["create", "update", "both"] | None = None
    match: tuple[str, ...] = ()
    blank: Literal["keep", "clear"] | None = None
    duplicates: Literal["flag", "skip", "update", "add"] | None = None
    unknown: Literal["refuse", "take"] | None = None


class IntakeSettings(Section):
    """[intake]: files that are dropped into a folder are taken in once; without a folder there is none."""

    folder: Path | None = None
    every: Duration = timedelta(minutes=1)
    quiet: Duration = timedelta(seconds=10)
    source: tuple[IntakeSource, ...] = ()


class FormSettings(Section):
    """[[form]]: a sheet of the workbook to which a form appends its answers."""

    sheet: str = Field(min_length=1)
    tab: str
    columns: Mapping[str, str] = Field(min_length=1)
    values: Mapping[str, str] = Field(default_factory=dict)
    duplicates: Literal["flag", "skip", "add"] = "flag"
    answer: str | None = None


class AttachmentSettings(Section):
    """[attachments]: where the files lie that are named in 附件."""

    check: bool = True
    folder: Path | None = None
    recheck: Duration = timedelta(hours=6)


def taking_in_mistakes(
    intake: IntakeSettings, forms: Sequence[FormSettings], tabs: Collection[str], file: str
) -> tuple[str, ...]:
    """What is wrong with the names of tabs and columns, one line each; `tabs` are the keys of those in use."""
    named = [(f"intake.source[{n}].tab", source.tab) for n, source in enumerate(intake.source, 1) if source.tab]
    named += [(f"form[{n}].tab", form.tab) for n, form in enumerate(forms, 1)]
    known = sorted(tabs)
    lines = [(key, line("mistake.tab", given=tab, near=near(tab, known))) for key, tab in named if tab not in tabs]
    return tuple(placed(file, "", lines))
