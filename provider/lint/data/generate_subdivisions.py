#!/usr/bin/env python3
"""Write subdivisions.c: the codes of ISO 3166-2 with their names.

    generate_subdivisions.py VERSION DATE [/usr/share/iso-codes/json] > subdivisions.c

The source is the Debian package iso-codes, of which VERSION is the version and DATE the day. Names
are kept where they consist of ASCII characters, in lower case; one entry may have several.
"""
import json
import os
import re
import sys

version, date = sys.argv[1], sys.argv[2]
folder = sys.argv[3] if len(sys.argv) > 3 else "/usr/share/iso-codes/json"
with open(os.path.join(folder, "iso_3166-2.json"), encoding="utf-8") as source:
    entries = json.load(source)["3166-2"]

codes = sorted({entry["code"] for entry in entries})
names = set()
for entry in entries:
    for name in re.split(r"[;\[\]]", entry["name"]):
        name = name.strip().lower()
        if name and name.isascii() and '"' not in name and "\\" not in name:
            names.add((name, codes.index(entry["code"])))

print(f"""/*
 * Subdivision codes of ISO 3166-2 and their names, made by generate_subdivisions.py from iso-codes
 * {version} of {date}. Sorted. Do not edit.
 * Table: ISO 3166-2, {date}
 */
/* clang-format off */
#include "lint/data/subdivisions.h"
""")


def table(head, items, foot):
    print(head)
    row = "   "
    for item in items:
        if len(row) + len(item) + 2 > 100:
            print(row)
            row = "   "
        row += f" {item},"
    print(row)
    print("};")
    print(foot)


table("const char subdivision_codes[][7] = {", [f'"{code}"' for code in codes],
      "const size_t num_subdivision_codes = sizeof(subdivision_codes) / sizeof(*subdivision_codes);\n")
table("const struct subdivision_name subdivision_names[] = {",
      [f'{{"{name}", {index}}}' for name, index in sorted(names)],
      "const size_t num_subdivision_names = sizeof(subdivision_names) / sizeof(*subdivision_names);")
