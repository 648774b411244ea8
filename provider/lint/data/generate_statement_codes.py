#!/usr/bin/env python3
"""Write statement_codes.c: languages of ISO 639-1 and currencies of ISO 4217.

    generate_statement_codes.py VERSION DATE [/usr/share/iso-codes/json] > statement_codes.c

The source is the Debian package iso-codes, of which VERSION is the version and DATE the day. Currencies that ISO 4217
lists since then are added here.
"""
import json
import os
import sys

version, date = sys.argv[1], sys.argv[2]
folder = sys.argv[3] if len(sys.argv) > 3 else "/usr/share/iso-codes/json"
later_currencies = {"XAD", "XCG", "ZWG"}


def codes(part, key):
    with open(os.path.join(folder, f"iso_{part}.json"), encoding="utf-8") as source:
        return {entry[key] for entry in json.load(source)[part] if key in entry}


def table(name, values, size):
    print(f"\nconst char {name}[][{size}] = {{")
    row = "   "
    for value in sorted(values):
        if len(row) + size + 3 > 100:
            print(row)
            row = "   "
        row += f' "{value}",'
    print(row)
    print("};")
    print(f"const size_t num_{name} = sizeof({name}) / sizeof(*{name});")


print(f"""/*
 * Language codes of ISO 639-1 and currency codes of ISO 4217, made by generate_statement_codes.py
 * from iso-codes {version} of {date}. Sorted. Do not edit.
 * Table: ISO 639-1 and 4217, {date}
 */
/* clang-format off */
#include "lint/data/statement_codes.h\"""")
table("language_codes", codes("639-3", "alpha_2"), 3)
table("currency_codes", codes("4217", "alpha_3") | later_currencies, 4)
