"""What a team adds to the tabs by its config: [[field]] and [[rule]]. Their mistakes are told by config_mistakes."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from crm_sheets.changes import Value
from crm_sheets.config_section import Section
from crm_sheets.language import language
from crm_sheets.permissions import Deny, Level
from crm_sheets.schema.base import Column, Kind
from crm_sheets.schema.codecs import CodecContext, Flaw, parse
from crm_sheets.schema.custom import Condition, CustomField, width_of
from crm_sheets.schema.dictionaries import OwnDictionary
from crm_sheets.schema.team import TeamSchema, team_schema
from crm_sheets.tables import ColumnKey, TabKey

LocaleName: TypeAlias = Literal["zh-CN", "en"]
Texts: TypeAlias = str | Mapping[LocaleName, str]
"""A text for all languages, or one for each."""

KindName: TypeAlias = Literal[
    "text", "long_text", "integer", "number", "money", "percent", "date", "datetime", "boolean", "choice", "person",
    "reference", "tags", "links", "phone", "email", "credit_code", "id_number",
]  # fmt: skip
Key: TypeAlias = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Expression: TypeAlias = Annotated[str, Field(max_length=1_000)]


def _scalar(given: object) -> object:
    if not isinstance(given, bool | int | float | date | str):
        raise PydanticCustomError("default_kind", "write a text in quotes, a number, a date, true or false")
    return given


Default: TypeAlias = Annotated[bool | int | float | date | datetime | str, BeforeValidator(_scalar)]


WHEN = "when "
"""What a conditional `required` begins with."""


class FieldSettings(Section):
    """[[field]]: a column that the team adds to a tab."""

    tab: str
    key: Key
    label: Texts = ""
    type: KindName = "text"
    required: bool | Expression = False
    unique: bool = False
    default: Default | None = None
    values: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = Field(default=(), max_length=500)
    dictionary: Key | None = None
    refers_to: str | None = None
    format: str = Field(default="", max_length=200)
    example: str = Field(default="", max_length=200)
    minimum: int | float | None = None
    maximum: int | float | None = None
    computed: Expression = ""
    visible_to: tuple[str, ...] = ()
    sealed: bool = False
    help: Texts = ""
    after: str | None = None
    width: int | None = Field(default=None, ge=4, le=120)

    @property
    def dictionary_key(self) -> str | None:
        """The dictionary of its drop-down; one that it makes itself is named after it."""
        return self.dictionary or (f"{self.tab}_{self.key}" if self.values else None)

    @property
    def when(self) -> str:
        """The condition under which it must be filled in; "" for always or never."""
        return self.required.removeprefix(WHEN).strip() if isinstance(self.required, str) else ""

    def column(self) -> Column:
        """What the field is as a column."""
        kind = Kind(self.type)
        if kind is Kind.PERCENT and self.computed:
            kind = Kind.RATIO  # staff who type 15 mean 15 %; an expression that gives 15 means 1500 %
        refers_to = "people" if kind is Kind.PERSON else self.refers_to
        return Column(
            kind,
            required=self.required is True,
            system=bool(self.computed),
            computed=bool(self.computed),
            formula=self.computed,
            dictionary=self.dictionary_key,
            refers_to=TabKey(refers_to) if refers_to else None,
            sealed=self.sealed,
            width=self.width or width_of(kind),
            unique=self.unique,
            own=True,
            default=self.default_value(),
            example=self.example,
            key=ColumnKey(self.key),
        )

    def condition(self) -> Condition:
        """The rule that a conditional `required` is short for."""
        return Condition(f"{self.tab}.{self.key}", TabKey(self.tab), self.when, (ColumnKey(self.key),))

    def default_value(self) -> Value:
        """The default as a value of the column, a moment naive, on the office's wall; None where it does not fit."""
        if self.default is None or isinstance(self.default, datetime):
            return self.default
        found = parse(self.default, Column(Kind(self.type)), CodecContext(ZoneInfo("UTC")))
        return None if isinstance(found, Flaw) else found

    def field(self) -> CustomField:
        """The same as the schema takes it."""
        return CustomField(
            tab=TabKey(self.tab),
            column=self.column(),
            labels=by_locale(self.label),
            help=by_locale(self.help),
            after=ColumnKey(self.after) if self.after else None,
            pattern=self.format,
            minimum=None if self.minimum is None else Decimal(str(self.minimum)),
            maximum=None if self.maximum is None else Decimal(str(self.maximum)),
        )


class RuleSettings(Section):
    """[[rule]]: what must hold in the rows of a tab."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    tab: str
    when: Expression
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    message: Texts = ""
    severity: Literal["error", "warning", "info"] = "error"

    def condition(self) -> Condition:
        """The same as the schema takes it."""
        return Condition(
            self.name,
            TabKey(self.tab),
            self.when,
            tuple(map(ColumnKey, self.required)),
            tuple(map(ColumnKey, self.forbidden)),
            by_locale(self.message),
            self.severity,
        )


def by_locale(texts: Texts) -> Mapping[str, str]:
    """A text of the config by locale; none for a blank one."""
    if isinstance(texts, str):
        return {"zh-CN": texts, "en": texts} if texts else {}
    return {str(locale): text for locale, text in texts.items() if text}


def own_dictionaries(fields: Sequence[FieldSettings]) -> tuple[OwnDictionary, ...]:
    """The dictionaries that fields bring with them."""
    return tuple(
        OwnDictionary(field.dictionary_key or "", by_locale(field.label), field.values)
        for field in fields
        if field.values
    )


def team_of(
    locale: str,
    tabs: Sequence[str],
    fields: Sequence[FieldSettings],
    rules: Sequence[RuleSettings],
    left_out: Mapping[TabKey, frozenset[ColumnKey]] = MappingProxyType({}),
) -> TeamSchema:
    """The team's book."""
    conditions = [field.condition() for field in fields if field.when] + [rule.condition() for rule in rules]
    own = own_dictionaries(fields)
    return team_schema(locale, tabs, [field.field() for field in fields], own, conditions, left_out)


def denies_of(fields: Sequence[FieldSettings], locale: str) -> tuple[Deny, ...]:
    """Nobody sees a field but the roles that it names; the reason is in the language of the workbook."""
    words = language(locale) if any(field.visible_to for field in fields) else None
    return tuple(
        Deny(
            "*",
            field.tab,
            (field.key,),
            Level.HIDDEN,
            words.text("reason.visible_to", roles=", ".join(field.visible_to)) if words else "",
            field.visible_to,
        )
        for field in fields
        if field.visible_to
    )
