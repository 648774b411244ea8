#!/usr/bin/env python3
"""Write top_level_domains.c: the delegated top-level domains.

    generate_top_level_domains.py [/usr/share/publicsuffix/public_suffix_list.dat] VERSION

They are the last labels of the ICANN section of the public suffix list (Debian package
publicsuffix, whose version is VERSION), as A-labels.
"""
import sys

from name_buckets import print_table

path, version = sys.argv[1], sys.argv[2]
found = set()
with open(path, encoding="utf-8") as source:
    for line in source:
        if line.startswith("// ===END ICANN DOMAINS==="):
            break
        line = line.strip()
        if line and not line.startswith("//"):
            label = line.rsplit(".", 1)[-1].lstrip("!*")
            found.add(label if label.isascii() else "xn--" + label.encode("punycode").decode())
print(f"""/*
 * Delegated top-level domains, made by generate_top_level_domains.py from the public suffix list
 * {version}. By hash. Do not edit.
 * Table: top-level domains, {version}
 */
/* clang-format off */
#include "lint/data/top_level_domains.h"

const char top_level_domains_version[] = "{version}";
""")
print_table("top_level_domains", found, 1024)
