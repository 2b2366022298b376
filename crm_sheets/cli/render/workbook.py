"""The workbook as a whole: init, check, status, doctor."""

from rich.text import Text

from crm_sheets import reports
from crm_sheets.cli.render.dispatch import Parts, parts
from crm_sheets.cli.render.findings import issues_of
from crm_sheets.cli.render.tables import list_of, table_of
from crm_sheets.cli.render.wording import moment, pairs_of, tab_word, word
from crm_sheets.language import Language


@parts.register
def _(report: reports.InitReport, words: Language) -> Parts:
    key = "cli.init.adopted" if report.adopted else "cli.init.made"
    shown: Parts = [Text(words.text(key, workbook=report.workbook, config=report.config))]
    shown += table_of(words, "tabs", ("tab", "rows"), report.tabs.items())
    shown += list_of(words, "added", report.added)
    shown += list_of(words, "own_columns", report.unknown)
    return shown + issues_of(report.issues, words)


@parts.register
def _(report: reports.CheckReport, words: Language) -> Parts:
    rows = sum(report.rows.values())
    errors = sum(issue.severity == "error" for issue in report.issues)
    shown: Parts = []
    if report.halted is not None:
        shown.append(Text(words.text("cli.halted", reason=report.halted), style="bold red"))
    shown.append(Text(words.text("cli.check", rows=rows, errors=errors, others=len(report.issues) - errors)))
    return shown + issues_of(report.issues, words)


@parts.register
def _(report: reports.StatusReport, words: Language) -> Parts:
    facts = {
        "workbook": report.workbook,
        "daemon": report.daemon if report.running else words.text("cli.status.stopped"),
        "last_success": moment(report.last_success),
        "last_error": report.last_error,
        "cycle_seconds": "" if report.cycle_seconds is None else f"{report.cycle_seconds:.2f}",
        "generation": report.generation,
        "holder": report.holder,
        "rows": pairs_of({tab_word(tab, words): count for tab, count in report.rows.items()}),
        "issues": pairs_of({word(words, "cli.severity.", name): count for name, count in report.issues.items()}),
        "outbox": pairs_of({word(words, "cli.state.", name): count for name, count in report.outbox.items()}),
        "suspended": ", ".join(report.suspended),
        "views": pairs_of({words.text(f"cli.views.{name}"): count for name, count in report.views.items()}),
        "version": report.version,
    }
    named = [(words.text(f"cli.status.{name}"), value) for name, value in facts.items() if value not in (None, "")]
    return [
        *table_of(words, "status", ("what", "value"), named),
        *table_of(words, "held", ("tab", "reason"), report.held.items()),
    ]


@parts.register
def _(report: reports.DoctorReport, words: Language) -> Parts:
    return _examined(report.examinations, words)


@parts.register
def _(report: reports.LaunchReport, words: Language) -> Parts:
    failed = sum(not each.passed for each in report.examinations)
    key = "cli.launch.missing" if failed else "cli.launch.ready"
    shown = [*_examined(report.examinations, words), Text(words.text(key, count=failed))]
    if report.checklist is not None:
        shown.append(Text(words.text("cli.launch.checklist", file=report.checklist)))
    return shown


def _examined(examinations: tuple[reports.Examination, ...], words: Language) -> Parts:
    rows = (
        (
            Text("✓", "green") if each.passed else Text("✗", "bold red"),
            words.text(f"doctor.{each.name}"),
            each.found,
            each.remedy,
        )
        for each in examinations
    )
    return table_of(words, "doctor", ("passed", "what", "found", "remedy"), rows, everything=True)
