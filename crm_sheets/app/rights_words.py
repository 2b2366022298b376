"""Grants, denies and their reasons as people read them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crm_sheets.language import Language
from crm_sheets.permissions import ANY, Deny, Extent, Grant, Level, Where
from crm_sheets.rights import Rights
from crm_sheets.schema.base import Tab
from crm_sheets.schema.dictionary_defaults import SHIPPED
from crm_sheets.schema.labels import column_label, tab_label
from crm_sheets.tables import ColumnKey, TabKey


@dataclass(frozen=True, slots=True)
class AccessWords:
    """Says permissions in the language of the workbook."""

    words: Language
    tabs: Mapping[TabKey, Tab]

    def role(self, code: str) -> str:
        """A role as 组织 has it by default."""
        known = any(value.code == code for value in SHIPPED["role"])
        return self.words.text(f"value.role.{code}") if known else code

    def line(self, rule: Grant | Deny, tab: Tab) -> str:
        """A grant or a deny."""
        return self.grant(rule, tab) if isinstance(rule, Grant) else self.deny(rule, tab)

    def grant(self, grant: Grant, tab: Tab) -> str:
        """What a grant opens: which rows, which columns how far, what else."""
        text, comma = self.words.text, self.words.text("list.and")
        rows = comma.join(
            text("access.where", condition=each.text) if isinstance(each, Where) else text(f"access.rows.{each}")
            for each in grant.rows
        )
        levels: dict[Level, list[str]] = {}
        for column, level in grant.columns.items():
            if column == ANY or ColumnKey(column) in tab.columns:  # the grant may be one of several tabs
                levels.setdefault(level, []).append(self._column(column, tab))
        said = [f"{comma.join(names)} {text(f'access.level.{level.name.lower()}')}" for level, names in levels.items()]
        if grant.create is not Extent.NONE:
            said.append(text(f"access.create.{grant.create.name.lower()}"))
        if grant.delete >= Level.PROPOSE:
            said.append(text(f"access.delete.{grant.delete.name.lower()}"))
        said += [*self._steps(grant, tab), *self._more(grant, tab)]
        said += [grant.memo] if grant.memo else []
        return text("access.grant", rows=rows, what="; ".join(said))

    def _steps(self, grant: Grant, tab: Tab) -> Iterator[str]:
        """Which values may become which."""
        text, anything = self.words.text, self.words.text("access.anything")
        comma = text("list.and")
        for column, change in grant.change.items():
            if ColumnKey(column) not in tab.columns:
                continue
            label = self._column(column, tab)
            if change.before or change.after:
                was, becomes = (comma.join(each) or anything for each in (change.before, change.after))
                yield text("access.step", column=label, before=was, after=becomes)
            if change.proposed:
                yield text("access.step_asks", column=label, after=comma.join(change.proposed))

    def _more(self, grant: Grant, tab: Tab) -> Iterator[str]:
        """Who decides, what may be revealed, what an edit may do beside."""
        text = self.words.text
        revealed = [self._column(each, tab) for each in grant.reveal if ColumnKey(each) in tab.columns]
        if revealed:
            yield text("access.reveals", columns=text("list.and").join(revealed))
        if grant.approve_by:
            yield text("access.approve_by", who=self.role(grant.approve_by))
        if grant.may_leave_scope:
            yield text("access.may_leave_scope")
        if grant.may_take_over:
            yield text("access.may_take_over")

    def deny(self, deny: Deny, tab: Tab) -> str:
        """What a deny caps."""
        text = self.words.text
        named = (column for column in deny.columns if column == ANY or ColumnKey(column) in tab.columns)
        columns = text("list.and").join(self._column(column, tab) for column in named)
        level = text(f"access.level.{deny.cap.name.lower()}")
        said = text("access.deny", columns=columns, level=level)
        said = text("access.deny_when", said=said, condition=deny.when) if deny.when else said
        return f"{said} ({deny.reason})" if deny.reason else said

    def why(self, tab: Tab, column: ColumnKey, rights: Rights) -> str:
        """Why a computed column is hidden although a grant opens it; "" otherwise."""
        missing = rights.missing(tab.key, column)
        if not missing:
            return ""
        names = dict.fromkeys(
            column_label(key, of, self.words)
            if key == tab.key
            else f"{tab_label(key, self.words)}.{column_label(key, of, self.words)}"
            for key, of in missing
        )
        return self.words.text("access.made_from", columns=self.words.text("list.and").join(names))

    def _column(self, column: str, tab: Tab) -> str:
        if column == ANY:
            return self.words.text("access.all_columns")
        return column_label(tab.key, ColumnKey(column), self.words)
