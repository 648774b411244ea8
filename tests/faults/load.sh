#!/bin/sh
# 64 threads of one process and 16 processes sign with a guarded key for a while, refusals mixed in.
# Every signature verifies; the log verifies; it has as many permits, each with the outcome of its
# signature, and refusals as there were; and what was issued is what was permitted, both ways.
#
#     load.sh BUILD [SECONDS]      5 without it
set -eu

seconds=${2-5}
set -- "$1"
# shellcheck source=tests/support/client.sh
. "$(dirname "$0")/../support/client.sh"

make_ca -algorithm EC -pkeyopt ec_paramgen_curve:P-256
make_leaf leaf -algorithm EC -pkeyopt ec_paramgen_curve:P-256
# what the certificates say; a signature of the CA's ordinary key stands for those to come
for section in strict bad; do
    plain openssl x509 -req -in leaf.csr -CA ca.crt -CAkey ca.key -days 30 \
        -set_serial 0x5a4b3c2d1e0f9a8b7c6d5e4f30211203 -extfile plain.cnf -extensions "$section" \
        -out "$section.crt" 2>/dev/null
done

runs 0 guarded "$client_build/tests/faults/load_test" "$seconds" 64 16 strict.crt bad.crt ca.crt \
    smimebr:ca.key issued.pem
read -r permitted refused <"$test_folder/out"
[ "$refused" -gt 0 ] || fail "nothing was refused"

# counted TEXT NUMBER: as often in the log
counted() {
    counted_num=$(grep -oF -- "$1" audit.jsonl | wc -l)
    [ "$counted_num" -eq "$2" ] || fail "$counted_num times in the log instead of $2: $1"
}
counted '"verdict":"permit"' "$permitted"
counted '"verdict":"refuse"' "$refused"
counted '"signature_sha256"' "$permitted"
# a permit and its outcome by number
grep -F '"verdict":"permit"' audit.jsonl | sed 's/.*"sequence":\([0-9]*\),"hash".*/\1/' |
    sort >permits
sed -n 's/.*"outcomes":\[\([^]]*\)\].*/\1/p' audit.jsonl | grep -o '"sequence":[0-9]*,"signature' |
    sed 's/[^0-9]//g' | sort >outcomes
cmp permits outcomes || fail "permits and outcomes differ"
runs 0 "$client_command" audit verify audit.jsonl
runs 0 "$client_command" audit reconcile --issuer ca.crt audit.jsonl -- issued.pem
printf '%s s, 64 threads and 16 processes: %s signatures verified, %s refusals, all in the log\n' \
    "$seconds" "$permitted" "$refused"
