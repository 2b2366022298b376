"""[sealed]: where the key of sealed columns is kept, and what their cells show."""

from typing import Literal

from crm_sheets.config_secrets import SecretReference
from crm_sheets.config_section import Section


class SealedSettings(Section):
    """[sealed]: without a key, sealed columns are kept as they are typed, and `doctor` says so."""

    key: SecretReference | None = None
    old_keys: tuple[SecretReference, ...] = ()
    show: Literal["ends", "tail", "nothing"] = "ends"
