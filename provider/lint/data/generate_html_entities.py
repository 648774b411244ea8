#!/usr/bin/env python3
"""Write html_entities.c: the names of the character references of HTML 4, in lower case.

    generate_html_entities.py > html_entities.c
"""
import html.entities

names = sorted({name.lower() for name in html.entities.name2codepoint} | {"apos"})
print("""/*
 * Names of the character references of HTML 4 section 24 and "apos", in lower case, made by
 * generate_html_entities.py. Sorted. Do not edit.
 */
/* clang-format off */
#include "lint/data/html_entities.h"

const char html_entities[][9] = {""")
row = "   "
for name in names:
    if len(row) + len(name) + 4 > 100:
        print(row)
        row = "   "
    row += f' "{name}",'
print(row)
print("};\nconst size_t num_html_entities = sizeof(html_entities) / sizeof(*html_entities);")
