#!/usr/bin/env python3
"""Strict about HTML: every tag that must be closed is, in order; ids are unique and links have a
target; nothing is loaded from elsewhere; only known characters. html_check.py [--text] FILE

--text prints the text between the tags, white space collapsed, instead.
"""
import re
import sys
from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "hr", "input"}
SVG_EMPTY = {"line", "rect"}
FORBIDDEN = {"script", "link", "iframe", "object", "embed", "img", "base", "form"}
BLOCKS = {"p", "div", "ul", "ol", "dl", "table", "section", "figure", "header", "h1", "h2", "h3"}


class Check(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.errors, self.text = [], set(), [], [], []

    def complain(self, text):
        self.errors.append("line %d: %s" % (self.getpos()[0], text))

    def look_at(self, tag, attributes):
        names = [name for name, _ in attributes]
        if len(names) != len(set(names)):
            self.complain("an attribute of %s stands there twice" % tag)
        if tag in FORBIDDEN:
            self.complain("%s is not allowed" % tag)
        if "p" in self.open and tag in BLOCKS:
            self.complain("%s inside of p" % tag)
        for name, value in attributes:
            if name.startswith("on") or name in ("src", "srcset", "action", "style"):
                self.complain("attribute %s" % name)
            if name == "href":
                self.links.append(value or "")
            if name == "id":
                if value in self.ids:
                    self.complain("id %s stands there twice" % value)
                self.ids.add(value)

    def handle_starttag(self, tag, attributes):
        self.look_at(tag, attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.look_at(tag, attributes)
        if tag not in SVG_EMPTY:
            self.complain("%s closes itself" % tag)

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.complain("</%s> inside of %s" % (tag, "/".join(self.open)))
        else:
            self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            if re.search(r"@import|url\((?!#)", data):
                self.complain("the style loads something")
        else:
            self.text.append(data)
            self.text.append(" ")

    def finish(self):
        self.close()
        if self.open:
            self.complain("not closed: " + "/".join(self.open))
        for link in self.links:
            if not link.startswith("#") or link[1:] not in self.ids:
                self.complain("link to %s" % link)


def main():
    as_text = sys.argv[1] == "--text"
    page = open(sys.argv[-1], "rb").read().decode("utf-8", errors="strict")
    check = Check()
    check.feed(page)
    check.finish()
    if as_text:
        print(re.sub(r"\s+", " ", "".join(check.text)))
        return 0
    if not page.startswith("<!DOCTYPE html>\n<html lang="):
        check.complain("no doctype or language")
    if re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ufffe\uffff]", page):
        check.complain("control characters")
    if re.search(r"&(?!(amp|lt|gt|quot|#39);)", page):
        check.complain("a bare ampersand")
    for error in check.errors:
        print(error, file=sys.stderr)
    return 1 if check.errors else 0


sys.exit(main())
