"""What is wrong with the fields and rules of a config, all of it at once, each with its place and what was meant."""

from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from pydantic_core import SchemaError, ValidationError

from crm_sheets.cells import text_key
from crm_sheets.config_fields import WHEN, FieldSettings, RuleSettings, by_locale, own_dictionaries
from crm_sheets.config_fragments import Fragments
from crm_sheets.config_readable import Readable
from crm_sheets.config_settings import Settings
from crm_sheets.config_source import Said, near, placed
from crm_sheets.errors import Line
from crm_sheets.expressions import Expression, Mistake, Type, parse
from crm_sheets.language import language, line
from crm_sheets.schema.base import Kind, Record, Tab
from crm_sheets.schema.book import TABS
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.schema.custom import NUMBERS, SEALED_KINDS, TEXTS, with_fields
from crm_sheets.schema.dictionaries import shipped_names
from crm_sheets.schema.dictionary_defaults import SHIPPED
from crm_sheets.schema.labels import header_names
from crm_sheets.schema.row_vocabularies import GIVES, row_vocabulary
from crm_sheets.schema.validation import validate_column
from crm_sheets.tables import ColumnKey, TabKey

_CODEC = CodecContext(ZoneInfo("UTC"))
ALL = 1_000
"""Of tabs, columns and values, all are named where none is near what was written."""
_FILLED = ("required", "default", "format", "values", "dictionary")
"""What a field has that people fill in."""


class Mistakes:
    """Judges the fields of a config, then its rules.

    Args:
        file: name of the config, with which every line begins.
        told: what can be read of it.
        broken: what else it names.
        used: keys of the tabs that the team uses.
    """

    def __init__(self, file: str, told: Readable[Settings], broken: Fragments, used: Collection[str]) -> None:
        self.file, self.told, self._broken = file, told, broken
        self.fields = told.numbered(told.settings.field, "field")
        self.rules = told.numbered(told.settings.rule, "rule")
        self.used = frozenset(used)
        self.shipped = {tab.key: tab for tab in TABS}
        self.roles = {*broken.roles, "shared", *(value.code for value in SHIPPED["role"])}

    def lines(self) -> tuple[Line, ...]:
        """One line for each mistake, in the order of the file."""
        said = [each for n, field in self.fields for each in placed(self.file, f"field[{n}]", self._field(n, field))]
        said += [each for n, rule in self.rules for each in placed(self.file, f"rule[{n}]", self._rule(n, rule))]
        return tuple(said)

    # -- what there is -------------------------------------------------------------------------------------------------

    @cached_property
    def tabs(self) -> Mapping[TabKey, Tab]:
        """The tabs with those of the fields that a tab can be made with."""
        made: dict[TabKey, Tab] = {}
        for key, tab in self.shipped.items():
            sound = {field.key: field.field() for n, field in self.fields if field.tab == key and self._sound(n, field)}
            made[key] = with_fields(tab, list(sound.values()))
        return made

    @cached_property
    def broken(self) -> Fragments:
        """What the config names and no tab has: fields that cannot be read, or that no tab can be made with."""
        unsound = [field for n, field in self.fields if not self._sound(n, field)]
        names = (name for field in unsound for name in (field.key, *by_locale(field.label).values()))
        return self._broken.with_columns(frozenset(names))

    def _sound(self, number: int, field: FieldSettings) -> bool:
        wrong = any(self._key(number, field)) or any(self._format(field))
        return TabKey(field.tab) in self.shipped and not wrong

    @cached_property
    def _dictionaries(self) -> list[str]:
        own = own_dictionaries([field for _, field in self.fields])
        return [*SHIPPED, *(each.key for each in own), *self.broken.dictionaries]

    # -- fields --------------------------------------------------------------------------------------------------------

    def _field(self, number: int, field: FieldSettings) -> Iterator[Said]:
        tab = self.shipped.get(TabKey(field.tab))
        if tab is None:
            yield "tab", line("mistake.tab", given=field.tab, near=near(field.tab, self.shipped, ALL))
            return
        judged: tuple[tuple[frozenset[str], Iterator[Said]], ...] = (
            (frozenset({"key"}), self._key(number, field)),
            (frozenset({"label"}), self._label(number, field, tab)),
            (frozenset({"type", "values", "dictionary"}), self._drop_down(number, field)),
            (frozenset({"type", "refers_to"}), self._reference(field)),
            (frozenset({"type", "format", "example"}), self._format(field)),
            (frozenset({"type", "minimum", "maximum"}), _numbers(field)),
            (frozenset({"after"}), self._place(number, field, tab)),
            (frozenset({"visible_to"}), self._visible_to(field)),
            (frozenset({"required"}), self._conditional(field, tab)),
            (frozenset({"type", "computed", *_FILLED}), self._computed(field, tab)),
            (frozenset({"type", "values", "format", "minimum", "maximum", "default"}), self._default(field)),
            (frozenset({"type", "sealed", "computed", "default"}), _sealed(field)),
        )
        lost = self.told.without("field", number - 1)
        for options, said in judged:
            if not options & lost:
                yield from said

    def _key(self, number: int, field: FieldSettings) -> Iterator[Said]:
        tab = self.shipped.get(TabKey(field.tab))
        if tab is None:
            return
        if field.key in tab.columns:
            yield "key", line("mistake.key.column", tab=field.tab, given=field.key)
        elif hasattr(Record, field.key) or field.key.startswith("model_"):
            yield "key", line("mistake.key.word", given=field.key)
        elif any(n < number and (other.tab, other.key) == (field.tab, field.key) for n, other in self.fields):
            yield "key", line("mistake.key.twice", tab=field.tab, given=field.key)

    def _label(self, number: int, field: FieldSettings, tab: Tab) -> Iterator[Said]:
        labels = by_locale(field.label)
        if not labels:
            yield "label", line("mistake.label.blank")
        taken: dict[str, str] = dict(header_names(tab))
        for n, other in self.fields:
            if n < number and other.tab == field.tab:
                taken |= {text_key(text): other.key for text in by_locale(other.label).values()}
        for label in dict.fromkeys(labels.values()):
            if "\n" in label or len(label) > 60:
                yield "label", line("mistake.label.long", given=label)
            elif text_key(label) in taken:
                yield "label", line("mistake.label.taken", given=label, column=taken[text_key(label)])

    def _drop_down(self, number: int, field: FieldSettings) -> Iterator[Said]:
        key = field.dictionary_key
        if field.type != "choice":
            if key:
                yield "values" if field.values else "dictionary", line("mistake.drop_down")
        elif key is None:
            yield "values", line("mistake.values.missing")
        elif not field.values and key not in self._dictionaries:
            yield "dictionary", line("mistake.dictionary", given=key, near=near(key, self._dictionaries, ALL))
        elif field.values:
            yield from self._new_dictionary(number, field, key)

    def _new_dictionary(self, number: int, field: FieldSettings, key: str) -> Iterator[Said]:
        if key in SHIPPED:
            yield "dictionary", line("mistake.dictionary.shipped", given=key)
        if any(n < number and other.values and other.dictionary_key == key for n, other in self.fields):
            yield "values", line("mistake.values.made", given=key)
        if len(set(map(text_key, field.values))) < len(field.values):
            yield "values", line("mistake.values.twice")
        names = {text_key(text) for text in by_locale(field.label).values()}
        if names & shipped_names().keys():
            yield "label", line("mistake.label.dictionary")

    def _reference(self, field: FieldSettings) -> Iterator[Said]:
        target = field.refers_to
        if field.type != "reference":
            if target:
                yield "refers_to", line("mistake.refers_to.kind")
            return
        named = [key for key, tab in self.shipped.items() if tab.id_column]
        if target is None:
            yield "refers_to", line("mistake.refers_to.missing", known=", ".join(named))
        elif target not in named:
            yield "refers_to", line("mistake.refers_to", given=target, near=near(target, named, ALL))

    def _format(self, field: FieldSettings) -> Iterator[Said]:
        if not field.format:
            if field.example:
                yield "example", line("mistake.example.formless")
            return
        if Kind(field.type) not in TEXTS:
            yield "format", line("mistake.format.kind", kind=field.type)
            return
        if not field.example:
            yield "example", line("mistake.example.missing")
            return
        try:
            adapter: TypeAdapter[object] = TypeAdapter(field.field().annotation)  # type: ignore[arg-type]  # a type
            adapter.validate_python(field.example)
        except SchemaError as error:
            yield "format", line("mistake.format", said=_reason(error), given=field.format)
        except ValidationError:
            yield "example", line("mistake.example", given=field.example, pattern=field.format)

    def _place(self, number: int, field: FieldSettings, tab: Tab) -> Iterator[Said]:
        others = [other.key for n, other in self.fields if n < number and other.tab == field.tab]
        known = [*tab.columns, *others]
        if field.after is not None and field.after not in (*known, *self.broken.columns):
            yield "after", line("mistake.column", tab=field.tab, given=field.after, near=near(field.after, known, ALL))

    def _visible_to(self, field: FieldSettings) -> Iterator[Said]:
        for role in field.visible_to:
            if role not in self.roles:
                yield "visible_to", line("mistake.role", given=role, near=near(role, sorted(self.roles), ALL))

    def _conditional(self, field: FieldSettings, tab: Tab) -> Iterator[Said]:
        if not isinstance(field.required, str):
            return
        if not field.required.startswith(WHEN):
            yield "required", line("mistake.required", given=field.required)
            return
        yield from self._expression("required", field.when, tab, Type.BOOLEAN)

    def _computed(self, field: FieldSettings, tab: Tab) -> Iterator[Said]:
        if not field.computed:
            return
        if field.required or field.default is not None or field.format or field.values or field.dictionary:
            yield "computed", line("mistake.computed.filled")
        wanted = GIVES.get(Kind(field.type))
        if wanted is None:
            known = ", ".join(kind for kind in GIVES if kind is not Kind.RATIO)  # which no config names
            yield "computed", line("mistake.computed.kind", kind=field.type, known=known)
            return
        yield from self._expression("computed", field.computed, tab, wanted)
        circle = self._circle(field, tab)
        if circle[:1] == [field.key]:  # told once, where the first of them stands
            yield "computed", line("mistake.computed.circle", known=", ".join(circle))

    def _circle(self, field: FieldSettings, tab: Tab) -> list[str]:
        """Computed fields that wait for each other, and this one with them, in the order of the file."""
        parsed = {
            column.key: self._parsed(column.formula, tab, GIVES[column.kind])
            for column in self.tabs[tab.key].columns.values()
            if column.formula and column.kind in GIVES
        }
        needs = {str(key): set(map(str, each.names)) for key, each in parsed.items() if isinstance(each, Expression)}
        waits = {key: _reached(key, needs) for key in needs}
        others = [each.key for _, each in self.fields if each.tab == field.tab]
        return [key for key in others if key in waits.get(field.key, ()) and field.key in waits.get(key, ())]

    def _expression(self, option: str, text: str, tab: Tab, wanted: Type) -> Iterator[Said]:
        found = () if self.broken.named_in(text) else self._parsed(text, tab, wanted)
        if isinstance(found, tuple):
            for mistake in found:
                yield option, line("mistake.expression", said=mistake, given=text)

    def _parsed(self, text: str, tab: Tab, wanted: Type) -> Expression | tuple[Mistake, ...]:
        tabs = {key: each for key, each in self.tabs.items() if key in self.used or key == tab.key}
        return parse(text, row_vocabulary(self.tabs[tab.key], tabs, None, language("en")), wanted)

    def _default(self, field: FieldSettings) -> Iterator[Said]:
        tab = self.tabs[TabKey(field.tab)]
        column = tab.columns.get(ColumnKey(field.key))
        if field.default is None or column is None or not column.own:
            return
        cell = field.default
        values, flaws = validate_column(tab.record, column, [cell], _CODEC)
        if flaws:
            yield "default", line("mistake.default", given=repr(cell), kind=field.type)
        elif field.values and text_key(str(values[0])) not in set(map(text_key, field.values)):
            yield "default", line("mistake.default.value", given=repr(cell), near=near(cell, field.values, ALL))

    # -- rules ---------------------------------------------------------------------------------------------------------

    def _rule(self, number: int, rule: RuleSettings) -> Iterator[Said]:
        tab = self.tabs.get(TabKey(rule.tab))
        if tab is None:
            yield "tab", line("mistake.tab", given=rule.tab, near=near(rule.tab, self.tabs, ALL))
            return
        if any(n < number and other.name == rule.name for n, other in self.rules):
            yield "name", line("mistake.rule.twice", given=rule.name)
        staff = [column.key for column in tab.staff_columns()]
        for option, names in (("required", rule.required), ("forbidden", rule.forbidden)):
            for name in names:
                if name not in (*staff, *self.broken.columns):
                    yield option, line("mistake.rule.column", tab=rule.tab, given=name, near=near(name, staff, ALL))
        yield from self._expression("when", rule.when, tab, Type.BOOLEAN)
        said = rule.required or rule.forbidden or by_locale(rule.message)
        if not said and not self.told.without("rule", number - 1) & {"required", "forbidden", "message"}:
            yield "message", line("mistake.rule.message")


def _reached(start: str, needs: Mapping[str, Collection[str]]) -> set[str]:
    """What a column needs, and what that needs."""
    reached: set[str] = set()
    ahead = [start]
    while ahead:
        ahead = [each for name in ahead for each in needs.get(name, ()) if each not in reached]
        reached.update(ahead)
    return reached


def _sealed(field: FieldSettings) -> Iterator[Said]:
    """A sealed value is a text that nobody computes, compares or chooses from a list."""
    if not field.sealed:
        return
    if Kind(field.type) not in SEALED_KINDS:
        yield "sealed", line("mistake.sealed.kind", known=", ".join(sorted(SEALED_KINDS)))
    if field.computed:
        yield "sealed", line("mistake.sealed.computed")
    if field.default is not None:
        yield "sealed", line("mistake.sealed.default")


def _numbers(field: FieldSettings) -> Iterator[Said]:
    for option, value in (("minimum", field.minimum), ("maximum", field.maximum)):
        if value is not None and Kind(field.type) not in NUMBERS:
            yield option, line("mistake.limit.kind", kind=field.type)
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        yield "minimum", line("mistake.limit.order", low=field.minimum, high=field.maximum)


def _reason(error: SchemaError) -> str:
    """What the regex crate says of a pattern, without the drawing of it."""
    said = [line.strip() for line in str(error).splitlines() if line.strip().startswith("error:")]
    return said[0].removeprefix("error:").strip() if said else "no regular expression"
