"""A change of the permissions that shows more than before waits until somebody confirms it; what it hides is hidden at
once. A slip in the config shall open nothing (sync.md, G8; the shared workbook can hide nothing and is left out).

What is in force is kept as a text: the policy, and the columns that there were, for a new column is as hidden as a new
row. While a change waits, the text holds the policy before it as well.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Final, TypeAlias

from crm_sheets.permissions import (
    ANY,
    SHARED_ROLE,
    Change,
    Confirmed,
    Declassified,
    Deny,
    Extent,
    Grant,
    Level,
    Policy,
    Scope,
    Where,
)
from crm_sheets.schema.base import Tab
from crm_sheets.tables import ColumnKey, TabKey

IN_FORCE: Final = "rights-in-force"
"""Note: what was in force in the last cycle."""

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Columns: TypeAlias = Mapping[TabKey, tuple[ColumnKey, ...]]

NOTHING: Final = Confirmed(Policy(()), {})


def in_force(policy: Policy, tabs: Iterable[Tab], kept: str | None) -> tuple[Policy, str]:
    """The policy as it may be applied, and the text to keep.

    Args:
        policy: of the config as it is.
        kept: the text of the last cycle; None before the first: then the config as it is needs no confirmation.
    """
    columns = {tab.key: tuple(tab.columns) for tab in tabs}
    now = Confirmed(policy, columns)
    if kept is None:
        return policy, _text(now)
    before = _read(kept)
    if _head(before) == _head(now):
        return replace(policy, limit=before.policy.limit), kept
    limit = before if reveals(now, before) else before.policy.limit
    limited = replace(policy, limit=limit)
    return limited, _text(Confirmed(limited, columns))


def confirmation(policy: Policy, tabs: Iterable[Tab]) -> str:
    """What must be given to confirm this very config: a digest of it."""
    now = Confirmed(policy, {tab.key: tuple(tab.columns) for tab in tabs})
    return blake2b(_head(now).encode("utf-8"), digest_size=6).hexdigest()


def confirmed(policy: Policy, tabs: Iterable[Tab]) -> str:
    """The text to keep once the config was confirmed."""
    return _text(Confirmed(replace(policy, limit=None), {tab.key: tuple(tab.columns) for tab in tabs}))


def before(kept: str | None) -> Confirmed:
    """What a kept text tells; nothing at all is open where there is none."""
    return NOTHING if kept is None else _read(kept)


# -- does it show more? ------------------------------------------------------------------------------------------------


def reveals(now: Confirmed, then: Confirmed) -> bool:
    """Whether somebody may see more under one policy than under another, whatever the rows are. It errs on the side of
    yes: two conditions are the same only when they are written the same."""
    if set(now.policy.declassified) - set(then.policy.declassified):
        return True
    both = (now.policy, then.policy)
    roles = {grant.role for policy in both for grant in policy.grants}
    roles |= {role for policy in both for deny in policy.denies for role in (deny.role, *deny.spared)}
    nobody = "\0"  # a role that no grant names: what `*` opens
    return any(_shows_more(role, now, then) for role in sorted({*roles, nobody} - {ANY, SHARED_ROLE}))


def _shows_more(role: str, now: Confirmed, then: Confirmed) -> bool:
    for tab, columns in now.columns.items():
        granted, was = now.policy.grants_of(role, tab), then.policy.grants_of(role, tab)
        denied, had = now.policy.denies_of(role, tab), then.policy.denies_of(role, tab)
        known = then.columns.get(tab, ())
        for column in columns:
            opening = [each for each in granted if each.level(column) > Level.HIDDEN]
            if not opening or _always_hidden(denied, column):
                continue
            if column not in known or not all(_covered(each, was, column) for each in opening):
                return True
            unsealed = [each for each in was if column in each.reveal]
            if not all(_covered(each, unsealed, column) for each in opening if column in each.reveal):
                return True
            if not all(_kept(deny, denied, column) for deny in had if _hides(deny, column)):
                return True
    return False


def _hides(deny: Deny, column: ColumnKey) -> bool:
    return deny.names(column) and deny.cap is Level.HIDDEN


def _always_hidden(denies: Iterable[Deny], column: ColumnKey) -> bool:
    return any(_hides(deny, column) and not deny.when for deny in denies)


def _covered(grant: Grant, before: Iterable[Grant], column: ColumnKey) -> bool:
    """Whether the rows that a grant opens were open before."""
    opened = [set(each.rows) for each in before if each.level(column) > Level.HIDDEN]
    return any(Scope.ALL in rows for rows in opened) or all(any(each in rows for rows in opened) for each in grant.rows)


def _kept(deny: Deny, denies: Iterable[Deny], column: ColumnKey) -> bool:
    """Whether what a deny hid is hidden still."""
    return any(_hides(each, column) and each.when in ("", deny.when) for each in denies)


# -- as text -----------------------------------------------------------------------------------------------------------


def _text(of: Confirmed) -> str:
    return json.dumps(_encoded(of), ensure_ascii=False, sort_keys=True)


def _head(of: Confirmed) -> str:
    return _text(Confirmed(replace(of.policy, limit=None), of.columns))


def _read(text: str) -> Confirmed:
    """What a text tells; one of another version of the program tells nothing, and everything waits to be confirmed."""
    try:
        return _decoded(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError):
        return NOTHING


def _encoded(of: Confirmed) -> dict[str, Json]:
    policy = of.policy
    return {
        "grants": [_grant(each) for each in policy.grants],
        "denies": [_deny(each) for each in policy.denies],
        "declassified": [[each.tab, each.column, each.reason] for each in policy.declassified],
        "columns": {tab: list(columns) for tab, columns in of.columns.items()},
        "limit": _encoded(policy.limit) if policy.limit else None,
    }


def _grant(grant: Grant) -> Json:
    return {
        "role": grant.role,
        "tab": grant.tab,
        "columns": {column: int(level) for column, level in grant.columns.items()},
        "create": int(grant.create),
        "delete": int(grant.delete),
        "rows": [{"where": rows.text} if isinstance(rows, Where) else str(rows) for rows in grant.rows],
        "change": {
            column: [list(each.before), list(each.after), list(each.proposed)] for column, each in grant.change.items()
        },
        "approve_by": grant.approve_by,
        "may_leave_scope": grant.may_leave_scope,
        "may_take_over": grant.may_take_over,
        "memo": grant.memo,
        "reveal": [*sorted(grant.reveal)],
    }


def _deny(deny: Deny) -> Json:
    return {
        "role": deny.role,
        "tab": deny.tab,
        "columns": [*sorted(deny.columns)],
        "cap": int(deny.cap),
        "reason": deny.reason,
        "spared": [*sorted(deny.spared)],
        "when": deny.when,
    }


def _decoded(told: Mapping[str, Json]) -> Confirmed:
    limit = told["limit"]
    policy = Policy(
        tuple(_grant_of(each) for each in _tables(told["grants"])),
        tuple(_deny_of(each) for each in _tables(told["denies"])),
        tuple(
            Declassified(TabKey(str(each[0])), ColumnKey(str(each[1])), str(each[2]))
            for each in _lists(told["declassified"])
        ),
        _decoded(_table(limit)) if limit is not None else None,
    )
    columns = {TabKey(tab): tuple(map(ColumnKey, _texts(keys))) for tab, keys in _table(told["columns"]).items()}
    return Confirmed(policy, columns)


def _grant_of(told: Mapping[str, Json]) -> Grant:
    return Grant(
        role=str(told["role"]),
        tab=str(told["tab"]),
        columns={column: Level(_number(level)) for column, level in _table(told["columns"]).items()},
        create=Extent(_number(told["create"])),
        delete=Level(_number(told["delete"])),
        rows=tuple(
            Where(str(_table(each)["where"])) if isinstance(each, dict) else Scope(str(each))
            for each in _list(told["rows"])
        ),
        change={
            column: Change(*(_texts(values) for values in _list(each)))
            for column, each in _table(told["change"]).items()
        },
        approve_by=str(told["approve_by"]),
        may_leave_scope=told["may_leave_scope"] is True,
        may_take_over=told["may_take_over"] is True,
        memo=str(told["memo"]),
        reveal=_texts(told["reveal"]),
    )


def _deny_of(told: Mapping[str, Json]) -> Deny:
    return Deny(
        str(told["role"]),
        str(told["tab"]),
        _texts(told["columns"]),
        Level(_number(told["cap"])),
        str(told["reason"]),
        _texts(told["spared"]),
        str(told["when"]),
    )


def _table(told: Json) -> dict[str, Json]:
    if not isinstance(told, dict):
        raise TypeError("a table was expected")
    return told


def _list(told: Json) -> list[Json]:
    if not isinstance(told, list):
        raise TypeError("a list was expected")
    return told


def _tables(told: Json) -> list[dict[str, Json]]:
    return [_table(each) for each in _list(told)]


def _lists(told: Json) -> list[list[Json]]:
    return [_list(each) for each in _list(told)]


def _texts(told: Json) -> tuple[str, ...]:
    return tuple(str(each) for each in _list(told))


def _number(told: Json) -> int:
    if not isinstance(told, int):
        raise TypeError("a number was expected")
    return told
