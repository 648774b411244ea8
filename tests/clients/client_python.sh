#!/bin/sh
# Python with a guarded key: pyOpenSSL for certificates; its CRLs have no extensions and are refused.
# pyOpenSSL's crypto.sign() hashes before it signs; python-cryptography wants the private half, and
# what it says depends on its version.
set -eu

# shellcheck source=tests/support/client.sh
. "$(dirname "$0")/../support/client.sh"

# Debian's interpreter: another one in PATH may have a libcrypto of its own.
python=/usr/bin/python3

cat >issue.py <<'PYTHON'
import sys
import secrets
from OpenSSL import crypto

key_file, section, out = sys.argv[1:]


def read(name):
    with open(name, "rb") as file:
        return file.read()


def extensions(leaf, ca, eku):
    for name, critical, value in (
        ("basicConstraints", True, "CA:FALSE"),
        ("keyUsage", True, "digitalSignature"),
        ("extendedKeyUsage", False, eku),
        ("certificatePolicies", False, "DER:300b3009060767810c01050103"),
        ("subjectAltName", False, "email:anna@smimebr-test.eu"),
        ("crlDistributionPoints", False, "URI:http://crl.example.net/ca.crl"),
        ("authorityInfoAccess", False, "caIssuers;URI:http://ca.example.net/ca.crt"),
        ("authorityKeyIdentifier", False, "keyid"),
        ("subjectKeyIdentifier", False, "hash"),
    ):
        yield crypto.X509Extension(name.encode(), critical, value.encode(), leaf, ca)


ca = crypto.load_certificate(crypto.FILETYPE_PEM, read("ca.crt"))
key = crypto.load_privatekey(crypto.FILETYPE_PEM, read(key_file))
request = crypto.load_certificate_request(crypto.FILETYPE_PEM, read("leaf.csr"))
leaf = crypto.X509()
leaf.set_version(2)
leaf.set_serial_number(secrets.randbits(126) | 1 << 126)
leaf.set_issuer(ca.get_subject())
leaf.set_subject(request.get_subject())
leaf.set_pubkey(request.get_pubkey())
leaf.gmtime_adj_notBefore(0)
leaf.gmtime_adj_notAfter(365 * 86400 - 1)
leaf.add_extensions(list(extensions(leaf, ca, section)))
leaf.sign(key, "sha256")
with open(out, "wb") as file:
    file.write(crypto.dump_certificate(crypto.FILETYPE_PEM, leaf))
PYTHON

cat >crl.py <<'PYTHON'
import sys
from OpenSSL import crypto

key_file, days, out = sys.argv[1:]
with open("ca.crt", "rb") as file:
    ca = crypto.load_certificate(crypto.FILETYPE_PEM, file.read())
with open(key_file, "rb") as file:
    key = crypto.load_privatekey(crypto.FILETYPE_PEM, file.read())
pem = crypto.CRL().export(ca, key, crypto.FILETYPE_PEM, int(days), b"sha256")
with open(out, "wb") as file:
    file.write(pem)
PYTHON

cat >builder.py <<'PYTHON'
import datetime
import sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

key_file, out = sys.argv[1:]
with open("ca.crt", "rb") as file:
    ca = x509.load_pem_x509_certificate(file.read())
with open(key_file, "rb") as file:
    key = serialization.load_pem_private_key(file.read(), None)
now = datetime.datetime.utcnow()
leaf = (
    x509.CertificateBuilder()
    .issuer_name(ca.subject)
    .subject_name(ca.subject)
    .public_key(ca.public_key())
    .serial_number(x509.random_serial_number())
    .not_valid_before(now)
    .not_valid_after(now + datetime.timedelta(days=30))
    .sign(key, hashes.SHA256())
)
with open(out, "wb") as file:
    file.write(leaf.public_bytes(serialization.Encoding.PEM))
PYTHON

# Later versions of pyOpenSSL have no CRLs and no sign().
has() { plain $python -c "from OpenSSL import crypto; crypto.$1" 2>/dev/null; }

cat >sign.py <<'PYTHON'
import sys
from OpenSSL import crypto

key_file, out = sys.argv[1:]
with open(key_file, "rb") as file:
    key = crypto.load_privatekey(crypto.FILETYPE_PEM, file.read())
with open(out, "wb") as file:
    file.write(crypto.sign(key, b"whatever", "sha256"))
PYTHON

make_leaf leaf -algorithm EC -pkeyopt ec_paramgen_curve:P-256
make_ca -algorithm EC -pkeyopt ec_paramgen_curve:P-256
signs leaf.crt guarded $python issue.py ca.ref emailProtection leaf.crt
refuses "smime.eku" bad.crt guarded $python issue.py ca.ref emailProtection,serverAuth bad.crt
refuses "" bad.crt guarded $python builder.py ca.ref bad.crt
if has CRL; then
    refuses "cRLNumber must be present" ca.crl guarded $python crl.py ca.ref 7 ca.crl
fi

make_ca -algorithm RSA -pkeyopt rsa_keygen_bits:2048
signs leaf.crt guarded $python issue.py ca.ref emailProtection leaf.crt
refuses "" bad.crt guarded $python builder.py ca.ref bad.crt
if has sign; then
    refuses "signs whole objects" out.sig guarded $python sign.py ca.ref out.sig
fi
finish
