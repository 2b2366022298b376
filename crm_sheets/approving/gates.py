"""The gate of a cycle: the flows of the config, their values as the drop-downs of the team have them now."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from crm_sheets.approval_flows import ApprovalTerms, Change, Flow, Gate
from crm_sheets.cells import text_key
from crm_sheets.schema.approvals import ApprovalRecord
from crm_sheets.schema.base import Tab
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.tables import TabKey


def gate_of(terms: ApprovalTerms, tabs: Mapping[TabKey, Tab], dictionaries: Dictionaries) -> Gate:
    """Which edits are requests; none in a book without a tab for them."""
    if ApprovalRecord.tab not in tabs:
        return Gate()
    used = (flow for flow in terms.flows if flow.tab in tabs)
    return Gate(tuple(_with_values(flow, tabs[flow.tab], dictionaries) for flow in used), terms.default)


def _with_values(flow: Flow, tab: Tab, dictionaries: Dictionaries) -> Flow:
    if flow.change is None or flow.change.column not in tab.columns:
        return flow
    dictionary = tab.columns[flow.change.column].dictionary
    before, after = (_values(each, dictionary, dictionaries) for each in (flow.change.before, flow.change.after))
    return replace(flow, change=Change(flow.change.column, before, after))


def _values(given: Iterable[str], dictionary: str | None, dictionaries: Dictionaries) -> frozenset[str]:
    """Every way to write one of some values, which the config gives by code or as a word of any language."""
    found = {text_key(each) for each in given}
    if dictionary is not None:
        codes = {code for each in given if (code := dictionaries.code(dictionary, each) or each)}
        entries = dictionaries.entries.get(dictionary, ())
        found |= {text_key(entry.value) for entry in entries if entry.code in codes}
        found |= {text_key(alias) for entry in entries if entry.code in codes for alias in entry.aliases}
    return frozenset(found)
