"""What rules take as given: what the drop-downs offer, when the team works, where the fifths of its customers begin."""

from dataclasses import dataclass, field, replace

from crm_sheets.commands import Desk
from crm_sheets.draft import Draft
from crm_sheets.offers import offer
from crm_sheets.ranking import NOTE as RFM_NOTE
from crm_sheets.ranking import todays_ranking
from crm_sheets.request import Request
from crm_sheets.rules.base import Context
from crm_sheets.rules.calendar_days import own_days
from crm_sheets.rules.level_policies import Method
from crm_sheets.rules.workdays import WorkCalendar
from crm_sheets.schema.dictionaries import Dictionaries, dictionaries_of
from crm_sheets.state import RowId, State
from crm_sheets.suspects import CUSTOMERS
from crm_sheets.tables import TabKey

DICTIONARIES, PEOPLE, CALENDAR = TabKey("dictionaries"), TabKey("people"), TabKey("calendar")


@dataclass
class Premises:
    """What rules take as given in one cycle, once people's edits are known.

    Attributes:
        draft: the records as this cycle will leave them.
        dictionaries: as they stand now; `lists_changed` says whether they are not what they were.
        calendar: when the team works.
        origins: of rows that were made here.
        notes: to be remembered.
    """

    state: State
    request: Request
    draft: Draft
    desk: Desk
    dictionaries: Dictionaries = field(default_factory=lambda: Dictionaries({}))
    lists_changed: bool = False
    calendar: WorkCalendar = field(init=False)
    origins: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.calendar = self.request.calendar

    def kept(self) -> Dictionaries:
        """The drop-downs as they stand in the draft at this moment."""
        request = self.request
        if DICTIONARIES not in request.tabs:
            return request.default_dictionaries
        keys = self.draft.keys(DICTIONARIES)
        rows = [row for key in keys if (row := self.draft.row(DICTIONARIES, key)) is not None]
        return dictionaries_of(rows, request.default_dictionaries.own)

    def settle(self, *, may_offer: bool) -> set[RowId]:
        """Finds out what is given from now on; the rows to look at because of it.

        Args:
            may_offer: rows may be made in the tab of the dictionaries, which was read and is not held.
        """
        return self._read_dictionaries(may_offer=may_offer) | self._read_calendar()

    def context(self, author: str) -> Context:
        """What rules judge rows by. `author` is whom the stage history names."""
        request = self.request
        return Context(
            now=request.means.now,
            today=request.today,
            zone=request.zone,
            book=self.draft,
            dictionaries=self.dictionaries,
            language=request.language,
            tabs=request.tabs,
            author=author,
            calendar=self.calendar,
            files=request.files,
            peace=request.peace,
        )

    def ranked(self, context: Context) -> tuple[Context, set[RowId]]:
        """The same with the fifths of all customers, where levels go by them; the rows to look at when these moved."""
        request = self.request
        if request.levels.method is not Method.RFM or CUSTOMERS not in request.tabs:
            return context, set()
        ranking = todays_ranking(self.draft, self.state.note(RFM_NOTE), context, request.levels)
        self.notes |= {RFM_NOTE: ranking.note} if ranking.note else {}
        moved = self._rows_of(CUSTOMERS) if ranking.moved else set()
        return replace(context, rfm=ranking.borders), moved

    def _read_dictionaries(self, *, may_offer: bool) -> set[RowId]:
        """The drop-downs as they are now. When one changed, or everything is to be looked at, every row is dirty."""
        request = self.request
        self.dictionaries = self.kept()
        if may_offer and request.means.everything:
            self._offer_dictionaries()
        changed = {tab for tab, _ in self.draft.changed()}
        self.lists_changed = bool(changed & {DICTIONARIES, PEOPLE})
        if DICTIONARIES in changed or request.means.everything:
            return self._rows_of(*request.tabs)
        if PEOPLE in changed and PEOPLE in request.tabs:  # who manages whom, and who stands there twice, concerns all
            return self._rows_of(PEOPLE)
        return set()

    def _offer_dictionaries(self) -> None:
        """After a change of config or program: the dictionaries that are new get their first values."""
        request, wanted = self.request, self.request.default_dictionaries
        tab = request.tabs[DICTIONARIES]
        made, origins = offer(self.desk, tab, self.dictionaries, wanted, self.state, request.language)
        self.origins += origins
        if made:
            self.dictionaries = self.kept()

    def _read_calendar(self) -> set[RowId]:
        """The days that the team entered. When one changed, so may every deadline: every row is dirty."""
        if CALENDAR not in self.request.tabs:
            return set()
        rows = [row for key in self.draft.keys(CALENDAR) if (row := self.draft.row(CALENDAR, key)) is not None]
        self.calendar = replace(self.calendar, own=own_days(rows, self.dictionaries))
        changed = any(tab == CALENDAR for tab, _ in self.draft.changed())
        return self._rows_of(*self.request.tabs) if changed else set()

    def _rows_of(self, *tabs: TabKey) -> set[RowId]:
        return {(tab, key) for tab in tabs for key in self.draft.keys(tab)}
