"""The sample check of a migration: a sample is drawn, signed off by a person, and the result is kept."""

import json
from datetime import datetime
from pathlib import Path

from crm_sheets import clock, reports
from crm_sheets.app.imports import IMPORT_NOTE, ImportRequest, checked
from crm_sheets.app.workspace import Workspace, author, opened
from crm_sheets.config import Settings
from crm_sheets.errors import UsageError
from crm_sheets.importing.sample import (
    SampleOptions,
    SignedSample,
    bound,
    draw,
    import_digest,
    read_signed,
    write_sample,
)
from crm_sheets.importing.sources import gather
from crm_sheets.reports import Progress, silent

SAMPLE_NOTE = "sample:"
"""Beginning of the notes that keep what was signed off, by the digest of the import."""


def sample_import(
    settings: Settings, request: ImportRequest, size: int, seed: int, target: Path, *, progress: Progress = silent
) -> reports.SampleReport:
    """Checks an import and writes a sample of its good rows to be signed off; nothing comes in."""
    if size < 1:
        raise UsageError("--sample wants at least one row").told("error.sample.size")
    if target.exists():
        raise UsageError(f"{target} is there already").told("error.file.there", path=target)
    with opened(settings) as workspace:
        sources = gather(request.sources, request.mapping, workspace.words).tables
        plan = checked(workspace, sources, request.mapping, again=request.again, progress=progress)
        if not plan.good:
            raise UsageError(f"none of the {len(plan.bad)} rows can come in: no sample").told(
                "error.sample.none", bad=len(plan.bad)
            )
        chosen = draw(plan.good, size, seed)
        options = SampleOptions(workspace.tabs, workspace.cycle.setup.codec, workspace.words, seed)
        write_sample(target, chosen, len(plan.good), sources, request.mapping, options)
        return reports.SampleReport(target, len(chosen), len(plan.good), len(plan.bad), seed, bound(len(chosen)))


def sign_off(settings: Settings, file: Path) -> reports.SignOffReport:
    """Reads a sample back and keeps what people said of it."""
    with opened(settings) as workspace:
        return _kept(workspace, file, _read(file))


def require_signed(settings: Settings, file: Path, request: ImportRequest) -> reports.SignOffReport:
    """The sign-off of an import that is to come in.

    Raises:
        UsageError: the sample is of another import, or not every row of it was agreed to.
    """
    with opened(settings) as workspace:
        signed = _read(file)
        sources = gather(request.sources, request.mapping, workspace.words).tables
        report = _kept(workspace, file, signed)
        if signed.digest != import_digest(sources, request.mapping):
            raise UsageError(f"{file}: this sample is of other files, or of another mapping; draw a new one").told(
                "error.sample.other", path=file
            )
        if not report.complete:
            raise UsageError(
                f"{file}: {report.disagreed} rows were not agreed to and {report.unanswered} not answered; mend the "
                "mapping or the source, and draw a new sample"
            ).told("error.sample.open", path=file, disagreed=report.disagreed, unanswered=report.unanswered)
        return report


def past_imports(settings: Settings) -> reports.ImportsReport:
    """Every import that came in, and every sample that was signed off, the newest last."""

    def local(at: str) -> str:
        return datetime.fromisoformat(at).astimezone(settings.workbook.zone).isoformat()

    with opened(settings) as workspace:
        past = [(name, json.loads(text)) for name, text in workspace.state.notes(IMPORT_NOTE).items()]
        signed = [json.loads(text) for text in workspace.state.notes(SAMPLE_NOTE).values()]
    runs = tuple(
        reports.PastImport(
            run=int(name.removeprefix(IMPORT_NOTE)),
            at=local(facts["at"]),
            author=facts["author"],
            sources=tuple(facts["sources"]),
            made=facts["made"],
            updated=facts["updated"],
            refused=facts["refused"],
        )
        for name, facts in past
    )
    samples = tuple(reports.PastSample(**{**facts, "at": local(facts["at"])}) for facts in signed)
    return reports.ImportsReport(
        tuple(sorted(runs, key=lambda each: each.run)), tuple(sorted(samples, key=lambda each: each.at))
    )


def _read(file: Path) -> SignedSample:
    if not file.is_file():
        raise UsageError(f"{file}: no such file").told("error.file.missing", path=file)
    return read_signed(file)


def _kept(workspace: Workspace, file: Path, signed: SignedSample) -> reports.SignOffReport:
    agreed = sum(verdict.agreed is True for verdict in signed.verdicts)
    disagreed = [verdict for verdict in signed.verdicts if verdict.agreed is False]
    unanswered = signed.size - agreed - len(disagreed)
    facts = {
        "at": clock.now().isoformat(),
        "author": author("import"),
        "file": file.name,
        "size": signed.size,
        "population": signed.population,
        "seed": signed.seed,
        "agreed": agreed,
        "disagreed": len(disagreed),
    }
    workspace.state.set_note(SAMPLE_NOTE + signed.digest, json.dumps(facts, ensure_ascii=False))
    return reports.SignOffReport(
        file,
        signed.size,
        signed.population,
        agreed,
        len(disagreed),
        unanswered,
        complete=agreed == signed.size,
        bound=bound(signed.size),
        remarks=tuple(reports.SampleRemark(each.source, each.line, each.remark) for each in disagreed),
    )
