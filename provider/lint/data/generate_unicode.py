#!/usr/bin/env python3
"""Write unicode_tables.c from the Unicode Character Database (Debian package unicode-data).

    generate_unicode.py [/usr/share/unicode] > unicode_tables.c

The property for IDNA2008 is derived as RFC 5892 section 3 says; everything else is copied from
the database. The output depends on nothing but its files.
"""
import re
import sys

UCD = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode"
LAST = 0x10FFFF

SCRIPTS = ("Latin", "Greek", "Cyrillic", "Armenian", "Hebrew", "Arabic", "Georgian", "Han",
           "Hiragana", "Katakana", "Hangul")
# RFC 5892 section 2.6
EXCEPTIONS = {
    **dict.fromkeys((0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007), "PVALID"),
    **dict.fromkeys((0xB7, 0x375, 0x5F3, 0x5F4, 0x30FB), "CONTEXTO"),
    **dict.fromkeys(range(0x660, 0x66A), "CONTEXTO"),
    **dict.fromkeys(range(0x6F0, 0x6FA), "CONTEXTO"),
    **dict.fromkeys((0x640, 0x7FA, 0x302E, 0x302F, 0x3031, 0x3032, 0x3033, 0x3034, 0x3035,
                     0x303B), "DISALLOWED"),
}
LETTER_DIGITS = {"Ll", "Lu", "Lo", "Nd", "Lm", "Mn", "Mc"}
IGNORABLE_BLOCKS = ((0x20D0, 0x20FF), (0x1D100, 0x1D1FF), (0x1D200, 0x1D24F))


def lines(name):
    with open(f"{UCD}/{name}", encoding="utf-8") as source:
        for line in source:
            line = line.split("#")[0].strip()
            if line:
                yield [field.strip() for field in line.split(";")]


def span(text):
    first, _, last = text.partition("..")
    return int(first, 16), int(last or first, 16)


def members(name, *wanted):
    found = set()
    for fields in lines(name):
        if tuple(fields[1:]) == wanted:
            first, last = span(fields[0])
            found.update(range(first, last + 1))
    return found


def read_unicode_data():
    category, combining, decomposition = {}, {}, {}
    start = None
    for fields in lines("UnicodeData.txt"):
        code = int(fields[0], 16)
        if fields[1].endswith(", First>"):
            start = code
            continue
        if fields[1].endswith(", Last>"):
            for each in range(start, code + 1):
                category[each] = fields[2]
            continue
        category[code] = fields[2]
        if int(fields[3]):
            combining[code] = int(fields[3])
        if fields[5] and not fields[5].startswith("<"):
            decomposition[code] = [int(part, 16) for part in fields[5].split()]
    return category, combining, decomposition


def idna_property(code):
    if code in EXCEPTIONS:
        value = EXCEPTIONS[code]
    elif code not in category and code not in noncharacter:
        return "UNASSIGNED"
    elif code == 0x2D or 0x30 <= code <= 0x39 or 0x61 <= code <= 0x7A:
        value = "PVALID"
    elif code in join_control:
        value = "CONTEXTJ"
    elif code in unstable or code in ignorable:
        value = "DISALLOWED"
    elif any(first <= code <= last for first, last in IGNORABLE_BLOCKS) or code in old_hangul:
        value = "DISALLOWED"
    else:
        value = "PVALID" if category.get(code) in LETTER_DIGITS else "DISALLOWED"
    if value == "PVALID" and category.get(code, "").startswith("M"):
        return "PVALID_MARK"
    return value


def runs(value_of, default):
    """Ranges of equal values, those of the default left out."""
    first, value = 0, value_of(0)
    for code in range(1, LAST + 2):
        now = value_of(code) if code <= LAST else None
        if now != value:
            if value != default:
                yield first, code - 1, value
            first, value = code, now


def fold_ranges(folding):
    """(first, last, step, delta): code points first, first + step .. last fold to + delta."""
    codes = sorted(folding)
    index = 0
    while index < len(codes):
        first = codes[index]
        delta = folding[first] - first
        step, end = 1, index
        if index + 1 < len(codes):
            gap = codes[index + 1] - first
            if gap in (1, 2) and folding[codes[index + 1]] - codes[index + 1] == delta:
                step = gap
                while (end + 1 < len(codes) and codes[end + 1] - codes[end] == step and
                       folding[codes[end + 1]] - codes[end + 1] == delta):
                    end += 1
        yield first, codes[end], step, delta
        index = end + 1


def table(declaration, rows):
    print(f"{declaration} = {{")
    line = "   "
    for row in rows:
        item = " {" + ", ".join(row) + "},"
        if len(line) + len(item) > 100:
            print(line)
            line = "   "
        line += item
    print(line)
    print("};\n")


def hexa(*codes):
    return [f"0x{code:x}" for code in codes]


category, combining, decomposition = read_unicode_data()
join_control = members("PropList.txt", "Join_Control")
noncharacter = members("PropList.txt", "Noncharacter_Code_Point")
ignorable = (members("DerivedCoreProperties.txt", "Default_Ignorable_Code_Point") |
             members("PropList.txt", "White_Space") | noncharacter)
unstable = members("DerivedNormalizationProps.txt", "Changes_When_NFKC_Casefolded")
excluded = members("DerivedNormalizationProps.txt", "Full_Composition_Exclusion")
old_hangul = set()
for kind in ("L", "V", "T"):
    old_hangul |= members("HangulSyllableType.txt", kind)
script = {}
for fields in lines("Scripts.txt"):
    if fields[1] in ("Common", "Inherited"):
        continue
    name = fields[1].upper() if fields[1] in SCRIPTS else "OTHER"
    first, last = span(fields[0])
    script.update(dict.fromkeys(range(first, last + 1), name))
folding = {int(f[0], 16): int(f[2], 16) for f in lines("CaseFolding.txt") if f[1] in ("C", "S")}
with open(f"{UCD}/Scripts.txt", encoding="utf-8") as source:
    version = re.search(r"Scripts-([0-9.]+)\.txt", source.readline()).group(1)

print(f"""/*
 * Unicode {version}, made by generate_unicode.py from the Unicode Character Database. Do not edit.
 * Table: Unicode, {version}
 */
/* clang-format off */
#include "lint/data/unicode_tables.h"

const char unicode_tables_version[] = "{version}";
""")
table("const struct unicode_folding unicode_foldings[]",
      [hexa(a, b) + [str(s), str(d)] for a, b, s, d in fold_ranges(folding)])
print("const size_t unicode_num_foldings = sizeof(unicode_foldings) / sizeof(*unicode_foldings);\n")
table("const struct unicode_decomposition unicode_decompositions[]",
      [hexa(c, d[0], d[1] if len(d) > 1 else 0) + [str(int(c in excluded))]
       for c, d in sorted(decomposition.items())])
print("const size_t unicode_num_decompositions =\n"
      "    sizeof(unicode_decompositions) / sizeof(*unicode_decompositions);\n")
pairs = sorted((d[0], d[1], c) for c, d in decomposition.items()
               if len(d) == 2 and c not in excluded)
table("const struct unicode_composition unicode_compositions[]", [hexa(*p) for p in pairs])
print("const size_t unicode_num_compositions =\n"
      "    sizeof(unicode_compositions) / sizeof(*unicode_compositions);\n")
for name, ranges in (
        ("combining", [hexa(a, b) + [str(v)]
                       for a, b, v in runs(lambda c: combining.get(c, 0), 0)]),
        ("script", [hexa(a, b) + [f"SCRIPT_{v}"]
                    for a, b, v in runs(lambda c: script.get(c, ""), "")]),
        ("idna", [hexa(a, b) + [f"IDNA_{v}"]
                  for a, b, v in runs(idna_property, "DISALLOWED")])):
    table(f"const struct unicode_range unicode_{name}_ranges[]", ranges)
    print(f"const size_t unicode_num_{name}_ranges =\n"
          f"    sizeof(unicode_{name}_ranges) / sizeof(*unicode_{name}_ranges);\n")
