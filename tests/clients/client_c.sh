#!/bin/sh
# The examples for integrators, issue.c and revoke.c, with every kind of guarded key.
set -eu

# shellcheck source=tests/support/client.sh
. "$(dirname "$0")/../support/client.sh"

issue=$client_build/tests/clients/issue
revoke=$client_build/tests/clients/revoke

life() {
    signs leaf.crt guarded "$issue" "$1" ca.crt leaf.csr plain.cnf strict leaf.crt
    refuses "SBR 7.1.2.3(f): extensions.extKeyUsage" bad.crt \
        guarded "$issue" "$1" ca.crt leaf.csr plain.cnf bad bad.crt
    signs ca.crl guarded "$revoke" "$1" ca.crt 7 0x4711 7 ca.crl
    refuses "nextUpdate" bad.crl guarded "$revoke" "$1" ca.crt 8 0x4711 20 bad.crl
}

make_leaf leaf -algorithm EC -pkeyopt ec_paramgen_curve:P-256
pss="-pkeyopt rsa_pss_keygen_md:sha256 -pkeyopt rsa_pss_keygen_mgf1_md:sha256"
for kind in "EC -pkeyopt ec_paramgen_curve:P-256" "RSA -pkeyopt rsa_keygen_bits:2048" \
    "RSA-PSS -pkeyopt rsa_keygen_bits:2048 $pss -pkeyopt rsa_pss_keygen_saltlen:32"; do
    # shellcheck disable=SC2086
    make_ca -algorithm $kind
    life "smimebr:$test_folder/ca.key"
    life "$test_folder/ca.ref"

    # A sealed key, opened by the passphrase-file of the policy.
    printf 'correct horse battery staple\n' >passphrase
    chmod 600 passphrase
    "$client_command" key seal --in ca.key --out ca.sealed --passphrase-file passphrase \
        --cost 14 --force >seal.out 2>&1
    printf 'passphrase-file = passphrase\n' >>ca.policy
    life "smimebr:$test_folder/ca.sealed"
    life "$test_folder/ca.sealed"
done
finish
