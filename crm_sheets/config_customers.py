"""What is made of customers: [phones], [duplicates], [lookups], [pool], [status] and [levels]."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm_sheets.config_section import Duration, Section
from crm_sheets.merging import MergeRules, Take
from crm_sheets.request import LookupTerms
from crm_sheets.rules.pool import PoolTerms
from crm_sheets.tables import ColumnKey

PhoneKind: TypeAlias = Literal["mobile", "landline", "service", "foreign"]


class PhoneSettings(Section):
    """[phones]."""

    kinds: tuple[PhoneKind, ...] = Field(default=("mobile", "landline", "service", "foreign"), min_length=1)
    region: str = Field(default="CN", pattern="^[A-Z]{2}$")


class MergeSettings(Section):
    """[duplicates.merge]: which of two values stays; `columns` by key."""

    default: Literal["not_empty", "newest", "longest", "join"] | None = None
    columns: Mapping[str, Literal["not_empty", "newest", "longest", "join"]] = Field(default_factory=dict)

    @property
    def rules(self) -> MergeRules:
        """As the merge takes them."""
        named = {ColumnKey(column): Take(take) for column, take in self.columns.items()}
        return MergeRules(Take(self.default) if self.default else None, named)


class DuplicateSettings(Section):
    """[duplicates]."""

    enabled: bool = True
    threshold: float | None = Field(default=None, ge=0, le=1)
    merge: MergeSettings


class PoolSettings(Section):
    """[pool]: customers that nobody deals with go back to all."""

    enabled: bool = False
    after: Duration = timedelta(days=30)
    warn: Duration = timedelta(days=3)
    cool_down: Duration = timedelta(days=7)
    capacity: int | None = Field(default=None, ge=1)

    @property
    def terms(self) -> PoolTerms:
        """As the rule takes them."""
        return PoolTerms(self.after, self.warn, self.cool_down, self.capacity)


def _whole_days(given: timedelta) -> timedelta:
    if given % timedelta(days=1):
        raise PydanticCustomError("dormant_days", 'counted in days: write "180d", or "0d" for never')
    return given


def _days(given: timedelta) -> timedelta:
    if given < timedelta(days=1) or given % timedelta(days=1):
        raise PydanticCustomError("period_days", 'counted in days, at least one: write "365d"')
    return given


class StatusSettings(Section):
    """[status]: when a customer counts as dormant."""

    dormant_after: Annotated[Duration, AfterValidator(_whole_days)] = timedelta(days=180)
    dormant: Literal["flag", "move"] = "flag"


class LevelSettings(Section):
    """[levels]: how customers are given their level."""

    method: Literal["thresholds", "rfm", "none"] = "thresholds"
    by: Literal["deals", "orders"] = "deals"
    period: Annotated[Duration, AfterValidator(_days)] = timedelta(days=365)
    match: Literal["all", "any"] = "all"


class LookupSettings(Section):
    """[lookups]: who may ask how often whether a customer is known."""

    per_day: int = Field(default=20, ge=1, le=1_000)
    min_length: int = Field(default=4, ge=2, le=40)

    @property
    def terms(self) -> LookupTerms:
        """The same as the core takes it."""
        return LookupTerms(self.per_day, self.min_length)
