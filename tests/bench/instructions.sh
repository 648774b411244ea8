#!/bin/sh
# Instructions per verdict in our own objects, by callgrind, against tests/bench/instructions.txt:
# fails above +5 %. libcrypto and libc are left out, because their numbers depend on the machine.
#
#   instructions.sh BENCH_VERDICT [--write]
#
# The numbers are those of a release build by the compiler that instructions.txt names; another one
# counts differently, so there the script says so and compares all the same.
set -eu

bench=$1
write=${2-}
here=$(cd "$(dirname "$0")" && pwd)
bases=$here/../golden/base
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Instructions of the functions in the program itself per verdict on the certificate with this key.
count() {
    valgrind --tool=callgrind --callgrind-out-file="$scratch/out" --toggle-collect=lint_judge \
        "$bench" --only "$bases" "$1" 97 >"$scratch/log" 2>&1 || {
        cat "$scratch/log" >&2
        exit 2
    }
    # 97 verdicts and the first of make_judging() and of check_full()
    callgrind_annotate --threshold=100 --show-percs=no "$scratch/out" 2>"$scratch/log" |
        awk '/\[.*bench_verdict\]$/ { gsub(",", "", $1); sum += $1 }
             END { printf "%d\n", sum / 99 }'
}

recorded() {
    awk -v key="$1" '$1 == key { print $2 }' "$here/instructions.txt"
}

failed=0
: >"$scratch/new"
for key in p256 rsa2048; do
    now=$(count "$key")
    [ "$now" -gt 0 ]
    echo "$key $now" >>"$scratch/new"
    [ -z "$write" ] || continue
    then=$(recorded "$key")
    change=$(awk -v now="$now" -v old="$then" 'BEGIN { printf "%+.1f", (now / old - 1) * 100 }')
    echo "$key: $now instructions per verdict, $change % from $then"
    [ $((now * 100)) -le $((then * 105)) ] || failed=1
done
if [ -n "$write" ]; then
    sed '/^#/!d' "$here/instructions.txt" >"$scratch/head"
    cat "$scratch/head" "$scratch/new" >"$here/instructions.txt"
    cat "$here/instructions.txt"
elif [ "$failed" -ne 0 ]; then
    echo "more than 5 % above tests/bench/instructions.txt: find out why, or write the new numbers" \
        "with --write and say why in the commit" >&2
fi
exit "$failed"
