"""
Encodes CSV of standard input by csv2bufr with a template, decodes each message by ecCodes.

Prints a JSON object a message: the template's columns, and what the message has of each; null where it is missing.
"""

from __future__ import annotations

import json
import os
import sys

os.environ["CSV2BUFR_NULLIFY_INVALID"] = "False"  # a value that the template refuses is an error

import eccodes
from csv2bufr import transform

with open(sys.argv[1]) as file:
    template = json.load(file)
# Of two columns that are one element (aws-template has such heights) the first one counts; the second must be empty.
columns: dict[str, str] = {}
for element in template["data"]:
    if element["value"].startswith("data:"):
        columns.setdefault(element["eccodes_key"], element["value"].removeprefix("data:"))


def decoded(handle: int, key: str) -> object:
    """The value of a key; None when it is missing: all bits of an associated field, of which DAYCLI has eight, are one."""
    if eccodes.codes_is_missing(handle, key):
        return None
    value = eccodes.codes_get(handle, key)
    return None if key.endswith("->associatedField") and value == 255 else value


for item in transform(sys.stdin.read(), template):
    result = item["_meta"]["result"]
    if item["bufr4"] is None or result["errors"] or result["warnings"]:
        raise SystemExit(f"csv2bufr: {result}")
    handle = eccodes.codes_new_from_message(item["bufr4"])
    eccodes.codes_set(handle, "unpack", 1)
    print(json.dumps({column: decoded(handle, key) for key, column in columns.items()}))
    eccodes.codes_release(handle)
