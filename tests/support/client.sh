# shellcheck shell=sh
# What the tests of client software share: a CA of their own with a guarded key, and the negative
# control. Source it after `set -eu`, with the script's arguments:
#
#     script.sh BUILD [--deny]
#
# BUILD is the folder of the build. With --deny, the negative control, the policy of the CA's key
# permits nothing that a test asks for: every signature that the script expects must fail to come,
# and because the guard refused it. So the suite proves that it is really the guard that answers.
#
#   make_ca KIND...            root.crt (ordinary key); ca.key, ca.crt, ca.pub; ca.ref, a key
#                              reference; openssl.cnf with the provider; ca.policy; audit.jsonl
#   make_leaf NAME KIND...     NAME.key, NAME.csr
#   plain COMMAND...           with the default provider alone
#   guarded COMMAND...         with openssl.cnf
#   signs OUT COMMAND...       COMMAND must write OUT, which ca.pub signed (--deny: must not)
#   refuses TEXT OUT COMMAND...  COMMAND must fail, write nothing that ca.pub signed, and TEXT must
#                              be on its standard output or error
#   refuses_silently TEXT OUT COMMAND...  the same for programs that show no errors: the last record
#                              of the audit log holds TEXT
#   recorded TEXT              the last record of the audit log holds TEXT
#   add_ca_section             before make_ca: the section of `openssl ca` in both configurations
#   x509_req, openssl_ca       `openssl x509 -req` of leaf.csr and `openssl ca`, guarded
#   finish                     the last line of a script
#
# OUT is a certificate, a CRL, a request or an OCSP response, PEM or DER.

client_build=$(cd "$1" && pwd)
client_module=$client_build/provider/module/smimebr.so
client_command=$client_build/tools/smimebr
client_deny=${2-}
client_top=$(cd "$(dirname "$0")/../.." && pwd)

# shellcheck source=tests/support/test.sh
. "$client_top/tests/support/test.sh"

client_asked=0
unset OPENSSL_MODULES OPENSSL_CONF SSL_CERT_FILE SSL_CERT_DIR

plain() { OPENSSL_CONF=$test_folder/plain.cnf "$@"; }
guarded() { OPENSSL_CONF=$test_folder/openssl.cnf "$@"; }

cat >plain.cnf <<'CONF'
[req]
distinguished_name = name
[name]
[ca_ext]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign, digitalSignature
extendedKeyUsage = emailProtection
certificatePolicies = 2.23.140.1.5.1.3
crlDistributionPoints = URI:http://crl.example.net/root.crl
authorityInfoAccess = caIssuers;URI:http://ca.example.net/root.crt
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
[root_ext]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[strict]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = emailProtection
certificatePolicies = 2.23.140.1.5.1.3
subjectAltName = email:anna@smimebr-test.eu
crlDistributionPoints = URI:http://crl.example.net/ca.crl
authorityInfoAccess = caIssuers;URI:http://ca.example.net/ca.crt
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
[bad]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = emailProtection, serverAuth
certificatePolicies = 2.23.140.1.5.1.3
subjectAltName = email:anna@smimebr-test.eu
crlDistributionPoints = URI:http://crl.example.net/ca.crl
authorityInfoAccess = caIssuers;URI:http://ca.example.net/ca.crt
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
[responder]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
[crl_ext]
authorityKeyIdentifier = keyid
CONF

# write_section NAME CERTIFICATE OBJECTS: append to the policy. With --deny it permits nothing that
# is asked for: no test asks for a cross certificate.
write_section() {
    [ "$client_deny" != --deny ] || set -- "$1" "$2" cross
    printf '[key %s]\nissuer-certificate.1 = %s\nobjects = %s\n' "$1" "$2" "$3" >>ca.policy
}

write_policy() {
    : >ca.policy
    write_section ca ca.crt "$1"
}

write_configuration() {
    {
        cat <<CONF
openssl_conf = init
[init]
providers = providers
[providers]
default = default_provider
smimebr = smimebr_provider
[default_provider]
activate = 1
[smimebr_provider]
module = $client_module
activate = 1
policy = $test_folder/ca.policy
audit-log = $test_folder/audit.jsonl
CONF
        cat plain.cnf
    } >openssl.cnf
}

make_ca() {
    plain openssl ecparam -name prime256v1 -genkey -noout -out root.key
    plain openssl req -x509 -new -key root.key -subj '/C=DE/O=Example/CN=Example Root' -days 7300 \
        -extensions root_ext -out root.crt
    plain openssl genpkey "$@" -out ca.key 2>/dev/null
    plain openssl req -new -key ca.key -subj '/C=DE/O=Example/CN=Example CA' -out ca.csr
    plain openssl x509 -req -in ca.csr -CA root.crt -CAkey root.key -days 3650 \
        -extfile plain.cnf -extensions ca_ext -set_serial "0x4$(plain openssl rand -hex 15)" \
        -out ca.crt 2>/dev/null
    plain openssl pkey -in ca.key -pubout -out ca.pub
    "$client_command" key reference --force --to "$test_folder/ca.key" --out ca.ref >reference.out
    write_policy 'subscriber, crl, csr'
    write_configuration
}

make_leaf() {
    client_leaf=$1
    shift
    plain openssl genpkey "$@" -out "$client_leaf.key" 2>/dev/null
    plain openssl req -new -key "$client_leaf.key" -subj '/CN=anna@smimebr-test.eu' \
        -out "$client_leaf.csr"
}

add_ca_section() {
    cat >>plain.cnf <<'CONF'
[ca]
default_ca = issuing
[issuing]
certificate = ca.crt
database = index.txt
new_certs_dir = .
crlnumber = crlnumber
rand_serial = yes
default_md = sha256
default_days = 365
default_crl_days = 7
email_in_dn = no
policy = any_name
unique_subject = no
crl_extensions = crl_ext
[any_name]
commonName = supplied
CONF
}

x509_req() {
    guarded openssl x509 -req -in leaf.csr -CA ca.crt -days 365 -extfile plain.cnf "$@"
}

openssl_ca() { guarded openssl ca -config openssl.cnf -batch -notext "$@"; }

# True if FILE is something that the CA's key signed.
signed_by_ca() {
    [ -s "$1" ] || return 1
    for client_form in PEM DER; do
        if certificate_by_ca "$1" || crl_by_ca "$1" || request_by_ca "$1"; then
            return 0
        fi
    done
    plain openssl ocsp -respin "$1" -no_nonce -issuer ca.crt -CAfile root.crt \
        -verify_other ca.crt 2>&1 | grep -q 'Response verify OK'
}

certificate_by_ca() {
    plain openssl x509 -inform "$client_form" -in "$1" -out signed.pem 2>/dev/null &&
        plain openssl verify -partial_chain -trusted ca.crt signed.pem >/dev/null 2>&1
}

crl_by_ca() {
    plain openssl crl -inform "$client_form" -in "$1" -noout -CAfile ca.crt 2>&1 |
        grep -q 'verify OK'
}

request_by_ca() {
    plain openssl req -inform "$client_form" -in "$1" -noout -pubkey 2>/dev/null |
        cmp -s - ca.pub &&
        plain openssl req -inform "$client_form" -in "$1" -noout -verify 2>&1 | grep -q 'verify OK'
}

num_refusals() { grep -c '"verdict":"refuse"' audit.jsonl 2>/dev/null || true; }

# Run it, whatever its exit code; both streams are kept.
run_client() {
    printf '%s\n' "$*" >"$test_folder/command"
    client_asked=$((client_asked + 1))
    client_code=0
    "$@" >"$test_folder/out" 2>"$test_folder/err" </dev/null || client_code=$?
}

signs() {
    client_out=$1
    shift
    rm -f "$client_out"
    client_before=$(num_refusals)
    run_client "$@"
    if [ "$client_deny" = --deny ]; then
        if signed_by_ca "$client_out"; then
            fail "the policy permits nothing, and it was signed"
        fi
        [ "$(num_refusals)" -gt "${client_before:-0}" ] || fail "it was not the guard that refused"
        recorded '"engine.object_not_permitted"'
        return 0
    fi
    [ "$client_code" -eq 0 ] || fail "exit $client_code"
    signed_by_ca "$client_out" || fail "$client_out is not signed by the CA"
}

refuses() {
    client_text=$1
    client_out=$2
    shift 2
    rm -f "$client_out"
    run_client "$@"
    if signed_by_ca "$client_out"; then
        fail "signed, and should have been refused"
    fi
    [ "$client_code" -ne 0 ] || fail "exit 0, and should have failed"
    [ "$client_deny" != --deny ] || return 0
    grep -qF -- "$client_text" out err || fail "neither output nor error says: $client_text"
}

# The same for programs that show no error at all or exit with 0: the audit log tells.
refuses_silently() {
    client_text=$1
    client_out=$2
    shift 2
    rm -f "$client_out"
    run_client "$@"
    if signed_by_ca "$client_out"; then
        fail "signed, and should have been refused"
    fi
    [ "$client_deny" = --deny ] || recorded "$client_text"
}

recorded() {
    tail -n 1 audit.jsonl | grep -qF -- "$1" || fail "the last audit record lacks: $1"
}

# In the normal run something must have been permitted, in the negative control nothing.
finish() {
    [ "$client_asked" -gt 0 ] || fail "nothing was asked for"
    if [ "$client_deny" = --deny ]; then
        ! grep -q '"verdict":"permit"' audit.jsonl || fail "the log has a permit"
    else
        grep -q '"verdict":"permit"' audit.jsonl || fail "the log has no permit"
    fi
    printf '%s: %s requests%s\n' "$test_name" "$client_asked" "${client_deny:+, nothing permitted}"
}
