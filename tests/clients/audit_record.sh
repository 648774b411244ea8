#!/bin/sh
# What a record holds, for each kind of object that a CA signs, against the object itself as openssl
# reads it: SBR 5.4.1 wants issuance, approvals, rejections, CRLs and OCSP signing on record.
#   audit_record.sh BUILD
set -eu
build=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
examples=$(realpath "$here/../../conf-examples")
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
# a CA that signs OCSP responses itself needs digitalSignature
cp -r "$examples" examples
sed -i 's/^keyUsage = .*keyCertSign.*/&, digitalSignature/' examples/root-ca.cnf
examples=$test_folder/examples
# shellcheck source=tests/clients/audit_world.sh
. "$here/audit_world.sh"
sed -i 's/^objects = .*/&, ocsp-response/' issuing-ca.policy

issue one.crt mailbox_validated_strict
runs 1 issue bad.crt legacy_policy -extfile defects.cnf
ca -revoke one.crt -crl_reason superseded >issue.log 2>&1
issue_crl one.crl
openssl ocsp -issuer issuing.crt -cert one.crt -no_nonce -reqout request.der
guarded openssl ocsp -index index.txt -CA issuing.crt -reqin request.der -rsigner issuing.crt \
    -rkey smimebr:issuing.key -passin "$passin" -ndays 3 -respout response.der >issue.log 2>&1 ||
    fail "no OCSP response: $(cat issue.log)"
audit note audit.jsonl 'the last word' >/dev/null # its process has no outcomes to tell

# The only record with this object and verdict, in ./record.
record_of() { # OBJECT VERDICT
    jq -c "select(.object == \"$1\" and .verdict == \"$2\")" audit.jsonl >record
    [ "$(wc -l <record)" -eq 1 ] || fail "$(wc -l <record) records: $1, $2"
}
is() { # MEMBER EXPECTED
    found=$(jq -r ".$1" record)
    [ "$found" = "$2" ] || fail "$1 is \"$found\", not \"$2\": $(cat record)"
}
# has MEMBER...: they are there and hold something
has() {
    for member in "$@"; do
        jq -e ".$member | . != null and . != \"\"" record >/dev/null || fail "no $member: $(cat record)"
    done
}
has_not() {
    for member in "$@"; do
        jq -e "has(\"$member\") | not" record >/dev/null || fail "has $member: $(cat record)"
    done
}
sha256() { sha256sum | cut -c 1-64; }
to_be_signed() { # DER-FILE: the first element inside of the outer one, whose header has 4 octets
    openssl asn1parse -inform DER -in "$1" -strparse 4 -noout -out tbs.der
    sha256 <tbs.der
}
moment() { date -u -d "$1" +%FT%TZ; }
key=$(openssl pkey -pubin -in issuing.pub -outform DER | sha256)

# what every decision says
every_decision() {
    has schema event host pid uid program version policy policy_sha256 section key object kind \
        tbs_sha256 verdict ruleset now mechanism counts time previous sequence hash
    is schema 1
    is event decision
    is host "$(uname -n)"
    is uid "$(id -u)"
    is program openssl
    is key "$key"
    jq -e '.time | test("^20..-..-..T..:..:..[.][0-9]{9}Z$")' record >/dev/null || fail 'its time'
    jq -e '(.findings | type == "array") and (.not_evaluated | type == "array")' record >/dev/null ||
        fail 'no findings or no list of what was not evaluated'
}
# The outcome of the record, in a later one, is the digest of this signature.
was_signed() { # DIGEST
    sequence=$(jq -r .sequence record)
    found=$(jq -r ".outcomes[]? | select(.sequence == $sequence) | .signature_sha256" audit.jsonl)
    [ "$found" = "$1" ] || fail "record $sequence: the signature on record is \"$found\", not $1"
}
signature_of() { # DER-FILE: digest of the octets of its last BIT STRING
    place=$(openssl asn1parse -inform DER -in "$1" | grep 'BIT STRING' | tail -n 1 | cut -d : -f 1)
    openssl asn1parse -inform DER -in "$1" -strparse "$(echo "$place" | tr -d ' ')" -noout -out bits
    sha256 <bits
}

# a certificate
record_of certificate permit
every_decision
openssl x509 -in one.crt -outform DER -out one.der
is tbs_sha256 "$(to_be_signed one.der)"
[ "$(jq -r .tbs record | base64 -d | sha256)" = "$(to_be_signed one.der)" ] || fail 'another tbs'
is serial "$(openssl x509 -in one.crt -noout -serial | cut -d = -f 2 | tr A-F a-f)"
is issuer "$(openssl x509 -in one.crt -noout -issuer -nameopt RFC2253,-esc_msb,utf8 | cut -d = -f 2-)"
is subject "$(openssl x509 -in one.crt -noout -subject -nameopt RFC2253,-esc_msb,utf8 | cut -d = -f 2-)"
is not_before "$(moment "$(openssl x509 -in one.crt -noout -startdate | cut -d = -f 2)")"
is not_after "$(moment "$(openssl x509 -in one.crt -noout -enddate | cut -d = -f 2)")"
is 'mailboxes[0]' alice@example.net
is kind subscriber
is profile mailbox-validated-strict
is issuer_certificate "$(openssl x509 -in issuing.crt -outform DER | sha256)"
is counts.error 0
has_not crl_number this_update next_update entries serials
was_signed "$(signature_of one.der)"

# a rejection
record_of certificate refuse
every_decision
has serial issuer subject not_before not_after mailboxes tbs issuer_certificate
is profile mailbox-validated-legacy
[ "$(jq -r .counts.error record)" -ge 1 ] || fail 'no error is counted'
jq -e '.findings[] | select(.id == "smime.policies.legacy_after_sunset" and .severity == "error" and
    (.source | startswith("SBR ")) and .path != "" and .detail != "" and .remedy != "")' record \
    >/dev/null || fail 'its finding'
sequence=$(jq -r .sequence record)
[ "$(jq -c ".outcomes[]? | select(.sequence == $sequence)" audit.jsonl)" = '' ] ||
    fail 'a refusal has an outcome'

# a certification request
record_of csr permit
every_decision
openssl req -in issuing.csr -outform DER -out csr.der
is tbs_sha256 "$(to_be_signed csr.der)"
is subject "$(openssl req -in issuing.csr -noout -subject -nameopt RFC2253,-esc_msb,utf8 | cut -d = -f 2-)"
[ "$(jq -r .spki record | base64 -d | sha256)" = "$key" ] || fail 'another key'
has tbs
has_not serial issuer mailboxes entries
was_signed "$(signature_of csr.der)"

# a CRL
record_of crl permit
every_decision
openssl crl -in one.crl -outform DER -out crl.der
is tbs_sha256 "$(to_be_signed crl.der)"
is issuer "$(openssl crl -in one.crl -noout -issuer -nameopt RFC2253,-esc_msb,utf8 | cut -d = -f 2-)"
is crl_number 01
is entries 1
is this_update "$(moment "$(openssl crl -in one.crl -noout -lastupdate | cut -d = -f 2)")"
is next_update "$(moment "$(openssl crl -in one.crl -noout -nextupdate | cut -d = -f 2)")"
has_not tbs serial subject mailboxes serials
was_signed "$(signature_of crl.der)"

# an OCSP response
record_of ocsp permit
every_decision
openssl ocsp -respin response.der -noverify -resp_text >response.txt
is entries 1
is 'serials[0]' "$(openssl x509 -in one.crt -noout -serial | cut -d = -f 2 | tr A-F a-f)"
is this_update "$(moment "$(sed -n 's/^ *This Update: //p' response.txt)")"
is next_update "$(moment "$(sed -n 's/^ *Next Update: //p' response.txt)")"
has_not tbs serial subject issuer mailboxes crl_number

# all of them are shown, as a table, as CSV, and in the report
serial=$(openssl x509 -in one.crt -noout -serial | cut -d = -f 2 | tr A-F a-f)
runs 0 audit show audit.jsonl
grep -q "permit .*mailbox-validated-strict .*$serial alice@example.net" "$test_folder/out" || fail 'certificate'
grep -q 'refuse .*mailbox-validated-legacy .*: .*smime.policies.legacy_after_sunset' "$test_folder/out" ||
    fail 'rejection'
grep -q 'permit .*csr .*CN=Example S/MIME' "$test_folder/out" || grep -q 'permit .*csr  ' "$test_folder/out" ||
    fail 'request'
grep -q 'permit .*crl .*number 01, 1 entry$' "$test_folder/out" || fail 'CRL'
grep -q "permit .*ocsp-response .*about $serial\$" "$test_folder/out" || fail 'OCSP response'
runs 0 audit show --serial "$serial" --decision permit audit.jsonl
[ "$(wc -l <"$test_folder/out")" -eq 3 ] || fail 'not the certificate and the OCSP response'
runs 0 audit show --format csv audit.jsonl
for object in certificate csr crl ocsp; do
    grep -q "\"decision\",\"permit\",\"$object\"" "$test_folder/out" || fail "no $object in the CSV"
done
runs 0 audit report --html page.html audit.jsonl
python3 "$here/html_check.py" --text page.html >page.txt
for row in 'certificate subscriber 1 1 0' 'csr csr 1 0 0' 'crl crl 1 0 0' 'ocsp ocsp-response 1 0 0'; do
    grep -qF "$row" page.txt || fail "the report lacks: $row"
done
