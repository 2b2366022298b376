"""Parameters of path and query against what a method takes."""

from crm_sheets.google_emulator.checking import proto_name
from crm_sheets.google_emulator.discovery import COMMON_PARAMETERS, Document, Method
from crm_sheets.google_emulator.json_values import Json, Object, flag, items, part, text
from crm_sheets.google_emulator.refusals import Violation, bad_request


def read_parameters(
    document: Document, method: Method, path: dict[str, str], query: dict[str, list[str]]
) -> dict[str, Json]:
    """The parameters by name: lists of words where a parameter may be repeated, otherwise words, numbers, booleans.

    Raises:
        GoogleError: 400, naming everything that the method does not take.
    """
    violations: list[Violation] = []
    found = {
        name: _one(document, name, part(method.parameters, name), value, violations) for name, value in path.items()
    }
    for name, values in query.items():
        if name in method.parameters:
            found[name] = _read(document, name, part(method.parameters, name), values, violations)
        elif name not in COMMON_PARAMETERS and not document.ignores_unknown:
            why = f"Cannot bind query parameter. Field '{name}' could not be found in request message."
            violations.append(Violation("", f'Invalid JSON payload received. Unknown name "{name}": {why}'))
    if violations:
        raise bad_request("\n".join(violation.description for violation in violations), violations)
    return found


def _read(document: Document, name: str, schema: Object, values: list[str], wrong: list[Violation]) -> Json:
    read: list[Json] = [_one(document, name, schema, value, wrong) for value in values]
    return read if flag(schema, "repeated") else read[-1]


def _one(document: Document, name: str, schema: Object, value: str, wrong: list[Violation]) -> Json:
    proto = proto_name(name)
    if "enum" in schema and value not in items(schema, "enum"):
        kind = f"type.googleapis.com/google.apps.{document.name}.{_enum(proto)}"
        wrong.append(Violation(proto, f"Invalid value at '{proto}' ({kind}), \"{value}\""))
    match text(schema, "type"):
        case "boolean" if value.lower() in ("true", "false", "1", "0"):
            return value.lower() in ("true", "1")
        case "integer" if value.lstrip("-").isdigit():
            return int(value)
        case "boolean" | "integer" as kind:
            shown = "TYPE_BOOL" if kind == "boolean" else "TYPE_INT32"
            wrong.append(Violation(proto, f"Invalid value at '{proto}' ({shown}), \"{value}\""))
    return value


def _enum(proto: str) -> str:
    """The type of an enumeration: response_value_render_option is a ValueRenderOption too."""
    return "".join(word.capitalize() for word in proto.removeprefix("response_").split("_"))
