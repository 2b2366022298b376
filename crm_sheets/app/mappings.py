"""The mapping of an import: read from a file or suggested from the headers, with what the command line asks for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from crm_sheets import reports
from crm_sheets.cells import text_key
from crm_sheets.config import Settings
from crm_sheets.config_source import problems, unreadable
from crm_sheets.errors import ConfigError, UsageError
from crm_sheets.importing.convert import SourceTable
from crm_sheets.importing.mapping import ImportMapping, TableMapping, mapping_text, parse_mapping
from crm_sheets.importing.sources import tables_of
from crm_sheets.importing.suggest import Suggestion, suggest
from crm_sheets.language import Language
from crm_sheets.schema.base import Tab
from crm_sheets.schema.labels import header_names, tab_names
from crm_sheets.tables import ColumnKey, TabKey


@dataclass(frozen=True, slots=True)
class MappingRequest:
    """What is known of a mapping. What is None is as the mapping says, or else as the program does by default.

    Attributes:
        file: TOML; None to find the columns by their headers.
        tab: key or name of the tab that the rows go into; None to find it by the headers.
        match: ways to find rows of the book, each a list of columns by key or label, separated by commas.
    """

    file: Path | None = None
    tab: str | None = None
    mode: str | None = None
    match: tuple[str, ...] = ()
    blank: str | None = None
    duplicates: str | None = None
    unknown: str | None = None


Agree = Callable[[Sequence[Suggestion]], None]
"""Shows what was suggested; raises when the person says no."""


def mapping_of(settings: Settings, sources: Sequence[Path], request: MappingRequest, agree: Agree) -> ImportMapping:
    """The mapping for the sources.

    Raises:
        ConfigError: it has mistakes.
        UsageError: a source fits no tab.
    """
    tabs = settings.team.tabs
    if request.file is not None:
        found = read_mapping(request.file, tabs)
    else:
        suggestions = _suggested(sources, request, tabs, settings.team.language)
        agree(suggestions)
        found = ImportMapping(table=tuple(table for each in suggestions for table in each.mapping.table))
    tables = [with_wishes(table, request, tabs) for table in found.table]
    try:
        return ImportMapping.model_validate({"table": tables}, context={"tabs": tabs})
    except ValidationError as error:
        raise ConfigError(problems(error, ImportMapping, str(request.file or "import"))) from None


def keep_mapping(mapping: ImportMapping, target: Path) -> reports.FileReport:
    """Writes a mapping as a file, to be edited and given to an import.

    Raises:
        UsageError: the file is there already.
    """
    try:
        with target.open("x", encoding="utf-8", newline="\n") as file:
            file.write(mapping_text(mapping))
    except FileExistsError as error:
        raise UsageError(f"{target} is there already").told("error.import.mapping_there", path=target) from error
    return reports.FileReport(target, target.stat().st_size)


def read_mapping(path: Path, tabs: Mapping[TabKey, Tab]) -> ImportMapping:
    """The mapping in a TOML file.

    Raises:
        ConfigError: it cannot be read, or has mistakes.
    """
    try:
        return parse_mapping(path.read_text(encoding="utf-8-sig"), path.name, tabs)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError((unreadable(path, error),)) from error


def _suggested(
    sources: Sequence[Path], request: MappingRequest, tabs: Mapping[TabKey, Tab], words: Language
) -> list[Suggestion]:
    wanted = list(tabs.values()) if request.tab is None else [tab_named(request.tab, tabs)]
    suggestions: list[Suggestion] = []
    for path in sources:
        tables = [table for table in tables_of(path, words) if not table.hidden]
        found = [suggest(source, wanted, with_numbers=request.mode in {"update", "both"}) for source in tables]
        if not any(found):  # a sheet of notes beside others is told of afterwards
            raise _fits_nothing(tables[0] if tables else None, path)
        suggestions += filter(None, found)
    return suggestions


def _fits_nothing(source: SourceTable | None, path: Path) -> UsageError:
    if source is None:
        return UsageError(f"{path}: no sheet with a header").told("error.file.no_header", path=path)
    header = ", ".join(filter(None, source.header))
    return UsageError(f"{source.name}: its headers ({header}) fit no tab; give --mapping FILE.toml").told(
        "error.import.headers", path=source.name, header=header
    )


def tab_named(name: str, tabs: Mapping[TabKey, Tab]) -> Tab:
    """A tab by its key or any of its names.

    Raises:
        UsageError: there is none.
    """
    found = tabs.get(tab_names(tuple(tabs)).get(text_key(name), TabKey(name)))
    if found is None:
        raise UsageError(f"no tab {name!r}; there are {', '.join(tabs)}").told(
            "error.find.tab", text=name, known=", ".join(tabs)
        )
    return found


def with_wishes(table: TableMapping, request: MappingRequest, tabs: Mapping[TabKey, Tab]) -> dict[str, object]:
    """A table of a mapping with what was asked for besides, to be validated again."""
    wishes = {
        "mode": request.mode,
        "blank": request.blank,
        "duplicates": request.duplicates,
        "unknown": request.unknown,
        "match": [_columns(way, tabs[table.tab]) for way in request.match] or None,
    }
    return {**table.model_dump(), **{name: wish for name, wish in wishes.items() if wish is not None}}


def _columns(way: str, tab: Tab) -> list[ColumnKey]:
    """Columns by key or label."""
    names = {**header_names(tab), **{text_key(key): key for key in tab.columns}}
    found = []
    for name in way.replace("，", ",").split(","):
        column = names.get(text_key(name))
        if column is None:
            raise UsageError(f"--match: {tab.key} has no column {name.strip()!r}").told(
                "error.import.match", tab=tab.key, text=name.strip()
            )
        found.append(column)
    return found
