"""What every table of the config has in common."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, model_validator


class Section(BaseModel):
    """A table of the config: an unknown key is a mistake, and nothing changes after loading."""

    # Deferred: the schema of Settings is built when a config is loaded, and not one more for each table in it.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _tables_may_be_left_out(cls, given: object) -> object:
        if not isinstance(given, Mapping):
            return given
        tables = (name for name, field in cls.model_fields.items() if _is_section(field.annotation))
        return {**{name: {} for name in tables}, **given}


def _is_section(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Section)
