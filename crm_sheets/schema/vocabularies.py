"""What the words of an expression stand for in a tab: its columns by key, label and alias, the values of its
drop-downs by value, code and shipped label, its tags."""

from collections.abc import Mapping
from types import MappingProxyType

from crm_sheets.cells import text_key
from crm_sheets.expressions import Spelling, Type, Variable, Vocabulary, by_spelling
from crm_sheets.language import Language
from crm_sheets.schema.base import Column, Kind, Tab
from crm_sheets.schema.dictionaries import Dictionaries, default_dictionaries
from crm_sheets.schema.dictionary_defaults import SHIPPED
from crm_sheets.schema.labels import column_label, header_names, words
from crm_sheets.schema.tags import TAG, Library
from crm_sheets.tables import ColumnKey, TabKey

_TYPES: Mapping[Kind, Type] = MappingProxyType(
    {
        Kind.INTEGER: Type.NUMBER,
        Kind.NUMBER: Type.NUMBER,
        Kind.MONEY: Type.NUMBER,
        Kind.PERCENT: Type.NUMBER,
        Kind.RATIO: Type.NUMBER,
        Kind.DATE: Type.DATE,
        Kind.DATETIME: Type.MOMENT,
        Kind.BOOLEAN: Type.BOOLEAN,
        Kind.TAGS: Type.LIST,
        Kind.LINKS: Type.LIST,
    }
)
"""All other kinds are text."""

_NEVER = frozenset({Kind.WITNESS})


def vocabulary(
    tab: Tab,
    dictionaries: Dictionaries | None,
    words_of: Language,
    through: tuple[TabKey, ColumnKey] | None = None,
) -> Vocabulary:
    """The vocabulary of the columns of a tab.

    Args:
        tab: whose columns are meant; sealed ones are left out, so that no condition tells what they hold.
        dictionaries: of the team; None where they are not known yet, as at start: then any value may be compared. One
            that the team does not keep is as it is shipped, and other values may be compared too.
        words_of: of the labels in messages.
        through: the column of another tab by which rows of this one are named: its columns are then called
            `customer.level` or `客户.客户等级`. Those that only concern their own row (Column.inward) are left out.
    """
    columns = [each for each in tab.columns.values() if each.kind not in _NEVER and not each.sealed]
    if through is not None:
        columns = [each for each in columns if not each.inward]
    spellings: dict[ColumnKey, list[str]] = {column.key: [] for column in columns}
    if through is None:
        for spelling, key in header_names(tab).items():
            if key in spellings:
                spellings[key].append(spelling)
    else:
        for key, spelled in spellings.items():
            spelled += [f"{one}.{other}" for one in _labels(*through) for other in _labels(tab.key, key)]
    prefix = f"{through[1]}." if through else ""
    variables = [_variable(tab, column, words_of, prefix) for column in columns]
    said = by_spelling(zip(variables, spellings.values(), strict=True))
    if dictionaries is None:
        return Vocabulary(said, {}, _tags(variables))
    used = {variable.dictionary for variable in variables if variable.dictionary}
    free = used - dictionaries.entries.keys()
    shipped = default_dictionaries(words_of, wanted=free)
    values = {key: _spellings(key, shipped if key in free else dictionaries) for key in used}
    library = Library.of(dictionaries)
    open_tags = tuple(f"{text_key(dimension)}-" for dimension in library.dimensions if library.is_open(dimension))
    return Vocabulary(said, values, _tags(variables), open_tags, frozenset(free))


def joined(*vocabularies: Vocabulary) -> Vocabulary:
    """One vocabulary of several; where two claim a word, the earlier has it."""
    variables: dict[str, Variable] = {}
    values: dict[str, Mapping[str, Spelling]] = {}
    for each in vocabularies:
        variables = {**each.variables, **variables}
        values = {**each.values, **values}
    first = next((each for each in vocabularies if each.tags), Vocabulary({}))
    free = frozenset[str]().union(*(each.free for each in vocabularies))
    return Vocabulary(variables, values, first.tags, first.open_tags, free)


def _labels(tab: TabKey, column: ColumnKey) -> tuple[str, ...]:
    return words(f"column.{tab}.{column}") or words(f"column.{column}")


def _tags(variables: list[Variable]) -> Variable | None:
    return next((variable for variable in variables if variable.dictionary == TAG), None)


def _variable(tab: Tab, column: Column, words_of: Language, prefix: str) -> Variable:
    dictionary = TAG if column.kind is Kind.TAGS and not column.system else column.dictionary or ""
    shown = column_label(tab.key, column.key, words_of)
    return Variable(prefix + column.key, _TYPES.get(column.kind, Type.TEXT), dictionary, shown)


def _spellings(key: str, dictionaries: Dictionaries) -> dict[str, Spelling]:
    """A value, its code, its aliases, and the shipped labels of its code all mean the same; values win."""
    entries = dictionaries.entries.get(key, ())
    found = {text_key(entry.value): Spelling(entry.code or text_key(entry.value), entry.value) for entry in entries}
    for entry in entries:
        meant = found[text_key(entry.value)]
        shipped = (
            words(f"value.{key}.{entry.code}") if entry.code in {each.code for each in SHIPPED.get(key, ())} else ()
        )
        for spelling in (entry.code, *entry.aliases, *shipped):
            if spelling:
                found.setdefault(text_key(spelling), meant)
    return found
