"""Templates of mails: shipped ones, which a team may override file by file in a folder of its own.

A template is looked for as `<locale>/<kind>.<part>.j2`, then by the first word of the kind (`deadline` of
`deadline-response-near`), then as `<locale>/reminder.<part>.j2`, each first in the team's folder. Templates run in a
sandbox, a variable that does not exist is an error, HTML is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from crm_sheets.changes import Issue, Severity
from crm_sheets.errors import UsageError
from crm_sheets.sync.delivery import Content
from crm_sheets.sync.notifiers.base import one_line

if TYPE_CHECKING:
    from jinja2 import BaseLoader, Template, Undefined
    from jinja2.sandbox import SandboxedEnvironment

    from crm_sheets.sync.bounded_templates import BoundedEnvironment

SUBJECT, TEXT, HTML = "subject.txt", "txt", "html"
FALLBACK_KIND = "reminder"

_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_AT_RULE = re.compile(r"@[^{};]*(?:;|\{(?:[^{}]|\{[^{}]*\})*\})|/\*.*?\*/", re.DOTALL)


class TemplateBroken(UsageError):
    """A template that we ship cannot be rendered with what it was given."""


def shipped_folder() -> Path:
    """Where the shipped templates are: inside an installed package, or at the top of a checkout."""
    inside = Path(__file__).parents[1] / "templates"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "templates"


def look_of(kind: str, own: Path | None) -> str:
    """Another text whenever mails of a kind (its first word) would look otherwise, in whatever language.

    Args:
        kind: `customer`, say, for `customer.html.j2` and `customer-greeting.txt.j2`.
        own: folder of the team's templates.
    """
    told = blake2b(digest_size=8)
    for folder in filter(None, (shipped_folder(), own)):
        for path in sorted(folder.glob("**/*.j2")):
            if path.name.startswith(kind) or path.parent == folder:  # those beside the languages are parts of all
                told.update(f"{path.relative_to(folder).as_posix()}\0".encode())
                told.update(path.read_bytes())
    return told.hexdigest()


class Options(TypedDict):
    """What all environments of templates have in common."""

    loader: BaseLoader
    undefined: type[Undefined]
    auto_reload: bool
    autoescape: Callable[[str | None], bool]
    trim_blocks: bool
    lstrip_blocks: bool


class Templates:
    """The templates in force.

    Attributes:
        problems: templates of the team that could not be used, by name; the shipped one was used instead.
    """

    def __init__(self, own: Path | None = None, *, steady: bool = False) -> None:
        """Those of a team.

        Args:
            own: folder of the team's; None where it has none.
            steady: what was read is not read again when the file changes: for a round of sending.
        """
        self._own, self._steady = own, steady
        self.problems: dict[str, Issue] = {}
        self._chosen: dict[tuple[bool, tuple[str, ...]], Template] = {}

    def render(self, kind: str, locale: str, variables: Mapping[str, object]) -> Content:
        """The subject (one line), the text and the HTML of a message.

        Raises:
            TemplateBroken: not even the shipped template can be rendered; a variable that it shows is missing.
        """
        subject, text, html = (self._part(kind, locale, part, variables) for part in (SUBJECT, TEXT, HTML))
        return Content(one_line(subject), text.strip() + "\n", inlined(html))

    def _part(self, kind: str, locale: str, part: str, variables: Mapping[str, object]) -> str:
        from jinja2 import TemplateError

        names = _names(kind, locale, part)
        if self._with_own is not None:
            try:
                return self._with_own.text_of(self._found(self._with_own, names), variables)
            except (
                TemplateError,
                ArithmeticError,
                AttributeError,
                LookupError,
                TypeError,
                ValueError,
                OSError,
                RecursionError,
            ) as error:
                self._report(names[0], error)
        try:
            return self._found(self._shipped, names).render(variables)
        except TemplateError as error:
            raise TemplateBroken(f"{names[0]}: {error}") from error

    def _found(self, environment: SandboxedEnvironment, names: tuple[str, ...]) -> Template:
        """The first template of these names; looking for those that are not there takes longer than the one that is."""
        known = (environment is self._shipped, names)
        if not self._steady or known not in self._chosen:
            self._chosen[known] = environment.select_template(names)
        return self._chosen[known]

    def _report(self, name: str, error: Exception) -> None:
        from jinja2 import TemplateNotFound, TemplateSyntaxError

        place, reason = name, one_line(str(error))
        if isinstance(error, TemplateSyntaxError):
            place = f"{error.name or name}:{error.lineno}"
        elif isinstance(error, TemplateNotFound):
            reason = f"no template {reason}"
        parameters = {"template": place, "reason": reason}
        self.problems[name] = Issue("template-broken", severity=Severity.WARNING, parameters=parameters)

    @property
    def _shipped(self) -> SandboxedEnvironment:
        return _environment(self._steady)

    @cached_property
    def _with_own(self) -> BoundedEnvironment | None:
        from crm_sheets.sync.bounded_templates import BoundedEnvironment

        folders = (self._own, shipped_folder()) if self._own is not None else None
        return BoundedEnvironment(**_options(folders, self._steady)) if folders is not None else None


@cache
def _environment(steady: bool) -> SandboxedEnvironment:
    """The shipped templates: they change with the program only, and to compile one takes longer than to fill it in."""
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(**_options((shipped_folder(),), steady))


@cache
def _names(kind: str, locale: str, part: str) -> tuple[str, ...]:
    return tuple(f"{locale}/{name}.{part}.j2" for name in (kind, kind.partition("-")[0], FALLBACK_KIND))


def inlined(html: str) -> str:
    """The document with the rules of its style sheets moved into the elements: some mail programs know no others.

    What begins with @ (for narrow screens, say) stays where it is. A document without any other rule, as ours are, is
    left as it is: inlining takes as long as all the rest of a mail.
    """
    sheets = _STYLE.findall(html)
    if not any(_AT_RULE.sub("", sheet).strip() for sheet in sheets):
        return html
    from css_inline import CSSInliner

    return CSSInliner(keep_at_rules=True, load_remote_stylesheets=False).inline(html)


def _options(folders: tuple[Path, ...], steady: bool) -> Options:
    from jinja2 import FileSystemLoader, StrictUndefined

    return Options(
        loader=FileSystemLoader([str(folder) for folder in folders], encoding="utf-8"),
        undefined=StrictUndefined,
        auto_reload=not steady,
        autoescape=lambda name: name is None or ".html." in name,
        trim_blocks=True,
        lstrip_blocks=True,
    )
