#!/bin/sh
# A key in a token: SoftHSM2 through pkcs11-provider. The key is made in the token and never leaves
# it; the CA's life goes on as with a file. Skipped where the software is not packaged.
#
#     hsm_softhsm.sh BUILD [--deny]
set -eu

skip() {
    printf 'hsm_softhsm: skipped: %s\n' "$*"
    exit 77
}

find_file() {
    for candidate in "$@"; do
        [ ! -e "$candidate" ] || { printf '%s\n' "$candidate" && return; }
    done
}
modules=$(openssl version -m 2>/dev/null | sed 's/.*"\(.*\)"/\1/')
pkcs11_provider=$(find_file "$modules/pkcs11.so")
pkcs11_module=$(find_file /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so)
[ -n "$pkcs11_provider" ] || skip "pkcs11-provider is not installed ($modules/pkcs11.so)"
[ -n "$pkcs11_module" ] || skip "SoftHSM2 is not installed (libsofthsm2.so)"
command -v softhsm2-util >/dev/null || skip "softhsm2-util is not installed"

# shellcheck source=tests/support/client.sh
. "$(dirname "$0")/../support/client.sh"

SOFTHSM2_CONF=$test_folder/softhsm2.conf
export SOFTHSM2_CONF
mkdir tokens
printf 'directories.tokendir = %s/tokens\nobjectstore.backend = file\nlog.level = ERROR\n' \
    "$test_folder" >softhsm2.conf
printf '471100\n' >pin
printf '000000\n' >wrong-pin
chmod 600 pin wrong-pin
softhsm2-util --init-token --free --label ca --pin 471100 --so-pin 815815 >/dev/null

# The provider for PKCS#11 by itself, as an administrator uses it once to make the key.
cat >pkcs11.cnf <<CONF
openssl_conf = init
[init]
providers = providers
[providers]
default = default_provider
pkcs11 = pkcs11_provider
[default_provider]
activate = 1
[pkcs11_provider]
module = $pkcs11_provider
pkcs11-module-path = $pkcs11_module
pkcs11-module-token-pin = file:$test_folder/pin
pkcs11-module-quirks = no-deinit
pkcs11-module-encode-provider-uri-to-pem = true
activate = 1
$(cat plain.cnf)
CONF
pkcs11() { OPENSSL_CONF=$test_folder/pkcs11.cnf "$@"; }

add_ca_section

# make_token_ca OBJECT OPTION...: the key in the token, the CA's certificate, policy and reference
make_token_ca() {
    object=$1
    shift
    pkcs11 openssl genpkey -propquery provider=pkcs11 "$@" \
        -pkeyopt "pkcs11_uri:pkcs11:token=ca;object=$object" >genpkey.log 2>&1 ||
        fail "the token makes no key: $(cat genpkey.log)"
    plain openssl ecparam -name prime256v1 -genkey -noout -out root.key
    plain openssl req -x509 -new -key root.key -subj '/C=DE/O=Example/CN=Example Root' -days 7300 \
        -extensions root_ext -out root.crt
    pkcs11 openssl pkey -in "pkcs11:token=ca;object=$object;type=public" -pubin -pubout -out ca.pub
    plain openssl genpkey -algorithm ED25519 -out other.key
    plain openssl req -new -key other.key -subj '/C=DE/O=Example/CN=Example CA' -out ca.csr
    plain openssl x509 -req -in ca.csr -CA root.crt -CAkey root.key -days 3650 \
        -extfile plain.cnf -extensions ca_ext -set_serial "0x4$(plain openssl rand -hex 15)" \
        -force_pubkey ca.pub -out ca.crt 2>/dev/null
    key="smimebr:pkcs11:token=ca;object=$object"
    "$client_command" key reference --force --to "pkcs11:token=ca;object=$object" --out ca.ref \
        >reference.out
    policy_for_token "pin-source = pin"
    write_configuration
    : >index.txt
    echo 01 >crlnumber
}

policy_for_token() {
    write_policy 'subscriber, crl, csr'
    printf 'pkcs11-provider = %s\npkcs11-module = %s\n%s\n' "$pkcs11_provider" "$pkcs11_module" \
        "$1" >>ca.policy
}

issue() { x509_req -CAkey "$1" -extensions strict -out "$2"; }

# Nothing of these says anything about the guard's verdict, so no refusal is recorded.
breaks() {
    text=$1
    shift
    rm -f broken.crt
    runs 1 "$@"
    complains "$text"
    signed_by_ca broken.crt && fail "a certificate came out"
    return 0
}

life() {
    for name in "$key" ca.ref; do
        signs leaf.crt issue "$name" leaf.crt
        refuses "SBR 7.1.2.3(f): extensions.extKeyUsage" bad.crt \
            x509_req -CAkey "$name" -extensions bad -out bad.crt
        signs leaf.crt openssl_ca -keyfile "$name" -extensions strict -in leaf.csr -out leaf.crt
        [ "$client_deny" = --deny ] || openssl_ca -keyfile "$name" -revoke leaf.crt 2>/dev/null
        signs ca.crl openssl_ca -keyfile "$name" -gencrl -out ca.crl
        signs own.csr guarded openssl req -new -key "$name" \
            -subj '/C=DE/O=Example/CN=Example CA' -out own.csr
    done
}

make_leaf leaf -algorithm EC -pkeyopt ec_paramgen_curve:P-256
make_token_ca p256 -algorithm EC -pkeyopt ec_paramgen_curve:P-256
life

# Programs that want a file.
if command -v php >/dev/null; then
    cat >issue.php <<'PHP'
<?php
[, $section, $out] = $argv;
$key = openssl_pkey_get_private(file_get_contents('ca.ref'));
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
    signs leaf.crt guarded php issue.php strict leaf.crt
    refuses "smime.eku.server_auth_present" bad.crt guarded php issue.php bad bad.crt
else
    printf 'hsm_softhsm: not run: PHP is not installed\n'
fi

if ruby -ropenssl -e 1 2>/dev/null; then
    cat >issue.rb <<'RUBY'
require 'openssl'
section, out = ARGV
ca = OpenSSL::X509::Certificate.new(File.read('ca.crt'))
key = OpenSSL::PKey.read(File.read('ruby.ref'))
request = OpenSSL::X509::Request.new(File.read('leaf.csr'))
leaf = OpenSSL::X509::Certificate.new
leaf.version = 2
leaf.serial = OpenSSL::BN.rand(127)
leaf.subject = request.subject
leaf.issuer = ca.subject
leaf.public_key = request.public_key
leaf.not_before = Time.now
leaf.not_after = Time.now + 365 * 86400 - 1
make = OpenSSL::X509::ExtensionFactory.new(ca, leaf)
make.config = OpenSSL::Config.load('plain.cnf')
make.config[section].each { |name, value| leaf.add_extension(make.create_extension(name, value)) }
leaf.sign(key, 'SHA256')
File.write(out, leaf.to_pem)
RUBY
    "$client_command" key reference --force --placeholder --to "pkcs11:token=ca;object=p256" \
        --out ruby.ref >reference.out
    signs leaf.crt guarded ruby issue.rb strict leaf.crt
    refuses_silently "smime.eku.server_auth_present" bad.crt guarded ruby issue.rb bad bad.crt
else
    printf 'hsm_softhsm: not run: Ruby is not installed\n'
fi

make_token_ca rsa -algorithm RSA -pkeyopt rsa_keygen_bits:3072
life
signs leaf.crt x509_req -CAkey "$key" -extensions strict -sigopt rsa_padding_mode:pss -out leaf.crt

if [ "$client_deny" = --deny ]; then
    finish
    exit
fi

# Threads on one key and children of fork(), each with signatures of its own.
if [ -x "$client_build/tests/clients/threads_and_fork" ]; then
    for mode in threads fork; do
        guarded "$client_build/tests/clients/threads_and_fork" "$mode" "$key" ca.crt ||
            fail "$mode: exit $?"
    done
else
    fail "threads_and_fork is not built"
fi

# The PIN: from the URI, from the caller, wrong, in the wrong place.
policy_for_token ''
runs 0 issue "$key?pin-source=file:$test_folder/pin" leaf.crt
runs 0 issue "$key?pin-source=$test_folder/pin" leaf.crt
runs 0 x509_req -CAkey "$key" -passin pass:471100 -extensions strict -out leaf.crt
breaks "did not take the PIN" x509_req -CAkey "$key" -passin pass:000000 -extensions strict \
    -out broken.crt
breaks "did not take the PIN" issue "$key?pin-source=file:$test_folder/wrong-pin" broken.crt
breaks "(pin-source) has none" issue "$key?pin-source=file:$test_folder/no-pin" broken.crt
breaks "pin-value" issue "$key?pin-value=471100" broken.crt
breaks "pin-value" issue "$key?pin%2Dvalue=471100" broken.crt
breaks "pin-source" issue "$key;pin-source=/x" broken.crt
breaks "is no file on this machine" issue "$key?pin-source=%7Ccat%20pin" broken.crt
breaks "is not taken" issue "$key?module-path=/tmp/x.so" broken.crt
runs 0 issue "$key?pin-source=file:$test_folder/pin" leaf.crt

# One key, and only what the policy names is run.
policy_for_token 'pin-source = pin'
breaks "more than one private key" issue "smimebr:pkcs11:token=ca" broken.crt
breaks "the token did not take the PIN, or has no such" issue "smimebr:pkcs11:token=ca;object=none" \
    broken.crt
for variable in PKCS11_PROVIDER_MODULE=/tmp/evil.so PKCS11_PROVIDER_DEBUG=file:/tmp/trace; do
    breaks "${variable%%=*}" env "$variable" OPENSSL_CONF="$test_folder/openssl.cnf" openssl x509 \
        -req -in leaf.csr -CA ca.crt -days 365 -extfile plain.cnf -CAkey "$key" \
        -extensions strict -out broken.crt
done
mkdir modules
printf 'no module\n' >modules/pkcs11.so
runs 0 env OPENSSL_MODULES="$test_folder/modules" OPENSSL_CONF="$test_folder/openssl.cnf" \
    openssl x509 -req -in leaf.csr -CA ca.crt -days 365 -extfile plain.cnf -CAkey "$key" \
    -extensions strict -out leaf.crt
signed_by_ca leaf.crt || fail "nothing signed with OPENSSL_MODULES set"
write_policy 'subscriber'
breaks "names no libraries for tokens" issue "$key" broken.crt
cp "$pkcs11_module" copy.so
chmod go+w copy.so
printf 'pkcs11-provider = %s\npkcs11-module = %s/copy.so\n' "$pkcs11_provider" "$test_folder" \
    >>ca.policy
breaks "can be changed by others" issue "$key" broken.crt

# The token is lost, and found again.
policy_for_token 'pin-source = pin'
mv tokens lost
mkdir tokens
breaks "there is no such token" issue "$key" broken.crt
rmdir tokens
mv lost tokens
signs leaf.crt issue "$key" leaf.crt
[ ! -e core ] || fail "a program ended with a crash"
finish
