"""The vault of a team: made from the keys that its config names."""

from collections.abc import ValuesView

from crm_sheets.config import Settings
from crm_sheets.config_secrets import Secret
from crm_sheets.errors import ConfigError
from crm_sheets.schema.base import Tab
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.sync.backends.xlsx.replace import SEALED_SUFFIX
from crm_sheets.sync.store.ciphers import KeyRing, key_from
from crm_sheets.sync.store.sealing_over import seal_over, sealed_columns, sealed_in
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.sync.store.vault import Vault


def vault_of(settings: Settings, state: SqlState) -> Vault | None:
    """Where the texts of sealed columns are kept; None without a key.

    Raises:
        ConfigError: the store is sealed and the config names no key, or not its key; or a column is sealed in the store
            and no longer in the config: its cells would show what stands in the store.
    """
    known = sealed_in(state)
    told = settings.sealed
    if told.key is None:
        if known:
            raise ConfigError(
                ("sealed.key: the state store holds sealed values; name the key with which they were sealed",)
            )
        return None
    tabs = state.tabs.values()
    gone = known & columns_of(tabs) - sealed_columns(tabs)
    if gone:
        names = ", ".join(sorted(gone))
        raise ConfigError((f"{names}: sealed in the state store; a field stays sealed: write sealed = true again",))
    keys = [_key(told.key, "sealed.key"), *(_key(old, "sealed.old_keys") for old in told.old_keys)]
    return Vault(state, KeyRing(keys))


def _key(secret: Secret, name: str) -> bytes:
    return key_from(secret.reveal().get_secret_value(), name)


def columns_of(tabs: ValuesView[Tab]) -> frozenset[str]:
    """Every column of a team's book, as `tab.column`."""
    return frozenset(f"{tab.key}.{column}" for tab in tabs for column in tab.columns)


def is_sealed_over(state: SqlState) -> bool:
    """Whether every column that is to be sealed is sealed in the store."""
    return sealed_columns(state.tabs.values()) <= sealed_in(state)


def sealed_over(settings: Settings, state: SqlState, vault: Vault, codec: CodecContext) -> None:
    """Seals what stands in sealed columns since before there was a key, in the store and in the backups."""
    if is_sealed_over(state):  # by another process, while this one waited for its turn
        return
    seal_over(state, vault, codec, sealed_columns(state.tabs.values()))
    conceal_backups(settings, vault)


def conceal_backups(settings: Settings, vault: Vault) -> int:
    """Encrypts the backups in which texts may stand under the key of today; how many were not yet."""
    folder = settings.backups.folder
    path = settings.workbook.path
    made = {path.suffix if path is not None else ".xlsx", ".xlsx", ".zip", SEALED_SUFFIX}
    changed = 0
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.suffix not in made or not path.is_file():
            continue
        content = path.read_bytes()
        if path.suffix != SEALED_SUFFIX:
            concealed, target = vault.conceal(content), path.with_name(path.name + SEALED_SUFFIX)
        elif not vault.is_current(content):
            concealed, target = vault.conceal(vault.disclose(content, str(path))), path
        else:
            continue
        unfinished = path.with_name(path.name + ".tmp")
        unfinished.write_bytes(concealed)
        unfinished.replace(target)
        if target != path:
            path.unlink()
        changed += 1
    return changed
