"""Who has a workbook of their own, and what each of these may show, by the records of a draft."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, tzinfo

from crm_sheets.cells import text_key
from crm_sheets.draft import Draft
from crm_sheets.expressions import At
from crm_sheets.eyes import Eyes
from crm_sheets.language import Language
from crm_sheets.organisation import Organisation, Person, organisation_of
from crm_sheets.permissions import Policy, Where
from crm_sheets.rights import Authority
from crm_sheets.rules.summaries.base import SummaryRule
from crm_sheets.schema.base import Tab
from crm_sheets.schema.dictionaries import Dictionaries, dictionaries_of
from crm_sheets.tables import ColumnKey, ReplicaKey, RowKey, TabKey
from crm_sheets.views import PersonEyes, Reader, Reveal, readers, rights_text, summaries_of

PEOPLE, DICTIONARIES = TabKey("people"), TabKey("dictionaries")
STEERING = frozenset({PEOPLE, DICTIONARIES})
"""Tabs of which a change may move the rights of everybody."""


@dataclass
class Readership:
    """The people who have views. Ask it anew after a change of 组织 or the dictionaries.

    Attributes:
        tabs: of the team's book.
        default: the dictionaries of a team whose book has none.
        reveal: fetches the texts of sealed values; None where nothing is sealed.
        summaries: of the team; leads: the roles whose views have those that can be made for them.
        only: names and 工号 of those who have a view, as text_key; none for everybody who may see anything.
        version: another text whenever program or config may show something else.
        readers: by replica, as of the last look.
    """

    policy: Policy
    tabs: Mapping[TabKey, Tab]
    default: Dictionaries
    language: Language
    zone: tzinfo
    version: str
    reveal: Reveal | None = None
    summaries: tuple[SummaryRule, ...] = ()
    leads: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()
    readers: Mapping[ReplicaKey, Reader] = field(default_factory=dict)
    _rights: Mapping[ReplicaKey, str] = field(default_factory=dict, repr=False)
    _today: date = field(default=date.min, repr=False)

    def look(self, draft: Draft, today: date) -> None:
        """Finds out who has a view today, by the records of a draft."""
        self._today = today
        authority = self.authority(draft)
        people = _people(draft, authority.organisation)
        found = map(self._with_summaries, readers(people.items(), authority, self.tabs))
        self.readers = {each.replica: each for each in found if self._is_one(each.person)}
        more = (self.language.locale, self.version, str(today) if self._by_day() else "")
        self._rights = {
            key: rights_text(each, authority.organisation, self.policy, more) for key, each in self.readers.items()
        }

    def _is_one(self, person: Person) -> bool:
        return not self.only or bool(self.only & {text_key(person.id), text_key(person.name)})

    def _with_summaries(self, reader: Reader) -> Reader:
        if reader.person.role not in self.leads:
            return reader
        return replace(reader, summaries=tuple(rule.key for rule in summaries_of(reader, self.summaries, self.tabs)))

    def rights(self, replica: ReplicaKey) -> str:
        """Another text whenever all rows of a view must be compared with the records."""
        return self._rights[replica]

    def own(self, reader: Reader) -> Callable[[Draft], Eyes]:
        """What the view of a reader shows and takes."""

        def eyes(draft: Draft) -> Eyes:
            authority = self.authority(draft)
            return self._eyes(reader, draft, authority, _people(draft, authority.organisation))

        return eyes

    def others(self, beside: ReplicaKey) -> Callable[[Draft], Mapping[ReplicaKey, Eyes]]:
        """What all views but one show."""

        def eyes(draft: Draft) -> Mapping[ReplicaKey, Eyes]:
            wanted = {key: reader for key, reader in self.readers.items() if key != beside}
            if not wanted:
                return {}
            authority = self.authority(draft)
            people = _people(draft, authority.organisation)
            return {key: self._eyes(reader, draft, authority, people) for key, reader in wanted.items()}

        return eyes

    def authority(self, draft: Draft) -> Authority:
        """The policy in the light of the organisation that a draft tells of."""
        dictionaries = self.dictionaries(draft)
        rows = [row for key in draft.keys(PEOPLE) if (row := draft.row(PEOPLE, key)) is not None]
        organisation = organisation_of(rows, dictionaries)
        return Authority(self.policy, organisation, self.tabs, At(self._today, self.zone), dictionaries)

    def dictionaries(self, draft: Draft) -> Dictionaries:
        """The drop-downs that a draft tells of."""
        if DICTIONARIES not in self.tabs:
            return self.default
        rows = [row for key in draft.keys(DICTIONARIES) if (row := draft.row(DICTIONARIES, key)) is not None]
        return dictionaries_of(rows, self.default.own)

    def _by_day(self) -> bool:
        """Whether a condition asks what day it is."""
        texts = [each.text for grant in self.policy.grants for each in grant.rows if isinstance(each, Where)]
        return any("today" in text for text in (*texts, *(deny.when for deny in self.policy.denies)))

    def _eyes(self, known: Reader, draft: Draft, authority: Authority, people: Mapping[RowKey, Person]) -> PersonEyes:
        """The eyes of a reader as of a draft: who has left since sees nothing."""
        person = people.get(known.key, replace(known.person, active=False))
        reader = Reader(known.key, person, authority.of(person), known.tabs)
        return PersonEyes(reader, draft, self.reveal)


def _people(draft: Draft, organisation: Organisation) -> dict[RowKey, Person]:
    """The people whom their row in 组织 names without doubt, by its key."""
    found: dict[RowKey, Person] = {}
    for key in draft.keys(PEOPLE):
        values = draft.values((PEOPLE, key)) or {}
        person = organisation.find(str(values.get(ColumnKey("id")) or ""))
        if person is not None:
            found[key] = person
    return found
