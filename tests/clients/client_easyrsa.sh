#!/bin/sh
# easy-rsa 3 with a guarded key. `build-ca subca` makes the layout, the key and the request; then
# the key is put away and a sealed key, or a key reference, stands in its place. What else has to
# change is the configuration: the provider, a crlnumber file (RFC 5280 wants the CRL number), an
# authorityKeyIdentifier of the key identifier alone, and an x509-type for S/MIME.
set -eu

# shellcheck source=tests/support/client.sh
. "$(dirname "$0")/../support/client.sh"

easyrsa=/usr/share/easy-rsa/easyrsa
EASYRSA=$test_folder
EASYRSA_BATCH=1
EASYRSA_PKI=$test_folder/pki
EASYRSA_ALGO=ec
EASYRSA_CURVE=prime256v1
EASYRSA_CERT_EXPIRE=365
EASYRSA_CRL_DAYS=7
EASYRSA_DIGEST=sha256
EASYRSA_REQ_CN='Example CA'
export EASYRSA EASYRSA_BATCH EASYRSA_PKI EASYRSA_ALGO EASYRSA_CURVE EASYRSA_CERT_EXPIRE
export EASYRSA_CRL_DAYS EASYRSA_DIGEST EASYRSA_REQ_CN

# The root, and easy-rsa's own files with what an S/MIME CA needs.
make_ca -algorithm EC -pkeyopt ec_paramgen_curve:P-256
cp -R /usr/share/easy-rsa/x509-types /usr/share/easy-rsa/openssl-easyrsa.cnf .
printf 'authorityKeyIdentifier = keyid\n' >x509-types/COMMON
for type in strict bad; do
    sed -n "/^\[$type\]/,/^\[/{/^\[/d;p;}" plain.cnf >x509-types/$type
done
"$easyrsa" init-pki >easyrsa.out 2>&1 || fail "init-pki: $(cat easyrsa.out)"
"$easyrsa" build-ca nopass subca >easyrsa.out 2>&1 || fail "build-ca: $(cat easyrsa.out)"

# Now there is pki/private/ca.key and pki/reqs/ca.req; the root certifies it.
mv pki/private/ca.key ca.key
plain openssl req -in pki/reqs/ca.req -noout -pubkey -out ca.pub
plain openssl x509 -req -in pki/reqs/ca.req -CA root.crt -CAkey root.key -days 3650 \
    -set_serial "0x4$(plain openssl rand -hex 15)" -extfile plain.cnf -extensions ca_ext \
    -out ca.crt 2>/dev/null
cp ca.crt pki/ca.crt
write_policy 'subscriber, crl'
# shellcheck disable=SC2016
{
    sed '/^\[req\]/,$d' openssl.cnf
    sed -e 's/^authorityKeyIdentifier=keyid:always,issuer:always/authorityKeyIdentifier=keyid/' \
        -e 's/^serial[[:space:]].*/&\ncrlnumber = $dir\/crlnumber/' /usr/share/easy-rsa/openssl-easyrsa.cnf
} >pki/openssl-easyrsa.cnf
echo 01 >pki/crlnumber

# A key reference in the place of the key.
"$client_command" key reference --to "$test_folder/ca.key" --out pki/private/ca.key >key.out

make_leaf leaf -algorithm EC -pkeyopt ec_paramgen_curve:P-256
"$easyrsa" import-req leaf.csr anna >easyrsa.out 2>&1 || fail "import-req: $(cat easyrsa.out)"
cp leaf.csr pki/reqs/refused.req
cp leaf.csr pki/reqs/again.req

sign() { "$easyrsa" "$@"; }

life() {
    signs "pki/issued/$1.crt" sign sign-req strict "$1"
    refuses "SBR 7.1.2.3(f): extensions.extKeyUsage" pki/issued/refused.crt \
        sign sign-req bad refused
    absent pki/issued/refused.crt
    [ "$client_deny" = --deny ] || sign revoke "$1" >easyrsa.out 2>&1 || fail "revoke"
    signs pki/crl.pem sign gen-crl
}

life anna

# A sealed key there; its passphrase as easy-rsa asks for it.
rm pki/private/ca.key
printf 'correct horse battery staple\n' >passphrase
"$client_command" key seal --in ca.key --out pki/private/ca.key --passphrase-file passphrase \
    --cost 14 >key.out 2>&1
EASYRSA_PASSIN=file:$test_folder/passphrase
export EASYRSA_PASSIN
life again
finish
