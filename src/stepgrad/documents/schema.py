"""Check JSON data against the small part of JSON Schema (draft 2020-12) that our documents use.

So reading a document needs no package besides the standard library, and the schema that people read is the one that
is enforced. The part: ``type``, ``const``, ``enum``, ``properties``, ``required``, ``additionalProperties: false``,
``items``, ``prefixItems``, ``minItems``, ``maxItems``, ``minimum``, ``maximum``, ``minLength``, ``$ref`` to
``#/$defs/…``, and ``anyOf`` whose alternatives differ in their JSON type (a number, a string, a list, …), so that a
mismatch can be told in one sentence. Data that nest deeper than 250 levels are refused. Nothing here recurses.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

__all__ = ["MismatchError", "check", "found"]

DEPTH_LIMIT = 250

_NOUNS = {
    "null": "null",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "string": "a string",
    "array": "a list",
    "object": "an object",
}


class MismatchError(ValueError):
    """What is wrong in a document: ``path`` says where (``graph.nodes[2].value``), ``reason`` what, in words."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path or 'the top'}: {reason}")
        self.path = path
        self.reason = reason


def check(schema: Mapping[str, Any], data: object) -> None:
    """Return if the data have the schema's structure, else raise `MismatchError` for the first place that has not."""
    pending: list[tuple[Mapping[str, Any], object, str, int]] = [(schema, data, "", 0)]
    while pending:
        rule, value, path, depth = pending.pop()
        if depth > DEPTH_LIMIT:
            raise MismatchError(_shortened(path), f"the data nest deeper than {DEPTH_LIMIT} levels")
        rule = _resolved(schema, rule, value, path)
        _check_here(rule, value, path)
        inside: list[tuple[Mapping[str, Any], object, str, int]] = []
        if isinstance(value, dict):
            for key, member in rule.get("properties", {}).items():
                if key in value:
                    inside.append((member, value[key], f"{path}.{key}" if path else key, depth + 1))
        elif isinstance(value, list):
            first = rule.get("prefixItems", [])
            for number, item in enumerate(value):
                member = first[number] if number < len(first) else rule.get("items")
                if member is not None:
                    inside.append((member, item, f"{path}[{number}]", depth + 1))
        pending.extend(reversed(inside))


def found(value: object) -> str:
    """A few words for what stands in a place, for the end of a sentence."""
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 40 else f'"{value[:39]}…"'
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int):
        return str(value) if abs(value) < 10**15 else "a very large number"
    if isinstance(value, float):
        return repr(value)
    kind = _kind(value)
    return _NOUNS.get(kind, f"a Python {kind}")


def _kind(value: object) -> str:
    """The JSON type of a Python value, or the name of its Python type if it has none."""
    if value is None:
        return "null"
    for python, name in ((bool, "boolean"), (str, "string"), (list, "array"), (dict, "object")):
        if isinstance(value, python):
            return name
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    return type(value).__name__


def _types(rule: Mapping[str, Any]) -> list[str]:
    """The JSON types that a rule allows; all of them if it names none."""
    if "const" in rule:
        return [_kind(rule["const"])]
    if "enum" in rule:
        return sorted({_kind(choice) for choice in rule["enum"]})
    named = rule.get("type", list(_NOUNS))
    return [named] if isinstance(named, str) else list(named)


def _allows(rule: Mapping[str, Any], kind: str) -> bool:
    types = _types(rule)
    return kind in types or (kind == "integer" and "number" in types)


def _resolved(schema: Mapping[str, Any], rule: Mapping[str, Any], value: object, path: str) -> Mapping[str, Any]:
    """Follow references, and of alternatives take the one that allows the value's JSON type."""
    alternatives = _alternatives(schema, rule)
    for choice in alternatives:
        if len(alternatives) == 1 or _allows(choice, _kind(value)):
            return choice
    nouns = list(dict.fromkeys(map(_expectation, alternatives)))
    raise MismatchError(path, f"{', '.join(nouns[:-1])} or {nouns[-1]} was expected, found {found(value)}")


def _alternatives(schema: Mapping[str, Any], rule: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rules, none of them a reference or a choice itself, of which a value must fit one."""
    flat, pending = [], [rule]
    while pending:
        rule = pending.pop()
        if "$ref" in rule:
            pending.append(schema["$defs"][rule["$ref"].rpartition("/")[2]])
        elif "anyOf" in rule:
            pending.extend(reversed(rule["anyOf"]))
        else:
            flat.append(rule)
    return flat


def _expectation(rule: Mapping[str, Any]) -> str:
    if "const" in rule:
        return found(rule["const"])
    if "enum" in rule:
        choices = [found(choice) for choice in rule["enum"]]
        return " or ".join(filter(None, (", ".join(choices[:-1]), choices[-1])))
    return " or ".join(_NOUNS[name] for name in _types(rule))


def _check_here(rule: Mapping[str, Any], value: object, path: str) -> None:
    """Check everything that a rule says of the value itself, not of what is inside it."""
    kind = _kind(value)
    if (
        not _allows(rule, kind)
        or ("enum" in rule and value not in rule["enum"])
        or ("const" in rule and value != rule["const"])
    ):
        raise MismatchError(path, f"{_expectation(rule)} was expected, found {found(value)}")
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        _check_number(rule, value, path)
    if isinstance(value, str) and len(value) < rule.get("minLength", 0):
        raise MismatchError(path, "it must not be empty")
    if isinstance(value, list):
        least, most = rule.get("minItems", 0), rule.get("maxItems", len(value))
        if not least <= len(value) <= most:
            bound = f"{least} or more" if len(value) < least else f"at most {most}"
            raise MismatchError(path, f"a list of {bound} was expected, found {len(value)}")
    if isinstance(value, dict):
        for key in rule.get("required", []):
            if key not in value:
                raise MismatchError(path, f'"{key}" is missing')
        if rule.get("additionalProperties") is False:
            for key in value:
                if key not in rule["properties"]:
                    raise MismatchError(path, f"{found(key)} is not a member that is known here")


def _check_number(rule: Mapping[str, Any], value: float, path: str) -> None:
    if (isinstance(value, float) and not math.isfinite(value)) or abs(value) > 1.7976931348623157e308:
        raise MismatchError(path, 'a number must be finite (others are written as "NaN", "Infinity" or "-Infinity")')
    if value < rule.get("minimum", value):
        raise MismatchError(path, f"a number of at least {rule['minimum']} was expected, found {found(value)}")
    if value > rule.get("maximum", value):
        raise MismatchError(path, f"a number of at most {rule['maximum']} was expected, found {found(value)}")


def _shortened(path: str) -> str:
    return path if len(path) <= 60 else f"{path[:57]}…"
