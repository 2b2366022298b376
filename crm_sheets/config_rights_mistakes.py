"""What is wrong with the permissions of a config, all of it at once, each with its place and what was meant.

A config whose permissions are wrong starts nothing: rights that were meant otherwise are worse than none.
"""

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from crm_sheets.conditions import parsed_condition
from crm_sheets.config_rights import DeclassifySettings, DenySettings, GrantSettings
from crm_sheets.expressions import Expression
from crm_sheets.language import language
from crm_sheets.organisation import role_code
from crm_sheets.permissions import ANY, SHARED_ROLE, Extent, Level, Scope, Where
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.dictionary_defaults import SHIPPED
from crm_sheets.tables import ColumnKey, TabKey
from crm_sheets.whose import CUSTOMERS, has_customer, has_owner

_MOST_NAMED = 20
_TURNING = frozenset({Kind.TEXT, Kind.CHOICE, Kind.PERSON})
"""Kinds of columns of which `change` may speak."""


class RightsMistakes:
    """Judges the grants, denies and declassified columns of a config.

    Args:
        file: name of the config, with which every line begins.
        grants, denies, declassified: those that could be read, each with its number in the file.
        tabs: all that there are, with the fields of the team.
        used: keys of the tabs that the team uses.
    """

    def __init__(
        self,
        file: str,
        grants: Sequence[tuple[int, GrantSettings]],
        denies: Sequence[tuple[int, DenySettings]],
        declassified: Sequence[tuple[int, DeclassifySettings]],
        tabs: Mapping[TabKey, Tab],
        used: Collection[str],
    ) -> None:
        self.file, self.grants, self.denies, self.declassified = file, grants, denies, declassified
        self.tabs, self.used = tabs, {key: tab for key, tab in tabs.items() if key in used}

    def lines(self) -> tuple[str, ...]:
        """One line for each mistake, in the order of the file."""
        said = [f"{self.file}: grant[{n}].{line}" for n, grant in self.grants for line in self._grant(grant)]
        said += [f"{self.file}: deny[{n}].{line}" for n, deny in self.denies for line in self._deny(deny)]
        said += [
            f"{self.file}: declassify[{n}].{line}" for n, each in self.declassified for line in self._declassified(each)
        ]
        return tuple(dict.fromkeys(said))

    def _grant(self, grant: GrantSettings) -> Iterator[str]:
        yield from self._names(grant.tab, grant.columns)
        for tab in self._meant(grant.tab):
            yield from self._levels(grant, tab)
            yield from self._change(grant, tab)
            for rows in grant.rows:
                if isinstance(rows, Where):
                    yield from self._condition("rows", rows.text, tab)
            if ANY not in grant.tab:
                yield from self._scope(grant, tab)
        if SHARED_ROLE in grant.role and grant.rows != (Scope.ALL,):
            yield "rows: in the shared workbook nobody is known and no row can be hidden; leave rows out"

    def _deny(self, deny: DenySettings) -> Iterator[str]:
        known = {*(value.code for value in SHIPPED["role"]), *(role for _, each in self.grants for role in each.role)}
        codes = {role_code(role) for role in known} | {ANY, SHARED_ROLE}
        for role in deny.role:  # a grant to a role that nobody has opens nothing; such a deny would close nothing
            if role_code(role) not in codes:
                yield f"role: no role {role!r} is granted anything{near(role, sorted(known))}"
        yield from self._names(deny.tab, deny.columns)
        if deny.when:
            for tab in self._meant(deny.tab):
                yield from self._condition("when", deny.when, tab)

    def _declassified(self, each: DeclassifySettings) -> Iterator[str]:
        yield from self._names((each.tab,), (each.column,))
        tab = self.tabs.get(TabKey(each.tab))
        column = tab.columns.get(ColumnKey(each.column)) if tab else None
        if column is not None and not column.computed:
            computed = [key for key, other in tab.columns.items() if other.computed] if tab else []
            yield f"column: {each.column!r} is not computed{near(each.column, computed)}"

    # -- parts -----------------------------------------------------------------------------------------------------

    def _meant(self, names: Iterable[str]) -> Iterator[Tab]:
        """The tabs that an option names, as far as there are such."""
        for name in names:
            if name == ANY:
                yield from self.used.values()
            elif TabKey(name) in self.tabs:
                yield self.tabs[TabKey(name)]

    def _names(self, tabs: Iterable[str], columns: Iterable[str]) -> Iterator[str]:
        named = list(tabs)
        wrong = [name for name in named if name != ANY and name not in self.tabs]
        for name in wrong:
            yield f"tab: no tab {name!r}{near(name, self.tabs)}"
        meant = self.tabs.values() if ANY in named else [self.tabs[TabKey(name)] for name in named if name not in wrong]
        known = {str(key) for tab in meant for key in tab.columns}
        for column in columns:
            if known and column not in known | {ANY}:  # of several tabs, one that has it is enough
                yield f"columns: {', '.join(named)} has no column {column!r}{near(column, sorted(known))}"

    def _levels(self, grant: GrantSettings, tab: Tab) -> Iterator[str]:
        for name, level in grant.columns.items():
            column = tab.columns.get(ColumnKey(name))
            if column is not None and column.system and Level[level.upper()] > Level.READ:
                yield f'columns.{name}: only the program writes it; it can be opened with "read" (found {level!r})'

    def _change(self, grant: GrantSettings, tab: Tab) -> Iterator[str]:
        turning = [key for key, column in tab.columns.items() if not column.system and column.kind in _TURNING]
        for name in grant.change:
            if ColumnKey(name) not in tab.columns and ANY in grant.tab and self._somewhere(name):
                continue
            if ColumnKey(name) not in turning:
                yield f"change: {tab.key} has no column {name!r} whose values are texts{near(name, turning)}"

    def _somewhere(self, column: str) -> bool:
        return any(ColumnKey(column) in tab.columns for tab in self.tabs.values())

    def _scope(self, grant: GrantSettings, tab: Tab) -> Iterator[str]:
        """Rows of which the tab can have none: the grant would open nothing, and its author would wonder."""
        for rows in grant.rows:
            if rows is Scope.CUSTOMER and (tab.key == CUSTOMERS or not has_customer(tab)):
                yield f'rows: "customer" opens rows about a customer; {tab.key} has none'
            elif rows is Scope.SHARED and not has_customer(tab):
                yield f'rows: "shared" opens customers and rows about them; {tab.key} has none'
            elif rows in _PERSONAL and not has_owner(tab):
                yield f'rows: rows of {tab.key} belong to nobody; write "all" or a condition (found {rows!s})'
        making = any(each.create is not Extent.NONE for each in grant.grants())
        if tab.ours and (making or any(each.delete for each in grant.grants())):
            yield f"create: only the program makes rows of {tab.key}; leave create and delete out"
        elif making and all(each.create is Extent.OWN for each in grant.grants()) and not has_owner(tab):
            yield f'create: rows of {tab.key} belong to nobody; write "all"'

    def _condition(self, option: str, text: str, tab: Tab) -> Iterator[str]:
        used = {**self.used, tab.key: tab}
        found = parsed_condition(text, tab, used, None)
        if not isinstance(found, Expression):
            for mistake in found:
                yield f"{option}: {mistake.message(language('en'))} ({tab.key}: {text!r})"


_PERSONAL = frozenset({Scope.OWN, Scope.GROUP, Scope.DEPARTMENT, Scope.REPORTS})


def near(given: str, known: Iterable[str]) -> str:
    """`; did you mean customers?`, or what there is, where that is not too much."""
    names = [str(name) for name in known]
    close = difflib.get_close_matches(given, names, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]}?"
    return f"; there are {', '.join(names)}" if len(names) <= _MOST_NAMED else ""
