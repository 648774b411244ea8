#!/bin/sh
# smimebr lint: every option, every form of input and output, every exit code, bad input.
#   command_lint.sh SMIMEBR
set -eu
smimebr=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
# shellcheck source=tests/clients/smime_pki.sh
. "$here/smime_pki.sh"

lint() { "$smimebr" lint "$@"; }

# verdicts and exit codes
runs 0 lint leaf.crt
prints 'leaf.crt: certificate, mailbox-validated-strict: permitted'
prints '1 object: 1 permitted, 0 refused; 0 errors, 0 warnings, 0 notices'
prints 'no issuer certificate was given; give it with --issuer'
quiet
runs 0 lint --issuer ca.crt leaf.crt
lacks 'no issuer certificate'
runs 1 lint bad.crt
prints 'bad.crt: certificate, mailbox-validated-strict: refused'
prints 'error: SBR 7.1.2.3(f): extensions.extKeyUsage[1] (octets '
prints 'remedy: '
prints 'smime.eku.server_auth_present'
prints 'smime.validity.too_long_multipurpose_strict'
prints 'warning: '
quiet
runs 2 lint no-such-file bad.crt leaf.crt
prints 'bad.crt: certificate'
prints 'leaf.crt: certificate'
complains 'no-such-file cannot be opened: No such file or directory'

# --show and --fail-on
runs 1 lint --show error bad.crt
prints 'smime.eku.server_auth_present'
lacks 'warning: '
prints '1 warning, '
runs 1 lint --show=warning bad.crt
prints 'warning: '
sed 's/emailProtection, serverAuth/emailProtection/' extensions.cnf >warning.cnf
openssl x509 -req -in bad.csr -CA ca.crt -CAkey ca.key -days 300 -extfile warning.cnf \
    -extensions bad -set_serial 0x7a4b3c2d1e0f9a8b7c6d5e4f30211205 -out warning.crt 2>/dev/null
runs 0 lint warning.crt
prints ': permitted'
prints 'warning: '
runs 1 lint --fail-on warning warning.crt
runs 1 lint --fail-on notice warning.crt
runs 0 lint --fail-on error warning.crt

# --now
runs 1 lint old.crt
prints 'only since after 2022-01-01, the date of this object; --now notbefore judges it by its own'
runs 0 lint --now notbefore old.crt
lacks '--now notbefore'
runs 1 lint --now clock old.crt
lacks '--now notbefore'
runs 0 lint --now 2022-01-01 old.crt
runs 1 lint --now 2024-01-01T00:00:00Z old.crt
runs 1 lint --now 2024-01-01T01:00+01:00 --format jsonl old.crt
prints '"now":"2024-01-01T00:00:00Z"'
for now in yesterday 2024 2024-13-01 2024-02-30 2024-01-01T00:00:00 2024-01-01T25:00Z 20240101 \
    '2024-01-01 00:00:00Z' 2024-01-01T00:00:00+0100 2024-01-01Z ''; do
    runs 2 lint --now "$now" old.crt
    complains '--now takes an ISO 8601 date'
    silent
done

# --as, --mechanism, --type
runs 1 lint --as sponsor-validated-strict leaf.crt
prints 'sponsor-validated-strict: refused'
runs 2 lint --as sponsor leaf.crt
complains '--as takes a profile'
runs 0 lint --mechanism ecdsa-sha256 leaf.crt
runs 1 lint --mechanism ecdsa-sha384 leaf.crt
prints 'mechanism'
runs 0 lint --mechanism 300a06082a8648ce3d040302 leaf.crt
for mechanism in rsa-pkcs1-sha256 rsa-pkcs1-sha384 rsa-pkcs1-sha512 rsa-pss-sha256 rsa-pss-sha384 \
    rsa-pss-sha512 ecdsa-sha512 ed25519 ed448 ml-dsa-44 ml-dsa-65 ml-dsa-87; do
    runs 1 lint --mechanism "$mechanism" leaf.crt
done
for mechanism in md5 30 300a06082a8648ce3d04030 300a06082a8648ce3d0403 zz ''; do
    runs 2 lint --mechanism "$mechanism" leaf.crt
    complains '--mechanism takes a name'
done
# ... the names stand for what openssl writes
same_mechanism() { # NAME GENPKEY-OPTIONS -- REQ-OPTIONS
    name=$1
    shift
    algorithm=
    while [ "$1" != -- ]; do
        algorithm="$algorithm $1"
        shift
    done
    shift
    # shellcheck disable=SC2086
    openssl genpkey $algorithm -out any.key 2>/dev/null
    openssl req -x509 -new -key any.key -subj /CN=x -out any.crt "$@"
    "$smimebr" lint --format jsonl any.crt >by-file.jsonl || true
    "$smimebr" lint --format jsonl --mechanism "$name" leaf.crt >by-name.jsonl || true
    [ "$(jq -r .mechanism by-file.jsonl)" = "$(jq -r .mechanism by-name.jsonl)" ] ||
        fail "mechanism $name"
}
for bits in 256 384 512; do
    same_mechanism "rsa-pkcs1-sha$bits" -algorithm RSA -- "-sha$bits"
    same_mechanism "rsa-pss-sha$bits" -algorithm RSA -- "-sha$bits" -sigopt rsa_padding_mode:pss \
        -sigopt rsa_pss_saltlen:digest
    same_mechanism "ecdsa-sha$bits" -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -- "-sha$bits"
done
same_mechanism ed25519 -algorithm ED25519 --
same_mechanism ed448 -algorithm ED448 --
openssl asn1parse -in leaf.crt -strparse 4 -noout -out tbs.der
runs 0 lint --format jsonl tbs.der
prints '"object":"certificate"'
prints '"mechanism":""'
cp out tbs.jsonl
runs 0 lint --type tbs tbs.der
prints 'give it with --mechanism'
runs 0 lint --type certificate tbs.der
runs 1 lint --type crl tbs.der
runs 1 lint --type crl leaf.crt
runs 2 lint --type cert leaf.crt
complains '--type takes auto, certificate, tbs, crl, csr or ocsp'
openssl x509 -in leaf.crt -outform DER -out leaf.der
runs 1 lint --type tbs leaf.der
runs 0 lint --type certificate leaf.der
runs 0 lint --type crl ca.crl
runs 0 lint --type csr leaf.csr
runs 0 lint --type ocsp ocsp.der

# the same octets have the same digest in every wrapping
runs 0 lint --format jsonl leaf.crt leaf.der tbs.der
[ "$(jq -r .tbs_sha256 out | sort -u | wc -l)" -eq 1 ] || fail "digests differ"
[ "$(jq -r .tbs_sha256 tbs.jsonl)" = "$(sha256sum tbs.der | cut -c 1-64)" ] || fail "digest"

# kinds and forms of input
runs 0 lint leaf.csr
prints 'leaf.csr: certification request: permitted'
runs 0 lint ca.crl
prints 'ca.crl: CRL: permitted'
runs 0 lint ocsp.der
prints 'ocsp.der: OCSP response: permitted'
{ printf -- '-----BEGIN OCSP RESPONSE-----\n' && base64 ocsp.der &&
    printf -- '-----END OCSP RESPONSE-----\n'; } >ocsp.pem
runs 0 lint ocsp.pem
openssl asn1parse -in ocsp.der -inform DER >ocsp.txt
offset=$(awk -F: '/OCTET STRING/ {print $1; exit}' ocsp.txt | tr -d ' ')
openssl asn1parse -in ocsp.der -inform DER -strparse "$offset" -noout -out basic.der
runs 0 lint basic.der
prints 'basic.der: OCSP response: permitted'
openssl x509 -in ca.crt -trustout -addtrust emailProtection -out trusted.pem
runs 0 lint trusted.pem
cat leaf.key leaf.crt ca.crt bad.crt ca.crl >chain.pem
runs 1 lint --issuer ca.crt --issuer root.crt chain.pem
prints 'chain.pem#2: certificate, mailbox-validated-strict: permitted'
prints 'chain.pem#4: certificate, mailbox-validated-strict: refused'
prints 'chain.pem#5: CRL: permitted'
prints '4 objects: 3 permitted, 1 refused'
lacks 'chain.pem#1'
sed 's/$/\r/' leaf.crt >crlf.pem
runs 0 lint crlf.pem
{ printf 'subject=x\r\n\n' && openssl x509 -in leaf.crt -text; } >text.pem
runs 0 lint text.pem
runs 0 lint - <leaf.der
prints '-: certificate'
runs 1 lint - <bad.crt
cp leaf.crt ./--odd.crt
runs 0 lint -- --odd.crt
runs 0 lint leaf.crt --show error ca.crl

# --issuer
cat root.crt ca.crt >issuers.pem
runs 0 lint --issuer issuers.pem leaf.crt
lacks 'no issuer certificate'
runs 1 lint --issuer root.crt leaf.crt
prints 'issuer'
for issuer in no-such-file leaf.key ca.crl tbs.der; do
    runs 2 lint --issuer "$issuer" leaf.crt
    complains "--issuer $issuer"
    silent
done

# --policy and --section
mkdir policy
cp ca.crt root.crt policy
cat >policy/good.cnf <<'CONF'
[key issuing]
issuer-certificate.1 = ca.crt
objects = subscriber, crl
CONF
runs 0 lint --policy policy/good.cnf leaf.crt ca.crl
prints 'leaf.crt: certificate, mailbox-validated-strict, policy section issuing: permitted'
runs 1 lint --policy policy/good.cnf leaf.csr
prints 'engine.object_not_permitted'
runs 0 lint --policy builtin leaf.crt
cat >policy/two.cnf <<'CONF'
[key issuing]
issuer-certificate.1 = ca.crt
refuse-on = warning
[key root]
issuer-certificate.1 = root.crt
objects = subordinate-ca, root
CONF
runs 0 lint --policy policy/two.cnf --format jsonl leaf.crt ca.crt
[ "$(jq -r .section out | tr '\n' ' ')" = 'issuing root ' ] || fail "sections"
runs 1 lint --policy policy/two.cnf warning.crt
prints 'refused'
runs 0 lint --policy policy/two.cnf --fail-on error warning.crt
runs 1 lint --policy policy/two.cnf --section root leaf.crt
prints 'policy section root: refused'
runs 2 lint --policy policy/two.cnf leaf.csr
complains 'choose one with --section'
runs 2 lint --policy policy/two.cnf --section nobody leaf.crt
complains 'has no section nobody'
runs 2 lint --section root leaf.crt
complains '--section needs --policy'
runs 2 lint --policy policy/none.cnf leaf.crt
complains 'policy/none.cnf'
printf '[key issuing]\nissuer-certificate.1 = ca.crt\nobject = crl\n' >policy/misspelt.cnf
runs 2 lint --policy policy/misspelt.cnf leaf.crt
complains 'misspelt.cnf:3'
cat >policy/waiver.cnf <<CONF
[key issuing]
issuer-certificate.1 = ca.crt
refuse-on = warning
waivers = allowed
[waiver example-domain]
rule = smime.mailbox.domain_example_or_onion
reason = a test
approver = the test
from = $(date -u +%Y-%m-%d)
until = $(date -u -d '+30 days' +%Y-%m-%d)
domain = example.org
CONF
runs 0 lint --policy policy/waiver.cnf warning.crt
prints 'waived by example-domain'
prints '0 warnings, 0 notices, 1 waived'

# --format
runs 1 lint --format json leaf.crt bad.crt
jq -e '.schema == 1 and (.objects | length) == 2 and .summary.refused == 1 and
    .summary.all_inputs_read and .objects[0].verdict == "permit"' out >/dev/null || fail json
runs 1 lint --format jsonl leaf.crt bad.crt
[ "$(wc -l <out)" -eq 2 ] || fail "jsonl has not one line for each object"
jq -e -s '.[1] | .schema == 1 and .file == "bad.crt" and .object == "certificate" and
    .profile == "mailbox-validated-strict" and (.tbs_sha256 | length) == 64 and
    .verdict == "refuse" and (.ruleset | length) > 0 and (.now | length) == 20 and
    .mechanism == "300a06082a8648ce3d040302" and .counts.error == 2 and .more == 0 and
    (.not_evaluated | type) == "array" and ([.findings[] | select(.id ==
    "smime.eku.server_auth_present")][0] | .severity == "error" and .offset > 0 and .length > 0 and
    has("source") and has("path") and has("detail") and has("remedy"))' out >/dev/null || fail jsonl
runs 1 lint --format jsonl --show error bad.crt
jq -e '([.findings[].severity] | unique) == ["error"] and .counts.warning == 1' out >/dev/null ||
    fail "--show for jsonl"
runs 2 lint --format sarif bad.crt no-such-file
jq -e '.version == "2.1.0" and (.runs[0] | .tool.driver.name == "smimebr" and
    (.results | length) == 3 and (.tool.driver.rules | length) == 3 and
    ([.results[].ruleId] - [.tool.driver.rules[].id]) == [] and
    .results[0].locations[0].physicalLocation.artifactLocation.uri == "./bad.crt" and
    (.invocations[0].executionSuccessful | not))' out >/dev/null || fail sarif
python3 "$here/../support/sarif.py" out || fail "not valid SARIF"
cp bad.crt 'b%20 ä#d:.crt'
runs 1 lint --format sarif leaf.crt 'b%20 ä#d:.crt'
python3 "$here/../support/sarif.py" out || fail "not valid SARIF of an odd file name"
runs 0 lint --policy policy/waiver.cnf --format sarif warning.crt
python3 "$here/../support/sarif.py" out || fail "not valid SARIF with a waiver"
jq -e '[.runs[0].results[].suppressions[]? | .justification] == ["example-domain"]' out >/dev/null ||
    fail "suppression"
runs 0 lint --format sarif leaf.crt
jq '.runs[0].results = [{}]' out >invalid
! python3 "$here/../support/sarif.py" invalid 2>err || fail "SARIF without message taken"
runs 2 lint --format xml leaf.crt
complains '--format takes text, json, jsonl or sarif'

# --color
escape=$(printf '\033')
runs 1 lint --color always bad.crt
prints "${escape}[1;31m"
runs 1 lint --color never bad.crt
lacks "$escape"
runs 1 lint bad.crt
lacks "$escape"
runs 2 lint --color sometimes bad.crt
complains '--color takes auto, always or never'

# a name that would write on the terminal
odd=$(printf 'odd\033[31m.crt')
cp leaf.crt "$odd"
runs 0 lint "$odd"
lacks "$escape"
prints 'odd\x1b[31m.crt'

# usage
runs 2 lint
complains 'smimebr lint: no file is named'
complains "see \`smimebr help lint\`"
silent
runs 2 lint --no-such-option leaf.crt
complains '--no-such-option is no option of this command'
runs 2 lint -x leaf.crt
complains '-x is no option'
runs 2 lint --sho error leaf.crt
complains '--sho is no option'
runs 2 lint leaf.crt --show
complains '--show needs a value'
runs 2 lint --show all leaf.crt
complains '--show takes error, warning or notice'
runs 2 lint --fail-on never leaf.crt
complains '--fail-on takes error, warning or notice'
[ "$(wc -l <err)" -eq 1 ] || fail "a usage error is not one line"
runs 0 lint --help
prints 'Usage: smimebr lint'

# bad input: a clear message, exit 2, and the good input is judged all the same
bad_input() {
    runs 2 lint "$1" leaf.crt
    complains "$1"
    complains "$2"
    prints 'leaf.crt: certificate, mailbox-validated-strict: permitted'
    [ "$(wc -l <err)" -eq 1 ] || fail "$1: not one complaint"
}
: >empty.pem
bad_input empty.pem 'is empty'
mkdir folder
bad_input folder 'is a directory'
head -c 104857600 /dev/zero >zeros.der
bad_input zeros.der 'is neither PEM nor DER'
rm zeros.der
printf 'hello\n' >hello.txt
bad_input hello.txt 'is neither PEM nor DER'
head -n 5 leaf.crt >cut.pem
bad_input cut.pem 'END line is missing'
bad_input leaf.key 'but no certificate, CRL, certification request or OCSP response'
head -c 200 leaf.der >cut.der
bad_input cut.der 'is cut off'
{ cat leaf.der && printf x; } >trailing.der
bad_input trailing.der '1 octets follow the DER object'
sed '3s/^.../###/' leaf.crt >damaged.pem
bad_input damaged.pem 'no valid base64'
{ printf -- '-----BEGIN CERTIFICATE-----\n' && head -c 100 /dev/zero | base64 &&
    printf -- '-----END CERTIFICATE-----\n'; } >zeros.pem
bad_input zeros.pem 'is neither PEM nor DER'
sed 's/CERTIFICATE REQUEST/CERTIFICATE/' leaf.csr >wrong-label.pem
runs 1 lint wrong-label.pem
{ printf -- '-----BEGIN CERTIFICATE-----\n' && printf '0\003\002\001\000' | base64 &&
    printf -- '-----END CERTIFICATE-----\n'; } >integer.pem
bad_input integer.pem 'is no certificate: not SEQUENCE'
printf '0\003\012\001\006' >status.der
bad_input status.der 'a status only'
if [ "$(id -u)" -ne 0 ]; then
    cp leaf.crt unreadable.crt
    chmod 000 unreadable.crt
    bad_input unreadable.crt 'Permission denied'
fi
cat leaf.crt cut.pem >half.pem
runs 2 lint half.pem
prints 'half.pem#1: certificate, mailbox-validated-strict: permitted'
complains 'half.pem#2'
printf '0\003\002\001\000' >unknown.der
runs 1 lint unknown.der
prints 'unknown object'
if [ -c /dev/full ]; then
    lint_to_full() { lint bad.crt >/dev/full; }
    runs 2 lint_to_full
    complains 'standard output could not be written'
fi
