"""What is wrong with the fields and rules of a config, all of it at once, each with its place and what was meant."""

import difflib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from pydantic_core import SchemaError, ValidationError

from crm_sheets.cells import text_key
from crm_sheets.config_fields import WHEN, FieldSettings, RuleSettings, by_locale, own_dictionaries
from crm_sheets.expressions import Expression, Mistake, Type, parse
from crm_sheets.language import language
from crm_sheets.schema.base import Kind, Record, Tab
from crm_sheets.schema.book import TABS
from crm_sheets.schema.codecs import CodecContext
from crm_sheets.schema.custom import NUMBERS, SEALED_KINDS, TEXTS, in_order, with_fields
from crm_sheets.schema.dictionaries import shipped_names
from crm_sheets.schema.dictionary_defaults import SHIPPED
from crm_sheets.schema.labels import header_names
from crm_sheets.schema.row_vocabularies import GIVES, row_vocabulary
from crm_sheets.schema.validation import validate_column
from crm_sheets.tables import ColumnKey, TabKey

_CODEC = CodecContext(ZoneInfo("UTC"))


class Mistakes:
    """Judges the fields of a config, then its rules.

    Args:
        file: name of the config, with which every line begins.
        fields, rules: those that could be read, each with its number in the file.
        roles: names of roles that permissions may speak of, beside those of the dictionary.
        used: keys of the tabs that the team uses.
    """

    def __init__(
        self,
        file: str,
        fields: Sequence[tuple[int, FieldSettings]],
        rules: Sequence[tuple[int, RuleSettings]],
        roles: Collection[str],
        used: Collection[str],
    ) -> None:
        self.file, self.fields, self.rules = file, fields, rules
        self.used = frozenset(used)
        self.shipped = {tab.key: tab for tab in TABS}
        self.roles = {*roles, "shared", *(value.code for value in SHIPPED["role"])}

    def lines(self) -> tuple[str, ...]:
        """One line for each mistake, in the order of the file."""
        said = [f"{self.file}: field[{n}].{line}" for n, field in self.fields for line in self._field(n, field)]
        said += [f"{self.file}: rule[{n}].{line}" for n, rule in self.rules for line in self._rule(n, rule)]
        return tuple(said)

    # -- what there is -------------------------------------------------------------------------------------------------

    @cached_property
    def tabs(self) -> Mapping[TabKey, Tab]:
        """The tabs with those of the fields that a tab can be made with."""
        made: dict[TabKey, Tab] = {}
        for key, tab in self.shipped.items():
            sound = {
                field.key: field.field()
                for n, field in self.fields
                if field.tab == key and not any(self._key(n, field)) and not any(self._format(field))
            }
            made[key] = with_fields(tab, list(sound.values()))
        return made

    @cached_property
    def _dictionaries(self) -> list[str]:
        return [*SHIPPED, *(each.key for each in own_dictionaries([field for _, field in self.fields]))]

    # -- fields --------------------------------------------------------------------------------------------------------

    def _field(self, number: int, field: FieldSettings) -> Iterator[str]:
        tab = self.shipped.get(TabKey(field.tab))
        if tab is None:
            yield f"tab: no tab {field.tab!r}{_near(field.tab, self.shipped)}"
            return
        yield from self._key(number, field)
        yield from self._label(number, field, tab)
        yield from self._drop_down(number, field)
        yield from self._reference(field)
        yield from self._format(field)
        yield from _numbers(field)
        yield from self._place(number, field, tab)
        yield from self._visible_to(field)
        yield from self._conditional(field, tab)
        yield from self._computed(field, tab)
        yield from self._default(field)
        yield from _sealed(field)

    def _key(self, number: int, field: FieldSettings) -> Iterator[str]:
        tab = self.shipped.get(TabKey(field.tab))
        if tab is None:
            return
        if field.key in tab.columns:
            yield f"key: {field.tab} has a column {field.key!r} already; choose another key"
        elif hasattr(Record, field.key) or field.key.startswith("model_"):
            yield f"key: {field.key!r} is a word of the program; choose another key, such as own_{field.key}"
        elif any(n < number and (other.tab, other.key) == (field.tab, field.key) for n, other in self.fields):
            yield f"key: {field.tab} has a field {field.key!r} already, further up"

    def _label(self, number: int, field: FieldSettings, tab: Tab) -> Iterator[str]:
        labels = by_locale(field.label)
        if not labels:
            yield "label: blank; write what the column is called"
        taken: dict[str, str] = dict(header_names(tab))
        for n, other in self.fields:
            if n < number and other.tab == field.tab:
                taken |= {text_key(text): other.key for text in by_locale(other.label).values()}
        for label in dict.fromkeys(labels.values()):
            if "\n" in label or len(label) > 60:
                yield f"label: {label!r} does not fit into one line of at most 60 characters"
            elif text_key(label) in taken:
                yield f"label: {label!r} is what column {taken[text_key(label)]!r} is called; choose another label"

    def _drop_down(self, number: int, field: FieldSettings) -> Iterator[str]:
        key = field.dictionary_key
        if field.type != "choice":
            if key:
                yield f"{'values' if field.values else 'dictionary'}: only a field of type choice has a drop-down"
        elif key is None:
            yield "values: missing; write the values of the drop-down, or name a dictionary"
        elif not field.values and key not in self._dictionaries:
            yield f"dictionary: no dictionary {key!r}{_near(key, self._dictionaries)}; to make it, give its values"
        elif field.values:
            yield from self._new_dictionary(number, field, key)

    def _new_dictionary(self, number: int, field: FieldSettings, key: str) -> Iterator[str]:
        if key in SHIPPED:
            yield f"dictionary: {key!r} has its values in the dictionaries tab; leave values out"
        if any(n < number and other.values and other.dictionary_key == key for n, other in self.fields):
            yield f"values: another field makes the dictionary {key!r} already, further up; leave values out here"
        if len(set(map(text_key, field.values))) < len(field.values):
            yield "values: one of them stands there twice"
        names = {text_key(text) for text in by_locale(field.label).values()}
        if names & shipped_names().keys():
            yield "label: a dictionary that the program brings is called so; choose another label"

    def _reference(self, field: FieldSettings) -> Iterator[str]:
        target = field.refers_to
        if field.type != "reference":
            if target:
                yield "refers_to: only a field of type reference refers to a tab"
            return
        named = [key for key, tab in self.shipped.items() if tab.id_column]
        if target is None:
            yield f"refers_to: missing; write the tab whose rows it names, one of {', '.join(named)}"
        elif target not in named:
            yield f"refers_to: no tab {target!r} whose rows can be named{_near(target, named)}"

    def _format(self, field: FieldSettings) -> Iterator[str]:
        if not field.format:
            if field.example:
                yield "example: of what form? it belongs to a format"
            return
        if Kind(field.type) not in TEXTS:
            yield f"format: only texts have a format; {field.type} has its own"
            return
        if not field.example:
            yield "example: missing; write a text that the format matches, for people to see"
            return
        try:
            adapter: TypeAdapter[object] = TypeAdapter(field.field().annotation)  # type: ignore[arg-type]  # a type
            adapter.validate_python(field.example)
        except SchemaError as error:
            yield f"format: {_reason(error)} (found {field.format!r})"
        except ValidationError:
            yield f"example: {field.example!r} does not match the format {field.format!r}"

    def _place(self, number: int, field: FieldSettings, tab: Tab) -> Iterator[str]:
        others = [other.key for n, other in self.fields if n < number and other.tab == field.tab]
        known = [*tab.columns, *others]
        if field.after is not None and field.after not in known:
            yield f"after: {field.tab} has no column {field.after!r}{_near(field.after, known)}"

    def _visible_to(self, field: FieldSettings) -> Iterator[str]:
        for role in field.visible_to:
            if role not in self.roles:
                yield f"visible_to: no role {role!r}{_near(role, self.roles)}"

    def _conditional(self, field: FieldSettings, tab: Tab) -> Iterator[str]:
        if not isinstance(field.required, str):
            return
        if not field.required.startswith(WHEN):
            yield f"required: write true, or a condition such as \"when type == '企业客户'\" (found {field.required!r})"
            return
        yield from self._expression("required", field.when, tab, Type.BOOLEAN)

    def _computed(self, field: FieldSettings, tab: Tab) -> Iterator[str]:
        if not field.computed:
            return
        if field.required or field.default is not None or field.format or field.values or field.dictionary:
            yield "computed: nobody fills the column in; leave required, default, format, values and dictionary out"
        wanted = GIVES.get(Kind(field.type))
        if wanted is None:
            yield f"computed: a field of type {field.type} cannot be computed; there are {', '.join(GIVES)}"
            return
        yield from self._expression("computed", field.computed, tab, wanted)
        circle = self._circle(tab)
        if field.key in circle:
            yield f"computed: these fields wait for each other: {', '.join(circle)}"

    def _circle(self, tab: Tab) -> list[ColumnKey]:
        """Computed fields of a tab that wait for each other, or for one that does."""
        parsed = {
            column.key: self._parsed(column.formula, tab, GIVES[column.kind])
            for column in self.tabs[tab.key].columns.values()
            if column.formula and column.kind in GIVES
        }
        needs = {key: each.names for key, each in parsed.items() if isinstance(each, Expression)}
        ready = in_order(needs)
        return [key for key in needs if key not in ready]

    def _expression(self, option: str, text: str, tab: Tab, wanted: Type) -> Iterator[str]:
        found = self._parsed(text, tab, wanted)
        if isinstance(found, tuple):
            for mistake in found:
                yield f"{option}: {mistake.message(language('en'))} (found {text!r})"

    def _parsed(self, text: str, tab: Tab, wanted: Type) -> Expression | tuple[Mistake, ...]:
        tabs = {key: each for key, each in self.tabs.items() if key in self.used or key == tab.key}
        return parse(text, row_vocabulary(self.tabs[tab.key], tabs, None, language("en")), wanted)

    def _default(self, field: FieldSettings) -> Iterator[str]:
        tab = self.tabs[TabKey(field.tab)]
        column = tab.columns.get(ColumnKey(field.key))
        if field.default is None or column is None or not column.own:
            return
        cell = field.default
        values, flaws = validate_column(tab.record, column, [cell], _CODEC)
        if flaws:
            yield f"default: {cell!r} does not fit a field of type {field.type} and its limits"
        elif field.values and text_key(str(values[0])) not in set(map(text_key, field.values)):
            yield f"default: {cell!r} is none of its values{_near(str(cell), field.values)}"

    # -- rules ---------------------------------------------------------------------------------------------------------

    def _rule(self, number: int, rule: RuleSettings) -> Iterator[str]:
        tab = self.tabs.get(TabKey(rule.tab))
        if tab is None:
            yield f"tab: no tab {rule.tab!r}{_near(rule.tab, self.tabs)}"
            return
        if any(n < number and other.name == rule.name for n, other in self.rules):
            yield f"name: there is a rule {rule.name!r} already, further up"
        staff = [column.key for column in tab.staff_columns()]
        for option, names in (("required", rule.required), ("forbidden", rule.forbidden)):
            for name in names:
                if name not in staff:
                    yield f"{option}: staff fill in no column {name!r} of {rule.tab}{_near(name, staff)}"
        yield from self._expression("when", rule.when, tab, Type.BOOLEAN)
        if not rule.required and not rule.forbidden and not by_locale(rule.message):
            yield "message: missing; say what is wrong, or which columns are required or forbidden"


def _sealed(field: FieldSettings) -> Iterator[str]:
    """A sealed value is a text that nobody computes, compares or chooses from a list."""
    if not field.sealed:
        return
    if Kind(field.type) not in SEALED_KINDS:
        yield f"sealed: only fields of type {', '.join(sorted(SEALED_KINDS))} can be sealed"
    if field.computed:
        yield "sealed: a computed field cannot be sealed"
    if field.default is not None:
        yield "sealed: a sealed field has no default; it would stand in the config"


def _numbers(field: FieldSettings) -> Iterator[str]:
    for option, value in (("minimum", field.minimum), ("maximum", field.maximum)):
        if value is not None and Kind(field.type) not in NUMBERS:
            yield f"{option}: only numbers have one; the type is {field.type}"
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        yield f"minimum: larger than the maximum ({field.minimum} > {field.maximum})"


def _reason(error: SchemaError) -> str:
    """What the regex crate says of a pattern, without the drawing of it."""
    said = [line.strip() for line in str(error).splitlines() if line.strip().startswith("error:")]
    return said[0].removeprefix("error:").strip() if said else "no regular expression"


def _near(given: str, known: Iterable[str]) -> str:
    """`; did you mean customers?`, or what there is."""
    names = [str(name) for name in known]
    close = difflib.get_close_matches(given, names, n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else f"; there are {', '.join(names)}"
