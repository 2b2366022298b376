"""A file that is named in 附件 is there."""

from crm_sheets.changes import NOTHING, Outcome, Severity
from crm_sheets.rules.base import Context, found
from crm_sheets.schema.base import Kind, Row


def attachments(row: Row, context: Context) -> Outcome:
    """Flags paths that name no file; links are not followed."""
    issues = []
    asked = False
    for column in context.tabs[row.tab].staff_columns(Kind.LINKS):
        paths: tuple[str, ...] = getattr(row.record, column.key) or ()
        asked = asked or bool(paths)
        missing = [path for path in paths if context.files.missing(path)]
        if missing:
            names = context.language.text("list.and").join(missing)
            issues.append(found("attachment-missing", row, column.key, Severity.WARNING, file=names))
    return Outcome(tuple(issues), wake_at=context.files.until(context.now)) if asked else NOTHING
