#!/bin/sh
# smimebr outlook: who is refused from when, by which requirement.
#   command_outlook.sh SMIMEBR
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

# the dates: today, then all that come, each once
runs 0 "$smimebr" outlook --now 2026-11-24 --format json folder
quiet
jq -r '.dates[].date' out >dates
"$smimebr" rules --format json | jq -r '.rules[] | select(.state == "checked") | .from, .until |
    select(. > "2026-11-24")' | sort -u | sed 's/$/T00:00:00Z/' >coming
[ -s coming ] || fail "no coming dates"
{ echo 2026-11-24T00:00:00Z && cat coming; } | cmp -s - dates || fail "dates"

# a purpose that goes on 2027-07-01
jq -e '.certificates == 3 and .all_inputs_read and .dates[0].permitted == 3 and
    ([.dates[] | select(.date >= "2027-07-01") | select(.refused != 1 or
        .obstacles[0].id != "smime.eku.only_email_and_client_auth" or
        .obstacles[0].certificates != 1)] == [])' out >/dev/null || fail "json"

# Legacy has gone already
runs 0 "$smimebr" outlook --now 2026-11-24 --issuer ca.crt good.pem bundle.pem folder
prints '2026-11-24: 3 of 6 refused (50.0 %)'
prints '3  smime.policies.legacy_after_sunset: '
prints '2027-07-01: 4 of 6 refused (66.7 %)'
prints '1  smime.eku.only_email_and_client_auth: '
runs 0 "$smimebr" outlook --now 2025-07-01 good.pem bundle.pem folder
prints '2025-07-01: 0 of 6 refused (0.0 %)'
prints '2025-07-15: 3 of 6 refused (50.0 %)'

# an audit log as input, and csv
runs 0 "$smimebr" outlook --now 2026-11-24 --format csv audit.jsonl
[ "$(head -n 1 out)" = 'record,date,requirement,certificates,alone,text' ] || fail "columns"
prints 'permitted,2026-11-24,,1,,'
prints 'refused,2027-07-01,,1,,'
prints 'obstacle,2027-07-01,smime.eku.only_email_and_client_auth,1,1,'
lacks 'obstacle,2026-11-24'

# the number of threads makes no difference
runs 0 "$smimebr" outlook --now 2026-11-24 --jobs 1 --format json good.pem bundle.pem folder
cp out one.json
runs 0 "$smimebr" outlook --now 2026-11-24 --jobs 5 --format json folder bundle.pem good.pem
cmp -s out one.json || fail "five jobs count otherwise"

# wrong usage
runs 2 "$smimebr" outlook
complains 'no file or folder is named'
runs 2 "$smimebr" outlook --each good.pem
complains 'is no option of this command'
runs 2 "$smimebr" outlook missing.pem
complains 'missing.pem'
