"""The workbooks of people."""

from rich.text import Text

from crm_sheets import reports
from crm_sheets.cli.render.dispatch import Parts, parts
from crm_sheets.cli.render.tables import table_of
from crm_sheets.cli.render.wording import moment, pairs_of, tab_word
from crm_sheets.language import Language

_STYLES = {"trouble": "bold red", "leaving": "yellow", "waiting": "yellow", "open": "yellow"}


@parts.register
def _(report: reports.ViewsReport, words: Language) -> Parts:
    if not report.views:
        return [Text(words.text("cli.views.nobody" if report.enabled else "error.views.none"))]
    rows = (
        (
            f"{view.person} {view.name}",
            Text(words.text(f"cli.views.state.{view.state}"), _STYLES.get(view.state, "")),
            pairs_of({tab_word(tab, words): count for tab, count in view.rows.items()}),
            moment(view.written),
            view.path,
            Text(words.text(f"cli.views.password.{view.password}")) if view.password else "",
            view.told,
        )
        for view in report.views
    )
    return table_of(
        words, "views", ("view_of", "state", "rows", "written_at", "file", "password", "told"), rows, everything=True
    )


@parts.register
def _(report: reports.PasswordReport, words: Language) -> Parts:
    who = f"{report.person} {report.name}"
    shown: Parts = [Text(words.text(f"cli.views.password_of.{report.state}", who=who, path=report.path))]
    if report.sent:
        shown.append(Text(words.text("cli.views.password_sent", who=who)))
    if report.password:
        shown.append(Text(words.text("cli.views.password_shown", password=report.password)))
    return shown


@parts.register
def _(report: reports.LookupReport, words: Language) -> Parts:
    told = {"department": report.department, "known": report.known}
    beside = [Text(words.text(f"cli.lookup.{name}", **{name: text})) for name, text in told.items() if text]
    return [Text(words.text("cli.lookup.answer", question=report.question, answer=report.answer)), *beside]
