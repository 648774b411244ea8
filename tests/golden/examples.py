#!/usr/bin/env python3
"""Writes tools/examples.def, the examples of `smimebr explain`, from the golden cases.

    examples.py GOLDEN_RUNNER GOLDEN_FOLDER [-o FILE]

For each requirement that a case expects: the plainest case that breaks it, what the check said, and
the nearest case of the same file (else the base as it stands) that does not break it.
"""
import os
import re
import subprocess
import sys
import tempfile

EDITS = ("set", "delete", "before", "after", "prepend", "append")
KINDS = {
    "issuing-ca": "an issuing CA certificate",
    "root-ca": "a root CA certificate",
    "ocsp-responder": "an OCSP responder certificate",
    "tls-server": "a TLS server certificate",
    "no-extensions": "a certificate without extensions",
    "crl": "a CRL",
    "csr": "a certification request",
    "ocsp-response": "an OCSP response",
}
TYPES = {"mv": "a mailbox-validated", "ov": "an organization-validated",
         "sv": "a sponsor-validated", "iv": "an individual-validated"}
LINE_MAX, LITERAL_MAX = 150, 76


def kind_of(base):
    """The object that a base is, in words."""
    if base in KINDS:
        return KINDS[base]
    prefix, _, generation = base.partition("-")
    if prefix in TYPES and generation:
        return f"{TYPES[prefix]} {generation} certificate"
    return f"the object {base}"


class Case:
    def __init__(self, file, name):
        self.file, self.name = file, name
        self.base, self.raw = None, False
        self.context, self.edits = [], []
        self.findings = []  # (id, path, severity, detail)

    def paths(self):
        return {edit.split()[1] for edit in self.edits}

    def ids(self):
        return {finding[0] for finding in self.findings}


def case_files(folder):
    for name in sorted(os.listdir(folder), key=os.fsencode):
        path = os.path.join(folder, name)
        if os.path.isdir(path):
            yield from case_files(path)
        elif name.endswith(".case"):
            yield path


def read_cases(path):
    cases = []
    with open(path, encoding="utf-8", errors="surrogateescape") as text:
        lines = re.sub(r"\n[ \t]+", " ", text.read()).split("\n")
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        if not word or line.startswith("#"):
            continue
        if word == "case":
            cases.append(Case(path, rest.strip()))
        elif word == "base":
            cases[-1].base = rest.strip()
        elif word == "raw":
            cases[-1].raw = True
        elif word in EDITS:
            cases[-1].edits.append(line.strip())
        elif word != "expect":
            cases[-1].context.append(line.strip())
    return cases


def judge(runner, bases, path, cases):
    """Fill the findings of cases, which are those of the file at path in its order."""
    shown = subprocess.run([runner, "--print", bases, path], check=True, stdout=subprocess.PIPE)
    index = -1
    for line in shown.stdout.decode("utf-8", "replace").split("\n"):
        found = re.match(r"  expect (\S+) (.*?)   # (\w+) \d+\+\d+ (.*)", line)
        if found:
            cases[index].findings.append(found.groups())
        elif line.startswith(path + ": "):
            index += 1
    if index + 1 != len(cases):
        sys.exit(f"{path}: {len(cases)} cases read, {index + 1} judged")


def judge_bases(runner, bases, wanted):
    """What bases as they stand give in a context: {(base, context): ids}."""
    wanted = sorted(wanted)
    cases = [Case("", str(number)) for number in range(len(wanted))]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bases.case")
        with open(path, "w", encoding="utf-8") as out:
            for number, (base, context) in enumerate(wanted):
                out.write("\n".join([f"case {number}", f"base {base}", *context]) + "\n")
        judge(runner, bases, path, cases)
    return {key: case.ids() for key, case in zip(wanted, cases)}


def plainness():
    def key(case):
        text = " ".join(case.edits + case.context)
        return (case.base is None, len(case.findings), len(text) > LINE_MAX, len(case.context),
                len(case.edits), len(text), case.file, case.name)
    return key


def likeness(a, b):
    """Equal lines, then few others, then common characters at both ends."""
    equal = set(a.context + a.edits) & set(b.context + b.edits)
    left, right = "\n".join(a.edits), "\n".join(b.edits)
    ends = len(os.path.commonprefix([left, right])) + len(
        os.path.commonprefix([left[::-1], right[::-1]]))
    others = len(a.context + a.edits) + len(b.context + b.edits) - 2 * len(equal)
    return (len(equal), -others, ends)


def neighbour(failing, rule, cases):
    """The case most like the failing one that breaks nothing that it does not break."""
    best, best_ratio = None, (-1, 0, 0)
    for case in cases:
        if (case.file != failing.file or case.base != failing.base or not case.edits or
                case.raw or rule in case.ids() or not case.ids() <= failing.ids() or
                not case.paths() & failing.paths()):
            continue
        ratio = likeness(case, failing)
        if ratio > best_ratio:
            best, best_ratio = case, ratio
    return best


def unedited(case):
    """The settings of a case without its edits of issuer certificates."""
    return tuple(line for line in case.context if not line.startswith("issuer-edit "))


def literal(text):
    """C string literals of limited width."""
    parts = []
    part = ""
    for character in text:
        if character == "\n":
            piece = "\\n"
        elif character in "\\\"":
            piece = "\\" + character
        elif character == "?" and part.endswith("?"):
            piece = "\\?"
        elif not character.isprintable():
            piece = "".join(f"\\{octet:03o}" for octet in character.encode("utf-8", "replace"))
        else:
            piece = character
        if len(part) + len(piece) > LITERAL_MAX:
            parts.append(part)
            part = ""
        part += piece
        if character == "\n":
            parts.append(part)
            part = ""
    if part or not parts:
        parts.append(part)
    return "\n".join(f'        "{part}"' for part in parts)


def short(lines):
    return "\n".join(line if len(line) <= LINE_MAX else line[:LINE_MAX - 3] + "..."
                     for line in lines)


def entry(rule, failing, passing, base_passes):
    said = next(finding for finding in failing.findings if finding[0] == rule)
    fields = [failing.name, kind_of(failing.base) if failing.base else "these octets",
              short(failing.context + failing.edits),
              f"{said[1]}: {said[3]}" if said[1] else said[3]]
    if passing is not None:
        fields += [passing.name, short(passing.context + passing.edits)]
    elif base_passes:
        fields += ["", ""]
    else:
        fields += [None, None]
    symbol = rule.upper().replace(".", "_")
    return f"EXAMPLE({symbol},\n" + ",\n".join(
        "        NULL" if field is None else literal(field) for field in fields) + ")\n"


def main():
    runner, golden = sys.argv[1:3]
    bases = os.path.join(golden, "base")
    cases = []
    for path in case_files(golden):
        new = read_cases(path)
        judge(runner, bases, path, new)
        cases += new
    broken = {}
    for case in cases:
        for rule in case.ids():
            broken.setdefault(rule, []).append(case)
    chosen = {rule: min(candidates, key=plainness()) for rule, candidates in broken.items()}
    passing = {rule: neighbour(failing, rule, cases) for rule, failing in chosen.items()}
    as_they_stand = judge_bases(runner, bases, {
        (failing.base, unedited(failing))
        for rule, failing in chosen.items() if passing[rule] is None and failing.base})
    text = "/*\n * Examples of `smimebr explain`, written by tests/golden/examples.py from the golden" \
           " cases:\n * `ninja generated` writes it anew.\n" \
           " * EXAMPLE(rule, failing case, its object, what it changes, what the check says,\n" \
           " *         passing case, what it changes); \"\": the object as it stands passes\n */\n"
    for rule in sorted(chosen):
        failing = chosen[rule]
        ids = as_they_stand.get((failing.base, unedited(failing)))
        # an object that is broken by its context alone is no example of passing
        changed = bool(failing.edits) or len(unedited(failing)) < len(failing.context)
        base_passes = ids is not None and rule not in ids and changed
        text += entry(rule, failing, passing[rule], base_passes)
    if sys.argv[3:4] == ["-o"]:
        with open(sys.argv[4], "w", encoding="utf-8") as out:
            out.write(text)
    else:
        sys.stdout.buffer.write(text.encode())


main()
