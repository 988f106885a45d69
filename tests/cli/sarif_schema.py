"""The part of the official SARIF 2.1.0 schema that a linter's log uses, with its `additionalProperties: false`."""

from typing import Any


def _object(required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


def _list(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **more}


_STRING = {"type": "string"}
_LEVEL = {"enum": ["none", "note", "warning", "error"]}
_FROM_ONE = {"type": "integer", "minimum": 1}
_FROM_ZERO = {"type": "integer", "minimum": 0}
_BAG = {"type": "object", "properties": {"tags": _list(_STRING, uniqueItems=True)}}
_MESSAGE = _object(["text"], {"text": _STRING, "markdown": _STRING})
_MULTIFORMAT = _object(["text"], {"text": _STRING, "markdown": _STRING})
_ARTIFACT = _object([], {"uri": {"type": "string", "format": "uri-reference", "pattern": r"^[^\s\\]*$"}})
_REGION = _object(
    [],
    {
        "startLine": _FROM_ONE,
        "startColumn": _FROM_ONE,
        "endLine": _FROM_ONE,
        "endColumn": _FROM_ONE,
        "charOffset": {"type": "integer", "minimum": -1},
        "charLength": _FROM_ZERO,
        "snippet": _object([], {"text": _STRING}),
    },
)
_PHYSICAL = _object(["artifactLocation"], {"artifactLocation": _ARTIFACT, "region": _REGION})
_LOCATION = _object([], {"message": _MESSAGE, "physicalLocation": _PHYSICAL})
_REPLACEMENT = _object(["deletedRegion"], {"deletedRegion": _REGION, "insertedContent": _object([], {"text": _STRING})})
_CHANGE = _object(
    ["artifactLocation", "replacements"],
    {"artifactLocation": _ARTIFACT, "replacements": _list(_REPLACEMENT, minItems=1)},
)
_FIX = _object(["artifactChanges"], {"description": _MESSAGE, "artifactChanges": _list(_CHANGE, minItems=1)})
_RULE = _object(
    ["id"],
    {
        "id": _STRING,
        "name": _STRING,
        "shortDescription": _MULTIFORMAT,
        "fullDescription": _MULTIFORMAT,
        "helpUri": {"type": "string", "format": "uri"},
        "help": _MULTIFORMAT,
        "defaultConfiguration": _object([], {"level": _LEVEL}),
        "properties": _BAG,
    },
)
_DRIVER = _object(
    ["name"],
    {
        "name": _STRING,
        "version": _STRING,
        "semanticVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+"},
        "informationUri": {"type": "string", "format": "uri"},
        "rules": _list(_RULE, uniqueItems=True),
    },
)
_RESULT = _object(
    ["message"],
    {
        "ruleId": _STRING,
        "ruleIndex": {"type": "integer", "minimum": -1},
        "level": _LEVEL,
        "message": _MESSAGE,
        "locations": _list(_LOCATION),
        "relatedLocations": _list(_LOCATION, uniqueItems=True),
        "partialFingerprints": {"type": "object", "additionalProperties": _STRING},
        "fixes": _list(_FIX, uniqueItems=True),
    },
)
_RUN = _object(
    ["tool"],
    {
        "tool": _object(["driver"], {"driver": _DRIVER}),
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": _list(_RESULT),
    },
)
SARIF = _object(
    ["version", "runs"],
    {"$schema": {"type": "string", "format": "uri"}, "version": {"const": "2.1.0"}, "runs": _list(_RUN)},
)
