#!/bin/sh
# smimebr audit report: the page about real logs, whole, spoilt, hostile, and its HTML.
#   audit_report.sh BUILD
set -eu
build=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
examples=$(realpath "$here/../../conf-examples")
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
# shellcheck source=tests/clients/audit_world.sh
. "$here/audit_world.sh"

report() { audit report --html page.html "$@"; }
shows() { grep -qF -- "$1" page.html || fail "the page lacks: $1"; }
hides() { ! grep -qF -- "$1" page.html || fail "the page holds: $1"; }
# The text between the tags of the page holds this, with all white space as one blank.
reads() { python3 "$here/html_check.py" --text page.html | grep -qF -- "$1" || fail "the page does not say: $1"; }
well_formed() {
    runs 0 python3 "$here/html_check.py" page.html
    if command -v tidy >/dev/null 2>&1; then
        runs 0 tidy -e -q page.html
    fi
}

# a log in which nothing was decided but the CA's own request
runs 0 report audit.jsonl
silent
quiet
well_formed
reads 'The log verifies.'
reads 'Nothing was refused.'
reads 'No waiver was used.'
reads 'No subscriber certificate was asked for.'

issue one.crt mailbox_validated_strict
issue two.crt mailbox_validated_multipurpose
issue_crl one.crl
runs 1 issue bad.crt legacy_policy -extfile defects.cnf
runs 1 issue worse.crt server_auth -extfile defects.cnf
runs 1 issue worse.crt server_auth -extfile defects.cnf
records=$(wc -l <audit.jsonl)
last=$((records - 1))
permits=$(grep -c '"verdict":"permit"' audit.jsonl)

# what there is, in figures
runs 0 report --issuer issuing.crt audit.jsonl
silent
well_formed
shows '<!DOCTYPE html>'
hides '<script'
hides 'http-equiv'
reads "$records records"
reads "$permits permitted"
reads '3 refused'
reads "Records 0 to $last: every hash"
shows "$(jq -r 'select(.event == "genesis") | .log_id' audit.jsonl)"
shows "$(tail -n 1 audit.jsonl | jq -r .hash)"
reads '2 SBR 7.1.2.3(f) serverAuth must not be included in any generation. smime.eku.server_auth_present'
reads 'extensions.extKeyUsage[1]'
number=$(jq -r 'select(.verdict == "refuse") | .sequence' audit.jsonl | sed -n 2p)
reads "record $number, 20"
reads '1 SBR 7.1.6.1 Legacy identifiers must not be issued from 2025-07-15 on.'
reads 'mailbox-validated-strict 1 0 0'
reads 'mailbox-validated-multipurpose 1 2 0'
reads 'mailbox-validated-legacy 0 1 0'
reads 'crl crl 1 0 0'
reads 'Certificates judged: 2.'
for policy in $(jq -r '.policy_sha256 // empty' audit.jsonl | sort -u); do
    shows "$policy"
done
shows "$(jq -r '.ruleset // empty' audit.jsonl | head -n 1)"
shows '<title>'
[ "$(grep -c '<rect class="permitted"' page.html)" -ge 1 ] || fail "no bar of permits"
[ "$(grep -c '<rect class="refused"' page.html)" -ge 1 ] || fail "no bar of refusals"

# standard output, standard input, an older page is replaced
audit report --html - audit.jsonl >other.html
grep -q '^</html>$' other.html || fail "standard output"
from_input() { "$smimebr" audit report --html page.html - <audit.jsonl; }
runs 0 from_input
reads "$records records"

# the coming dates: clientAuth stays, codeSigning does not outlive 2027-07-01
runs 0 report --now 2026-11-24 --issuer issuing.crt audit.jsonl
shows '2027-07-01'
reads 'begins to bind'
sed 's/^extendedKeyUsage = emailProtection, clientAuth/&, 1.3.6.1.5.5.7.3.36/' issuing-ca.cnf >signing.cnf
before=$(grep -c '"verdict":"permit"' audit.jsonl)
openssl ca -batch -notext -config signing.cnf -passin "$passin" -in leaf.csr \
    -extensions mailbox_validated_multipurpose -out signing.crt >issue.log 2>&1
[ "$(grep -c '"verdict":"permit"' audit.jsonl)" -gt "$before" ] || fail "not signed"
"$smimebr" outlook --now 2026-11-24 --issuer issuing.crt --format csv audit.jsonl >outlook.csv
runs 0 report --now 2026-11-24 --issuer issuing.crt audit.jsonl
reads 'Certificates judged: 3.'
refused=$(sed -n 's/^refused,2027-09-15,,\([0-9]*\),,/\1/p' outlook.csv)
reads "2027-09-15 $refused "

# a period
runs 0 report --since 2400-01-01 audit.jsonl
reads 'Period no records'
reads 'There was no decision.'
well_formed
runs 0 report --until 2400-01-01 --since 2000-01-01 audit.jsonl
reads '3 refused'

# waivers
cp issuing-ca.policy whole-policy
sed 's/^\[key .*/&\nwaivers = allowed/' whole-policy >issuing-ca.policy
cat >>issuing-ca.policy <<EOT

[waiver no-crl-yet]
rule = smime.crldp.missing
reason = a test of reports
approver = nobody
from = $(date -u -d '-1 day' +%F)
until = $(date -u -d '+30 days' +%F)
domain = example.net
EOT
runs 0 issue waived.crt no_crl_distribution_point -extfile defects.cnf
cp whole-policy issuing-ca.policy
runs 0 report audit.jsonl
well_formed
reads '1 uses of waivers'
reads '1 no-crl-yet SBR 7.1.2.3(b) cRLDistributionPoints must be present. smime.crldp.missing'
reads '3 refused'

# requirements that were not evaluated: without the certificate of the issuer
reads 'Every requirement that binds was evaluated.'
cp policy-before issuing-ca.policy
runs 0 issue unknown.crt mailbox_validated_strict
cp whole-policy issuing-ca.policy
why=$(jq -r '.not_evaluated[0].why // empty' audit.jsonl | head -n 1)
[ -n "$why" ] || fail "everything was evaluated"
runs 0 report audit.jsonl
well_formed
reads "$why"
! python3 "$here/html_check.py" --text page.html | grep -q 'Every requirement that binds' ||
    fail "everything was evaluated, it says"

# notes, with everything that could break a page
runs 0 audit note audit.jsonl '<script>alert("x")</script> & <b a='"'"'c'"'"'> ]]> --> &lt;'
runs 0 audit note audit.jsonl "$(printf 'bell \007, override \342\200\256, end \302\205')"
runs 0 report audit.jsonl
well_formed
hides '<script'
shows '&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &lt;b a=&#39;c&#39;&gt; ]]&gt; --&gt; &amp;lt;'
reads '<script>alert("x")</script>'
reads 'bell \x07, override \xe2\x80\xae, end \xc2\x85'
mkdir "<i>&amp;"
cp audit.jsonl "<i>&amp;/log"
runs 0 report "<i>&amp;/log"
well_formed
shows '&lt;i&gt;&amp;amp;/log'

# erased, rotated
runs 0 audit erase --sequence 3 audit.jsonl
mv audit.jsonl audit.jsonl.1
issue three.crt mailbox_validated_strict
runs 0 report audit.jsonl.1 audit.jsonl
well_formed
reads 'The log verifies.'
reads 'rotated'
reads 'erased'
reads 'Erased after the time of retention, or never kept 1'
runs 0 report audit.jsonl
reads 'Older files of this log were not given.'

# logs that do not verify: the page is there and says so
sed "s/\"verdict\":\"refuse\"/\"verdict\":\"permit\"/" audit.jsonl.1 >changed.jsonl
runs 1 report changed.jsonl
complains 'its hash is not that of its octets'
well_formed
reads 'The log does not verify.'
reads 'its hash is not that of its octets: it was changed'
sed 3d audit.jsonl.1 >changed.jsonl
runs 1 report changed.jsonl
reads 'are missing before it'
head -c 3000 audit.jsonl.1 >changed.jsonl
runs 1 report changed.jsonl
reads 'torn last line'
# ... whose end is missing, of which FILE.lock knows
head -n -1 audit.jsonl >changed.jsonl
runs 0 report audit.jsonl.1 changed.jsonl
reads 'The log verifies.'
cp audit.jsonl.lock changed.jsonl.lock
runs 1 report audit.jsonl.1 changed.jsonl
complains 'the end of the log is missing'
well_formed
reads 'The log does not verify.'
reads ': the end of the log is missing'
rm changed.jsonl.lock
# ... with many faults
for line in $(seq 60); do printf '<garbage %s>\n' "$line"; sed -n "${line}p" audit.jsonl.1; done >changed.jsonl
runs 1 report changed.jsonl
well_formed

# wrong usage, what cannot be read or written: no page
rm page.html
runs 2 report no-such-file
complains 'no-such-file: cannot be opened'
absent page.html
: >empty
runs 2 report empty
absent page.html
runs 2 audit report audit.jsonl
complains '--html names the page'
runs 2 audit report --html page.html
complains 'no audit log is named'
runs 2 audit report --html no-such-folder/page.html audit.jsonl
runs 2 report --since yesterday audit.jsonl
complains '--since takes an ISO 8601 date'
runs 2 report --issuer leaf.key audit.jsonl
runs 2 report --loud audit.jsonl
absent page.html
runs 0 audit report --help
prints '--html OUT'
