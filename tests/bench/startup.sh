#!/bin/sh
# What the provider costs a program that starts, signs once and ends, as `openssl ca` does: medians
# of the time that passes, the steps that lead there by turns.
#
#   startup.sh MODULE [JSON]      (the path of smimebr.so)
set -eu
umask 077

module=$1
json=${2-}
rounds=${ROUNDS:-15}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
here=$(cd "$(dirname "$0")" && pwd)
cd "$scratch"

# root.key root.crt ca.key ca.crt leaf.csr extensions.cnf
# shellcheck source=tests/clients/smime_pki.sh
. "$here/../clients/smime_pki.sh"

# configuration FILE LINES...: openssl.cnf with these lines in the provider's section
configuration() {
    file=$1
    shift
    {
        echo "openssl_conf = init"
        cat extensions.cnf
        printf '[init]\nproviders = providers\n[providers]\ndefault = on\nsmimebr = smimebr\n'
        printf '[on]\nactivate = 1\n[smimebr]\nmodule = %s\nactivate = 1\n' "$module"
        for line in "$@"; do
            echo "$line"
        done
    } >"$file"
}

configuration guarded.cnf "policy = builtin" "audit-log = $scratch/audit.jsonl"

sign() {
    OPENSSL_CONF=$1 openssl ca -batch -config "$1" -name default_ca -keyfile "$2" -cert ca.crt \
        -days 365 -extfile extensions.cnf -extensions leaf -notext -in leaf.csr -out out.crt
}

step_nothing() { OPENSSL_CONF=/dev/null openssl version; }
step_module() { OPENSSL_CONF=$scratch/guarded.cnf openssl list -providers; }
step_key() { OPENSSL_CONF=$scratch/guarded.cnf openssl pkey -in smimebr:ca.key -pubout; }
step_plain() { sign "$scratch/extensions.cnf" ca.key; }
step_guarded() { sign "$scratch/guarded.cnf" smimebr:ca.key; }

now() { date +%s%N; }

median() { sort -n | awk '{ v[NR] = $1 } END { printf "%.1f", v[int((NR + 1) / 2)] / 1000000 }'; }

[ -z "$json" ] || printf '{' >"$json"
comma=
for step in nothing module key plain guarded; do
    : >"times.$step"
done
round=0
while [ "$round" -lt "$rounds" ]; do
    for step in nothing module key plain guarded; do
        : >index.txt
        begun=$(now)
        "step_$step" >log 2>&1 || {
            cat log >&2
            exit 2
        }
        echo $(($(now) - begun)) >>"times.$step"
    done
    round=$((round + 1))
done
for step in nothing module key plain guarded; do
    case $step in
    nothing) words="openssl version, no configuration" ;;
    module) words="openssl list -providers, module loaded" ;;
    key) words="openssl pkey, policy read and key opened" ;;
    plain) words="openssl ca, default provider" ;;
    guarded) words="openssl ca, guarded" ;;
    esac
    time=$(median <"times.$step")
    printf '%-58s %12s ms\n' "$words" "$time"
    [ -z "$json" ] || printf '%s\n  "%s": {"value": %s, "unit": "ms"}' "$comma" "$words" "$time" \
        >>"$json"
    comma=,
done
[ -z "$json" ] || printf '\n}\n' >>"$json"
