"""What is wrong with the permissions of a config, all of it at once, each with its place and what was meant.

A config whose permissions are wrong starts nothing: rights that were meant otherwise are worse than none.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from crm_sheets.conditions import parsed_condition
from crm_sheets.config_fragments import Fragments
from crm_sheets.config_readable import Readable
from crm_sheets.config_rights import DeclassifySettings, DenySettings, GrantSettings
from crm_sheets.config_settings import Settings
from crm_sheets.config_source import Said, near, placed
from crm_sheets.errors import Line
from crm_sheets.expressions import Expression
from crm_sheets.language import line
from crm_sheets.organisation import role_code
from crm_sheets.permissions import ANY, SHARED_ROLE, Extent, Level, Scope, Where
from crm_sheets.schema.base import Kind, Tab
from crm_sheets.schema.dictionary_defaults import SHIPPED
from crm_sheets.tables import ColumnKey, TabKey
from crm_sheets.whose import CUSTOMERS, has_customer, has_owner

_TURNING = frozenset({Kind.TEXT, Kind.CHOICE, Kind.PERSON})
"""Kinds of columns of which `change` may speak."""


class RightsMistakes:
    """Judges the grants, denies and declassified columns of a config.

    Args:
        file: name of the config, with which every line begins.
        told: what can be read of it.
        broken: what else it names.
        tabs: all that there are, with the fields of the team.
        used: keys of the tabs that the team uses.
    """

    def __init__(
        self,
        file: str,
        told: Readable[Settings],
        broken: Fragments,
        tabs: Mapping[TabKey, Tab],
        used: Collection[str],
    ) -> None:
        self.file, self.broken, self.tabs = file, broken, tabs
        self.grants = told.numbered(told.settings.grant, "grant")
        self.denies = told.numbered(told.settings.deny, "deny")
        self.declassified = told.numbered(told.settings.declassify, "declassify")
        self.used = {key: tab for key, tab in tabs.items() if key in used}

    def lines(self) -> tuple[Line, ...]:
        """One line for each mistake, in the order of the file."""
        said = [each for n, grant in self.grants for each in placed(self.file, f"grant[{n}]", self._grant(grant))]
        said += [each for n, deny in self.denies for each in placed(self.file, f"deny[{n}]", self._deny(deny))]
        for n, opened in self.declassified:
            said += placed(self.file, f"declassify[{n}]", self._declassified(opened))
        return tuple(dict.fromkeys(said))

    def _grant(self, grant: GrantSettings) -> Iterator[Said]:
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
            yield "rows", line("mistake.rows.shared")

    def _deny(self, deny: DenySettings) -> Iterator[Said]:
        known = {*(value.code for value in SHIPPED["role"]), *self.broken.roles}
        codes = {role_code(role) for role in known} | {ANY, SHARED_ROLE}
        for role in deny.role:  # a grant to a role that nobody has opens nothing; such a deny would close nothing
            if role_code(role) not in codes:
                yield "role", line("mistake.role.granted", given=role, near=near(role, sorted(known)))
        yield from self._names(deny.tab, deny.columns)
        if deny.when:
            for tab in self._meant(deny.tab):
                yield from self._condition("when", deny.when, tab)

    def _declassified(self, each: DeclassifySettings) -> Iterator[Said]:
        yield from self._names((each.tab,), (each.column,))
        tab = self.tabs.get(TabKey(each.tab))
        column = tab.columns.get(ColumnKey(each.column)) if tab else None
        doubtful = each.column in self.broken.columns
        if column is not None and not (column.computed or column.quotes or doubtful):
            computed = [key for key, other in tab.columns.items() if other.computed or other.quotes] if tab else []
            yield "column", line("mistake.column.computed", given=each.column, near=near(each.column, computed))

    # -- parts -----------------------------------------------------------------------------------------------------

    def _meant(self, names: Iterable[str]) -> Iterator[Tab]:
        """The tabs that an option names, as far as there are such."""
        for name in names:
            if name == ANY:
                yield from self.used.values()
            elif TabKey(name) in self.tabs:
                yield self.tabs[TabKey(name)]

    def _names(self, tabs: Iterable[str], columns: Iterable[str]) -> Iterator[Said]:
        named = list(tabs)
        wrong = [name for name in named if name != ANY and name not in self.tabs]
        for name in wrong:
            yield "tab", line("mistake.tab", given=name, near=near(name, self.tabs))
        anywhere = ANY in named or (wrong and len(wrong) < len(named))
        meant = self.tabs.values() if anywhere else [self.tabs[TabKey(name)] for name in named if name not in wrong]
        known = {str(key) for tab in meant for key in tab.columns}
        for column in columns:
            if known and column not in known | self.broken.columns | {
                ANY
            }:  # of several tabs, one that has it is enough
                close = near(column, sorted(known))
                yield "columns", line("mistake.column", tab=", ".join(named), given=column, near=close)

    def _levels(self, grant: GrantSettings, tab: Tab) -> Iterator[Said]:
        for name, level in grant.columns.items():
            column = tab.columns.get(ColumnKey(name))
            if column is not None and column.system and Level[level.upper()] > Level.READ:
                yield f"columns.{name}", line("mistake.column.read", given=level)

    def _change(self, grant: GrantSettings, tab: Tab) -> Iterator[Said]:
        turning = [key for key, column in tab.columns.items() if not column.system and column.kind in _TURNING]
        for name in grant.change:
            if ColumnKey(name) not in tab.columns and ANY in grant.tab and self._somewhere(name):
                continue
            if ColumnKey(name) not in turning and name not in self.broken.columns:
                yield "change", line("mistake.change.column", tab=tab.key, given=name, near=near(name, turning))

    def _somewhere(self, column: str) -> bool:
        return any(ColumnKey(column) in tab.columns for tab in self.tabs.values())

    def _scope(self, grant: GrantSettings, tab: Tab) -> Iterator[Said]:
        """Rows of which the tab can have none: the grant would open nothing, and its author would wonder."""
        for rows in grant.rows:
            if rows is Scope.CUSTOMER and (tab.key == CUSTOMERS or not has_customer(tab)):
                yield "rows", line("mistake.rows.customer", tab=tab.key)
            elif rows is Scope.SHARED and not has_customer(tab):
                yield "rows", line("mistake.rows.shared_customers", tab=tab.key)
            elif rows in _PERSONAL and not has_owner(tab):
                yield "rows", line("mistake.rows.nobody", tab=tab.key, given=rows)
        making = any(each.create is not Extent.NONE for each in grant.grants())
        if tab.ours and (making or any(each.delete for each in grant.grants())):
            yield "create", line("mistake.create.ours", tab=tab.key)
        elif making and all(each.create is Extent.OWN for each in grant.grants()) and not has_owner(tab):
            yield "create", line("mistake.create.nobody", tab=tab.key)

    def _condition(self, option: str, text: str, tab: Tab) -> Iterator[Said]:
        if self.broken.named_in(text):
            return
        used = {**self.used, tab.key: tab}
        found = parsed_condition(text, tab, used, None)
        if not isinstance(found, Expression):
            for mistake in found:
                yield option, line("mistake.condition", said=mistake, tab=tab.key, given=text)


_PERSONAL = frozenset({Scope.OWN, Scope.GROUP, Scope.DEPARTMENT, Scope.REPORTS})
