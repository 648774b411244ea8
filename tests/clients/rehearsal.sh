#!/bin/sh
# A rehearsal: smimebr:rehearse:CERT stands for the CA's key, judges what that would sign and never
# signs. It needs the CA's certificate and the policy, not the key, and leaves no record.
#
#     rehearsal.sh BUILD
set -eu

# shellcheck source=tests/support/client.sh
. "$(dirname "$0")/../support/client.sh"

add_ca_section

# rehearses TEXT COMMAND...: it fails, says TEXT, and signs nothing
rehearses() {
    text=$1
    shift
    rm -f out.pem
    runs 1 "$@"
    complains "$text"
    if [ "$text" = "would be permitted" ]; then
        ! grep -q "would be refused" err || fail "permitted and refused at once"
    else
        complains "would be refused"
        ! grep -q "would be permitted" err || fail "permitted and refused at once"
    fi
    signed_by_ca out.pem && fail "a rehearsal signed"
    absent audit.jsonl
}

rehearse_all() {
    key=$1
    rehearses "would be permitted" x509_req -CAkey "$key" -extensions strict -out out.pem
    rehearses "SBR 7.1.2.3(f): extensions.extKeyUsage" \
        x509_req -CAkey "$key" -extensions bad -out out.pem
    rehearses "would be permitted" \
        openssl_ca -keyfile "$key" -extensions strict -in leaf.csr -out out.pem
    rehearses "SBR 7.1.2.3(f): extensions.extKeyUsage" \
        openssl_ca -keyfile "$key" -extensions bad -in leaf.csr -out out.pem
    cmp -s index.txt /dev/null || fail "the database of openssl ca has an entry"
    rehearses "would be permitted" openssl_ca -keyfile "$key" -gencrl -out out.pem
    rehearses "would be permitted" guarded openssl req -new -key "$key" \
        -subj '/C=DE/O=Example/CN=Example CA' -out out.pem
    rehearses "engine.object_not_permitted" guarded openssl req -x509 -new -key "$key" \
        -config openssl.cnf -extensions root_ext -subj '/C=DE/O=Example/CN=Example CA' -out out.pem
}

make_leaf leaf -algorithm EC -pkeyopt ec_paramgen_curve:P-256
for kind in EC:P-256 RSA; do
    case $kind in
    EC:*) make_ca -algorithm EC -pkeyopt "ec_paramgen_curve:${kind#EC:}" ;;
    RSA) make_ca -algorithm RSA -pkeyopt rsa_keygen_bits:3072 ;;
    esac
    : >index.txt
    echo 01 >crlnumber
    mv ca.key elsewhere.key
    rehearse_all smimebr:rehearse:ca.crt
    plain openssl x509 -in ca.crt -outform DER -out ca.der
    rehearses "would be permitted" \
        x509_req -CAkey smimebr:rehearse:ca.der -extensions strict -out out.pem
    "$client_command" key reference --force --to "rehearse:$test_folder/ca.crt" --out rehearse.ref \
        >reference.out
    rehearse_all rehearse.ref
    mv elsewhere.key ca.key
done

# What is no certificate, or not that of a CA in the policy, rehearses nothing.
nothing() {
    text=$1
    shift
    runs 1 x509_req -CAkey "$1" -extensions strict -out out.pem
    complains "$text"
    absent audit.jsonl
}
nothing "is no certificate" smimebr:rehearse:ca.key
nothing "there is no such file" smimebr:rehearse:none.crt
nothing "names no file" smimebr:rehearse:
nothing "leads from a guarded key to another one" smimebr:rehearse:smimebr:ca.key
nothing "no section" smimebr:rehearse:root.crt

# Other ways to a signature end the same way, and the private half is not there.
runs 1 guarded openssl dgst -sha256 -sign smimebr:rehearse:ca.crt -out out.sig leaf.csr
complains "would be refused"
[ ! -s out.sig ] || fail "a signature came out"
runs 1 guarded openssl pkeyutl -sign -inkey smimebr:rehearse:ca.crt -in leaf.csr -out out.sig
[ ! -s out.sig ] || fail "a signature came out"
runs 1 guarded openssl pkey -in smimebr:rehearse:ca.crt -out out.key

# The key itself still signs and is recorded.
runs 0 x509_req -CAkey smimebr:ca.key -extensions strict -out out.pem
signed_by_ca out.pem || fail "the key does not sign"
grep -q '"verdict":"permit"' audit.jsonl || fail "no record of the signature"
printf 'rehearsal: as it should be\n'
