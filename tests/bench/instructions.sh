#!/bin/sh
# Instructions per verdict in our own objects, by callgrind, against tests/bench/instructions.txt:
# fails above +5 %. libcrypto and libc are left out, because their numbers depend on the machine.
#
#   instructions.sh BENCH_VERDICT [--write]
#
# The numbers are those of a release build by the compiler and with the OpenSSL release that
# instructions.txt names. Others count differently: there nothing is compared, and the script says
# so and ends with 0. Without valgrind likewise.
set -eu

bench=$1
write=${2-}
here=$(cd "$(dirname "$0")" && pwd)
bases=$here/../golden/base
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# What the numbers hold for: the compiler by what it wrote into the program, OpenSSL's release.
made_by() {
    readelf -p .comment "$bench" | sed -n 's/^ *\[ *0\] *//p'
    openssl version | sed -n 's/^\(OpenSSL [0-9]*\.[0-9]*\).*/\1/p'
}

not_run() {
    echo "instructions per verdict: NOT RUN: $1"
    exit 0
}

made_by >"$scratch/made-by"
sed -n 's/^# made-by: //p' "$here/instructions.txt" >"$scratch/recorded-by"
command -v valgrind >/dev/null || not_run "valgrind is not installed"
[ -n "$write" ] || cmp -s "$scratch/made-by" "$scratch/recorded-by" ||
    not_run "the numbers are of $(paste -s -d, "$scratch/recorded-by"), this is $(
        paste -s -d, "$scratch/made-by")"

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
    sed -n '/^# made-by:/d; /^#/p' "$here/instructions.txt" >"$scratch/head"
    {
        cat "$scratch/head"
        sed 's/^/# made-by: /' "$scratch/made-by"
        cat "$scratch/new"
    } >"$here/instructions.txt"
    cat "$here/instructions.txt"
elif [ "$failed" -ne 0 ]; then
    echo "more than 5 % above tests/bench/instructions.txt: find out why, or write the new numbers" \
        "with --write and say why in the commit" >&2
fi
exit "$failed"
