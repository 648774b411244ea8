#!/bin/sh
# smimebr survey: counts, both targets, obstacles, all kinds of input, threads.
#   command_survey.sh SMIMEBR
set -eu
smimebr=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
# shellcheck source=tests/clients/smime_pki.sh
. "$here/smime_pki.sh"
# shellcheck source=tests/clients/survey_corpus.sh
. "$here/survey_corpus.sh"
{ make_pki && make_corpus; } >log 2>&1 || fail "openssl: $(cat log)"

# json: what is counted, what is permitted, what stands in the way
runs 0 "$smimebr" survey --issuer ca.crt --now 2026-11-24 --format json good.pem bundle.pem folder
quiet
cp out one.json
jq -e '.schema == 1 and .all_inputs_read and .objects == 6 and .files == 6 and
    .files_without == 1 and .kinds.subscriber == 6 and
    .profiles["sponsor-validated-legacy"] == 3 and .profiles["sponsor-validated-strict"] == 1 and
    .profiles["sponsor-validated-multipurpose"] == 2' out >/dev/null || fail "counts"
migration() {
    jq -c --arg from "sponsor-validated-$1" --arg target "sponsor-validated-$2" '.migrations[] |
        select(.profile == $from and .as == $target) |
        [.permitted, .refused, [.obstacles[] | [.id, .certificates, .alone]]]' one.json
}
[ "$(migration legacy multipurpose)" = \
    '[2,1,[["smime.validity.too_long_multipurpose_strict",1,1]]]' ] || fail "Legacy, Multipurpose"
[ "$(migration legacy strict)" = '[1,2,[["smime.profile.sv.street_address_prohibited",1,1],["smime.validity.too_long_multipurpose_strict",1,1]]]' ] ||
    fail "Legacy, Strict"
[ "$(migration multipurpose multipurpose)" = '[2,0,[]]' ] || fail "Multipurpose"
[ "$(migration multipurpose strict)" = '[0,2,[["smime.eku.strict_other",2,2]]]' ] ||
    fail "Multipurpose, Strict"

# on another date
runs 0 "$smimebr" survey --now 2027-07-01 --format json folder
jq -e '.migrations[] | select(.as == "sponsor-validated-multipurpose") | .permitted == 1 and
    .obstacles[0].id == "smime.eku.only_email_and_client_auth"' out >/dev/null || fail "later date"

# the number of threads and the order of the inputs make no difference
for jobs in 1 2 7; do
    runs 0 "$smimebr" survey --issuer ca.crt --now 2026-11-24 --format json --jobs "$jobs" folder \
        bundle.pem good.pem
    cmp -s out one.json || fail "$jobs jobs count otherwise"
done
runs 0 "$smimebr" survey --issuer ca.crt --now 2026-11-24 --format json - <bundle.pem
jq -e '.objects == 2' out >/dev/null || fail "standard input"

# text and csv
runs 0 "$smimebr" survey --now 2026-11-24 good.pem bundle.pem folder root.crt
prints 'Issued as legacy, judged as strict on 2026-11-24: 1 of 3 permitted (33.3 %)'
prints '1           1  smime.profile.sv.street_address_prohibited: '
prints '1 other certificates: root'
runs 2 "$smimebr" survey --now 2026-11-24 ca.crl
complains 'holds no certificate'
runs 0 "$smimebr" survey --now 2026-11-24 --format csv good.pem bundle.pem folder
[ "$(head -n 1 out)" = 'record,profile,as,requirement,certificates,alone,text' ] || fail "columns"
python3 - out <<'PYTHON' || fail "csv"
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
assert all(None not in row and None not in row.values() for row in rows)
found = [r for r in rows if r["record"] == "obstacle" and r["profile"].endswith("-legacy")
         and r["as"].endswith("-strict")]
assert len(found) == 2 and all(r["certificates"] == "1" and r["text"] for r in found), found
PYTHON

# one by one
runs 0 "$smimebr" survey --each --now 2026-11-24 bundle.pem
prints 'bundle.pem#1: sponsor-validated-legacy'
prints '  as strict: refused: smime.profile.sv.street_address_prohibited'
prints 'bundle.pem#2: sponsor-validated-legacy'
runs 0 "$smimebr" survey --each --format json --now 2026-11-24 bundle.pem good.pem folder
jq -se 'length == 5 and (.[2].as.strict.verdict == "permit") and
    (.[0].as.strict.requirements == ["smime.profile.sv.street_address_prohibited"]) and
    (.[0].as.multipurpose.verdict == "permit")' out >/dev/null || fail "each in json"
runs 0 "$smimebr" survey --each --format csv --now 2026-11-24 good.pem bundle.pem
[ "$(wc -l <out)" -eq 7 ] || fail "each in csv"

# an audit log: what was permitted
runs 0 "$smimebr" survey --format json --now 2026-11-24 audit.jsonl
jq -e '.objects == 1 and .profiles["sponsor-validated-multipurpose"] == 1' out >/dev/null ||
    fail "audit log"
{ cat audit.jsonl && printf '{"event":"decision"\n'; } >torn.jsonl
runs 2 "$smimebr" survey --format json torn.jsonl
complains 'torn.jsonl: a line of the audit log is no record (number 5)'
jq -e '.objects == 1 and (.all_inputs_read | not)' out >/dev/null || fail "torn log"

# memory does not grow with the inputs
i=0
while [ "$i" -lt 400 ]; do
    cat bundle.pem
    i=$((i + 1))
done >many.pem
runs 0 "$smimebr" survey --jobs 2 --format json --now 2026-11-24 many.pem
jq -e '.objects == 800 and .migrations[0].permitted == 400' out >/dev/null || fail "many"

# bad input: the rest is read all the same
sed '5s/^./!/' good.pem >damaged.pem
head -n 6 good.pem >cut.pem
: >empty.pem
mkdir -p more && cp damaged.pem good.pem empty.pem more
for bad in damaged.pem cut.pem empty.pem leaf.key missing.pem; do
    runs 2 "$smimebr" survey --format json "$bad" good.pem
    complains "$bad"
    jq -e '.objects == 1 and (.all_inputs_read | not)' out >/dev/null || fail "good.pem after $bad"
done
runs 2 "$smimebr" survey --format json more
jq -e '.objects == 1 and .files_without == 1' out >/dev/null || fail "folder with a damaged file"

# wrong usage
runs 2 "$smimebr" survey
complains 'no file or folder is named'
for wrong in '--jobs 0' '--jobs 65' '--jobs two' '--format xml' '--now today' '--issuer leaf.key'; do
    # shellcheck disable=SC2086
    runs 2 "$smimebr" survey $wrong good.pem
    complains "${wrong%% *}"
    silent
done
