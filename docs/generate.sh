#!/bin/sh
# Writes the files that come out of the catalogue and the golden cases, or with --check says which
# of them are stale.
#   generate.sh [--check] SMIMEBR GOLDEN_RUNNER
set -eu

check=
[ "$1" != --check ] || { check=yes && shift; }
smimebr=$1
runner=$2
root=$(cd "$(dirname "$0")/.." && pwd)
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
stale=

# put FILE: the new text is in $new/text
put() {
    if cmp -s "$new/text" "$root/$1"; then
        return
    elif [ -n "$check" ]; then
        printf '%s is stale: build the target "generated" and commit it\n' "$1" >&2
        diff "$root/$1" "$new/text" | head -n 20 >&2 || :
        stale=yes
    else
        cp "$new/text" "$root/$1"
    fi
}

"$smimebr" rules --format csv >"$new/text"
put docs/requirements.csv
"$smimebr" rules --format man >"$new/text"
put docs/smimebr-rules.7
python3 "$root/tests/golden/examples.py" "$runner" "$root/tests/golden" -o "$new/text"
put tools/examples.def
[ -z "$stale" ]
