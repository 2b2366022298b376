"""What rights are judged on: the policy, the organisation, the tabs, today. The same for all persons."""

from collections.abc import Mapping

from crm_sheets.cells import text_key
from crm_sheets.changes import Value
from crm_sheets.conditions import Condition, condition, hops
from crm_sheets.expressions import At, Vocabulary
from crm_sheets.language import language
from crm_sheets.organisation import Organisation
from crm_sheets.permissions import Policy, Where
from crm_sheets.provenance import Provenance, provenance_of
from crm_sheets.rules.base import Book
from crm_sheets.schema.base import Tab
from crm_sheets.schema.derivations import Source, sources_of
from crm_sheets.schema.dictionaries import Dictionaries
from crm_sheets.schema.own_sources import read_by
from crm_sheets.schema.vocabularies import vocabulary
from crm_sheets.tables import ColumnKey, TabKey
from crm_sheets.whose import SHARED_WITH, RowFacts, paths_of


class Grounds:
    """A policy in the light of the organisation of today.

    Args:
        at: the day and zone of the team, for conditions.
        dictionaries: as they stand now: conditions speak of values by their codes or labels.
    """

    def __init__(
        self,
        policy: Policy,
        organisation: Organisation,
        tabs: Mapping[TabKey, Tab],
        at: At,
        dictionaries: Dictionaries,
    ) -> None:
        self.policy, self.organisation, self.tabs = policy, organisation, tabs
        self.at, self.dictionaries = at, dictionaries
        self.paths = paths_of(tabs.values())
        self._conditions: dict[tuple[TabKey, str], Condition] = {}
        self._vocabularies: dict[TabKey, Vocabulary] = {}
        self._steering: dict[str, Mapping[TabKey, frozenset[ColumnKey]]] = {}
        self._provenance: dict[TabKey, Provenance] = {}

    def facts(self, tab: TabKey, values: Mapping[ColumnKey, Value] | Mapping[str, Value], book: Book) -> RowFacts:
        """A row as rights are asked about it; to be made once for all persons."""
        return RowFacts(tab, values, book, self.paths)

    def condition(self, tab: TabKey, text: str) -> Condition:
        """A condition on the rows of a tab."""
        if (tab, text) not in self._conditions:
            self._conditions[tab, text] = condition(text, self.tabs[tab], self.tabs, self.dictionaries)
        return self._conditions[tab, text]

    def steering(self, role: str) -> Mapping[TabKey, frozenset[ColumnKey]]:
        """Columns of each tab that decide what a role sees of rows which name one of its rows: whose those are, with
        whom they are shared, what they refer to and are called, and what conditions ask of them."""
        if role not in self._steering:
            found: dict[TabKey, set[ColumnKey]] = {key: self._leading(tab) for key, tab in self.tabs.items()}
            for key, tab in self.tabs.items():
                whens = [deny.when for deny in self.policy.denies_of(role, key) if deny.when]
                grants = self.policy.grants_of(role, key)
                texts = (rows.text for grant in grants for rows in grant.rows if isinstance(rows, Where))
                for text in (*whens, *texts):
                    for of, column in hops(self.condition(key, text).names, tab):
                        found.setdefault(of, set()).add(column)
            self._steering[role] = {key: frozenset(columns) for key, columns in found.items()}
        return self._steering[role]

    def _leading(self, tab: Tab) -> set[ColumnKey]:
        paths = self.paths[tab.key]
        refers = {column for column, _ in (*paths.customer, *paths.others, *paths.told)}
        named = {tab.record.name_column, tab.id_column} - {None}
        return {*paths.owners, *refers, *(each for each in named if each), *({SHARED_WITH} if paths.shared else ())}

    def provenance(self, tab: TabKey) -> Provenance:
        """What the computed columns of a tab are made from."""
        if tab not in self._provenance:
            self._provenance[tab] = provenance_of(self.tabs[tab], self.tabs, self.policy.declassified)
        return self._provenance[tab]

    def asked(self, tab: TabKey, text: str) -> frozenset[Source]:
        """What a condition that somebody typed asks of the rows of a tab, with all that those columns are made from;
        nothing where it is no condition."""
        found = condition(text, self.tabs[tab], self.tabs, self.dictionaries)
        read = frozenset(read_by(found.names, self.tabs[tab], self.tabs))
        far = sources_of(self.tabs)
        return read.union(*(far.get(source, frozenset()) for source in read))

    def meaning(self, tab: TabKey, column: ColumnKey, value: Value) -> str:
        """By what two values of a drop-down are compared: the code, else the text; "" for a blank."""
        dictionary = self.tabs[tab].columns[column].dictionary
        text = "" if value is None else str(value)
        if not dictionary or not text:
            return text_key(text)
        if tab not in self._vocabularies:
            self._vocabularies[tab] = vocabulary(self.tabs[tab], self.dictionaries, language("en"))
        return self._vocabularies[tab].meaning(dictionary, text)
