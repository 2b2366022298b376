"""Commands about the workbooks of people: views, views rebuild."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from crm_sheets import clock, reports
from crm_sheets.app.cycles import run_cycle
from crm_sheets.app.gallery import Gallery
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.view_keeping import TROUBLE_NOTE, Shelf
from crm_sheets.app.workspace import Workspace, opened
from crm_sheets.cells import text_key
from crm_sheets.config import Settings
from crm_sheets.config_google import address_of
from crm_sheets.draft import Draft
from crm_sheets.errors import UsageError
from crm_sheets.sync.backends.xlsx.holders import holder
from crm_sheets.sync.setup import Wish
from crm_sheets.tables import ColumnKey, ReplicaKey, RowKey, TabKey
from crm_sheets.views import VIEW, Reader


def views(settings: Settings) -> reports.ViewsReport:
    """Everybody's workbook: where it is, what it shows, what stands in its way. Opens none of them."""
    with opened(settings) as workspace:
        gallery = _gallery(workspace)
        if gallery is None:
            return reports.ViewsReport(False, ())
        return reports.ViewsReport(True, tuple(_lines(workspace, gallery)))


def rebuild_view(settings: Settings, person: str) -> reports.CycleReport:
    """Makes the workbook of a person anew, after what was typed in it was taken in. The old file is kept.

    Raises:
        UsageError: nobody of that 工号 or name has one.
    """
    with opened(settings) as workspace:
        gallery = _gallery(workspace)
        if gallery is None:
            raise UsageError("there are no views: [views] enabled = true makes them").told("error.views.none")
        reader = _find(gallery.readership.readers.values(), person)
        gallery.renew(reader.replica)
        return run_cycle(workspace, Wish(clock.now()))


def view_password(
    settings: Settings, person: str, *, reset: bool = False, shown: bool = False
) -> reports.PasswordReport:
    """How the password of a view stands; with `reset` its person gets a new one by mail, with which the file is closed.

    A file that no known password opens is kept, and made anew. A password that its person chose is never shown.

    Raises:
        UsageError: nobody of that 工号 or name has a view, or it has no password.
    """
    with opened(settings) as workspace:
        gallery, words = _gallery(workspace), workspace.words
        if gallery is None:
            raise UsageError("there are no views: [views] enabled = true makes them").told("error.views.none")
        reader = _find(gallery.readership.readers.values(), person)
        gallery.locks.look()
        path = settings.views.folder / Shelf.of(workspace.state).with_places([reader]).files[reader.replica]
        if reset:
            if not gallery.locks.wanted(reader.person):
                raise UsageError(words.text("error.views.no_password", person=reader.person.name))
            if not gallery.locks.opens(reader, path):
                gallery.renew(reader.replica)
            gallery.locks.give(reader, str(path), clock.now())
            run_cycle(workspace, Wish(clock.now()))
        lock = gallery.locks.of(reader.replica)
        state = "none" if lock is None else "initial" if lock.initial else "own"
        password = lock.passwords[0] if lock is not None and shown and lock.initial else ""
        return reports.PasswordReport(reader.person.id, reader.person.name, path, state, reset, password)


def _gallery(workspace: Workspace) -> Gallery | None:
    """The views, with who has one today."""
    gallery = workspace.gallery
    if gallery is None:
        return None
    gallery.look(clock.now())
    return gallery


def _find(readers: Iterable[Reader], person: str) -> Reader:
    known = {}
    for reader in readers:
        known[reader.person.id] = f"{reader.person.id} {reader.person.name}"
        if text_key(person) in {text_key(reader.person.id), text_key(reader.person.name)}:
            return reader
    listed = "、".join(known.values())
    raise UsageError(f"{person}: has no workbook of their own; these have: {listed}").told(
        "error.views.nobody", person=person, known=listed
    )


def _lines(workspace: Workspace, gallery: Gallery) -> Iterable[reports.ViewLine]:
    state, shelf = workspace.state, Shelf.of(workspace.state)
    rows, written, pending = state.shown_counts(), state.written_at(), state.pending_replicas()
    reporter, readers = Reporter(workspace), gallery.readership.readers
    draft = Draft(state, workspace.tabs)
    gallery.locks.look()
    for key in sorted(shelf.files.keys() | readers.keys(), key=lambda each: _number(each, readers)):
        spreadsheet = gallery.spreadsheet(readers[key]) if key in readers else None
        path: Path | str = workspace.settings.views.folder / shelf.with_places(readers.values()).files[key]
        if spreadsheet is not None:
            path = address_of(spreadsheet)
        there = path.exists() if isinstance(path, Path) else key in shelf.structures
        held_by = holder(path) if isinstance(path, Path) else None
        found, told = _state(key in readers, there, held_by, shelf.troubles.get(key), key in pending)
        at = written.get(key)
        yield reports.ViewLine(
            *_named(key, readers, draft),
            path=path,
            rows={str(tab): count for tab, count in rows.get(key, {}).items()},
            written=reporter.moment(at) if at else None,
            state=found,
            told=told,
            password=gallery.locks.standing(key),
        )


def _number(key: ReplicaKey, readers: Mapping[ReplicaKey, Reader]) -> tuple[bool, str]:
    return key not in readers, readers[key].person.id if key in readers else key


def _named(key: ReplicaKey, readers: Mapping[ReplicaKey, Reader], draft: Draft) -> tuple[str, str]:
    """工号 and name, those of whoever has left too."""
    if key in readers:
        return readers[key].person.id, readers[key].person.name
    values = draft.values((TabKey("people"), RowKey(key.removeprefix(VIEW)))) or {}
    return str(values.get(ColumnKey("id")) or ""), str(values.get(ColumnKey("name")) or "")


def _state(wanted: bool, there: bool, held_by: str | None, trouble: str | None, waits: bool) -> tuple[str, str]:
    if not wanted:
        return "leaving", held_by or ""
    if trouble:
        return "trouble", trouble
    if not there:
        return "missing", ""
    if held_by is not None:
        return "open", held_by
    return ("waiting" if waits else "fine"), ""


def examine_views(settings: Settings) -> str:
    """How many people have a workbook of their own.

    Raises:
        UsageError: two people have one 工号, a role of 组织 opens nothing, or somebody who has one has no address.
    """
    with opened(settings) as workspace:
        gallery, say = _gallery(workspace), workspace.words.text
        if gallery is None:
            raise UsageError(say("error.views.none"))
        gallery.locks.look()
        readers, policy = gallery.readership.readers.values(), gallery.readership.policy
        organisation = gallery.readership.authority(workspace.draft()).organisation
        people = [each for each in organisation.people if each.active]
        numbers = Counter(text_key(each.id) for each in people if each.id)
        doubled = sorted({each.id for each in people if numbers[text_key(each.id)] > 1})
        roles = {each.role for each in people if each.role}
        closed = sorted(role for role in roles if not any(policy.grants_of(role, tab) for tab in workspace.tabs))
        silent = sorted(each.person.name for each in readers if not each.person.email)
        found = {"doubled": doubled, "roles": closed, "silent": silent}
        wrong = [say(f"doctor.found.views_{name}", names=", ".join(each[:10])) for name, each in found.items() if each]
        if wrong:
            raise UsageError("; ".join(wrong))
        return say("doctor.found.views", count=len(readers))


def keep_troubles(workspace: Workspace, outcomes: Iterable[reports.ViewOutcome]) -> list[reports.ViewOutcome]:
    """Remembers what stands in the way of views, for whoever asks later; those that are new or over."""
    known, changed = Shelf.of(workspace.state).troubles, []
    for view in outcomes:
        trouble = view.error or view.halted or ""
        if trouble != known.get(ReplicaKey(view.replica), ""):
            workspace.state.set_note(f"{TROUBLE_NOTE}@{view.replica}", trouble)
            changed.append(view)
    return changed


def view_counts(workspace: Workspace) -> dict[str, int]:
    """How many views there are, how many wait to be written, in how many there is trouble; empty without any."""
    shelf = Shelf.of(workspace.state)
    made = shelf.files.keys() | shelf.structures.keys()
    if not made:
        return {}
    waiting = workspace.state.pending_replicas() & made
    return {"views": len(made), "waiting": len(waiting), "trouble": sum(map(bool, shelf.troubles.values()))}
