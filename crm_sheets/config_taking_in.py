"""What the config says of data that comes in by itself: [intake], [[form]] and [attachments]."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import Field

from crm_sheets.cells import text_key
from crm_sheets.config_section import Duration, Section
from crm_sheets.config_source import Said, near
from crm_sheets.errors import Line
from crm_sheets.language import line
from crm_sheets.schema.base import Tab
from crm_sheets.schema.labels import header_names
from crm_sheets.tables import ColumnKey, TabKey


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
    sources: Sequence[tuple[int, IntakeSource]],
    forms: Sequence[tuple[int, FormSettings]],
    tabs: Mapping[TabKey, Tab],
    used: Collection[str],
    broken: Collection[str],
) -> Iterator[Said]:
    """What is wrong with the names of tabs and columns.

    Args:
        sources, forms: those that can be read, each with its number in the file.
        tabs: all that there are, with the fields of the team.
        used: keys of those in use.
        broken: names of fields that are no columns yet.
    """
    known = sorted(used)
    for number, source in sources:
        if source.tab is None:
            continue
        if source.tab not in used:
            yield f"intake.source[{number}].tab", line("mistake.tab", given=source.tab, near=near(source.tab, known))
        elif TabKey(source.tab) in tabs:
            for said in _matched(source, tabs[TabKey(source.tab)], broken):
                yield f"intake.source[{number}].match", said
    for number, form in forms:
        if form.tab not in used:
            yield f"form[{number}].tab", line("mistake.tab", given=form.tab, near=near(form.tab, known))
        elif TabKey(form.tab) in tabs:
            for option, said in _filled(form, tabs[TabKey(form.tab)], broken):
                yield f"form[{number}].{option}", said


def _matched(source: IntakeSource, tab: Tab, broken: Collection[str]) -> Iterator[Line]:
    names = {*header_names(tab), *map(text_key, tab.columns), *map(text_key, broken)}
    for name in (each.strip() for way in source.match for each in way.replace("，", ",").split(",")):
        if text_key(name) not in names:
            yield line("mistake.column", tab=tab.key, given=name, near=near(name, tab.columns))


def _filled(form: FormSettings, tab: Tab, broken: Collection[str]) -> Iterator[Said]:
    for option, names in (("columns", form.columns), ("values", form.values)):
        for name in names:
            column = tab.columns.get(ColumnKey(name))
            if column is not None and column.system:
                yield option, line("mistake.column.ours", given=name)
            elif column is None and name not in broken:
                yield option, line("mistake.column", tab=tab.key, given=name, near=near(name, tab.columns))
