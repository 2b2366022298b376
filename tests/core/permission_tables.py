"""What tests of permissions are written in: a team and its book as text tables, a policy as the config has it, and the
rights of a person as short lines."""

import tomllib
from collections.abc import Mapping

from crm_sheets.changes import Value
from crm_sheets.config_rights import DeclassifySettings, DenySettings, GrantSettings
from crm_sheets.expressions import At
from crm_sheets.organisation import Organisation, Person, organisation_of
from crm_sheets.permissions import SHARED_ROLE, Judgement, Policy
from crm_sheets.rights import Authority, Rights
from crm_sheets.rules.base import is_blank
from crm_sheets.schema.base import Row, values_of
from crm_sheets.tables import ColumnKey, RowKey, TabKey
from tests.rules.tables import ALL_TABS, NOW, SHIPPED, ZONE, TextBook, book

PEOPLE = """
people
key | id | name | department | group | role | manager | active
P-1 | 001 | 王总 | 总部 | | 管理员 | |
P-2 | 002 | 赵敏 | 销售部 | | 部门经理 | 王总 |
P-3 | 003 | 孙丽 | 销售部 | 一组 | 组长 | 赵敏 |
P-4 | 004 | 张伟 | 销售部 | 一组 | 销售专员 | 003 |
P-5 | 005 | 李娜 | 销售部 | 二组 | 销售专员 | 赵敏 |
P-6 | 006 | 周杰 | 售后部 | 一组 | 客服专员 | 王总 |
P-7 | 007 | 钱进 | 财务部 | | 财务 | 王总 |
P-8 | 008 | 陈晨 | 销售部 | 一组 | 销售专员 | 003 | false
"""

AT = At(NOW.astimezone(ZONE).date(), ZONE)


def policy(toml: str) -> Policy:
    """The policy that [[grant]], [[deny]] and [[declassify]] tell."""
    told = tomllib.loads(toml)
    grants = [grant for each in told.get("grant", ()) for grant in GrantSettings.model_validate(each).grants()]
    denies = [deny for each in told.get("deny", ()) for deny in DenySettings.model_validate(each).denies()]
    opened = [DeclassifySettings.model_validate(each).declassified() for each in told.get("declassify", ())]
    return Policy(tuple(grants), tuple(denies), tuple(opened))


class Team:
    """A book, its people, and a policy over both."""

    def __init__(self, toml: str | Policy, tables: str = "", people: str = PEOPLE) -> None:
        self.book: TextBook = book(f"{people.strip()}\n\n{tables.strip()}" if tables else people)
        self.organisation: Organisation = organisation_of(self.book.every(TabKey("people")), SHIPPED)
        self.policy = policy(toml) if isinstance(toml, str) else toml
        self.authority = Authority(self.policy, self.organisation, ALL_TABS, AT, SHIPPED)

    def person(self, name: str) -> Person:
        """Somebody of the team; "" for whoever opens the shared workbook."""
        return self.organisation.find(name) or Person("", "", SHARED_ROLE)

    def rights(self, name: str) -> Rights:
        """The rights of somebody."""
        return self.authority.of(self.person(name))

    def row(self, key: str) -> Row:
        """A row of the book."""
        return next(row for row in self.book.rows if row.key == RowKey(key))

    def values(self, key: str) -> dict[ColumnKey, Value]:
        """The filled cells of a row."""
        return {column: value for column, value in values_of(self.row(key).record).items() if not is_blank(value)}

    def sees(self, name: str, tab: str) -> list[str]:
        """The rows of a tab that somebody sees."""
        of, tab_key = self.rights(name), TabKey(tab)
        rows = self.book.every(tab_key)
        return [row.key for row in rows if of.of(tab_key, values_of(row.record), self.book).visible]

    def levels(self, name: str, key: str, *columns: str) -> str:
        """`name edit, phone read`: what somebody may do with cells of a row."""
        row = self.row(key)
        found = self.rights(name).of(row.tab, values_of(row.record), self.book)
        return ", ".join(f"{column} {found.level(ColumnKey(column)).name.lower()}" for column in columns)

    def judged(self, name: str, key: str, /, **edits: Value) -> Mapping[str, Judgement]:
        """What becomes of somebody's edits of a row."""
        row, before = self.row(key), self.values(key)
        typed = {ColumnKey(column): value for column, value in edits.items()}
        judged = self.rights(name).judged(row.tab, before, {**before, **typed}, list(typed), self.book)
        return {str(column): judgement for column, judgement in judged.items()}

    def edits(self, name: str, key: str, /, **edits: Value) -> str:
        """`owner read leaves, phone edit granted`: the same in short."""
        judged = self.judged(name, key, **edits)
        return ", ".join(f"{column} {each.level.name.lower()} {each.why}" for column, each in judged.items())
