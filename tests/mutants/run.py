#!/usr/bin/env python3
"""Run the mutants and tell which of them nobody notices.

    run.py BUILD [--jobs N] [--only PART] [--write]

BUILD is the folder of a build with the target `mutants`. Every mutant runs over the golden cases
that reach it; those that survive run through the unit tests of lint, der and asn1 (mutant_*). What
survives that as well must stand in survivors.txt beside this file, with a reason; lines there that
name no survivor any more are told. --only takes the mutants of files whose path contains PART;
--write lists on standard output what is missing, ready to be given its reason.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(os.path.dirname(HERE), "golden")
UNIT_SECONDS = 20


def key_of(mutant):
    return (mutant["file"], mutant["function"], mutant["expression"], mutant["change"])


def read_list(path):
    """{key: reason}; five columns with tabs in between."""
    reasons = {}
    with open(path, encoding="utf-8") as stream:
        for number, line in enumerate(stream, 1):
            if line.startswith("#") or not line.strip():
                continue
            columns = line.rstrip("\n").split("\t")
            if len(columns) != 5 or not columns[4].strip():
                sys.exit("%s:%d: file, function, expression, change, reason" % (path, number))
            reasons[tuple(columns[:4])] = columns[4]
    return reasons


def ranges(numbers):
    runs = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return " ".join("%d-%d" % (first, last) for first, last in runs)


def golden(folder, numbers, jobs):
    """{number: outcome}"""
    command = [os.path.join(folder, "golden_mutants"), "--mutants", str(jobs), "--only",
               ranges(numbers), os.path.join(GOLDEN, "base"), GOLDEN]
    result = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if result.returncode != 0:
        sys.exit("the cases fail without a mutant:\n" + result.stdout)
    lines = [line.split() for line in result.stdout.splitlines()]
    return {int(words[0]): words[1] for words in lines if len(words) == 2}


class Unit:
    """A unit test whose floors are the mutated ones."""

    def __init__(self, path):
        self.path = path
        result = self.run(0, {"SMIMEBR_MUTANT_REACHED": path + ".reached"})
        if result != 0:
            sys.exit("%s fails without a mutant" % path)
        with open(path + ".reached", "rb") as stream:
            self.reached = stream.read()

    def run(self, number, more=None):
        environment = dict(os.environ, SMIMEBR_MUTANT=str(number), **(more or {}))
        try:
            return subprocess.run([self.path], env=environment, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, timeout=UNIT_SECONDS).returncode
        except subprocess.TimeoutExpired:
            return -1

    def kills(self, mutant):
        return self.reached[mutant["site"]] and self.run(mutant["number"]) != 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    folder = os.path.join(options.build, "tests", "mutants")
    with open(os.path.join(folder, "sources", "mutants.json"), encoding="utf-8") as stream:
        mutants = {m["number"]: m for m in json.load(stream) if options.only in m["file"]}
    outcomes = golden(folder, mutants, options.jobs)
    units = [Unit(os.path.join(folder, name)) for name in sorted(os.listdir(folder))
             if name.startswith("mutant_") and "." not in name]
    alive = [m for n, m in mutants.items() if outcomes[n] in ("survived", "unreached")]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for mutant, killed in zip(alive, pool.map(
                lambda m: any(unit.kills(m) for unit in units), alive)):
            if killed:
                outcomes[mutant["number"]] = "killed"
    reasons = read_list(os.path.join(HERE, "survivors.txt"))
    found = {key_of(m): m for n, m in mutants.items() if outcomes[n] in ("survived", "unreached")}
    missing = [m for key, m in found.items() if key not in reasons]
    stale = [key for key in reasons if options.only in key[0] and key not in found]
    for mutant in missing:
        if options.write:
            print("\t".join(key_of(mutant)) + "\t")
        else:
            print("%s:%d: %s: `%s`: %s: nobody notices" % (
                mutant["file"], mutant["line"], mutant["function"], mutant["expression"],
                mutant["change"]))
    for key in stale:
        print("survivors.txt names no survivor: " + " | ".join(key), file=sys.stderr)
    table = collections.defaultdict(collections.Counter)
    for number, mutant in mutants.items():
        outcome = outcomes[number]
        if outcome in ("survived", "unreached"):
            reason = reasons.get(key_of(mutant))
            outcome = "new" if reason is None else \
                "open" if reason.startswith("open") else "equal"
        for part in (os.path.dirname(mutant["file"]), "all"):
            table[part][outcome] += 1
    columns = ("killed", "wording", "equal", "open", "new")
    print("%-22s %8s %8s %8s %8s %8s %8s" % ("", "mutants", *columns), file=sys.stderr)
    for part, counts in sorted(table.items()):
        print("%-22s %8d %8d %8d %8d %8d %8d" % (part, sum(counts.values()),
                                              *(counts[c] for c in columns)), file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
