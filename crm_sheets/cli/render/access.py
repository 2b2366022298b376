"""What people may do."""

from rich.text import Text

from crm_sheets import reports
from crm_sheets.cli.render.dispatch import Parts, parts
from crm_sheets.cli.render.tables import table_of
from crm_sheets.language import Language


@parts.register
def _(report: reports.AccessReport, words: Language) -> Parts:
    text = words.text
    who = text(
        "cli.access.person",
        name=report.person,
        number=report.number,
        role=report.role,
        unit="/".join(each for each in (report.department, report.group) if each),
    )
    found: Parts = [Text(who, style="bold")]
    for tab in report.tabs:
        found += [
            Text(),
            Text(text("cli.access.tab", tab=tab.label, visible=tab.visible, total=tab.total), style="bold"),
        ]
        found += [Text(f"  + {line}") for line in tab.grants]
        found += [Text(f"  − {line}") for line in tab.denies]
        if tab.deletable or tab.delete_asks:
            found.append(Text("  " + text("cli.access.delete", may=tab.deletable, asks=tab.delete_asks)))
        rows = (
            (column.label, *(column.rows.get(level) for level in ("edit", "propose", "read")), column.why)
            for column in tab.columns
            if column.rows or column.why
        )
        header = ("column", "access_edit", "access_propose", "access_read", "access_why")
        found += table_of(words, "access", header, rows, everything=True)
    if not report.tabs:
        found.append(Text(text("cli.access.nothing")))
    found += [Text(text("cli.access.waits"))] if report.waits else []
    found += [Text(text("cli.access.preview", path=report.preview))] if report.preview else []
    return found


@parts.register
def _(report: reports.AccessDiffReport, words: Language) -> Parts:
    text = words.text
    rows = (
        (
            text(f"cli.access.{each.change}"),
            each.role,
            each.tab,
            each.label,
            text(f"access.level.{each.before}"),
            text(f"access.level.{each.after}"),
            each.rows or None,
            text("list.and").join(each.people),
        )
        for each in report.changes
    )
    header = ("access_change", "role", "tab", "column", "access_before", "access_after", "rows", "people")
    found = table_of(words, "access_diff", header, rows, everything=True)
    lines = (("+" if each.added else "−", each.role, each.tab, each.text) for each in report.lines)
    found += table_of(words, "access_lines", ("access_change", "role", "tab", "access_rule"), lines, everything=True)
    found = found or [Text(text("cli.access.same"))]
    if report.confirm:
        found.append(Text(text("cli.access.confirm", confirm=report.confirm)))
    if report.applied:
        found.append(Text(text("cli.access.applied")))
    return found
