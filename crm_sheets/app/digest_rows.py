"""What stands in a digest: rows that wait for a person, in words that the person may read."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from functools import cached_property

from crm_sheets.app.mail_readers import MailReaders
from crm_sheets.app.people import Recipients
from crm_sheets.app.reporting import Reporter
from crm_sheets.app.workspace import Workspace
from crm_sheets.cells import text_key
from crm_sheets.changes import Severity, Value
from crm_sheets.involvement import APPROVERS, named_in
from crm_sheets.organisation import Organisation, organisation_of
from crm_sheets.rules.base import record_of
from crm_sheets.rules.conversions import STATUSES
from crm_sheets.rules.dormancy import NEVER_DORMANT
from crm_sheets.rules.standing import LOST, STAGES, WON, is_cancelled
from crm_sheets.schema.follow_ups import FollowUp
from crm_sheets.state import RowId
from crm_sheets.sync.digest import DigestItem, Section, section_of
from crm_sheets.sync.outbox import OutboxEntry, State
from crm_sheets.sync.store.outbox import SqlOutbox
from crm_sheets.tables import ColumnKey, RowKey, TabKey

PEOPLE, FOLLOW_UPS, CUSTOMERS = TabKey("people"), TabKey("follow_ups"), TabKey("customers")
DEALS, APPROVALS = TabKey("opportunities"), TabKey("approvals")
PLANNED_AT, DONE_AT, OWNER, NAME = map(ColumnKey, ("planned_at", "done_at", "owner", "name"))
CUSTOMER, SUBJECT, CONTENT = map(ColumnKey, ("customer", "subject", "content"))
STAGE, STATUS, NEXT = map(ColumnKey, ("stage", "status", "next_contact"))
TOLD = (Section.OVERDUE, Section.TODAY, Section.NO_NEXT_STEP, Section.FAULTS)
"""What the lead is told of the team, by number."""

Values = Mapping[ColumnKey, Value]
Waiting = dict[str, list[tuple[RowId, Section | None, Value]]]


class DigestRows:
    """The rows that wait, as the records are now; they are gone through once for all people."""

    def __init__(self, workspace: Workspace, now: datetime) -> None:
        self._workspace, self._now = workspace, now
        self._people, self._readers = Recipients(workspace), MailReaders(workspace, now)
        self._reporter, self._draft = Reporter(workspace), workspace.draft()

    def of(self, person: str, zone: tzinfo) -> Iterator[DigestItem]:
        """What waits for a person; days begin in `zone`."""
        shown: set[RowId] = set()
        for row, section, planned in self._rows.get(person, ()):
            at = section or (section_of(planned, self._now, zone) if isinstance(planned, datetime) else None)
            item = self._item(person, row, at) if at is not None else None
            if item is not None:
                shown.add(row)
                yield item
        yield from self._approvals(person)
        for entry in self._waited:
            if text_key(entry.person) == text_key(person) and (TabKey(entry.tab), RowKey(entry.row)) not in shown:
                yield self._missed(entry)

    def leads(self, person: str) -> bool:
        """Whether anybody works for the person, directly or through others."""
        found = self._organisation.find(person)
        return found is not None and any(member.active for member in self._organisation.reports(found))

    def team(self, lead: str, zone: tzinfo) -> Iterator[DigestItem]:
        """How the people of a lead stand, by number: only rows that the lead may see count."""
        found = self._organisation.find(lead)
        text = self._workspace.words.text
        for member in self._organisation.reports(found) if found is not None else ():
            counts: Counter[Section] = Counter()
            for row, section, planned in self._rows.get(member.name, ()) if member.active else ():
                at = section or (section_of(planned, self._now, zone) if isinstance(planned, datetime) else None)
                if at is not None and self._readers.values(lead, row) is not None:
                    counts[at] += 1
            said = [
                text("digest.team.count", what=text(f"mail.section.{at}"), count=counts[at])
                for at in TOLD
                if counts[at]
            ]
            if said:
                title = text("digest.team.line", name=member.name, counts=text("list.and").join(said))
                yield DigestItem(Section.TEAM, PEOPLE, RowKey(member.id), title)

    # -- what waits ------------------------------------------------------------------------------------------------

    @cached_property
    def _rows(self) -> Waiting:
        """By person: a row, and its section where that does not hang on the day."""
        waiting: Waiting = {}
        for row, owner, section, planned in (*self._due(), *self._without_next_step(), *self._faulty()):
            recipient = self._people.of(str(owner)) if owner else None
            if recipient is not None:
                waiting.setdefault(recipient.name, []).append((row, section, planned))
        return waiting

    def _due(self) -> Iterator[tuple[RowId, Value, Section | None, Value]]:
        for key, values in self._all(FOLLOW_UPS):
            planned = values.get(PLANNED_AT)
            if isinstance(planned, datetime) and values.get(DONE_AT) is None and not self._is_called_off(key):
                yield (FOLLOW_UPS, key), values.get(OWNER), None, planned

    def _without_next_step(self) -> Iterator[tuple[RowId, Value, Section | None, Value]]:
        """Customers with an open deal for whom nothing is planned."""
        dictionaries, draft = self._workspace.dictionaries(), self._draft
        open_ones: dict[RowKey, None] = {}
        for _, deal in self._all(DEALS):
            named, stage = deal.get(CUSTOMER), deal.get(STAGE)
            code = dictionaries.code(STAGES, str(stage)) if stage else ""
            if named and code not in {WON, LOST}:
                rows = draft.named(CUSTOMERS, str(named))
                open_ones.update({rows[0].key: None} if len(rows) == 1 else {})
        for key in open_ones:
            values = draft.values((CUSTOMERS, key)) or {}
            status = values.get(STATUS)
            code = dictionaries.code(STATUSES, str(status)) if status else ""
            if values.get(NEXT) is None and code not in NEVER_DORMANT:
                yield (CUSTOMERS, key), values.get(OWNER), Section.NO_NEXT_STEP, None

    def _faulty(self) -> Iterator[tuple[RowId, Value, Section | None, Value]]:
        """Rows with an error, each once, with their owners; tabs without owners have nobody to tell."""
        draft = self._draft
        issues = (each for each in self._workspace.state.all_findings() if each.severity is Severity.ERROR)
        rows = dict.fromkeys((each.tab, each.row) for each in issues if each.tab is not None and each.row is not None)
        for tab, key in rows:
            values = draft.values((tab, key)) if tab in self._workspace.tabs else None
            if values is not None and OWNER in values:
                yield (tab, key), values[OWNER], Section.FAULTS, None

    def _all(self, tab: TabKey) -> Iterator[tuple[RowKey, Values]]:
        if tab in self._workspace.tabs:
            for key, record in self._workspace.state.all_records(tab).items():
                yield key, record.values

    def _is_called_off(self, key: RowKey) -> bool:
        row = self._draft.row(FOLLOW_UPS, key)
        return row is not None and is_cancelled(record_of(row, FollowUp))

    @cached_property
    def _waited(self) -> tuple[OutboxEntry, ...]:
        return SqlOutbox(self._workspace.state).entries((State.DIGEST,))

    @cached_property
    def _organisation(self) -> Organisation:
        draft = self._draft
        rows = [row for key in draft.keys(PEOPLE) if (row := draft.row(PEOPLE, key)) is not None]
        return organisation_of(rows, self._workspace.dictionaries())

    # -- how it is told ----------------------------------------------------------------------------------------------

    def _item(self, person: str, row: RowId, section: Section) -> DigestItem | None:
        seen = self._readers.values(person, row)
        if seen is None:
            return None
        tab, key = row
        called = str(seen.get(NAME) or key) if tab == CUSTOMERS else str(seen.get(CUSTOMER) or "")
        customer = called if tab == CUSTOMERS else self._readers.customer(person, called)
        if section is Section.FAULTS:
            errors = (each for each in self._readers.issues(person, row) if each.severity is Severity.ERROR)
            first = next(errors, None)
            message = self._reporter.issue(first).message if first is not None else ""
            return DigestItem(section, tab, key, message, customer) if message else None
        if section is Section.NO_NEXT_STEP:
            return DigestItem(section, tab, key, self._workspace.words.text("digest.no_next_step"), customer)
        title = str(seen.get(SUBJECT) or seen.get(CONTENT) or customer)
        planned = seen.get(PLANNED_AT)
        return DigestItem(section, tab, key, title, customer, planned if isinstance(planned, datetime) else None)

    def _approvals(self, person: str) -> Iterator[DigestItem]:
        """Requests that the person is to decide."""
        for key, values in self._all(APPROVALS):
            if values.get(ColumnKey("decided_at")) is None and text_key(person) in named_in(values, APPROVERS):
                what = (str(values.get(ColumnKey(name)) or "") for name in ("subject", "field"))
                due = values.get(ColumnKey("due"))
                when = due if isinstance(due, datetime) else None
                yield DigestItem(Section.APPROVALS, APPROVALS, key, " ▸ ".join(filter(None, what)), "", when)

    def _missed(self, entry: OutboxEntry) -> DigestItem:
        """A reminder that came too late, or that its person wants in the digest only."""
        given = self._readers.parameters(entry)
        rule = self._workspace.words.text(f"mail.rule.{entry.kind}")
        title = " · ".join(filter(None, (rule, given.get("subject") or given.get("content", ""))))
        due = given.get("due_at", "")
        when = datetime.fromisoformat(due) if due else entry.not_before
        return DigestItem(Section.MISSED, TabKey(entry.tab), RowKey(entry.row), title, given.get("customer", ""), when)
