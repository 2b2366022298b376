"""What `import` may be told, option by option."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Sources: TypeAlias = Annotated[
    list[Path] | None,
    typer.Argument(metavar="FILE...", help="xlsx, CSV or vCard files, or the folder that holds those of the mapping."),
]
MappingFile: TypeAlias = Annotated[
    Path | None, typer.Option("--mapping", "-m", help="TOML: which column becomes which. Left out: by headers.")
]
WriteMapping: TypeAlias = Annotated[
    Path | None,
    typer.Option("--write-mapping", help="Take nothing in: write the suggested mapping into this file, to be edited."),
]
TabOption: TypeAlias = Annotated[
    str | None, typer.Option(help="Where the rows go, when there is no mapping: customers …")
]
Mode: TypeAlias = Annotated[str | None, typer.Option(help="create (default), update, or both: what fits each row.")]
Match: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(help="Columns by which rows of the book are found: name,phone. Several times: tried in turn."),
]
Blank: TypeAlias = Annotated[
    str | None, typer.Option(help="What a blank cell does in an update: keep (default) or clear.")
]
Doubles: TypeAlias = Annotated[
    str | None,
    typer.Option(help="New rows that repeat one of the file or the book: flag (default), skip, update or add."),
]
Unknown: TypeAlias = Annotated[
    str | None, typer.Option(help="Values that no drop-down has: refuse (default), or take and flag.")
]
Again: TypeAlias = Annotated[bool, typer.Option("--again", help="Take rows in that an earlier import took in already.")]
Sample: TypeAlias = Annotated[
    int | None, typer.Option("--sample", help="Take nothing in: write so many rows, old beside new, for sign-off.")
]
Seed: TypeAlias = Annotated[int, typer.Option("--seed", help="The same seed draws the same sample.")]
SignedOff: TypeAlias = Annotated[
    Path | None,
    typer.Option("--signed-off", help="The sample, filled in. With FILE... its import comes in if all agreed."),
]
Errors: TypeAlias = Annotated[
    Path | None, typer.Option("--errors", help="The error workbook. Left out: FILE.errors.xlsx in this folder.")
]
Yes: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask whether the suggested mapping is right.")]
