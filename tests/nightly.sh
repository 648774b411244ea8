#!/bin/sh
# The long forms of everything, one after the other; what fails does not stop the others. Ends with a
# table of the parts and how long each took, and with 1 if one failed.
#
#   nightly.sh BUILD PART...       each PART is the target nightly-PART of BUILD
set -eu

build=$1
shift
table=$(mktemp)
trap 'rm -f "$table"' EXIT
code=0
for part; do
    began=$(date +%s)
    result=passed
    printf '\n=== nightly-%s\n' "$part"
    cmake --build "$build" --target "nightly-$part" || { result=FAILED && code=1; }
    printf '%-16s %-7s %6d s\n' "$part" "$result" "$(($(date +%s) - began))" >>"$table"
done
printf '\n'
cat "$table"
exit $code
