#!/bin/sh
# smimebr profile: one certificate from each section, judged.
#   command_profile.sh SMIMEBR
set -eu
smimebr=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
# shellcheck source=tests/clients/smime_pki.sh
. "$here/smime_pki.sh"
make_pki >log 2>&1 || fail "openssl: $(cat log)"

# the list
runs 0 "$smimebr" profile
[ "$(wc -l <out)" -eq 12 ] || fail "twelve profiles"
[ "$(grep -c 'not issued since 2025-07-15' out)" -eq 4 ] || fail "four Legacy profiles"
prints 'sponsor-validated-strict             2.23.140.1.5.3.3'

# subject TYPE: a subject that the Type takes
subject() {
    case $1 in
    mailbox) printf '/CN=alice@smimebr-test.eu/emailAddress=alice@smimebr-test.eu' ;;
    organization) printf '/C=DE/O=Alice GmbH/organizationIdentifier=VATDE-123456788/emailAddress=alice@smimebr-test.eu' ;;
    sponsor) printf '/C=DE/O=Alice GmbH/organizationIdentifier=VATDE-123456788/SN=Doe/GN=Alice/CN=Alice Doe/emailAddress=alice@smimebr-test.eu' ;;
    individual) printf '/C=DE/SN=Doe/GN=Alice/CN=Alice Doe/emailAddress=alice@smimebr-test.eu' ;;
    esac
}

# issue TYPE GENERATION KEY: certificate.pem
issue() {
    section=$1_validated_$2
    runs 0 "$smimebr" profile --key "$3" "$1-validated-$2"
    quiet
    grep -qx "\[$section\]" out || fail "section $section"
    sed 's/example\.net/smimebr-test.eu/g' out >profile.cnf
    openssl req -new -key "$3.key" -utf8 -config extensions.cnf -subj "$(subject "$1")" \
        -out request.pem 2>log || fail "request: $(cat log)"
    openssl x509 -req -in request.pem -CA ca.crt -CAkey ca.key -days 365 -sha256 \
        -extfile profile.cnf -extensions "$section" \
        -set_serial "0x5d$(openssl rand -hex 15)" -out certificate.pem 2>log ||
        fail "certificate: $(cat log)"
}

openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key 2>log
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.key 2>log
openssl genpkey -algorithm ED25519 -out eddsa.key 2>log
for type in mailbox organization sponsor individual; do
    for generation in multipurpose strict; do
        for key in rsa ec eddsa; do
            issue "$type" "$generation" "$key"
            runs 0 "$smimebr" lint --issuer ca.crt --fail-on warning certificate.pem
            prints "$type-validated-$generation"
        done
    done
    runs 2 "$smimebr" profile "$type-validated-legacy"
    silent
    complains 'no Legacy certificate may be issued since 2025-07-15'
done

# the other way round: a subject of another Type in the same section
issue sponsor strict rsa
openssl req -new -key rsa.key -utf8 -config extensions.cnf -subj "$(subject individual)" \
    -out request.pem 2>log
openssl x509 -req -in request.pem -CA ca.crt -CAkey ca.key -days 365 -sha256 -extfile profile.cnf \
    -extensions sponsor_validated_strict -set_serial "0x5d$(openssl rand -hex 15)" \
    -out wrong.pem 2>log
runs 1 "$smimebr" lint --issuer ca.crt wrong.pem
prints 'smime.profile.organization_name_missing'

# what the tables say
runs 0 "$smimebr" profile mailbox-validated-strict
prints '#   prohibited: organizationName, organizationalUnitName, organizationIdentifier'
lacks '#   required:'
runs 0 "$smimebr" profile sponsor-validated-multipurpose
prints '#   prohibited: every other attribute'
runs 0 "$smimebr" profile sponsor-validated-strict
prints '#   required:   organizationName, organizationIdentifier'
prints '#   prohibited: streetAddress, postalCode, every other attribute'
awk 'length > 110 {exit 1}' out || fail "wide lines"

# wrong usage
runs 2 "$smimebr" profile sponsor-validated-stict
complains 'did you mean "sponsor-validated-strict"?'
runs 2 "$smimebr" profile --key dsa mailbox-validated-strict
complains '--key takes rsa, ec or eddsa'
silent
runs 2 "$smimebr" profile mailbox-validated-strict individual-validated-strict
complains 'takes one profile'
