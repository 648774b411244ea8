#!/bin/sh
# How many records a second the audit log takes and gives back: append by 1, 8 and 64 signers, on the
# disk of the build folder and on tmpfs (bench_append), then verify, replay, show and report over a log
# of real decisions.
#   audit.sh BUILD TMPFS [NUMBER]       NUMBER of decisions, 50000 if it is not given
set -eu
build=$(realpath "$1")
tmpfs=$2 number=${3-50000}
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d -p "$build/tests/bench")
trap 'rm -rf "$scratch"' EXIT

printf '%s\n' "--- append, tmpfs: $tmpfs"
"$build/tests/bench/bench_append" "$tmpfs" "$build/tests/bench/append-tmpfs.json"
printf '%s\n' "--- append, disk: $build/tests/bench"
"$build/tests/bench/bench_append" "$build/tests/bench" "$build/tests/bench/append-disk.json"

"$build/tests/bench/make_log" "$here/../golden/base" "$scratch/log" "$number"
records=$(wc -l <"$scratch/log")
printf '%s\n' "--- readers, $records records, $(stat -c %s "$scratch/log") octets"
rate() { # NAME COMMAND...: by processor time; a reader waits for nothing
    rate_name=$1
    shift
    "$build/tests/bench/peak" "$@" >"$scratch/out" 2>"$scratch/err"
    rate_took=$(sed -n 's/^peak .*, \([0-9]*\) ms$/\1/p' "$scratch/err")
    printf 'audit: %-38s %12s records/s\n' "$rate_name" $((records * 1000 / rate_took))
}
smimebr=$build/tools/smimebr
rate verify "$smimebr" audit verify "$scratch/log"
rate replay "$smimebr" audit replay "$scratch/log"
rate show "$smimebr" audit show "$scratch/log"
rate report "$smimebr" audit report --html "$scratch/page.html" "$scratch/log"
