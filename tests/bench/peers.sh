#!/bin/sh
# What one certificate costs other linters, side by side in one run: the time of a process with 1001
# certificates less that of a process with one, for each of the thousand. What is not installed is
# printed. pkilint judges one certificate a process: there start-up and certificate are one figure.
#
#   peers.sh SMIMEBR [JSON]       (the path of smimebr; zlint and lint_cabf_smime_cert from PATH)
set -eu
umask 077

smimebr=$1
json=${2-}
rounds=${ROUNDS:-5}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
here=$(cd "$(dirname "$0")" && pwd)
cd "$scratch"

# leaf.crt ca.crt
# shellcheck source=tests/clients/smime_pki.sh
. "$here/../clients/smime_pki.sh"

mkdir many
number=0
while [ "$number" -lt 1000 ]; do
    cp leaf.crt "many/$number.crt"
    number=$((number + 1))
done

now() { date +%s%N; }
median() { sort -n | awk '{ v[NR] = $1 } END { printf "%d", v[int((NR + 1) / 2)] }'; }

run_smimebr() { "$smimebr" lint --format jsonl --issuer ca.crt "$@"; }
run_zlint() { zlint "$@"; }
run_pkilint() { lint_cabf_smime_cert lint -d "$1"; }

# taken NAME FILE...: nanoseconds of a process; what it finds is no error
taken() {
    name=$1
    shift
    begun=$(now)
    "run_$name" "$@" >"$name.out" 2>"$name.err" || [ "$?" -le 1 ] || {
        cat "$name.err" >&2
        exit 2
    }
    echo $(($(now) - begun))
}

has() {
    case $1 in
    smimebr) true ;;
    zlint) command -v zlint >/dev/null ;;
    pkilint) command -v lint_cabf_smime_cert >/dev/null ;;
    esac
}

for name in smimebr zlint pkilint; do
    : >"$name.one"
    : >"$name.many"
done
round=0
while [ "$round" -lt "$rounds" ]; do
    for name in smimebr zlint; do
        has "$name" || continue
        taken "$name" leaf.crt >>"$name.one"
        taken "$name" leaf.crt many/*.crt >>"$name.many"
    done
    has pkilint && taken pkilint leaf.crt >>pkilint.one
    round=$((round + 1))
done

[ -z "$json" ] || printf '{' >"$json"
comma=
row() {
    printf '%-58s %12s %s\n' "$1" "$2" "$3"
    [ -z "$json" ] || printf '%s\n  "%s": {"value": %s, "unit": "%s"}' "$comma" "$1" "$2" "$3" \
        >>"$json"
    comma=,
}
for name in smimebr zlint pkilint; do
    has "$name" || {
        printf '%-58s %12s\n' "$name" "not installed"
        continue
    }
    one=$(median <"$name.one")
    row "$name, a process with one certificate" \
        "$(awk -v ns="$one" 'BEGIN { printf "%.1f", ns / 1e6 }')" ms
    [ -s "$name.many" ] || continue
    row "$name, each further certificate" \
        "$(awk -v one="$one" -v many="$(median <"$name.many")" \
            'BEGIN { printf "%.1f", (many - one) / 1e6 }')" us
done
[ -z "$json" ] || printf '\n}\n' >>"$json"
