"""Group robots."""

from rich.text import Text

from crm_sheets import reports
from crm_sheets.cli.render.dispatch import Parts, parts
from crm_sheets.cli.render.tables import table_of
from crm_sheets.language import Language


@parts.register
def _(report: reports.RobotsReport, words: Language) -> Parts:
    rows = ((r.name, r.kind, r.waiting, r.sent, r.dead, r.error) for r in report.robots)
    table = table_of(words, "robots", ("robot", "kind", "waiting", "sent", "dead", "error"), rows, True)
    return table or [Text(words.text("robots.none"))]


@parts.register
def _(report: reports.RobotTestReport, words: Language) -> Parts:
    return [Text(words.text("robots.tested", name=report.name, answer=report.answer))]
