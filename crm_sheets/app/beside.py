"""The workbooks beside the team's own: those of people, mirrors, and what is to be seen to in spreadsheets."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from crm_sheets.app.backends import Backends
from crm_sheets.config import Settings
from crm_sheets.config_google import mirror_key
from crm_sheets.draft import Draft
from crm_sheets.eyes import Eyes
from crm_sheets.plan import Plan
from crm_sheets.schema.team import TeamSchema
from crm_sheets.sync.backends.base import Backend
from crm_sheets.sync.round import OpenView, Views
from crm_sheets.sync.setup import Setup, Wish
from crm_sheets.sync.store.sql import SqlState
from crm_sheets.tables import ReplicaKey

if TYPE_CHECKING:  # what views need is imported where a team has some
    from crm_sheets.app.gallery import Gallery

Others = Callable[[Draft], Mapping[ReplicaKey, Eyes]]


@dataclass(frozen=True)
class Beside:
    """Several kinds of them, one after the other. Implements sync.round.Views."""

    parts: tuple[Views, ...]

    def look(self, now: datetime) -> None:
        """See Views."""
        for part in self.parts:
            part.look(now)

    def open(self, wish: Wish, done: Iterable[Plan]) -> Sequence[OpenView]:
        """See Views."""
        plans = tuple(done)
        return tuple(view for part in self.parts for view in part.open(wish, plans))

    def renew(self, view: ReplicaKey) -> None:
        """See Views."""
        for part in self.parts:
            part.renew(view)


def beside_of(
    settings: Settings, team: TeamSchema, state: SqlState, setup: Setup, backends: Backends, backend: Backend
) -> "tuple[Gallery | None, Views, Setup]":
    """What stands beside the team's workbook, and the setup of its cycles, which then mark what concerns that."""
    gallery = None
    parts: list[Views] = []
    if settings.views.enabled:
        from crm_sheets.app.gallery import Gallery

        gallery = Gallery(settings, team, state, setup, backends.remember, backends.vault)
        parts.append(gallery)
    if settings.workbook.path is None or settings.mirrors or (gallery is not None and settings.views.spreadsheets):
        from crm_sheets.app.online import online_parts

        parts += online_parts(settings, state, setup, backends, backend, gallery)
    if settings.mirrors or gallery is not None:
        others = others_of(settings, setup, gallery, setup.replica.key)
        setup = replace(setup, replica=replace(setup.replica, others=others))
    return gallery, parts[0] if len(parts) == 1 else Beside(tuple(parts)), setup


def others_of(settings: Settings, setup: Setup, gallery: "Gallery | None", beside: ReplicaKey) -> Others:
    """What all workbooks but one show, by the records of a draft."""
    shared = setup.replica
    views = gallery.readership.others(beside) if gallery is not None else None
    mirrors = {mirror_key(each.name) for each in settings.mirrors}
    open_ones = [key for key in (shared.key, *sorted(mirrors)) if key != beside]

    def eyes(draft: Draft) -> Mapping[ReplicaKey, Eyes]:
        seen = views(draft) if views is not None else {}
        return {**dict.fromkeys(open_ones, shared.eyes(draft)), **seen}

    return eyes
