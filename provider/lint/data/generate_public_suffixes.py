#!/usr/bin/env python3
"""Write public_suffixes.c: the ICANN section of the public suffix list.

    generate_public_suffixes.py [/usr/share/publicsuffix/public_suffix_list.dat] VERSION

The source is the Debian package publicsuffix, of which VERSION is the version. Rules are written
as A-labels, with their `*.` and `!`.
"""
import sys

from name_buckets import print_table

path, version = sys.argv[1], sys.argv[2]


def a_label(label):
    return label if label.isascii() else "xn--" + label.encode("punycode").decode()


found = set()
with open(path, encoding="utf-8") as source:
    for line in source:
        if line.startswith("// ===END ICANN DOMAINS==="):
            break
        line = line.strip()
        if not line or line.startswith("//"):
            continue
        mark = "!" if line.startswith("!") else ""
        found.add(mark + ".".join(a_label(label) for label in line[len(mark):].split(".")))
print(f"""/*
 * Public suffixes that registries run, made by generate_public_suffixes.py from the public suffix
 * list {version}. By hash. Do not edit.
 * Table: public suffixes, {version}
 */
/* clang-format off */
#include "lint/data/public_suffixes.h"
""")
print_table("public_suffixes", found, 4096)
