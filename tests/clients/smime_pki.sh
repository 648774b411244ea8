# shellcheck shell=sh
# Certificates, requests, CRLs and OCSP responses for the tests of the command, made with openssl
# and its default provider. Makes in the present folder root.key root.crt, ca.key ca.crt ca.crl,
# leaf.key leaf.csr leaf.crt (mailbox-validated-strict, nothing to be found in it), bad.crt (826
# days, serverAuth: two errors; an example domain: a warning), old.crt (the same of 2022) and
# ocsp.der.

export OPENSSL_CONF=/dev/null

cat >extensions.cnf <<'CONF'
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
extendedKeyUsage = emailProtection
certificatePolicies = 2.5.29.32.0
crlDistributionPoints = URI:http://crl.example.org/root.crl
authorityInfoAccess = caIssuers;URI:http://crl.example.org/root.crt
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
[leaf]
keyUsage = critical, digitalSignature, keyAgreement
extendedKeyUsage = emailProtection
certificatePolicies = 2.23.140.1.5.1.3
crlDistributionPoints = URI:http://crl.example.org/ca.crl
authorityInfoAccess = caIssuers;URI:http://crl.example.org/ca.crt
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
subjectAltName = email:alice@smimebr-test.eu
[bad]
keyUsage = critical, digitalSignature, keyAgreement
extendedKeyUsage = emailProtection, serverAuth
certificatePolicies = 2.23.140.1.5.1.3
crlDistributionPoints = URI:http://crl.example.org/ca.crl
authorityInfoAccess = caIssuers;URI:http://crl.example.org/ca.crt
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
subjectAltName = email:alice@example.org
[crl]
authorityKeyIdentifier = keyid
[any]
commonName = supplied
[default_ca]
policy = any
new_certs_dir = .
email_in_dn = no
unique_subject = no
rand_serial = yes
database = index.txt
default_md = sha256
default_crl_days = 7
crlnumber = crlnumber
crl_extensions = crl
CONF

make_pki() {
    openssl ecparam -name prime256v1 -genkey -noout -out root.key
    openssl req -new -key root.key -config extensions.cnf -subj '/C=DE/O=Example/CN=Example Root' \
        -out root.csr
    openssl x509 -req -in root.csr -signkey root.key -days 7300 -sha256 -extfile extensions.cnf \
        -extensions root -set_serial 0x3d3c2b1a09f8e7d6c5b4a3928170605f -out root.crt
    openssl ecparam -name prime256v1 -genkey -noout -out ca.key
    openssl req -new -key ca.key -config extensions.cnf -subj '/C=DE/O=Example/CN=Example CA' \
        -out ca.csr
    openssl x509 -req -in ca.csr -CA root.crt -CAkey root.key -days 3650 -sha256 -extfile extensions.cnf \
        -extensions ca -set_serial 0x4d3c2b1a09f8e7d6c5b4a3928170605f -out ca.crt
    openssl ecparam -name prime256v1 -genkey -noout -out leaf.key
    openssl req -new -key leaf.key -config extensions.cnf -subj '/CN=alice@smimebr-test.eu' \
        -out leaf.csr
    openssl x509 -req -in leaf.csr -CA ca.crt -CAkey ca.key -days 365 -sha256 \
        -extfile extensions.cnf -extensions leaf -set_serial 0x5a4b3c2d1e0f9a8b7c6d5e4f30211203 \
        -out leaf.crt
    openssl req -new -key leaf.key -config extensions.cnf -subj '/CN=alice@example.org' -out bad.csr
    openssl x509 -req -in bad.csr -CA ca.crt -CAkey ca.key -days 826 -sha256 \
        -extfile extensions.cnf -extensions bad -set_serial 0x6a4b3c2d1e0f9a8b7c6d5e4f30211204 \
        -out bad.crt
    : >index.txt
    echo 01 >crlnumber
    openssl ca -batch -config extensions.cnf -name default_ca -keyfile ca.key -cert ca.crt \
        -extfile extensions.cnf -extensions bad -startdate 220101000000Z -enddate 240601000000Z \
        -notext -in bad.csr -out old.crt
    openssl ca -gencrl -config extensions.cnf -name default_ca -keyfile ca.key -cert ca.crt \
        -out ca.crl
    printf 'V\t%s\t\t%s\tunknown\t/CN=x\n' 351124000000Z 5A4B3C2D1E0F9A8B7C6D5E4F30211203 \
        >index.txt
    openssl ocsp -issuer ca.crt -cert leaf.crt -reqout ocsp.req -no_nonce
    openssl ocsp -index index.txt -rsigner ca.crt -rkey ca.key -CA ca.crt -reqin ocsp.req \
        -ndays 3 -respout ocsp.der
}

make_pki >pki.log 2>&1 || {
    cat pki.log >&2
    exit 1
}
