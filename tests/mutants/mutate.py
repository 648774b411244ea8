#!/usr/bin/env python3
"""Write mutation schemata: copies of C sources in which every decision can be changed by a number.

    mutate.py --clang CLANG --flags "FLAGS" --out FOLDER --top FOLDER SOURCE...

Each SOURCE (a file below --top) is parsed by clang; its copy below --out has the macros of
mutant.h around

    a < b, <=, >, >=     the other side of the bound, its negation, and a bound one further
    a == b, !=           its negation, and the answer "never equal"
    a && b, ||           the other operator
    if, while, for, do, ?:, and operands of && || that are no comparison: the negation
    integer literals as arguments of calls: one more, one less

FOLDER/mutants.json lists them: number, file, function, line, expression, what is changed.
Expressions that macros hide (their text is no part of the source) stay as they are and are counted.
"""
import argparse
import json
import multiprocessing
import os
import re
import shlex
import subprocess

RELATIONS = {
    "<": ("LT", ["a <= b", "a >= b", "a < b - 1"]),
    "<=": ("LE", ["a < b", "a > b", "a <= b + 1"]),
    ">": ("GT", ["a >= b", "a <= b", "a > b + 1"]),
    ">=": ("GE", ["a > b", "a < b", "a >= b - 1"]),
    "==": ("EQ", ["a != b", "never equal"]),
    "!=": ("NE", ["a == b", "never equal"]),
}
LOGIC = {"&&": ("AND", ["a || b"]), "||": ("OR", ["a && b"])}
TRANSPARENT = {"ParenExpr", "ImplicitCastExpr"}
CONSTANT = {"IntegerLiteral", "CharacterLiteral", "ConstantExpr"}
# The children of these are evaluated by the compiler, or not at all.
UNEVALUATED = {"ConstantExpr", "UnaryExprOrTypeTraitExpr", "StaticAssertDecl", "EnumDecl"}


class Site:
    """One expression that has mutants: its place, the macro, and the places of its operands."""

    def __init__(self, begin, end, macro, operands, changes):
        self.begin, self.end, self.macro = begin, end, macro
        self.operands, self.changes = operands, changes
        self.number = None


def strip(node):
    while node.get("kind") in TRANSPARENT and node.get("inner"):
        node = node["inner"][0]
    return node


def is_constant(node):
    node = strip(node)
    kind = node.get("kind")
    if kind in CONSTANT:
        return True
    if kind == "DeclRefExpr":
        return node.get("referencedDecl", {}).get("kind") == "EnumConstantDecl"
    if kind in ("UnaryOperator", "BinaryOperator", "CStyleCastExpr"):
        return all(is_constant(child) for child in node.get("inner", []))
    return False


def is_pointer(node):
    kind = node.get("type", {})
    return "*" in kind.get("desugaredQualType", kind.get("qualType", "")) or "[" in kind.get(
        "qualType", "")


class File:
    """The sites of one source."""

    def __init__(self, text):
        self.text = text
        self.sites = []  # (function, site)
        self.hidden = 0
        self.function = None

    def closing(self, offset):
        """The end of the arguments of a macro that begin at offset, if any do."""
        at = offset
        while at < len(self.text) and self.text[at].isspace():
            at += 1
        if at == len(self.text) or self.text[at] != "(":
            return offset
        depth = 0
        for i in range(at, len(self.text)):
            depth += {"(": 1, ")": -1}.get(self.text[i], 0)
            if depth == 0:
                return i + 1
        return offset

    def place(self, node):
        """(begin, end) in the source, or None if the text stands elsewhere."""
        begin, end = node["range"]["begin"], node["range"]["end"]
        if any(loc.get("spellingLoc", {}).get("isMacroArgExpansion") or
               loc.get("expansionLoc", {}).get("isMacroArgExpansion") for loc in (begin, end)):
            return None
        if "expansionLoc" in begin:
            begin = begin["expansionLoc"]
        if "expansionLoc" in end:
            end = end["expansionLoc"]
            if "offset" not in end:
                return None
            stop = self.closing(end["offset"] + end["tokLen"])
        else:
            if "offset" not in end:
                return None
            stop = end["offset"] + end["tokLen"]
        return (begin["offset"], stop) if "offset" in begin else None

    def add(self, node, macro, operands, changes, token):
        """Add a site after checking that source and syntax tree tell the same."""
        places = [self.place(operand) for operand in operands]
        whole = self.place(node)
        good = whole is not None and None not in places
        if good and token is not None:
            between = self.text[places[0][1]:places[1][0]]
            good = re.sub(r"/\*.*?\*/|\s", "", between, flags=re.S) == token
        if good:
            good = all(self.text.count("(", b, e) == self.text.count(")", b, e)
                       for b, e in places)
        if not good:
            self.hidden += 1
            return
        site = Site(*whole, macro, [(p, is_pointer(o)) for p, o in zip(places, operands)],
                    changes)
        self.sites.append((self.function, site))

    def is_word(self, node):
        """A literal, or the name of one, and not something out of the middle of a macro."""
        place = self.place(node)
        return place is not None and re.fullmatch(r"\w+", self.text[slice(*place)]) is not None

    def condition(self, node):
        """A condition that is no comparison itself gets its negation."""
        inner = strip(node)
        operator = inner.get("opcode")
        if inner.get("kind") == "BinaryOperator" and (operator in RELATIONS or operator in LOGIC):
            return
        if is_constant(inner) or "range" not in inner:
            return
        self.add(inner, "NOT", [inner], ["negated"], None)

    def visit(self, node):
        kind = node.get("kind")
        children = node.get("inner", [])
        if kind is None or kind in UNEVALUATED:
            return
        if kind == "VarDecl" and node.get("storageClass") == "static":
            return
        if kind == "BinaryOperator":
            operator = node["opcode"]
            if operator in RELATIONS:
                macro, changes = RELATIONS[operator]
                bound = is_constant(children[1]) and not is_pointer(children[1])
                self.add(node, macro, children, changes[:3 if bound else 2], operator)
            elif operator in LOGIC:
                macro, changes = LOGIC[operator]
                self.add(node, macro, children, changes, operator)
                for child in children:
                    self.condition(child)
        elif kind in ("IfStmt", "WhileStmt", "ConditionalOperator"):
            self.condition(children[0])
        elif kind == "DoStmt":
            self.condition(children[1])
        elif kind == "ForStmt" and children[2].get("kind"):
            self.condition(children[2])
        elif kind == "CallExpr":
            for child in children[1:]:
                literal = strip(child)
                if literal.get("kind") == "IntegerLiteral" and int(literal["value"]) > 1 and \
                        self.is_word(literal):
                    self.add(literal, "BOUND", [literal], ["one more", "one less"], None)
        for child in children:
            self.visit(child)

    def render(self, begin, end, sites):
        """The source from begin to end with all the sites within."""
        out, at = [], begin
        while sites:
            outer = min(sites, key=lambda s: (s.begin, -s.end, s.macro == "NOT"))
            inside = [s for s in sites if s is not outer and s.begin < outer.end]
            out.append(self.text[at:outer.begin])
            out.append("MUTANT_%s(%d, %d" % (outer.macro, outer.number, len(outer.changes) > 2))
            for (first, last), pointer in outer.operands:
                part = [s for s in inside if s.begin >= first and s.end <= last]
                plus = "" if pointer or outer.macro in ("AND", "OR", "NOT") else "+"
                out.append(", %s(%s)" % (plus, self.render(first, last, part)))
            out.append(")")
            at = outer.end
            sites = [s for s in sites if s.begin >= outer.end]
        out.append(self.text[at:end])
        return "".join(out)


def functions(node, source):
    """The functions that the source itself defines. Places name their file when it changes."""
    current = [None]

    def follow(value):
        if not isinstance(value, dict):
            return
        if "file" in value:
            current[0] = value["file"]
        for key in ("spellingLoc", "expansionLoc", "begin", "end"):
            if key in value:
                follow(value[key])

    def walk(item, top):
        follow(item.get("loc"))
        mine = current[0] is not None and os.path.realpath(current[0]) == source
        follow(item.get("range"))
        found = []
        for child in item.get("inner", []):
            found += walk(child, False)
        if item.get("kind") == "FunctionDecl" and mine and any(
                child.get("kind") == "CompoundStmt" for child in item.get("inner", [])):
            found.append(item)
        return found

    return walk(node, True)


def read(source, clang, flags):
    tree = subprocess.run([clang, "-x", "c", "-std=c11", "-w", "-fsyntax-only", "-Xclang",
                           "-ast-dump=json", *flags, source],
                          check=True, stdout=subprocess.PIPE).stdout
    with open(source, encoding="latin-1") as stream:  # places are octets
        result = File(stream.read())
    for function in functions(json.loads(tree), os.path.realpath(source)):
        result.function = function["name"]
        for child in function["inner"]:
            if child.get("kind") == "CompoundStmt":
                result.visit(child)
    result.sites.sort(key=lambda item: (item[1].begin, -item[1].end))
    return result


def main():
    parser = argparse.ArgumentParser()
    for name in ("clang", "flags", "out", "top"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("sources", nargs="+")
    options = parser.parse_args()
    number, hidden, listed = 1, 0, []
    with multiprocessing.Pool() as pool:
        files = pool.starmap(read, [(os.path.join(options.top, source), options.clang,
                                     shlex.split(options.flags)) for source in options.sources], 1)
    for source, file in zip(options.sources, files):
        hidden += file.hidden
        for function, site in file.sites:
            site.number = number
            text = " ".join(file.text[site.begin:site.end].split())
            for change in site.changes:
                listed.append({"number": number, "site": site.number, "file": source,
                               "function": function,
                               "line": file.text.count("\n", 0, site.begin) + 1,
                               "expression": text, "change": change})
                number += 1
        path = os.path.join(options.out, source)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="latin-1") as out:
            out.write('#include "mutants/mutant.h"\n#line 1 "%s"\n' % source)
            out.write(file.render(0, len(file.text), [site for _, site in file.sites]))
    with open(os.path.join(options.out, "mutants.json"), "w", encoding="utf-8") as out:
        json.dump(listed, out, indent=0)
    with open(os.path.join(options.out, "num_mutants.h"), "w", encoding="utf-8") as out:
        sites = {entry["site"] for entry in listed}
        out.write("enum { NUM_MUTANTS = %d };\n" % (number - 1))
        out.write("static const unsigned char mutant_is_site[NUM_MUTANTS + 1] = {%s};\n"
                  % ", ".join(str(int(i in sites)) for i in range(number)))
    print("%d mutants; %d expressions are hidden in macros" % (number - 1, hidden))


if __name__ == "__main__":
    main()
