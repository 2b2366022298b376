"""How far a grant goes in a row: the row scopes of one person in one tab, each compiled into one quick test."""

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from crm_sheets.cells import text_key
from crm_sheets.organisation import Organisation, Person
from crm_sheets.permissions import Deny, Grant, Level, Scope, Where
from crm_sheets.tables import TabKey
from crm_sheets.whose import CUSTOMERS, SCOPED, RowFacts

ALWAYS: Final = Level.EDIT

Reach: TypeAlias = Callable[[RowFacts], Level]
"""EDIT for all that the grant gives, READ for no more than that, HIDDEN for nothing."""

Judge: TypeAlias = Callable[[RowFacts], bool | None]
"""Whether a condition holds; None when it cannot be judged."""

PERSONAL: Final = frozenset({Scope.OWN, Scope.GROUP, Scope.DEPARTMENT, Scope.REPORTS})
"""Scopes that ask for nothing but the owner."""


class Reaches:
    """The scopes of one person in one tab.

    Args:
        judge: makes a condition of a grant or deny ready.
        sees: whether the person sees a customer.
    """

    def __init__(
        self,
        tab: TabKey,
        person: Person,
        organisation: Organisation,
        judge: Callable[[str], Judge],
        sees: Callable[[RowFacts], bool],
    ) -> None:
        self.tab, self.person, self.organisation = tab, person, organisation
        self.judge, self.sees = judge, sees

    def of(self, grant: Grant) -> Reach:
        """One test for all the rows that a grant opens."""
        if Scope.ALL in grant.rows:
            return lambda facts: ALWAYS
        names, others = self.names(grant), [self._other(rows) for rows in grant.rows if rows not in PERSONAL]

        def belongs(facts: RowFacts) -> Level:
            return ALWAYS if facts.owner in names else Level.HIDDEN

        if not others:
            return belongs
        return lambda facts: max(belongs(facts), *(each(facts) for each in others))

    def denied(self, deny: Deny) -> Callable[[RowFacts], bool]:
        """Whether a deny concerns a row; one that cannot be judged does."""
        if not deny.when:
            return lambda facts: True
        judge = self.judge(deny.when)
        return lambda facts: judge(facts) is not False

    def names(self, grant: Grant) -> frozenset[str]:
        """What the owner of a row that a grant opens may be called."""
        scopes = [rows for rows in grant.rows if isinstance(rows, Scope) and rows in PERSONAL]
        return frozenset[str]().union(*(self._names(scope) for scope in scopes))

    def _names(self, scope: Scope) -> frozenset[str]:
        person, organisation = self.person, self.organisation
        units: frozenset[str] = frozenset()
        people: Iterable[Person] = ()
        match scope:
            case Scope.OWN:
                people = (person,)
            case Scope.GROUP:
                people = organisation.group(person.department, person.group)
                units = self._groups() if people else units
            case Scope.DEPARTMENT:
                people = organisation.department(person.department)
                units = frozenset({text_key(person.department)} - {""})
            case _:
                people = organisation.reports(person)
        named = organisation.names(people)
        return named | units if self.tab in SCOPED else named

    def _groups(self) -> frozenset[str]:
        """What a target may call the person's group: its name alone only where no other department has one like it."""
        department, group = self.person.unit
        alike = {each.unit for each in self.organisation.people if each.unit[1] == group}
        return frozenset({f"{department}/{group}", *([group] if len(alike) == 1 else [])})

    def _other(self, rows: Scope | Where) -> Reach:
        if isinstance(rows, Where):
            judge = self.judge(rows.text)
            return lambda facts: ALWAYS if judge(facts) is True else Level.HIDDEN
        return self._shared() if rows is Scope.SHARED else self._customer

    def _shared(self) -> Reach:
        names = self.organisation.names((self.person,)) | {text_key(self.person.department)} - {""}
        return lambda facts: max((facts.shares[name] for name in names if name in facts.shares), default=Level.HIDDEN)

    def _customer(self, facts: RowFacts) -> Level:
        customer = facts.customer
        if customer is None or self.tab == CUSTOMERS:
            return Level.HIDDEN
        return ALWAYS if self.sees(customer) else Level.HIDDEN
