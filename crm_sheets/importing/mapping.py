"""Which column of a source becomes which of ours: the mapping file, as values.

```toml
[[table]]
source = "sales_pipeline.csv"
tab = "opportunities"
[table.columns]
customer = "account"                                                   # a column of the source
name = { template = "{product} {opportunity_id}" }                     # several of them
stage = { column = "deal_stage", values = { Engaging = "Needs analysis" } }
close_date = { column = "close_date", date = "dd-mm-yy" }
amount = { column = "revenue", factor = 1000000 }
source = { value = "Website" }                                         # the same for every row
```
"""

import json
import re
import string
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from crm_sheets.config_source import problems, unreadable
from crm_sheets.errors import ConfigError
from crm_sheets.schema.base import Tab
from crm_sheets.tables import ColumnKey, TabKey

DATE_TOKENS = {
    "yyyy": r"(?P<year>\d{4})",
    "yy": r"(?P<year>\d{2})",
    "mm": r"(?P<month>\d{1,2})",
    "dd": r"(?P<day>\d{1,2})",
}
_TOKEN = re.compile("|".join(DATE_TOKENS))


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _by_name(given: object) -> object:
    return {"column": given} if isinstance(given, str) else given


class ColumnSource(_Part):
    """How one of our columns is made.

    Attributes:
        column: header in the source.
        template: a text with headers in braces; blank when all of them are blank.
        value: the same for every row.
        values: what stands in the source -> what it is called here; anything else stays as it was typed.
        factor: numbers are multiplied by it: a source in millions has 1000000.
        date: order of day, month and year in the source, `dd-mm-yy`; a two-digit year up to 68 is of this century.
    """

    column: str | None = None
    template: str | None = None
    value: str | int | float | bool | None = None
    values: Mapping[str, str] = Field(default_factory=dict)
    factor: Decimal | None = Field(default=None, gt=0)
    date: str | None = None

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if sum(given is not None for given in (self.column, self.template, self.value)) != 1:
            raise PydanticCustomError("mapping_from", "give exactly one of column, template, value")
        if self.date is not None and sorted(token[0] for token in _TOKEN.findall(self.date)) != ["d", "m", "y"]:
            raise PydanticCustomError(
                "mapping_date", 'date names day, month and year once each, as in "dd-mm-yy" or "yyyy/mm/dd"'
            )
        return self

    @property
    def headers(self) -> tuple[str, ...]:
        """Headers of the source that are read."""
        if self.template is not None:
            return tuple(name for _, name, _, _ in string.Formatter().parse(self.template) if name)
        return () if self.column is None else (self.column,)

    @property
    def date_pattern(self) -> re.Pattern[str] | None:
        """What a date of the source looks like; any of `-./` stands for any other."""
        if self.date is None:
            return None
        tokens = _TOKEN.sub(lambda found: "\0" + found[0] + "\0", self.date).split("\0")
        written = (DATE_TOKENS.get(part) or re.sub(r"[-./\\]+", "[-./]", part) for part in tokens)
        return re.compile("".join(written))


def _as_alternatives(given: object) -> object:
    """`["name", "phone"]` is one way to match, `[["credit_code"], ["name", "phone"]]` are two, tried in turn."""
    if isinstance(given, list | tuple) and given and all(isinstance(each, str) for each in given):
        return (tuple(given),)
    return given


Mode: TypeAlias = Literal["create", "update", "both"]
Alternatives: TypeAlias = tuple[tuple[ColumnKey, ...], ...]


class TableMapping(_Part):
    """One source and the tab that it goes into.

    Attributes:
        source: name of the file, or of the sheet when all sources are sheets of one workbook.
        unique: rows that are equal in these of our columns are taken once: a list of managers out of a list of sellers.
        existing: `skip` leaves out rows whose name the tab already has, so that importing twice doubles nothing.
        mode: `create` only makes rows, `update` only changes rows that are there, `both` does what fits.
        match: by which columns a row of the book is found, all of them equal; several alternatives are tried in turn.
            Empty for the 编号 where the source has it, else for what rows of the tab are told apart by.
        blank: a blank cell in an update keeps what the book has, or clears it.
        duplicates: what becomes of a new row that repeats another one, of the file or of the book: it is told and
            stays out, it is left out silently but counted, it updates the other one, or it comes in all the same.
        unknown: a value that its drop-down does not know keeps the row out, or comes in and is flagged in 检查.
        encoding, delimiter: of a CSV; None to find them out.
    """

    source: str
    tab: TabKey
    columns: Mapping[ColumnKey, Annotated[ColumnSource, BeforeValidator(_by_name)]] = Field(min_length=1)
    unique: tuple[ColumnKey, ...] = ()
    existing: Literal["add", "skip"] = "add"
    mode: Mode = "create"
    match: Annotated[Alternatives, BeforeValidator(_as_alternatives)] = ()
    blank: Literal["keep", "clear"] = "keep"
    duplicates: Literal["flag", "skip", "update", "add"] = "flag"
    unknown: Literal["refuse", "take"] = "refuse"
    encoding: str | None = None
    delimiter: str | None = None

    @model_validator(mode="after")
    def _known(self, info: ValidationInfo) -> Self:
        tabs: Mapping[TabKey, Tab] | None = (info.context or {}).get("tabs")
        if tabs is None:
            return self
        if self.tab not in tabs:
            known_tabs = {"tab": self.tab, "known": ", ".join(tabs)}
            raise PydanticCustomError("mapping_tab", "no tab '{tab}'; there are {known}", known_tabs)
        known, number = tabs[self.tab].columns, tabs[self.tab].id_column
        for column in (*self.columns, *self.unique, *(each for way in self.match for each in way)):
            named = {"tab": self.tab, "column": column}
            if column not in known:
                raise PydanticCustomError("mapping_column", "{tab} has no column '{column}'", named)
            if known[column].system and (self.mode == "create" or column != number):
                raise PydanticCustomError(
                    "mapping_ours", "{tab}.{column} is written by the program and cannot be imported", named
                )
        for column in (each for way in self.match for each in way):
            if column not in self.columns:
                unfilled = {"column": column}
                raise PydanticCustomError(
                    "mapping_match", "match names '{column}', which the mapping does not fill", unfilled
                )
        return self

    @property
    def headers(self) -> tuple[str, ...]:
        """Headers that the source must have."""
        return tuple(dict.fromkeys(header for column in self.columns.values() for header in column.headers))


class ImportMapping(_Part):
    """A whole mapping; later tables may refer to rows of earlier ones and the other way round."""

    table: tuple[TableMapping, ...] = Field(min_length=1)


def parse_mapping(text: str, name: str, tabs: Mapping[TabKey, Tab]) -> ImportMapping:
    """The mapping in a TOML text; `name` is what messages call the file, `tabs` are those of the team.

    Raises:
        ConfigError: with every mistake found.
    """
    try:
        return ImportMapping.model_validate(tomllib.loads(text), context={"tabs": tabs})
    except tomllib.TOMLDecodeError as error:
        raise ConfigError((unreadable(name, error),)) from error
    except ValidationError as error:
        raise ConfigError(problems(error, ImportMapping, name)) from None


def mapping_text(mapping: ImportMapping) -> str:
    """The mapping as TOML, for keeping one that was suggested. Of columns only plain ones are written."""
    lines = []
    for table in mapping.table:
        lines += ["[[table]]", f"source = {_quoted(table.source)}", f'tab = "{table.tab}"']
        chosen = table.model_dump(include=_OPTIONS, exclude_defaults=True)
        lines += [f"{name} = {_quoted(value)}" for name, value in chosen.items()]
        lines.append("[table.columns]")
        lines += [f"{key} = {_source_text(source)}" for key, source in table.columns.items() if source.column]
    return "\n".join(lines) + "\n"


def _source_text(source: ColumnSource) -> str:
    header = _quoted(source.column or "")
    return header if source.factor is None else f"{{ column = {header}, factor = {source.factor:f} }}"


_OPTIONS = {"mode", "match", "blank", "duplicates", "unknown"}


def _quoted(value: str | Alternatives) -> str:
    return json.dumps(value, ensure_ascii=False)  # a JSON string or array is one of TOML, too (TOML 1.0, "String")
