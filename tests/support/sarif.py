#!/usr/bin/env python3
"""Holds a SARIF file against the part of SARIF 2.1.0 (OASIS) that smimebr writes.

    sarif.py FILE

Like the schema, every object may have only the members that the standard knows, and must have those
that it requires. Below are the members of the standard as far as we write them: one that is not
listed here is taken for wrong until it is looked up and added.
"""
import json
import re
import sys

LEVELS = ("none", "note", "warning", "error")


def text(value):
    return isinstance(value, str)


def uri(value):
    return text(value) and re.fullmatch(r"[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+", value) \
        and not re.search(r"%(?![0-9A-F]{2})", value) and value.count("#") <= 1


def one_of(*values):
    return lambda value: value in values


def boolean(value):
    return isinstance(value, bool)


def bag(value):
    return isinstance(value, dict)


# type: {member: (required, check)}; a check is a function, a type's name or [name] for an array
TYPES = {
    "log": {"$schema": (False, uri), "version": (True, one_of("2.1.0")), "runs": (True, ["run"])},
    "run": {"tool": (True, "tool"), "results": (False, ["result"]),
            "invocations": (False, ["invocation"]),
            "columnKind": (False, one_of("utf16CodeUnits", "unicodeCodePoints"))},
    "tool": {"driver": (True, "component")},
    "component": {"name": (True, text), "version": (False, text), "rules": (False, ["rule"]),
                  "properties": (False, bag)},
    "rule": {"id": (True, text), "shortDescription": (False, "message text"),
             "help": (False, "message text"), "defaultConfiguration": (False, "configuration"),
             "properties": (False, bag)},
    "message text": {"text": (True, text)},
    "configuration": {"level": (False, one_of(*LEVELS))},
    "result": {"ruleId": (False, text), "level": (False, one_of(*LEVELS)),
               "message": (True, "message text"), "locations": (False, ["location"]),
               "suppressions": (False, ["suppression"]), "properties": (False, bag)},
    "location": {"physicalLocation": (False, "physical location"),
                 "logicalLocations": (False, ["logical location"])},
    "physical location": {"artifactLocation": (True, "artifact location")},
    "artifact location": {"uri": (True, uri)},
    "logical location": {"fullyQualifiedName": (True, text), "kind": (False, text)},
    "suppression": {"kind": (True, one_of("inSource", "external")),
                    "justification": (False, text)},
    "invocation": {"executionSuccessful": (True, boolean)},
}


def check(value, kind, place):
    if callable(kind):
        if not kind(value):
            sys.exit(f"{place}: {value!r}")
    elif isinstance(kind, list):
        if not isinstance(value, list):
            sys.exit(f"{place} is no array")
        for index, item in enumerate(value):
            check(item, kind[0], f"{place}[{index}]")
    else:
        members = TYPES[kind]
        if not isinstance(value, dict):
            sys.exit(f"{place} is no object")
        for name, (required, _) in members.items():
            if required and name not in value:
                sys.exit(f"{place} lacks {name}")
        for name, item in value.items():
            if name not in members:
                sys.exit(f"{place} has {name}")
            check(item, members[name][1], f"{place}.{name}")


with open(sys.argv[1], encoding="utf-8") as file:
    log = json.load(file)
check(log, "log", "log")
for run in log["runs"]:
    rules = [rule["id"] for rule in run["tool"]["driver"].get("rules", [])]
    if len(rules) != len(set(rules)):
        sys.exit("a rule is described twice")
    if {result["ruleId"] for result in run["results"]} - set(rules):
        sys.exit("a result names a rule that is not described")
