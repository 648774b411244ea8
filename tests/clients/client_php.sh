#!/bin/sh
# PHP with a guarded key: openssl_csr_sign() by a key reference. PHP makes no CRLs, and its
# openssl_sign() hashes before it signs.
set -eu

# shellcheck source=tests/support/client.sh
. "$(dirname "$0")/../support/client.sh"

cat >issue.php <<'PHP'
<?php
[, $key_file, $section, $out] = $argv;
$key = openssl_pkey_get_private(file_get_contents($key_file));
$leaf = $key === false ? false : openssl_csr_sign(file_get_contents('leaf.csr'),
    file_get_contents('ca.crt'), $key, 365,
    ['digest_alg' => 'sha256', 'config' => 'plain.cnf', 'x509_extensions' => $section],
    random_int(1 << 62, PHP_INT_MAX));
if ($leaf === false) {
    while (($message = openssl_error_string()) !== false) {
        fwrite(STDERR, "$message\n");
    }
    exit(1);
}
openssl_x509_export_to_file($leaf, $out);
PHP

# A request for the CA's own key, as for a renewal.
cat >request.php <<'PHP'
<?php
[, $key_file, $name, $out] = $argv;
$key = openssl_pkey_get_private(file_get_contents($key_file));
$request = $key === false ? false : openssl_csr_new(['commonName' => $name], $key,
    ['digest_alg' => 'sha256', 'config' => 'plain.cnf']);
if ($request === false) {
    while (($message = openssl_error_string()) !== false) {
        fwrite(STDERR, "$message\n");
    }
    exit(1);
}
openssl_csr_export_to_file($request, $out);
PHP

cat >sign.php <<'PHP'
<?php
[, $key_file, $out] = $argv;
$key = openssl_pkey_get_private(file_get_contents($key_file));
if ($key === false || !openssl_sign('whatever', $signature, $key, OPENSSL_ALGO_SHA256)) {
    while (($message = openssl_error_string()) !== false) {
        fwrite(STDERR, "$message\n");
    }
    exit(1);
}
file_put_contents($out, $signature);
PHP

make_leaf leaf -algorithm EC -pkeyopt ec_paramgen_curve:P-256
for kind in "EC -pkeyopt ec_paramgen_curve:P-256" "RSA -pkeyopt rsa_keygen_bits:2048"; do
    # shellcheck disable=SC2086
    make_ca -algorithm $kind
    signs leaf.crt guarded php issue.php ca.ref strict leaf.crt
    refuses "smime.eku.server_auth_present" bad.crt guarded php issue.php ca.ref bad bad.crt
    signs own.csr guarded php request.php ca.ref 'Example CA' own.csr
    refuses "smimebr" out.sig guarded php sign.php ca.ref out.sig
done
finish
