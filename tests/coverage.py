#!/usr/bin/env python3
"""Tell which lines and branches of the floors the tests reached.

    coverage.py BUILD [--write]

BUILD is a folder of the preset coverage in which the tests have run. Prints lines and branches for
each floor, as gcov counts them, nothing left out. Fails if der, asn1, lint, keyfile or guard falls
below its share in coverage.txt beside this file, or if a line that no test reached is not explained
there; lines there that explain nothing any more are told. Lines are named by file, function and text, so that they
survive edits; --write prints those that want a reason.
"""
import argparse
import collections
import gzip
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
FLOORS = ("der", "asn1", "lint", "keyfile", "guard")


def notes(build):
    """The objects of the floors: the same sources are compiled nowhere else."""
    for folder, _, names in os.walk(os.path.join(build, "provider")):
        for name in names:
            if name.endswith(".gcno"):
                yield os.path.abspath(os.path.join(folder, name))


def gcov(build):
    """What gcov says of each source, one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        for number, note in enumerate(sorted(notes(build))):
            place = os.path.join(folder, str(number))
            os.mkdir(place)
            subprocess.run(["gcov", "--json-format", "--branch-probabilities", note], cwd=place,
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            for name in os.listdir(place):
                with gzip.open(os.path.join(place, name), "rt", encoding="utf-8") as stream:
                    yield json.load(stream)


def collect(build):
    """{file: {line: [function, count, [branch counts]]}}; headers add up over their users."""
    files = collections.defaultdict(dict)
    provider = os.path.join(TOP, "provider") + os.sep
    for report in gcov(build):
        for file in report["files"]:
            path = os.path.realpath(os.path.join(report["current_working_directory"],
                                                 file["file"]))
            if not path.startswith(provider):
                continue
            lines = files[os.path.relpath(path, TOP)]
            for line in file["lines"]:
                counts = [branch["count"] for branch in line["branches"]]
                entry = lines.setdefault(line["line_number"],
                                         [line.get("function_name", ""), 0, [0] * len(counts)])
                entry[1] += line["count"]
                if len(entry[2]) == len(counts):
                    entry[2] = [a + b for a, b in zip(entry[2], counts)]
                else:
                    entry[2] = max(entry[2], counts, key=len)
    return files


def read_list(path):
    """({floor: (lines, branches)}, {(file, function, text): reason})"""
    least, reasons = {}, {}
    with open(path, encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            columns = line.rstrip("\n").split("\t")
            if line.startswith("#") or not line.strip():
                continue
            if columns[0] == "least" and len(columns) == 4:
                least[columns[1]] = (float(columns[2]), float(columns[3]))
            elif len(columns) == 4 and columns[3].strip():
                reasons[tuple(columns[:3])] = columns[3]
            else:
                sys.exit("%s:%d: file, function, text of the line, reason" % (path, number))
    return least, reasons


def percent(part, whole):
    return 100.0 * part / whole if whole else 100.0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    least, reasons = read_list(os.path.join(HERE, "coverage.txt"))
    totals = collections.defaultdict(lambda: [0, 0, 0, 0])
    missing, used = [], set()
    for path, lines in sorted(collect(options.build).items()):
        floor = path.split(os.sep)[1]
        with open(os.path.join(TOP, path), encoding="utf-8") as stream:
            texts = stream.read().split("\n")
        for number, (function, count, branches) in sorted(lines.items()):
            total = totals[floor]
            total[0] += count > 0
            total[1] += 1
            total[2] += sum(branch > 0 for branch in branches)
            total[3] += len(branches)
            if count > 0 or floor not in FLOORS:
                continue
            key = (path, function, texts[number - 1].strip())
            if key in reasons:
                used.add(key)
            elif options.write:
                missing.append("\t".join(key) + "\t")
            else:
                missing.append("%s:%d: %s: %s" % (path, number, function, key[2]))
    good = True
    print("%-8s %15s %8s %15s %8s" % ("", "lines", "", "branches", ""))
    for floor in (*FLOORS, "module"):
        total = totals[floor]
        lines, branches = percent(*total[:2]), percent(*total[2:])
        print("%-8s %7d / %5d %6.2f %% %7d / %5d %6.2f %%" % (
            floor, total[0], total[1], lines, total[2], total[3], branches))
        if floor in least and (lines < least[floor][0] or branches < least[floor][1]):
            print("%s: below %s %% of lines or %s %% of branches" % (floor, *least[floor]))
            good = False
    for line in missing:
        print(line if options.write else line + ": no test reaches this, and no reason is given")
    for key in sorted(set(reasons) - used):
        print("coverage.txt explains what is reached or gone: " + " | ".join(key))
    return 0 if good and not missing else 1


if __name__ == "__main__":
    sys.exit(main())
