#!/usr/bin/env python3
"""Write countries.c: the codes of ISO 3166-1 and those withdrawn from it (ISO 3166-3).

    generate_countries.py VERSION DATE [/usr/share/iso-codes/json] > countries.c

The source is the Debian package iso-codes, of which VERSION is the version and DATE the day. A withdrawn code that was
given to another country since is an assigned one.
"""
import json
import os
import sys

version, date = sys.argv[1], sys.argv[2]
folder = sys.argv[3] if len(sys.argv) > 3 else "/usr/share/iso-codes/json"


def codes(part):
    with open(os.path.join(folder, f"iso_{part}.json"), encoding="utf-8") as source:
        return {entry["alpha_2"] for entry in json.load(source)[part]}


def table(name, values):
    print(f"\nconst char {name}[][3] = {{")
    row = "   "
    for value in sorted(values):
        if len(row) + 6 > 100:
            print(row)
            row = "   "
        row += f' "{value}",'
    print(row)
    print("};")
    print(f"const size_t num_{name} = sizeof({name}) / sizeof(*{name});")


assigned = codes("3166-1")
withdrawn = codes("3166-3") - assigned
print(f"""/*
 * Country codes of ISO 3166-1 and withdrawn ones of ISO 3166-3, made by generate_countries.py from
 * iso-codes {version} of {date}. Sorted. Do not edit.
 * Table: ISO 3166-1, {date}
 */
/* clang-format off */
#include "lint/data/countries.h"
""")
table("countries_assigned", assigned)
table("countries_withdrawn", withdrawn)
