#!/bin/sh
# Ruby with a guarded key: certificates, CRLs and requests, by a key reference with a placeholder.
# Ruby looks at the private half before it asks a key to sign, and shows no error's text: the audit
# log tells. With a reference without a placeholder, `def key.private? = true` does the same.
#
# A placeholder is no key: what signs with it itself must end in an error, and never in a signature,
# not even in a wrong one.
set -eu

# shellcheck source=tests/support/client.sh
. "$(dirname "$0")/../support/client.sh"

cat >issue.rb <<'RUBY'
require 'openssl'
key_file, section, out, digest, force = ARGV
ca = OpenSSL::X509::Certificate.new(File.read('ca.crt'))
key = OpenSSL::PKey.read(File.read(key_file))
def key.private? = true if force
raise 'another key' unless key.public_to_pem == ca.public_key.public_to_pem
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
leaf.sign(key, digest)
File.write(out, leaf.to_pem)
RUBY

cat >crl.rb <<'RUBY'
require 'openssl'
key_file, days, out, digest = ARGV
ca = OpenSSL::X509::Certificate.new(File.read('ca.crt'))
key = OpenSSL::PKey.read(File.read(key_file))
crl = OpenSSL::X509::CRL.new
crl.version = 1
crl.issuer = ca.subject
crl.last_update = Time.now
crl.next_update = Time.now + days.to_i * 86400 - 1
revoked = OpenSSL::X509::Revoked.new
revoked.serial = 4711
revoked.time = Time.now
crl.add_revoked(revoked)
make = OpenSSL::X509::ExtensionFactory.new(ca)
crl.add_extension(make.create_extension('authorityKeyIdentifier', 'keyid'))
crl.add_extension(OpenSSL::X509::Extension.new('crlNumber', OpenSSL::ASN1::Integer(7).to_der))
crl.sign(key, digest)
File.write(out, crl.to_pem)
RUBY

cat >raw.rb <<'RUBY'
require 'openssl'
key_file, out = ARGV
key = OpenSSL::PKey.read(File.read(key_file))
digest = OpenSSL::Digest::SHA256.digest('whatever')
File.binwrite(out, key.is_a?(OpenSSL::PKey::EC) ? key.dsa_sign_asn1(digest)
                                               : key.sign_raw('SHA256', digest))
RUBY

cat >sign.py <<'PYTHON'
import sys
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding

key_file, out = sys.argv[1:]
with open(key_file, "rb") as file:
    key = serialization.load_pem_private_key(file.read(), None)
if isinstance(key, ec.EllipticCurvePrivateKey):
    signature = key.sign(b"whatever", ec.ECDSA(hashes.SHA256()))
else:
    signature = key.sign(b"whatever", padding.PKCS1v15(), hashes.SHA256())
with open(out, "wb") as file:
    file.write(signature)
PYTHON

# nothing OUT COMMAND...: it fails and leaves nothing in OUT
nothing() {
    client_out=$1
    shift
    rm -f "$client_out"
    run_client "$@"
    [ "$client_code" -ne 0 ] || fail "exit 0, and should have failed"
    [ ! -s "$client_out" ] || fail "something came out"
}

no_key() {
    nothing out.sig guarded /usr/bin/python3 sign.py with.ref out.sig
    nothing out.sig guarded ruby raw.rb with.ref out.sig
    nothing out.sig guarded openssl dgst -sha256 -sign with.ref -out out.sig plain.cnf
    nothing out.sig guarded openssl dgst -sha256 -propquery provider=default -sign with.ref \
        -out out.sig plain.cnf
    nothing out.sig guarded openssl pkeyutl -sign -inkey with.ref -in digest -out out.sig
    # What a program writes out may look like a key, but signs nothing.
    for form in '-outform PEM' -traditional; do
        # shellcheck disable=SC2086
        guarded openssl pkey -in with.ref $form -out out.key 2>/dev/null || true
        nothing out.sig plain openssl dgst -sha256 -sign out.key -out out.sig plain.cnf
        nothing out.crt plain openssl x509 -req -in leaf.csr -CA ca.crt -CAkey out.key -out out.crt
    done
}

make_leaf leaf -algorithm EC -pkeyopt ec_paramgen_curve:P-256
plain openssl dgst -sha256 -binary -out digest plain.cnf
while read -r digest kind; do
    # shellcheck disable=SC2086
    make_ca -algorithm $kind
    "$client_command" key reference --force --placeholder --to "$test_folder/ca.key" \
        --out with.ref >reference.out
    runs 0 "$client_command" key show with.ref
    prints "with:  a placeholder"
    runs 0 "$client_command" key show ca.ref
    lacks placeholder
    signs leaf.crt guarded ruby issue.rb with.ref strict leaf.crt "$digest"
    refuses_silently smime.eku.server_auth_present bad.crt \
        guarded ruby issue.rb with.ref bad bad.crt "$digest"
    signs ca.crl guarded ruby crl.rb with.ref 7 ca.crl "$digest"
    refuses_silently crl. bad.crl guarded ruby crl.rb with.ref 20 bad.crl "$digest"
    signs leaf.crt guarded ruby issue.rb ca.ref strict leaf.crt "$digest" force
    refuses "private key is needed" leaf.crt \
        guarded ruby issue.rb ca.ref strict leaf.crt "$digest"
    no_key
done <<'KINDS'
SHA256 EC -pkeyopt ec_paramgen_curve:P-256
SHA384 EC -pkeyopt ec_paramgen_curve:P-384
SHA512 EC -pkeyopt ec_paramgen_curve:P-521
SHA256 RSA -pkeyopt rsa_keygen_bits:2048
KINDS
finish
