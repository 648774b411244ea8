#!/usr/bin/env python3
"""Run the mutants and tell which of them nobody notices.

    run.py BUILD [--jobs N] [--only PART]... [--afresh] [--write]

BUILD is the folder of a build with the target `mutants`. Every mutant runs over the golden cases
that reach it, up to the first that notices; those that survive run through the unit tests of lint,
der and asn1 (mutant_*), the quickest first. What survives that as well must stand in survivors.txt
beside this file, with a reason; lines there that name no survivor any more are told.

Each outcome is kept in BUILD/tests/mutants/progress.txt as soon as it is known: a run that was
stopped continues. Outcomes hold for the mutated sources of which they were found. When the tests
have changed since, the survivors run again; with --afresh everything does.

--only takes the mutants of files whose path contains PART; --write lists on standard output what
is missing, ready to be given its reason.
"""
import argparse
import collections
import concurrent.futures
import hashlib
import json
import os
import resource
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
GOLDEN = os.path.join(os.path.dirname(HERE), "golden")
ALIVE = ("survived", "unreached")  # by the golden cases; what the unit tests miss too is "unnoticed"
COLUMNS = ("killed", "wording", "listed", "open", "new")


def key_of(mutant):
    return (mutant["file"], mutant["function"], mutant["expression"], mutant["change"])


class Reasons:
    """survivors.txt: five columns with tabs in between, the first four may be *, and the fourth may
    name several changes with ", " in between."""

    def __init__(self, path):
        self.exact, self.patterns, self.used = {}, [], set()
        with open(path, encoding="utf-8") as stream:
            for number, line in enumerate(stream, 1):
                if line.startswith("#") or not line.strip():
                    continue
                columns = line.rstrip("\n").split("\t")
                if len(columns) != 5 or not columns[4].strip():
                    sys.exit("%s:%d: file, function, expression, change, reason" % (path, number))
                entry = (line, columns[4])
                if "*" in columns[:4]:
                    self.patterns.append((columns[:4], entry))
                    continue
                for change in columns[3].split(", "):
                    self.exact[(*columns[:3], change)] = entry

    def of(self, key):
        """The reason of a survivor, or None."""
        entry = self.exact.get(key)
        if entry is None:
            entry = next((entry for columns, entry in self.patterns if all(
                c in ("*", k) or i == 3 and k in c.split(", ")
                for i, (c, k) in enumerate(zip(columns, key)))), None)
        if entry is None:
            return None
        self.used.add(entry[0])
        return entry[1]

    def stale(self):
        entries = [*self.exact.values(), *(entry for _, entry in self.patterns)]
        return sorted({line for line, _ in entries if line not in self.used})


class Progress:
    """What is known of each mutant, in a file that grows with every outcome."""

    def __init__(self, path, mutants, tests, afresh):
        self.outcomes = {}
        try:
            with open(path, encoding="utf-8") as stream:
                first = stream.readline().split()
                lines = [line.split() for line in stream if line.endswith("\n")]
        except FileNotFoundError:
            first, lines = [], []
        if not afresh and first[:1] == [mutants]:
            kept = ("killed", "wording") if first[1:] != [tests] else (
                "killed", "wording", "unnoticed", *ALIVE)
            self.outcomes = {int(number): word for number, word in lines if word in kept}
        self.stream = open(path, "w", encoding="utf-8")
        self.stream.write("%s %s\n" % (mutants, tests))
        for number, word in self.outcomes.items():
            self.stream.write("%d %s\n" % (number, word))
        self.stream.flush()

    def add(self, number, word):
        self.outcomes[number] = word
        self.stream.write("%d %s\n" % (number, word))
        self.stream.flush()


def digest(paths):
    result = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as stream:
            result.update(stream.read())
    return result.hexdigest()


def below(folder):
    return sorted(os.path.join(top, name) for top, _, names in os.walk(folder) for name in names)


def ranges(numbers):
    runs = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return " ".join("%d-%d" % (first, last) for first, last in runs)


def golden(folder, numbers, jobs, progress):
    command = [os.path.join(folder, "golden_mutants"), "--mutants", str(jobs), "--only",
               ranges(numbers), os.path.join(GOLDEN, "base"), GOLDEN]
    said = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            words = line.split()
            if len(words) == 2 and words[0].isdigit():
                progress.add(int(words[0]), words[1])
            else:
                said.append(line)
    if process.returncode != 0:
        sys.exit("the cases fail without a mutant, or were stopped:\n" + "".join(said))


class Unit:
    """A unit test whose floors are the mutated ones. A mutant gets ten times the processor time
    that the test needs without, and a second."""

    def __init__(self, path):
        self.path, self.seconds = path, None
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        if self.run(0, {"SMIMEBR_MUTANT_REACHED": path + ".reached"}) != 0:
            sys.exit("%s fails without a mutant" % path)
        used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        self.used, self.seconds = used, int(10 * used) + 2
        with open(path + ".reached", "rb") as stream:
            self.reached = stream.read()

    def run(self, number, more=None):
        limit = self.seconds or resource.RLIM_INFINITY

        def bounded():
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        environment = dict(os.environ, SMIMEBR_MUTANT=str(number), **(more or {}))
        return subprocess.run([self.path], env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, preexec_fn=bounded).returncode

    def kills(self, mutant):
        return self.reached[mutant["site"]] and self.run(mutant["number"]) != 0


def run_units(paths, mutants, jobs, progress):
    units = sorted(map(Unit, paths), key=lambda unit: unit.used)

    def take(mutant):
        killed = any(unit.kills(mutant) for unit in units)
        return mutant["number"], "killed" if killed else "unnoticed"

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for number, word in pool.map(take, mutants):
            progress.add(number, word)


def tell(mutants, outcomes, reasons, write):
    """Print what is new, and the table; the number of what is new."""
    table, num_new = collections.defaultdict(collections.Counter), 0
    for number, mutant in mutants.items():
        outcome = outcomes[number]
        if outcome == "unnoticed":
            reason = reasons.of(key_of(mutant))
            outcome = "new" if reason is None else \
                "open" if reason.startswith("open") else "listed"
        if outcome == "new":
            num_new += 1
            print("\t".join(key_of(mutant)) + "\t" if write else
                  "%s:%d: %s: `%s`: %s: nobody notices" % (
                      mutant["file"], mutant["line"], mutant["function"], mutant["expression"],
                      mutant["change"]))
        for part in (os.path.dirname(mutant["file"]), "all"):
            table[part][outcome] += 1
    print("%-22s %8s %8s %8s %8s %8s %8s" % ("", "mutants", *COLUMNS), file=sys.stderr)
    for part, counts in sorted(table.items()):
        print("%-22s %8d %8d %8d %8d %8d %8d" % (part, sum(counts.values()),
                                              *(counts[c] for c in COLUMNS)), file=sys.stderr)
    return num_new


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", action="append")
    parser.add_argument("--afresh", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    folder = os.path.join(options.build, "tests", "mutants")
    sources = os.path.join(folder, "sources")
    with open(os.path.join(sources, "mutants.json"), encoding="utf-8") as stream:
        mutants = {m["number"]: m for m in json.load(stream)
                   if any(part in m["file"] for part in options.only or [""])}
    units = [os.path.join(folder, name) for name in sorted(os.listdir(folder))
             if name.startswith("mutant_") and "." not in name]
    progress = Progress(os.path.join(folder, "progress.txt"), digest(below(sources)),
                        digest([*below(GOLDEN), *units]), options.afresh)
    pending = [n for n in mutants if n not in progress.outcomes]
    if pending:
        golden(folder, pending, options.jobs, progress)
    pending = [m for n, m in mutants.items() if progress.outcomes[n] in ALIVE]
    if pending:
        run_units(units, pending, options.jobs, progress)
    reasons = Reasons(os.path.join(HERE, "survivors.txt"))
    num_new = tell(mutants, progress.outcomes, reasons, options.write)
    if options.only is None:
        for line in reasons.stale():
            print("survivors.txt names no survivor: " + line.rstrip(), file=sys.stderr)
    return 1 if num_new > 0 else 0


if __name__ == "__main__":
    sys.exit(main())
