#!/bin/sh
# OpenSSL's own programs with a guarded key: `openssl x509 -req` and `openssl req` by the store URI
# and by a key reference, `openssl ca` with its database and CRL, and the callers that hash before
# they sign, which cannot work.
set -eu

# shellcheck source=tests/support/client.sh
. "$(dirname "$0")/../support/client.sh"

add_ca_section

database() { cat index.txt crlnumber; }

whole_life() {
    : >index.txt
    echo 01 >crlnumber
    for key in smimebr:ca.key ca.ref; do
        signs leaf.crt x509_req -CAkey $key -extensions strict -out leaf.crt
        refuses "SBR 7.1.2.3(f): extensions.extKeyUsage" bad.crt \
            x509_req -CAkey $key -extensions bad -out bad.crt
        signs leaf.crt openssl_ca -keyfile $key -extensions strict -in leaf.csr -out leaf.crt
        database >before
        refuses "SBR 7.1.2.3(f): extensions.extKeyUsage" bad.crt \
            openssl_ca -keyfile $key -extensions bad -in leaf.csr -out bad.crt
        recorded '"verdict":"refuse"'
        database | cmp -s - before || fail "the database changed with a refusal"
        [ "$client_deny" = --deny ] || openssl_ca -keyfile $key -revoke leaf.crt 2>/dev/null
        signs ca.crl openssl_ca -keyfile $key -gencrl -out ca.crl
        signs own.csr guarded openssl req -new -key $key -subj '/C=DE/O=Example/CN=Example CA' \
            -out own.csr
        refuses "engine.object_not_permitted" root.new guarded openssl req -x509 -new -key $key \
            -config openssl.cnf -extensions root_ext -subj '/C=DE/O=Example/CN=Example CA' \
            -out root.new
    done
}

# What signs something else than the object itself: content unknown, so refused, and told why.
no_prehash() {
    plain openssl dgst -sha256 -binary -out digest ca.csr
    refuses "signs whole objects" out.sig guarded openssl pkeyutl -sign -inkey smimebr:ca.key \
        -in digest -out out.sig
    refuses "signs whole objects" out.sig guarded openssl cms -sign -binary -noattr -in digest \
        -signer ca.crt -inkey smimebr:ca.key -outform DER -out out.sig
    refuses "signed attributes of a CMS message" out.sig guarded openssl cms -sign -binary -in digest \
        -signer ca.crt -inkey smimebr:ca.key -outform DER -out out.sig
}

make_leaf leaf -algorithm EC -pkeyopt ec_paramgen_curve:P-256
make_ca -algorithm EC -pkeyopt ec_paramgen_curve:P-256
whole_life
no_prehash
make_ca -algorithm RSA -pkeyopt rsa_keygen_bits:2048
whole_life
make_ca -algorithm ED25519
whole_life
# Where libcrypto has them.
if plain openssl genpkey -algorithm ML-DSA-65 -out ca.key 2>/dev/null; then
    make_ca -algorithm ML-DSA-65
    whole_life
fi
finish
