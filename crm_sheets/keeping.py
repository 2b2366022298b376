"""What a cycle remembers of each tab. Rows that have no record yet are left out: they are taken in by another pass."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from crm_sheets.changes import Issue
from crm_sheets.draft import Draft
from crm_sheets.evaluate import Evaluation
from crm_sheets.projection import Projection
from crm_sheets.replica import Intake
from crm_sheets.request import Request
from crm_sheets.state import Finding, RowId, TabCommit
from crm_sheets.suspects import CUSTOMERS, Suspects
from crm_sheets.tables import ColumnKey, RowKey, TabKey


@dataclass(frozen=True)
class Keeping:
    """What was found in a cycle, to be remembered."""

    request: Request
    draft: Draft
    intakes: Mapping[TabKey, Intake]
    evaluation: Evaluation
    findings: Mapping[RowId, tuple[Finding, ...]]
    waiting: Mapping[TabKey, set[RowKey]]
    """Rows of each tab that the replica may not show as they are: all that is known where it could not be read."""

    def tab_commits(self, suspects: Suspects, projections: Mapping[TabKey, Projection]) -> dict[TabKey, TabCommit]:
        """What is remembered of each tab; tabs of which there is nothing new are left out."""
        rows: dict[TabKey, list[RowKey]] = {}
        for tab, key in self.draft.changed():
            if (tab, key) not in self.draft.provisional:
                rows.setdefault(tab, []).append(key)
        commits = {}
        for tab in self.request.tabs:
            commit = self._tab_commit(tab, rows.get(tab, []), projections.get(tab))
            if tab == CUSTOMERS:
                provisional = {key for of, key in self.draft.provisional if of == tab}
                pairs = tuple(link for link in suspects.links if not {link.one, link.other} & provisional)
                commit = replace(
                    commit,
                    pairs=pairs,
                    paired=frozenset(suspects.compared - provisional),
                    delisted=frozenset(suspects.gone),
                    enlisted=frozenset(entry for entry in suspects.come if entry[1] not in provisional),
                    reindexed=suspects.reindexed,
                )
            commits[tab] = commit
        return {tab: commit for tab, commit in commits.items() if commit != TabCommit()}

    def _tab_commit(self, tab: TabKey, rows: list[RowKey], projection: Projection | None) -> TabCommit:
        intake = self.intakes.get(tab)
        accepted = {key: found for (of, key), found in self.findings.items() if of == tab and self._kept((of, key))}
        wakes = {key: at for (of, key), at in self.evaluation.wakes.items() if of == tab and self._kept((of, key))}
        wakes.update({key: self.request.means.now for of, key in self._look_again if of == tab})
        expected = projection.expected if projection else {}
        loose = self._loose(tab)
        pending = frozenset(expected if projection else self.waiting.get(tab, ()))
        provisional = {key for of, key in self.draft.provisional if of == tab}
        live = intake is not None and intake.halted is None
        return TabCommit(
            records={key: self.draft.values((tab, key)) for key in rows},
            last={key: last for key in rows if (last := self.draft.last((tab, key))) is not None},
            entries={key: self.draft.entries((tab, key)) for key in (*rows, *self._reindexed(tab, rows))},
            findings=accepted,
            loose=loose,
            wakes=wakes,
            observed=intake.observed if intake is not None and live else {},
            expected={key: row for key, row in expected.items() if key not in provisional},
            issued=tuple(intake.fresh) if intake is not None and live and self.request.writable else (),
            arrived=tuple(intake.arrived) if intake is not None and live else (),
            pending=pending - provisional,
            settled=frozenset(projection.settled) if projection else frozenset(),
            held=intake.held if intake is not None and live and tab in self.request.readings else None,
        )

    def _reindexed(self, tab: TabKey, changed: list[RowKey]) -> list[RowKey]:
        known = set(changed)
        return sorted(key for of, key in self.draft.reindexed if of == tab and key not in known)

    def _loose(self, tab: TabKey) -> tuple[Issue, ...] | None:
        """Findings about the tab and its rows without a key; None when the tab was not looked at."""
        if tab not in self.request.readings and tab not in self.request.held and tab not in self.request.loose:
            return None
        intake = self.intakes.get(tab)
        found = list(self.request.loose.get(tab, ()))
        if tab in self.request.held and self.request.held[tab] not in found:
            found.append(self.request.held[tab])
        if intake is not None:
            found += intake.loose.values()
            found += [intake.halted] if intake.halted is not None else []
        return tuple(found)

    def _kept(self, row: RowId) -> bool:
        return row not in self.draft.provisional

    @cached_property
    def _look_again(self) -> set[RowId]:
        """Records that were judged beside rows that are not records yet are judged again in the next cycle: those rows
        may be gone by then."""
        entries = {entry for row in self.draft.provisional for entry in self.draft.entries(row)}
        return self.draft.neighbours(entries) - self.draft.provisional

    def changed_columns(self) -> dict[TabKey, frozenset[ColumnKey]]:
        """Columns of each tab in which a record changed, was made or went."""
        changed: dict[TabKey, set[ColumnKey]] = {}
        for row in self.draft.changed():
            if row in self.draft.provisional:
                continue
            now, was = self.draft.values(row) or {}, self.draft.stored(row) or {}
            differ = {column for column in now.keys() | was.keys() if now.get(column) != was.get(column)}
            changed.setdefault(row[0], set()).update(differ)
        return {tab: frozenset(columns) for tab, columns in changed.items()}
