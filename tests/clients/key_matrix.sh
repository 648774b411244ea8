#!/bin/sh
# Every type of key in every form in which one can be kept: each is asked for a request for the own
# key, which is permitted, and for a certificate with serverAuth, which is not.
#
#     key_matrix.sh BUILD [--deny]
set -eu

# shellcheck source=tests/support/client.sh
. "$(dirname "$0")/../support/client.sh"

printf 'correct horse\n' >passphrase
printf 'correct horse\n' >policy-passphrase
chmod 600 passphrase policy-passphrase
passin='-passin file:passphrase'

# make_forms: the CA's key in every form; `forms` lists KEY, then the options that open it.
make_forms() {
    plain openssl pkey -in ca.key -outform DER -out ca.der
    plain openssl pkcs8 -topk8 -in ca.key -v2 aes-256-cbc -passout file:passphrase -out ca.enc
    plain openssl pkcs12 -export -inkey ca.key -in ca.crt -passout file:passphrase -out ca.p12
    "$client_command" key seal --in ca.key --out ca.sealed --passphrase-file passphrase --cost 14 \
        --force >seal.out 2>&1
    for file in ca.key ca.der ca.enc ca.p12 ca.sealed; do
        "$client_command" key reference --force --to "$test_folder/$file" --out "$file.ref" \
            >reference.out
    done
    cat >forms <<FORMS
smimebr:ca.key
smimebr:$test_folder/ca.key
smimebr:file:$test_folder/ca.key
smimebr:ca.der
smimebr:ca.enc $passin
smimebr:ca.p12 $passin
smimebr:ca.sealed $passin
ca.sealed $passin
ca.key.ref
ca.der.ref
ca.enc.ref $passin
ca.p12.ref $passin
ca.sealed.ref $passin
FORMS
    # Those that need a passphrase once more, opened by the policy's.
    sed -n "s/ $passin\$//p" forms >forms-by-policy
}

ask() {
    key=$1
    shift
    signs own.csr guarded openssl req -new -key "$key" "$@" -subj '/C=DE/O=Example/CN=Example CA' \
        -out own.csr
    refuses "SBR 7.1.2.3(f): extensions.extKeyUsage" bad.crt guarded openssl x509 -req \
        -in leaf.csr -CA ca.crt -CAkey "$key" "$@" -days 365 -extfile plain.cnf -extensions bad \
        -out bad.crt
}

make_leaf leaf -algorithm EC -pkeyopt ec_paramgen_curve:P-256
pss='-pkeyopt rsa_pss_keygen_md:sha256 -pkeyopt rsa_pss_keygen_mgf1_md:sha256'
num=0
while read -r type options; do
    # shellcheck disable=SC2086
    plain openssl genpkey -algorithm "$type" $options -out probe.key 2>/dev/null || {
        printf 'key_matrix: not run: this libcrypto has no keys of type %s\n' "$type"
        continue
    }
    # shellcheck disable=SC2086
    make_ca -algorithm "$type" $options
    make_forms
    while read -r form open; do
        # shellcheck disable=SC2086
        ask "$form" $open
        num=$((num + 1))
    done <forms
    printf 'passphrase-file = policy-passphrase\n' >>ca.policy
    while read -r form; do
        ask "$form"
        num=$((num + 1))
    done <forms-by-policy
done <<TYPES
RSA -pkeyopt rsa_keygen_bits:2048
RSA-PSS -pkeyopt rsa_keygen_bits:2048 $pss -pkeyopt rsa_pss_keygen_saltlen:32
EC -pkeyopt ec_paramgen_curve:P-256
EC -pkeyopt ec_paramgen_curve:P-384
EC -pkeyopt ec_paramgen_curve:P-521
ED25519
ED448
ML-DSA-44
ML-DSA-65
ML-DSA-87
TYPES
printf 'key_matrix: %s keys in forms\n' "$num"
finish
