"""What may be said in mails, and to whom: in a team with views, what stands in the view of whoever gets the mail."""

from collections.abc import Collection, Mapping
from datetime import datetime, tzinfo
from functools import cached_property
from typing import NamedTuple

from crm_sheets.app.rights import effective_policy
from crm_sheets.app.workspace import Workspace
from crm_sheets.cells import text_key
from crm_sheets.changes import Issue, Value
from crm_sheets.disclosure import Disclosure
from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes
from crm_sheets.organisation import Person
from crm_sheets.permissions import Level
from crm_sheets.readership import Readership
from crm_sheets.rules.base import Context
from crm_sheets.rules.peace import zone_of
from crm_sheets.rules.reminder_families import is_of_a_rule
from crm_sheets.seen import SeenBook
from crm_sheets.state import RowId, Source, Values
from crm_sheets.sync.outbox import OutboxEntry
from crm_sheets.tables import ColumnKey, ReplicaKey, RowKey, TabKey
from crm_sheets.views import PersonEyes, Reader, view_tabs

CUSTOMERS, PEOPLE = TabKey("customers"), TabKey("people")
NOBODY = RowKey("")


class _Reading(NamedTuple):
    """The view of a reader, and what may be told to them."""

    replica: ReplicaKey
    told: Disclosure
    eyes: Eyes


class MailReaders:
    """The people of a team as readers of mails, as the records are now.

    A team without views has one workbook that all read: everything may be said. In a team with views, somebody who has
    none may read nothing.
    """

    def __init__(self, workspace: Workspace, now: datetime, draft: Draft | None = None) -> None:
        """Readers of the records of a draft, left out: as they are."""
        self._workspace, self._now = workspace, now
        self._draft = draft or workspace.draft()
        self._known: dict[str, _Reading] = {}

    @property
    def hiding(self) -> bool:
        """Whether anything is hidden from anybody."""
        return self._workspace.settings.views.enabled

    def parameters(self, entry: OutboxEntry) -> Mapping[str, str]:
        """What a message may show to its receiver."""
        if not self.hiding or not is_of_a_rule(entry.kind) or not entry.tab or not entry.row:
            return entry.parameters
        row, told = (TabKey(entry.tab), RowKey(entry.row)), self._of(entry.person).told
        given = told.parameters(row, entry.parameters)
        return given if told.seen.readable(row) is not None else {**given, **self._unseen(entry.person)}

    def values(self, person: str, row: RowId) -> Values | None:
        """What somebody may read of a row; None of one that they do not see."""
        return self._of(person).told.seen.values(row) if self.hiding else self._draft.values(row)

    def issues(self, person: str, row: RowId) -> tuple[Issue, ...]:
        """What somebody is told is wrong with a row."""
        findings = self._workspace.state.findings(row[0], [row[1]]).get(row[1], ())
        if not self.hiding:
            return tuple(finding.issue for finding in findings)
        reading = self._of(person)
        mine = [each for each in findings if each.source is Source.RULE or each.replica == reading.replica]
        return reading.told.issues(row, mine)

    def customer(self, person: str, text: str) -> str:
        """The name of the customer that a text stands for, as somebody may read it; else the text."""
        book = self._of(person).told.seen if self.hiding else self._draft
        found = book.named(CUSTOMERS, text) if text else ()
        name = found[0].record.__dict__.get("name") if len(found) == 1 else None
        return str(name) if name else text

    def zone(self, person: str) -> tzinfo:
        """The zone in which somebody reads times."""
        return self._zones.get(text_key(person), self._workspace.settings.workbook.zone)

    @cached_property
    def _zones(self) -> Mapping[str, tzinfo]:
        """Of the people who live elsewhere, by name and number."""
        found: dict[str, tzinfo] = {}
        for record in self._workspace.state.all_records(PEOPLE).values():
            name = record.values.get(ColumnKey("time_zone"))
            zone = zone_of(str(name)) if name else None
            called = (record.values.get(ColumnKey(key)) for key in ("id", "name"))
            found |= {text_key(str(each)): zone for each in called if each and zone is not None}
        return found

    def _unseen(self, person: str) -> Mapping[str, str]:
        """What is said of a row that whoever is to do something about it may not see: that there is one, and who can
        tell more."""
        words, organisation = self._workspace.words, self._readership.authority(self._draft).organisation
        found = organisation.find(person)
        lead = organisation.manager_of(found) if found is not None else None
        asked = lead.name if lead is not None and lead.active and lead.name else words.text("mail.unseen.administrator")
        return {"subject": words.text("mail.unseen"), "content": words.text("mail.unseen.ask", who=asked)}

    def judged(
        self, person: str, row: RowId, after: Mapping[ColumnKey, Value], columns: Collection[ColumnKey]
    ) -> Mapping[ColumnKey, Level]:
        """What somebody may do with edits of a row: what the workbook that they have would take.

        Args:
            person: name or number, as in 组织.
            row: which one.
            after: its values with all edits.
            columns: that are edited.
        """
        before = self._draft.values(row)
        if before is None:
            return {}
        eyes = self._of(person).eyes if self.hiding else self._workspace.cycle.setup.replica.eyes(self._draft)
        return eyes.judged(row[0], before, after, columns)

    @property
    def context(self) -> Context:
        """What rules go by, as the records are now."""
        return self._context

    # -- within ------------------------------------------------------------------------------------------------------

    def _of(self, person: str) -> "_Reading":
        key = text_key(person)
        if key not in self._known:
            self._known[key] = self._reading(person)
        return self._known[key]

    def _reading(self, name: str) -> "_Reading":
        setup, draft, ship = self._workspace.cycle.setup, self._draft, self._readership
        called = text_key(name)
        people = ship.readers.values()
        readers = [each for each in people if called in (text_key(each.person.name), text_key(each.person.id))]
        if len(readers) == 1:
            reader = readers[0]
        else:
            rights = ship.authority(draft).of(Person("", name, ""))
            reader = Reader(NOBODY, rights.person, rights, view_tabs(rights, setup.tabs))
        eyes = PersonEyes(reader, draft)
        seen = SeenBook(draft, eyes, reader.tabs)
        told = Disclosure(seen, self._context, setup.rules, setup.own_reads, eyes.everywhere)
        return _Reading(reader.replica, told, eyes)

    @cached_property
    def _readership(self) -> Readership:
        setup, workspace = self._workspace.cycle.setup, self._workspace
        default = workspace.team.default_dictionaries()
        ship = Readership(
            effective_policy(workspace.settings, workspace),
            setup.tabs,
            default,
            setup.language,
            setup.zone,
            setup.rules_version,
        )
        ship.look(self._draft, self._context.today)
        return ship

    @cached_property
    def _context(self) -> Context:
        setup = self._workspace.cycle.setup
        return Context(
            now=self._now,
            today=self._now.astimezone(setup.zone).date(),
            zone=setup.zone,
            book=self._draft,
            dictionaries=self._workspace.dictionaries(),
            language=setup.language,
            tabs=setup.tabs,
            calendar=setup.calendar,
            files=setup.files,
        )
