"""Where a secret is kept: the config itself holds none."""

import os
from pathlib import Path
from typing import Annotated, Self, TypeAlias

from pydantic import BeforeValidator, SecretStr, model_validator
from pydantic_core import PydanticCustomError

from crm_sheets.config_section import Section
from crm_sheets.config_source import FromEnvironment
from crm_sheets.errors import ConfigError, UsageError


def _secret(given: object) -> object:
    if isinstance(given, FromEnvironment):
        return {"env": given.variable}
    if isinstance(given, str):
        raise PydanticCustomError(
            "secret_written",
            'a secret never stands in the config; write { env = "NAME" }, { file = "PATH" } or { keyring = "NAME" }',
        )
    return given


class Secret(Section):
    """Where a secret is kept; the config itself holds none."""

    env: str | None = None
    file: Path | None = None
    keyring: str | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if sum(place is not None for place in (self.env, self.file, self.keyring)) != 1:
            raise PydanticCustomError("secret_place", "name exactly one of env, file, keyring")
        return self

    def reveal(self) -> SecretStr:
        """The secret itself, looked up now.

        Raises:
            ConfigError: the variable is not set, the file cannot be read, the keyring has no such entry.
        """
        if self.env is not None:
            found = os.environ.get(self.env)
            if found is None:
                raise ConfigError(
                    (f"the environment variable {self.env} is not set; the config takes a secret from it",)
                )
            return SecretStr(found)
        if self.file is not None:
            try:
                return SecretStr(self.file.read_text(encoding="utf-8").rstrip("\r\n"))
            except OSError as error:
                raise ConfigError((f"{self.file}: {error.strerror}; the config takes a secret from it",)) from error
        return _from_keyring(self.keyring or "")


def _from_keyring(name: str) -> SecretStr:
    try:
        import keyring  # an optional package, and slow to import
    except ImportError:
        raise ConfigError(('{ keyring = … } needs the package keyring: pip install "keyring"',)) from None
    found = keyring.get_password("crm-sheets", name)
    if found is None:
        raise ConfigError((f"the keyring has no entry {name!r} for crm-sheets: keyring set crm-sheets {name}",))
    return SecretStr(found)


def into_keyring(name: str, secret: str) -> None:
    """Keeps a secret in the keyring, where `{ keyring = "NAME" }` finds it.

    Raises:
        ConfigError: the package is not installed.
        UsageError: there is an entry of that name.
    """
    try:
        import keyring
    except ImportError:
        raise ConfigError(('the keyring needs the package keyring: pip install "keyring"',)) from None
    if keyring.get_password("crm-sheets", name) is not None:
        raise UsageError(f"the keyring has an entry {name!r} already; a key that is in use must not be overwritten")
    keyring.set_password("crm-sheets", name, secret)


SecretReference: TypeAlias = Annotated[Secret, BeforeValidator(_secret)]
