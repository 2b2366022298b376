"""Requests against their schemas, with the messages of Google's JSON reader; answers against theirs.

The messages are those that Google gives: "Invalid JSON payload received. Unknown name …" and "Invalid value at …".
Paths in them are in proto names (update_cells), as Google writes them.
"""

import json
import re
from dataclasses import dataclass, field

from crm_sheets.google_emulator.discovery import Document, schema_type, value_list
from crm_sheets.google_emulator.json_values import Json, Object, items, part, text
from crm_sheets.google_emulator.refusals import Violation, bad_request

ONEOFS = {
    "Request": "kind",
    "ExtendedValue": "value",
    "DataFilter": "filter",
    "ColorStyle": "kind",
}
"""Messages of which only one field may be set, with the name of that union; the documents do not tell these."""

_SCALARS = {
    "string": "TYPE_STRING",
    "boolean": "TYPE_BOOL",
    "int32": "TYPE_INT32",
    "int64": "TYPE_INT64",
    "double": "TYPE_DOUBLE",
    "float": "TYPE_FLOAT",
    "number": "TYPE_DOUBLE",
    "integer": "TYPE_INT32",
}


def proto_name(name: str) -> str:
    """The name of a field as Google's messages write it: updateCells is update_cells."""
    return re.sub(r"([A-Z])", lambda match: "_" + match.group(1).lower(), name)


def json_name(name: str) -> str:
    """The name of a field in JSON; Google reads both."""
    return re.sub(r"_([a-z0-9])", lambda match: match.group(1).upper(), name)


def check_request(document: Document, schema: str, body: Json, root: str = "") -> Object:
    """The body in canonical form: names in camel case, numbers as numbers, nulls left out.

    Raises:
        GoogleError: 400, naming everything that the schema does not know.
    """
    reader = _Reader(document)
    read = reader.message(body, schema, root)
    if reader.violations:
        raise bad_request("\n".join(violation.description for violation in reader.violations), reader.violations)
    return read


def mistakes_of_answer(document: Document, schema: str, answer: Json) -> list[str]:
    """What an answer of ours says that its schema does not know: a defect of the emulator."""
    reader = _Reader(document, answers=True)
    reader.message(answer, schema, "")
    return [violation.description for violation in reader.violations]


@dataclass
class _Reader:
    document: Document
    answers: bool = False
    violations: list[Violation] = field(default_factory=list)

    def refuse(self, path: str, description: str) -> None:
        self.violations.append(Violation(path, description))

    def unknown(self, name: str, path: str, why: str) -> None:
        place = f" at '{path}'" if path else ""
        self.refuse(path, f'Invalid JSON payload received. Unknown name "{name}"{place}: {why}')

    def message(self, value: Json, schema: str, path: str) -> Object:
        if not isinstance(value, dict):
            self.invalid(path, f"type.googleapis.com/google.apps.{_package(self.document)}.{schema}", value)
            return {}
        described = self.document.schemas[schema]
        known, others = part(described, "properties"), described.get("additionalProperties")
        read: Object = {}
        for name, entry in value.items():
            key = name if name in known or self.answers else json_name(name)
            if key in known:
                self._field(read, key, entry, schema, path)
            elif isinstance(others, dict):
                read[name] = entry
            elif self.answers or not self.document.ignores_unknown:
                self.unknown(name, path, "Cannot find field.")
        return read

    def _field(self, read: Object, key: str, entry: Json, schema: str, path: str) -> None:
        if entry is None and not self.answers:
            return
        union = ONEOFS.get(schema)
        if union and read and not self.answers:
            self.refuse(
                path,
                f"Invalid value at '{path}' (oneof), oneof field '{union}' is already set. Cannot set '{key}'",
            )
        inner = f"{path}.{proto_name(key)}" if path else proto_name(key)
        described = part(self.document.fields(schema), key)
        if isinstance(entry, list) and described.get("type") != "array" and described.get("type") != "any":
            self.unknown(key, path, "Proto field is not repeating, cannot start list.")
            return
        read[key] = self.value(entry, described, inner)

    def value(self, value: Json, schema: Object, path: str) -> Json:
        kind = schema_type(schema)
        if kind in self.document.schemas:
            return self.message(value, kind, path)
        if kind == "array":
            return self._array(value, schema, path)
        if kind == "any" or (kind == "object" and isinstance(value, dict)):
            return value
        return self._scalar(value, schema, path)

    def _array(self, value: Json, schema: Object, path: str) -> Json:
        inner = part(schema, "items")
        if not isinstance(value, list):
            if self.answers:
                self.invalid(path, "array", value)
            return [self.value(value, inner, f"{path}[0]")]
        if value_list(schema):
            return [self._value_list(entry, f"{path}[{number}]") for number, entry in enumerate(value)]
        return [self.value(entry, inner, f"{path}[{number}]") for number, entry in enumerate(value)]

    def _value_list(self, value: Json, path: str) -> Json:
        if not isinstance(value, list):
            self.invalid(path, "type.googleapis.com/google.protobuf.ListValue", value)
        return value

    def _scalar(self, value: Json, schema: Object, path: str) -> Json:
        kind = text(schema, "type")
        if isinstance(value, dict | list):
            self.refuse(
                path, f"Invalid value at '{path}' ({_SCALARS.get(kind, kind)}), Starting an object on a scalar field"
            )
            return None
        if "enum" in schema and (not isinstance(value, str) or value not in items(schema, "enum")):
            self.invalid(path, f"type.googleapis.com/google.apps.{_package(self.document)}.{_enum_name(path)}", value)
            return None
        return self._plain(value, kind, text(schema, "format"), path)

    def _plain(self, value: Json, kind: str, form: str, path: str) -> Json:
        read: Json = None
        match kind:
            case "string":
                read = value if isinstance(value, str) else None
            case "boolean":
                read = _boolean(value, strict=self.answers)
            case "integer":
                read = _integer(value, strict=self.answers)
            case "number":
                read = _number(value, strict=self.answers)
        if read is None:
            self.invalid(path, _SCALARS.get(form) or _SCALARS.get(kind, kind), value)
        return read

    def invalid(self, path: str, kind: str, value: Json) -> None:
        shown = json.dumps(value, ensure_ascii=False) if not isinstance(value, dict | list) else "..."
        self.refuse(path, f"Invalid value at '{path}' ({kind}), {shown}")


def _boolean(value: Json, *, strict: bool) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if isinstance(value, str) and not strict else None


def _integer(value: Json, *, strict: bool) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if abs(value) < 1 << 31 or strict else None
    if strict:
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value) else None


def _number(value: Json, *, strict: bool) -> float | int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str) and not strict and re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", value):
        return float(value)
    return None


def _package(document: Document) -> str:
    return document.name


def _enum_name(path: str) -> str:
    """The type of an enumeration after the field that holds it: value_input_option is a ValueInputOption."""
    last = re.sub(r"\[\d+\]", "", path.rsplit(".", 1)[-1])
    known = {"type": "ConditionType" if "condition" in path else "NumberFormatType", "sort_order": "SortOrder"}
    return known.get(last) or "".join(word.capitalize() for word in last.split("_"))
