"""What is wrong with settings that can be read: names that nothing has, and what sections say against each other.

Of a config that cannot be read wholly this is asked, too. Then nothing is said that rests on what could not be read: it
may only follow from that, and would be told twice.
"""

import difflib
from collections.abc import Collection, Iterator

from crm_sheets.config_approvals import ApprovalsSettings, approval_mistakes
from crm_sheets.config_customer_mail import customer_mail_mistakes
from crm_sheets.config_fragments import Fragments, fragments
from crm_sheets.config_google import google_mistakes
from crm_sheets.config_readable import Readable
from crm_sheets.config_settings import Settings
from crm_sheets.config_source import Said, Tree, dotted, near, placed
from crm_sheets.config_taking_in import taking_in_mistakes
from crm_sheets.errors import Line
from crm_sheets.language import line
from crm_sheets.rules.naming import CUSTOMERS
from crm_sheets.schema import TABS


def mistakes(told: Readable[Settings], tree: Tree, file: str) -> tuple[Line, ...]:
    """One line for each mistake.

    Args:
        told: what can be read.
        tree: all of it, as written.
        file: name of the config, with which every line begins.
    """
    used = _used(told)
    broken = fragments(tree, told)
    said: list[Said] = [(dotted(place), each) for place, each in told.disagreements()]
    for found in (_tabs(told, used), _robots(told), _calendar(told), _summaries(told), _encrypted(told)):
        said += found
    said += _merged(told, broken)
    said += _spreadsheets(told)
    said += _customer_mail(told, used)
    return tuple(dict.fromkeys((*placed(file, "", said), *_team(told, broken, used, file))))


def _used(told: Readable[Settings]) -> frozenset[str]:
    """The tabs that the team means to use: all that there are where that cannot be read."""
    known = [str(tab.key) for tab in TABS]
    if told.lacks("workbook", "tabs"):
        return frozenset(known)
    given = told.settings.workbook.tabs
    close = [difflib.get_close_matches(name, known, n=1, cutoff=0.6) for name in given if name not in known]
    return frozenset([*given, *(name for names in close for name in names)])


def _tabs(told: Readable[Settings], used: Collection[str]) -> Iterator[Said]:
    known = [str(tab.key) for tab in TABS]
    for name in told.settings.workbook.tabs:
        if name not in known:
            yield "workbook.tabs", line("mistake.tab", given=name, near=near(name, known, len(known)))
    if "targets" in used and "performance" not in used:
        yield "workbook.tabs", line("mistake.tabs.targets")


def _robots(told: Readable[Settings]) -> Iterator[Said]:
    known: set[str] = set()
    for number, robot in told.numbered(told.settings.robots, "robots"):
        if robot.name in known:
            yield f"robots[{number}].name", line("mistake.robots.twice", given=robot.name)
        known.add(robot.name)
        unread = not robot.reader and not told.lacks("robots", number - 1, "reader")
        if told.settings.views.enabled and unread:
            yield f"robots[{number}].reader", line("mistake.robots.reader", given=robot.name)


def _calendar(told: Readable[Settings]) -> Iterator[Said]:
    country = told.settings.calendar.country
    if country in {"", "CN"}:  # looking takes long, and CN is known
        return
    from crm_sheets.public_holidays import is_known

    if not is_known(country):
        yield "calendar.country", line("mistake.calendar.country", given=country)


def _summaries(told: Readable[Settings]) -> Iterator[Said]:
    if told.settings.summaries.show is None:
        return
    from crm_sheets.rules.summaries import SUMMARIES

    keys = [rule.key for rule in SUMMARIES]
    for name in told.settings.summaries.show:
        if name not in keys:
            yield "summaries.show", line("mistake.summary", given=name, near=near(name, keys, len(keys)))


def _encrypted(told: Readable[Settings]) -> Iterator[Said]:
    wanted = told.settings.views.encrypt and told.settings.sealed.key is None
    if wanted and not told.lacks("sealed", "key"):
        yield "views.encrypt", line("mistake.views.encrypt")


def _merged(told: Readable[Settings], broken: Fragments) -> Iterator[Said]:
    tab = next(tab for tab in TABS if tab.key == CUSTOMERS)
    own = {field.key for field in told.settings.field if field.tab == CUSTOMERS}
    known = {*map(str, tab.columns), *own}
    for name in told.settings.duplicates.merge.columns:
        if name not in known | broken.columns | {"*"}:
            close = near(name, sorted(known))
            yield "duplicates.merge.columns", line("mistake.column", tab=CUSTOMERS, given=name, near=close)


def _spreadsheets(told: Readable[Settings]) -> Iterator[Said]:
    ours = told.settings
    places = ours.workbook.path, ours.workbook.spreadsheet
    mirrors = told.numbered(ours.mirror, "mirror")
    return google_mistakes(ours.google, places, ours.views.spreadsheets, mirrors, told.lacks)


def _customer_mail(told: Readable[Settings], used: Collection[str]) -> Iterator[Said]:
    wanted, inbox = told.settings.customer_mail, told.settings.mail.inbox
    unread = told.lacks("mail", "inbox", "host") or told.lacks("customer_mail", "unsubscribe_url")
    heard = inbox.host is not None or wanted.unsubscribe_url is not None
    return customer_mail_mistakes(wanted, used, heard=heard or unread)


def _team(told: Readable[Settings], broken: Fragments, used: Collection[str], file: str) -> Iterator[Line]:
    """What is wrong with what the team adds to the book, who may do what there, and what comes in by itself."""
    ours = told.settings
    rights = ours.grant or ours.deny or ours.declassify
    rest = ours.field or ours.rule or ours.approval or ours.form or ours.intake.source
    if not (rights or rest or ours.approvals != ApprovalsSettings()):
        return
    from crm_sheets.config_mistakes import Mistakes

    found = Mistakes(file, told, broken, used)
    yield from found.lines()
    if rights:
        from crm_sheets.config_rights_mistakes import RightsMistakes

        yield from RightsMistakes(file, told, found.broken, found.tabs, used).lines()
    flows, columns = told.numbered(ours.approval, "approval"), found.broken.columns
    said = [*approval_mistakes(flows, ours.approvals, found.tabs, used, found.roles, columns)]
    sources, forms = told.numbered(ours.intake.source, "intake", "source"), told.numbered(ours.form, "form")
    said += taking_in_mistakes(sources, forms, found.tabs, used, columns)
    yield from placed(file, "", said)
