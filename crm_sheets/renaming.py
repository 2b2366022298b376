"""A customer that is called otherwise keeps its former name as an alias: whoever named it so still means it. Pure.

Other rows name customers as people typed it. If a name that is mended broke these references, the customer would lose
its contacts, deals and orders, and by that its level, its status, even its person.
"""

from collections.abc import Iterable

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.draft import Draft
from crm_sheets.schema.codecs import CodecContext, canonical
from crm_sheets.schema.customers import Customer
from crm_sheets.schema.fields import MOST_NAMES
from crm_sheets.state import RowId
from crm_sheets.tables import ColumnKey

NAME, MERGED_FROM = ColumnKey("name"), ColumnKey("merged_from")


def keep_former_names(draft: Draft, rows: Iterable[RowId], codec: CodecContext) -> set[RowId]:
    """Notes the former names of those of `rows` that are customers with another name; the rows to look at then.

    To be called before the rules are asked: a status or an owner that they take away would not come back.
    """
    tab = draft.tabs.get(Customer.tab)
    if tab is None or MERGED_FROM not in tab.columns:
        return set()
    dirty: set[RowId] = set()
    for row in sorted(each for each in rows if each[0] == Customer.tab and each not in draft.provisional):
        now, before = draft.values(row) or {}, draft.stored(row) or {}
        name, former = str(now.get(NAME) or ""), str(before.get(NAME) or "")
        if not name or not former or text_key(name) == text_key(former):
            continue
        known = tuple(each for each in _texts(now.get(MERGED_FROM)) if text_key(each) != text_key(name))
        if text_key(former) not in map(text_key, known) and _can_be_kept(draft, row, former, codec):
            known = (*known, former)[-MOST_NAMES:]
        draft.update(row, {MERGED_FROM: known or None})
        dirty |= {row} | draft.neighbours(draft.entries(row))
    return dirty


def _texts(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _can_be_kept(draft: Draft, row: RowId, former: str, codec: CodecContext) -> bool:
    """Whether a former name can be read back from its cell, and is not the name of another customer."""
    borne = {each.key for each in draft.named(Customer.tab, former)} - {row[1]}
    column = draft.tabs[Customer.tab].columns[MERGED_FROM]
    return not borne and canonical((former,), column, codec) == (former,)
