"""What a plan is to be made from, put together from what was read, what is remembered, and how the team works."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from crm_sheets.identity import means_new
from crm_sheets.replica import Means, Replica
from crm_sheets.request import Request
from crm_sheets.schema.dictionaries import default_dictionaries
from crm_sheets.schema.identifiers import new_row_key, witness
from crm_sheets.schema.labels import words
from crm_sheets.sync.setup import Setup, Wish
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.sync.view import View
from crm_sheets.tables import ColumnKey, RowKey, Snapshot, TabKey

CUSTOMERS = TabKey("customers")
LONGEST_NAME = 60
"""Characters of what a file says of who saved it: anything may stand there, and the journal's column has a limit."""


@dataclass
class Asking:
    """Makes the requests of one replica."""

    state: SqlState
    setup: Setup

    @cached_property
    def workbook_id(self) -> str:
        """The random id of the book, issued with the state store."""
        return self.state.secret("workbook").hex()[:16]

    @cached_property
    def _secret(self) -> bytes:
        return self.state.secret("witness")

    def request(
        self, wish: Wish, view: View, fresh: Mapping[TabKey, frozenset[ColumnKey]], today: date, *, everything: bool
    ) -> Request:
        """Everything that the plan is made from.

        Args:
            wish: what the run is asked for.
            view: what was read.
            fresh: columns of which the base knows nothing yet.
            today: in the zone of the team.
            everything: every row is to be looked at, since what rows mean has changed.
        """
        snapshot, setup = view.snapshot, self.setup
        replica = self._replica(view)
        return Request(
            run=self.state.next_run(),
            today=today,
            zone=setup.zone,
            replica=replica,
            eyes=setup.replica.eyes,
            others=setup.replica.others,
            since=wish.since,
            own_reads=setup.own_reads,
            means=self._means(wish, fresh, date1904=snapshot.date1904, everything=everything),
            language=setup.language,
            tabs=setup.tabs,
            rules=setup.rules,
            readings={} if view.refused else view.readings(),
            locate=view.located,
            loose=view.loose,
            held=view.held(),
            commands=wish.commands,
            copies=() if view.refused else wish.copies,
            merges=wish.merges,
            merge_rules=setup.merge_rules,
            messages=wish.messages,
            decisions=wish.decisions,
            approvals=setup.approvals,
            compare=wish.compare | (self._customers() if everything else frozenset()),
            threshold=setup.threshold,
            writable=snapshot.holder is None and not view.refused,
            must_stamp=replica.generation == 0 or replica.stale,
            calendar=setup.calendar,
            files=setup.files,
            peace=setup.peace,
            levels=setup.levels,
            lookups=setup.lookups,
            default_dictionaries=setup.dictionaries or default_dictionaries(setup.language),
        )

    def _replica(self, view: View) -> Replica:
        snapshot, setup = view.snapshot, self.setup
        key, author = setup.replica.key, author_of(setup, snapshot)
        generation = snapshot.stamp.generation if snapshot.stamp is not None else 0
        stale = generation < self.state.confirmed_generation(key)
        overtaken = generation < self.state.latest_generation(key)
        return Replica(key, generation, stale, overtaken, author, setup.limits)

    def _means(
        self, wish: Wish, fresh: Mapping[TabKey, frozenset[ColumnKey]], *, date1904: bool, everything: bool
    ) -> Means:
        setup, replica = self.setup, self.setup.replica.key
        return Means(
            now=wish.now,
            codec=replace(setup.codec, date1904=date1904),
            new_key=lambda tab: new_row_key(tab.id_prefix, setup.random),
            witness=lambda tab, key: witness(self._secret, self.workbook_id, replica, tab, key),
            means_new=means_new(words("word.new_row")),
            accept_deletions=wish.accept_deletions,
            accept_changes=wish.accept_changes,
            everything=everything,
            fresh=fresh,
        )

    def _customers(self) -> frozenset[RowKey]:
        """All of them: what counts as a duplicate may have been configured otherwise."""
        return frozenset(self.state.all_records(CUSTOMERS)) if CUSTOMERS in self.setup.tabs else frozenset()


def author_of(setup: Setup, snapshot: Snapshot) -> str:
    """Whom the edits of a file are put down to; where only a role is known, with the hint that the file gives."""
    author = setup.replica.author
    if snapshot.saved_by and not setup.replica.known:
        return f"{author} ({snapshot.saved_by[:LONGEST_NAME]})"
    return author
