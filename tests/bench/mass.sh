#!/bin/sh
# smimebr lint and survey over 100,000 certificates: certificates a second and peak memory, survey
# with one and with two threads.
#
#   mass.sh SMIMEBR [JSON]      (NUMBER=1000 for a look)
set -eu
umask 077

smimebr=$1
json=${2-}
number=${NUMBER:-100000}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
here=$(cd "$(dirname "$0")" && pwd)
cd "$scratch"

# leaf.crt ca.crt
# shellcheck source=tests/clients/smime_pki.sh
. "$here/../clients/smime_pki.sh"

openssl x509 -in leaf.crt -out one.pem
awk -v number="$number" '{ text = text $0 "\n" }
    END { for (i = 0; i < number; i++) printf "%s", text }' one.pem >all.pem

[ -z "$json" ] || printf '{' >"$json"
comma=
row() {
    printf '%-58s %12s %s\n' "$1" "$2" "$3"
    [ -z "$json" ] || printf '%s\n  "%s": {"value": %s, "unit": "%s"}' "$comma" "$1" "$2" "$3" \
        >>"$json"
    comma=,
}

# measured WORDS COMMAND...
measured() {
    words=$1
    shift
    begun=$(date +%s%N)
    python3 "$here/peak.py" peak "$@" >out 2>err || {
        tail -n 3 err >&2
        exit 2
    }
    ended=$(date +%s%N)
    row "$words" "$(awk -v number="$number" -v ns=$((ended - begun)) \
        'BEGIN { printf "%d", number / (ns / 1e9) }')" "certificates/s"
    row "$words, peak memory" "$(cat peak)" KiB
}

measured "lint, $number certificates" "$smimebr" lint --format jsonl --issuer ca.crt all.pem
measured "survey, $number certificates, one thread" "$smimebr" survey --jobs 1 --issuer ca.crt all.pem
measured "survey, $number certificates, two threads" \
    "$smimebr" survey --jobs 2 --issuer ca.crt all.pem
[ -z "$json" ] || printf '\n}\n' >>"$json"
