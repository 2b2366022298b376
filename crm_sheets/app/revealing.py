"""Commands about sealed values and their keys: reveal, keys."""

import os
from pathlib import Path

from crm_sheets import clock, reports
from crm_sheets.app.finding import find_column, find_row
from crm_sheets.app.rights import effective_policy
from crm_sheets.app.vaults import conceal_backups
from crm_sheets.app.view_locks import LOCK_NOTE, LockShelf
from crm_sheets.app.workspace import Workspace, alone, author, opened
from crm_sheets.config import Settings
from crm_sheets.config_secrets import into_keyring
from crm_sheets.errors import UsageError
from crm_sheets.expressions import At
from crm_sheets.organisation import Person, organisation_of
from crm_sheets.rights import Authority
from crm_sheets.schema.labels import column_label
from crm_sheets.schema.people import PEOPLE
from crm_sheets.schema.sealed import is_sealed
from crm_sheets.state import Commit, EntryKind, JournalEntry, RowId
from crm_sheets.sync.backends.xlsx.padlock import Padlock, is_locked
from crm_sheets.sync.store.ciphers import new_key
from crm_sheets.sync.store.commit import commit
from crm_sheets.sync.store.vault import Vault
from crm_sheets.tables import SHARED, ColumnKey, ReplicaKey
from crm_sheets.views import VIEW

LONGEST_REASON = 500


def reveal(settings: Settings, row: str, column: str, *, person: str, reason: str) -> reports.RevealReport:
    """The text of a sealed cell, for somebody whom a grant gives it. Who asked, for whom and why stands in the journal
    before it is shown.

    Raises:
        UsageError: no reason, nobody of that name, no right, nothing sealed there, no key.
    """
    told = " ".join(reason.split())
    if not told:
        raise UsageError("--reason is blank; write why the number is needed: it is kept in the journal").told(
            "error.reveal.reason"
        )
    with opened(settings) as workspace:
        row_id = find_row(workspace, row)
        tab = workspace.tabs[row_id[0]]
        key = find_column(workspace, tab, column)
        vault = _vault(workspace)
        if not tab.columns[key].sealed:
            raise UsageError(f"{tab.key}: {key} is not sealed; its cell shows all of it").told(
                "error.reveal.open", column=column_label(tab.key, key, workspace.words)
            )
        who = _allowed(workspace, person, row_id, key)
        value = workspace.state.records(row_id[0], [row_id[1]])[row_id[1]].values.get(key)
        if value is None:
            raise UsageError(f"{row_id[1]} {key}: the cell is blank").told(
                "error.reveal.blank", row=row_id[1], column=column_label(tab.key, key, workspace.words)
            )
        text = vault.reveal(row_id[0], row_id[1], key, value)
        _journal(workspace, row_id, key, f"{who.name} ({who.id}): {told[:LONGEST_REASON]}")
        return reports.RevealReport(row_id[1], column_label(tab.key, key, workspace.words), text, who.name)


def _vault(workspace: Workspace) -> Vault:
    if workspace.vault is None:
        raise UsageError("[sealed] names no key: nothing is sealed, and nothing can be revealed").told(
            "error.reveal.no_key"
        )
    return workspace.vault


def _allowed(workspace: Workspace, name: str, row: RowId, column: ColumnKey) -> Person:
    """The person, if a grant reveals the column of this row to them."""
    draft, dictionaries = workspace.draft(), workspace.dictionaries()
    people = [found for key in draft.keys(PEOPLE) if (found := draft.row(PEOPLE, key)) is not None]
    organisation = organisation_of(people, dictionaries)
    person = organisation.find(name)
    if person is None or not person.active:
        raise UsageError(f"--person {name}: nobody of that 工号 or name works in the team").told(
            "error.reveal.person", name=name
        )
    at = At(clock.now().astimezone(workspace.settings.workbook.zone).date(), workspace.settings.workbook.zone)
    policy = effective_policy(workspace.settings, workspace)
    rights = Authority(policy, organisation, workspace.tabs, at, dictionaries).of(person)
    if not rights.may_reveal(row[0], draft.values(row) or {}, column, draft):
        raise UsageError(
            f"{person.name} ({person.role}) may not read {column} of {row[1]}: a [[grant]] of the role would need "
            f'reveal = ["{column}"] and at least "read" on the column, for rows like this one'
        ).told("error.reveal.denied", person=person.name, role=person.role, column=column, row=row[1])
    return person


def _journal(workspace: Workspace, row: RowId, column: ColumnKey, told: str) -> None:
    state = workspace.state
    entry = JournalEntry(EntryKind.REVEAL, row[0], row[1], column, "", told, author("reveal"))
    commit(state, Commit(state.next_run(), clock.now(), SHARED, read=0, reserved=None, tabs={}, journal=(entry,)))


def make_key(target: Path | None, keyring: str | None) -> reports.KeyReport:
    """A new key: shown, or kept in a file that only its owner may read, or in the keyring."""
    key = new_key()
    if keyring is not None:
        into_keyring(keyring, key)
        return reports.KeyReport("", f"keyring: {keyring}")
    if target is None:
        return reports.KeyReport(key, "")
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UsageError(f"{target} is there already; a key that is in use must not be overwritten").told(
            "error.keys.there", path=target
        ) from None
    with os.fdopen(handle, "w", encoding="ascii") as writable:
        writable.write(key + "\n")
    return reports.KeyReport("", str(target))


def rotate_keys(settings: Settings) -> reports.RotationReport:
    """Encrypts everything under the key that the config names now; then its old_keys are needed no longer."""
    with opened(settings) as workspace:
        vault = _vault(workspace)
        with alone(workspace.folder, settings.workbook.place):
            values = vault.rotate() + LockShelf(workspace.state, vault).rotate()
            files = conceal_backups(settings, vault)
        return reports.RotationReport(vault.key_id, values, files)


def open_sealed(settings: Settings, file: Path, target: Path) -> reports.FileReport:
    """A backup that was encrypted, as the file that it was."""
    if target.exists():
        raise UsageError(f"{target} is there already").told("error.file.there", path=target)
    with opened(settings) as workspace:
        target.write_bytes(_opened(workspace, file))
    return reports.FileReport(target, target.stat().st_size)


def _opened(workspace: Workspace, file: Path) -> bytes:
    """A kept file as it was; one of a view that has a password without it."""
    content = _vault(workspace).disclose(file.read_bytes(), str(file))
    name, view = str(file), ReplicaKey(f"{VIEW}{file.resolve().parent.name}")
    if not is_locked(content):
        return content
    shelf = LockShelf(workspace.state, _vault(workspace))
    lock = shelf.of(view, workspace.state.note(f"{LOCK_NOTE}{view}"))
    return Padlock(lambda: lock.passwords if lock is not None else ()).open(content, name)


def sealing(settings: Settings) -> reports.SealingReport:
    """How the sealed columns of a team are kept: for `doctor`."""
    with opened(settings) as workspace:
        columns = [
            (tab.key, column.key) for tab in workspace.tabs.values() for column in tab.columns.values() if column.sealed
        ]
        plain = sum(
            value is not None and not is_sealed(value)
            for tab, column in columns
            for record in workspace.state.all_records(tab).values()
            if (value := record.values.get(column)) is not None
        )
        vault = workspace.vault
        counts = {} if vault is None else vault.count()
        return reports.SealingReport("" if vault is None else vault.key_id, sum(counts.values()), plain, len(counts))
