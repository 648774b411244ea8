#!/bin/sh
# How much memory the readers of an audit log take, for a short and for a long log: the largest
# resident set of each. Fails if it grows by more octets a record than the command may take.
#   audit_memory.sh BUILD SMALL LARGE     (numbers of decisions; ctest 2000 20000, nightly 1000000)
set -eu
build=$(realpath "$1")
small=$2 large=$3
here=$(cd "$(dirname "$0")" && pwd)
bases=$(realpath "$here/../golden/base")
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
smimebr=$build/tools/smimebr
slack=768 # kB by which a peak differs from one run to the next

for size in "$small" "$large"; do
    mkdir "$size"
    runs 0 "$build/tests/bench/make_log" "$bases" "$size/log" "$size"
    head -n 2 "$size/log" >first
    runs 0 "$smimebr" audit replay --export objects first
    mv objects/1.pem "$size/issued.pem"
done
openssl genpkey -algorithm ED25519 -out auditor.key
for size in "$small" "$large"; do
    runs 0 "$smimebr" audit checkpoint --key auditor.key --state "$size/note" "$size/log"
done

peak() { # COMMAND...: sets kilobytes; findings are no failure
    peak_code=0
    "$build/tests/bench/peak" "$@" >/dev/null 2>peak.err || peak_code=$?
    [ "$peak_code" -le 1 ] || fail "exit $peak_code: $*: $(cat peak.err)"
    kilobytes=$(sed -n 's/^peak \([0-9]*\) kB, .*/\1/p' peak.err)
}

# Behind its last lines `follow` waits; a further record lets it see that nobody reads any more.
peak_follow() {
    lines=$(wc -l <"$1/log")
    [ "$lines" -le 100000 ] || lines=100000
    (
        { "$build/tests/bench/peak" "$smimebr" audit follow --lines 100000 "$1/log" 2>peak.err ||
            :; } | head -n "$lines" >/dev/null
    ) &
    follower=$!
    while kill -0 "$follower" 2>/dev/null; do
        sleep 0.2
        "$smimebr" audit note "$1/log" 'somebody looks' >/dev/null
    done
    wait "$follower"
    kilobytes=$(sed -n 's/^peak \([0-9]*\) kB, .*/\1/p' peak.err)
    [ -n "$kilobytes" ] || fail "follow: no peak: $(cat peak.err)"
}

one() { # NAME SIZE: the peak of the command with this name, in kilobytes
    log=$2/log
    case $1 in
    verify) peak "$smimebr" audit verify "$log" ;;
    'verify --checkpoint') peak "$smimebr" audit verify --checkpoint "$2/note" "$log" ;;
    show) peak "$smimebr" audit show "$log" ;;
    'show --format csv') peak "$smimebr" audit show --format csv --decision permit "$log" ;;
    report) peak "$smimebr" audit report --html "$2/page.html" --checkpoint "$2/note" "$log" ;;
    replay) peak "$smimebr" audit replay "$log" ;;
    follow) peak_follow "$2" ;;
    erase) peak "$smimebr" audit erase --sequence 1 "$log" ;;
    reconcile) peak "$smimebr" audit reconcile "$log" -- "$2/issued.pem" ;;
    checkpoint) peak "$smimebr" audit checkpoint --key auditor.key --state "$2/note" "$log" ;;
    esac
}

compare() { # OCTETS NAME: at most so many octets a record
    one "$2" "$small"
    first=$kilobytes
    one "$2" "$large"
    growth=$((kilobytes - first))
    printf '%-20s %9s kB %9s kB   %4s octets a record\n' "$2" "$first" "$kilobytes" \
        $((growth * 1024 / (large - small)))
    [ "$growth" -le $((slack + $1 * (large - small) / 1024)) ] ||
        fail "$2 takes more than $1 octets a record"
}

printf '%-20s %9s    %9s\n' '' "$small" "$large"
for command in verify 'verify --checkpoint' show 'show --format csv' report replay follow; do
    compare 1 "$command"
done
compare 200 reconcile # twice its table, while that grows
compare 100 checkpoint
compare 1 erase
