"""Whether a customer is known already, asked by somebody who may not see them: yes or no, and whose department.

This is the one thing that the program tells of rows which its reader may not see. So it tells as little as answers the
question, it counts who asks how often, and every question stands in the journal.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.commands import Act, Command, Desk
from crm_sheets.eyes import Eyes
from crm_sheets.journal import PROGRAM
from crm_sheets.permissions import Level
from crm_sheets.reading import digest_of
from crm_sheets.request import Request
from crm_sheets.schema.lookups import Lookup
from crm_sheets.schema.people import PEOPLE
from crm_sheets.state import RowId, State, Values
from crm_sheets.suspects import CUSTOMERS, Suspects
from crm_sheets.tables import ColumnKey, ReplicaKey, RowKey
from crm_sheets.views import VIEW

LOOKUPS = Lookup.tab
QUESTION, OWNER, ANSWER, DEPARTMENT, KNOWN, ASKED_AT, ASKED = (
    ColumnKey(name) for name in ("question", "owner", "answer", "department", "known", "asked_at", "asked")
)
NOTE = "lookups@"
"""Note: on which day somebody asked how many questions and, as digests, which, by the key of their view."""

LONGEST = 200
MOST_NAMED = 5


class Verdict(StrEnum):
    """What is answered; the words are in the catalogues."""

    EXISTS = "exists"
    SIMILAR = "similar"
    NONE = "none"
    SHORT = "short"  # the name tells too little: nothing was looked up
    LIMIT = "limit"  # too many questions today: nothing was looked up


@dataclass(slots=True)
class LookingUp:
    """The step of a plan that answers questions.

    Attributes:
        notes: to be remembered: how many were answered.
    """

    desk: Desk
    state: State
    request: Request
    notes: dict[str, str] = field(default_factory=dict)

    def run(self, suspects: Suspects) -> None:
        """Answers what was asked in this cycle, by the records as it will leave them.

        Args:
            suspects: what the cycle found out about duplicates, for the index of names and phones is up to date by it.
        """
        if LOOKUPS not in self.request.tabs or CUSTOMERS not in self.request.tabs:
            return
        draft = self.desk.draft
        for row in sorted(row for row in draft.changed() if row[0] == LOOKUPS and row not in draft.provisional):
            values = draft.values(row)
            question = str(values.get(QUESTION) or "").strip() if values is not None else ""
            if values is not None and question != (values.get(ASKED) or ""):
                told = self._answer(question, values, suspects) if question else {}
                blank: Values = dict.fromkeys((ANSWER, DEPARTMENT, KNOWN, ASKED_AT, ASKED))
                self.desk.carry_out(Command(Act.SET, LOOKUPS, row[1], blank | told, PROGRAM))

    def _answer(self, question: str, values: Mapping[ColumnKey, Value], suspects: Suspects) -> Values:
        asker = self._asker(values)
        told: Values = {ASKED: question, ASKED_AT: self.request.means.now}
        counted, asked = self._asked_today(asker)
        digest = digest_of([text_key(question)])
        is_new = digest not in asked  # who asks the same once more learns nothing new by it
        if is_new and counted >= self.request.lookups.per_day:
            return told | {ANSWER: self._words(Verdict.LIMIT)}
        codec = self.request.means.codec
        from crm_sheets.likes import Known, like  # with all that names are taken apart by: seldom needed

        book = Known(self.desk.draft, self.state, suspects, self.request.threshold is not None)
        found = like(question, self.request.lookups.least, book, codec)
        if found is None:
            return told | {ANSWER: self._words(Verdict.SHORT)}
        if is_new:
            self.notes[f"{NOTE}{asker}"] = " ".join((str(self.request.today), str(counted + 1), *asked, digest))
        hits = found.same or found.similar
        verdict = Verdict.EXISTS if found.same else Verdict.SIMILAR if hits else Verdict.NONE
        return told | {
            ANSWER: self._words(verdict),
            DEPARTMENT: self._departments(hits) or None,
            KNOWN: self._known(hits, found.column, asker) or None,
        }

    def _departments(self, customers: Iterable[RowKey]) -> str:
        nobody = self.request.language.text("lookup.no_department")
        records = (self.desk.draft.values((CUSTOMERS, key)) or {} for key in customers)
        found = sorted({str(record.get(DEPARTMENT) or nobody) for record in records})
        return self.request.language.text("list.and").join(found)[:LONGEST]

    def _known(self, customers: Iterable[RowKey], by: ColumnKey, asker: ReplicaKey) -> str:
        """The numbers of those whom the asker sees anyhow, with the column by which they were found: of a row whose
        phone is hidden from them, a number would tell that it has the phone they asked about."""
        eyes = self._eyes(asker)
        rows: list[RowId] = [(CUSTOMERS, key) for key in customers]
        seen = [key for _, key in rows if eyes is not None and self._sees(eyes, (CUSTOMERS, key), by)]
        return self.request.language.text("list.and").join(seen[:MOST_NAMED])

    def _sees(self, eyes: Eyes, row: RowId, column: ColumnKey) -> bool:
        values = self.desk.draft.values(row)
        rights = eyes.rights(row[0], values) if row[0] in eyes.tabs and values is not None else None
        return rights is not None and rights.visible and rights.level(column) >= Level.READ

    # -- who asks ------------------------------------------------------------------------------------------------------

    def _asker(self, values: Mapping[ColumnKey, Value]) -> ReplicaKey:
        """Whose workbook it was asked in; in the shared one, whom the row names."""
        replica = self.request.replica.key
        if replica.startswith(VIEW):
            return replica
        text = str(values.get(OWNER) or "")
        named = self.desk.draft.named(PEOPLE, text) if text and PEOPLE in self.request.tabs else ()
        return ReplicaKey(f"{VIEW}{named[0].key}") if len(named) == 1 else replica

    def _eyes(self, asker: ReplicaKey) -> Eyes | None:
        """What the asker may see; None for somebody who has no workbook in a team whose people have some."""
        draft, request = self.desk.draft, self.request
        if asker == request.replica.key:
            return request.eyes(draft)
        others = request.others(draft)
        return others.get(asker) if others else request.eyes(draft)

    def _asked_today(self, asker: ReplicaKey) -> tuple[int, list[str]]:
        """How many questions were answered today, and the digests of them; what is asked in the shared workbook, which
        hides nothing, for nobody in particular is not counted."""
        if not asker.startswith(VIEW):
            return 0, []
        name = f"{NOTE}{asker}"
        day, count, *asked = (self.notes.get(name) or self.state.note(name) or "- 0").split()
        return (int(count), asked) if day == str(self.request.today) else (0, [])

    def _words(self, verdict: Verdict) -> str:
        terms = self.request.lookups
        return self.request.language.text(f"lookup.{verdict}", least=terms.least, per_day=terms.per_day)
