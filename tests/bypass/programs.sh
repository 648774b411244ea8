#!/bin/sh
# Ways around the guard with OpenSSL's own programs and the real module. Every way must end with a
# failure and without anything that the CA's public key accepts; next to it stands the way that is
# allowed, so that no test passes because everything fails.
#
# programs.sh MODULE COMMAND    (the paths of smimebr.so and of smimebr)
set -eu
umask 077

MODULE=$1
COMMAND=$2
OPENSSL=${OPENSSL:-openssl}
DIR=$(mktemp -d)
trap 'rm -rf "$DIR"' EXIT INT TERM
cd "$DIR"
FAILED=0
DONE=0

fail() {
    echo "FAILED: $*" >&2
    FAILED=$((FAILED + 1))
}

# refused NAME TEXT COMMAND...: the command fails, says TEXT, and leaves no signature or key in out.
refused() {
    name=$1
    text=$2
    shift 2
    DONE=$((DONE + 1))
    rm -f out
    if "$@" >stdout 2>stderr </dev/null; then
        fail "$name: succeeded"
    fi
    if [ -n "$text" ] && ! grep -q -e "$text" stdout stderr; then
        fail "$name: does not say \"$text\""
        cat stderr >&2
    fi
    no_output "$name"
}

# Nothing in out may be a private key, or a certificate of this CA.
no_output() {
    [ -s out ] || return 0
    if plain pkey -in out -noout 2>/dev/null; then
        fail "$1: a private key came out"
    fi
    if plain verify -partial_chain -trusted ca.pem out >/dev/null 2>&1; then
        fail "$1: a certificate came out"
    fi
    for digest in sha1 sha256 sha384 sha512; do
        if plain dgst "-$digest" -verify ca.pub -signature out data >/dev/null 2>&1; then
            fail "$1: a signature came out"
        fi
    done
}

allowed() {
    name=$1
    shift
    DONE=$((DONE + 1))
    if ! "$@" >stdout 2>stderr </dev/null; then
        fail "$name: refused"
        cat stderr >&2
    fi
}

# The default provider alone, as on a machine without the module.
plain() {
    OPENSSL_CONF="$DIR/plain.cnf" "$OPENSSL" "$@"
}

guarded() {
    OPENSSL_CONF="$DIR/openssl.cnf" "$OPENSSL" "$@"
}

# configuration FILE LINES...: a provider section with these lines
configuration() {
    file=$1
    shift
    cat plain.cnf >"$file"
    sed -i 's/^\[init\]$/[init]\nproviders = providers/' "$file"
    {
        printf '[providers]\ndefault = default_section\nsmimebr = smimebr_section\n'
        printf '[default_section]\nactivate = 1\n'
        printf '[smimebr_section]\nmodule = %s\nactivate = 1\n' "$MODULE"
        for line in "$@"; do
            printf '%s\n' "$line"
        done
    } >>"$file"
}

cat >plain.cnf <<'END'
openssl_conf = init
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[issuing]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
extendedKeyUsage = emailProtection
certificatePolicies = 2.23.140.1.5.1.3
crlDistributionPoints = URI:http://crl.example.com/root.crl
authorityInfoAccess = caIssuers;URI:http://crl.example.com/root.cer
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
[strict]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = emailProtection
certificatePolicies = 2.23.140.1.5.1.3
subjectAltName = email:copy,email:anna@example.com
crlDistributionPoints = URI:http://crl.example.com/ca.crl
authorityInfoAccess = caIssuers;URI:http://crl.example.com/ca.cer
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
[server]
extendedKeyUsage = serverAuth
subjectAltName = DNS:example.com
[init]
END
sed -i 's/email:copy,//' plain.cnf
configuration openssl.cnf "policy = builtin" "audit-log = $DIR/audit.jsonl"

printf '[ca]\ndefault_ca = c\n[c]\ndatabase = index.txt\ndefault_crl_days = 7\n' >ca.cnf
printf 'default_md = default\n' >>ca.cnf

plain genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out root.key
plain req -x509 -new -key root.key -subj "/C=DE/O=Example GmbH/CN=Example Root CA" -days 7300 \
    -extensions root -out root.pem

# make_ca ARGUMENTS...: a CA key of this kind, its certificate and public key
make_ca() {
    plain genpkey "$@" -out ca.key 2>/dev/null
    plain req -new -key ca.key -subj "/C=DE/O=Example GmbH/CN=Example Issuing CA" -out ca.csr
    plain x509 -req -in ca.csr -CA root.pem -CAkey root.key -days 3650 -extfile plain.cnf \
        -extensions issuing -out ca.pem 2>/dev/null
    plain pkey -in ca.key -pubout -out ca.pub
    "$COMMAND" key reference --force --to "$DIR/ca.key" --out ca.ref >/dev/null
    : >index.txt
    plain ca -gencrl -config ca.cnf -keyfile ca.key -cert ca.pem -out old.crl 2>/dev/null
}

plain genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out user.key 2>/dev/null
plain req -new -key user.key -subj "/CN=anna@example.com" -out user.csr
printf 'some data that is no certificate' >data
printf '0123456789abcdef0123456789abcdef' >digest

# What happens to a log in the course of time: rotation, a lost index.
renamed() {
    mv audit.jsonl "audit.jsonl.$(date +%s)"
    "$@"
}
forgotten() {
    rm -f audit.jsonl.serials
    "$@"
}

issue() {
    guarded x509 -req -in user.csr -CA ca.pem -CAkey smimebr:ca.key -days 365 \
        -extfile plain.cnf "$@" -out out
}

routes() {
    kind=$1

    allowed "$kind: a good certificate" issue -extensions strict
    plain verify -partial_chain -trusted ca.pem out >/dev/null || fail "$kind: does not verify"
    refused "$kind: a TLS certificate" "audit record" issue -extensions server
    refused "$kind: no extensions" "audit record" guarded x509 -req -in user.csr -CA ca.pem \
        -CAkey smimebr:ca.key -days 365 -out out

    # The private half by programs that write keys.
    for program in pkey rsa ec; do
        refused "$kind: $program" "" guarded $program -in smimebr:ca.key -out out
        refused "$kind: $program -text" "" guarded $program -in smimebr:ca.key -text -out out
        refused "$kind: $program DER" "" guarded $program -in smimebr:ca.key -outform DER -out out
    done
    refused "$kind: pkey -traditional" "" guarded pkey -in smimebr:ca.key -traditional -out out
    refused "$kind: pkcs8" "" guarded pkcs8 -topk8 -nocrypt -in smimebr:ca.key -out out
    refused "$kind: pkcs12" "" guarded pkcs12 -export -inkey smimebr:ca.key -in ca.pem \
        -passout pass:x -out out
    allowed "$kind: public half" guarded pkey -in smimebr:ca.key -pubout -out out
    cmp -s out ca.pub || fail "$kind: another public half"

    # Signatures over what is no certificate.
    refused "$kind: pkeyutl" "" guarded pkeyutl -sign -inkey smimebr:ca.key -in digest -out out
    refused "$kind: pkeyutl -rawin" "" \
        guarded pkeyutl -sign -rawin -digest sha256 -inkey smimebr:ca.key -in data -out out
    refused "$kind: cms" "" guarded cms -sign -binary -in data -signer ca.pem \
        -inkey smimebr:ca.key -out out
    refused "$kind: cms -noattr" "" guarded cms -sign -binary -noattr -in data -signer ca.pem \
        -inkey smimebr:ca.key -out out
    refused "$kind: smime" "" guarded smime -sign -binary -in data -signer ca.pem \
        -inkey smimebr:ca.key -out out
    refused "$kind: spkac" "" guarded spkac -key smimebr:ca.key -challenge x -out out
    refused "$kind: decrypt" "" guarded pkeyutl -decrypt -inkey smimebr:ca.key -in digest -out out
    refused "$kind: derive" "" guarded pkeyutl -derive -inkey smimebr:ca.key -peerkey ca.pub -out out

    refused "$kind: cms -decrypt" "" guarded cms -decrypt -in data -inkey smimebr:ca.key -out out
    refused "$kind: decapsulate" "" guarded pkeyutl -decap \
        -inkey smimebr:ca.key -in digest -out out
    # as a token of JSON or a package of software is signed
    for digest in sha256 sha384 sha512 sha1; do
        refused "$kind: dgst -$digest" "" guarded dgst "-$digest" -sign smimebr:ca.key -out out data
        refused "$kind: pkeyutl -pkeyopt digest:$digest" "" guarded pkeyutl -sign \
            -inkey smimebr:ca.key -pkeyopt "digest:$digest" -in digest -out out
    done
    refused "$kind: dgst without a digest" "" guarded pkeyutl -sign -rawin -inkey smimebr:ca.key \
        -in data -out out
    refused "$kind: ts" "" guarded ts -reply -config ts.cnf -queryfile query.tsq -signer ca.pem \
        -inkey ca.ref -out out

    # The default provider by name, with a key of ours.
    for query in provider=default '?provider=default' provider!=smimebr x.smimebr!=yes fips=yes; do
        refused "$kind: -propquery $query" "" guarded dgst -sha256 -propquery "$query" \
            -sign smimebr:ca.key -out out data
        refused "$kind: pkeyutl -propquery $query" "" guarded pkeyutl -sign -propquery "$query" \
            -inkey smimebr:ca.key -in digest -out out
    done
    for provider in default legacy base; do
        refused "$kind: -provider $provider" "audit record" issue -extensions server \
            -provider $provider
    done
    allowed "$kind: -provider legacy" issue -extensions strict -provider legacy -provider default

    # Objects that a program makes from others.
    refused "$kind: x509 -signkey" "audit record" guarded x509 -in ca.pem -signkey smimebr:ca.key \
        -out out
    refused "$kind: x509 -force_pubkey" "audit record" issue -force_pubkey ca.pub \
        -extensions server
    refused "$kind: crl -gendelta" "" guarded crl -in old.crl -gendelta old.crl \
        -key smimebr:ca.key -out out

    # A self-signed certificate, a CA certificate: not by the built-in policy.
    refused "$kind: req -x509" "audit record" guarded req -x509 -new -key smimebr:ca.key \
        -subj "/CN=Example" -extensions root -out out
    refused "$kind: a CA certificate" "audit record" issue -extensions root
    allowed "$kind: own request" guarded req -new -key smimebr:ca.key \
        -subj "/C=DE/O=Example GmbH/CN=Example Issuing CA" -out out
}

# A TLS server with the key: the handshake signs what is no certificate.
tls() {
    kind=$1
    port=0
    : >server.out # the server may not have begun when it is first read
    OPENSSL_CONF="$DIR/openssl.cnf" "$OPENSSL" s_server -accept 127.0.0.1:0 -cert ca.pem \
        -key smimebr:ca.key -www >server.out 2>server.err </dev/null &
    server=$!
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        port=$(sed -n 's/^ACCEPT 127.0.0.1:\([0-9]*\).*/\1/p' server.out)
        [ -z "$port" ] || break
        kill -0 $server 2>/dev/null || break
        sleep 0.2
    done
    [ -n "$port" ] || fail "$kind: s_server does not begin: $(cat server.err)"
    for version in tls1_2 tls1_3; do
        DONE=$((DONE + 1))
        if [ -n "$port" ] && plain s_client -connect "127.0.0.1:$port" "-$version" </dev/null \
            >client.out 2>&1; then
            fail "$kind: $version: the handshake succeeded"
        fi
        ! grep -q '^Peer signature type' client.out || fail "$kind: $version: a signature came"
    done
    kill $server 2>/dev/null || true
    wait $server 2>/dev/null || true
    grep -q 'smimebr.*handshake of a TLS server' server.err ||
        fail "$kind: it was not the guard that refused: $(cat server.err)"
}

cat >ts.cnf <<'END'
[tsa]
default_tsa = one
[one]
serial = ts.serial
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
END
plain ts -query -config ts.cnf -data data -sha256 -out query.tsq 2>/dev/null

make_ca -algorithm EC -pkeyopt ec_paramgen_curve:P-256
routes P-256
tls P-256
for md in md5 sha1 sha224 sha512-256 sha3-256; do
    refused "P-256: $md" "is not allowed" issue -extensions strict "-$md"
done
cat >ca.policy <<END
[key ca]
issuer-certificate.1 = $DIR/ca.pem
objects = subscriber
profiles = mailbox-validated-strict
END
configuration openssl.cnf "policy = $DIR/ca.policy" "audit-log = $DIR/audit.jsonl"
allowed "P-256: SHA-256, by the issuer certificate" issue -extensions strict -sha256
refused "P-256: SHA-512" "issuer_key.p256" issue -extensions strict -sha512
# A serial that was used before with other contents, and the next one.
serial=0x5D1E8A3F7C26B09441E7D3586FB20A9
echo 'serials = unique' >>ca.policy
allowed "P-256: a serial" issue -extensions strict -set_serial "${serial}C"
refused "P-256: a serial used before" "duplicate_for_issuer" issue -extensions strict -days 300 \
    -set_serial "${serial}C"
refused "P-256: a serial used before, in another file of the log" "duplicate_for_issuer" \
    renamed issue -extensions strict -days 300 -set_serial "${serial}C"
refused "P-256: a serial used before, without the index" "duplicate_for_issuer" \
    forgotten issue -extensions strict -days 300 -set_serial "${serial}C"
refused "P-256: a serial that is counted" "serial.sequential" issue -extensions strict \
    -set_serial "${serial}D"
allowed "P-256: another serial" issue -extensions strict \
    -set_serial 0x11C08E6FD29374AB5E01C7F2386D9BA4
configuration openssl.cnf "policy = builtin" "audit-log = $DIR/audit.jsonl"
refused "P-256: SHA-512, without an issuer certificate" "issuer_key.p256" issue \
    -extensions strict -sha512

make_ca -algorithm RSA -pkeyopt rsa_keygen_bits:4096
routes RSA
tls RSA
for md in md5 sha1 sha224; do
    refused "RSA: $md" "is not allowed" issue -extensions strict "-$md"
done
allowed "RSA: PSS" issue -extensions strict -sigopt rsa_padding_mode:pss
allowed "RSA: PSS, salt by name" issue -extensions strict -sigopt rsa_padding_mode:pss \
    -sigopt rsa_pss_saltlen:digest
plain verify -partial_chain -trusted ca.pem out >/dev/null || fail "RSA: PSS does not verify"
refused "RSA: PSS, longest salt" "audit record" issue -extensions strict \
    -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:max
refused "RSA: PSS, other MGF1" "audit record" issue -extensions strict \
    -sigopt rsa_padding_mode:pss -sigopt rsa_mgf1_md:sha512
refused "RSA: no padding" "" issue -extensions strict -sigopt rsa_padding_mode:none
refused "RSA: X9.31" "" issue -extensions strict -sigopt rsa_padding_mode:x931
refused "RSA: pkeyutl without padding" "" guarded pkeyutl -sign -inkey smimebr:ca.key -in digest \
    -pkeyopt rsa_padding_mode:none -out out
refused "RSA: decrypt without padding" "" guarded pkeyutl -decrypt -inkey smimebr:ca.key -in digest \
    -pkeyopt rsa_padding_mode:none -out out

make_ca -algorithm EC -pkeyopt ec_paramgen_curve:P-384
allowed "P-384: the digest that belongs to the curve" issue -extensions strict

if plain genpkey -algorithm ML-DSA-44 -out ca.key 2>/dev/null; then
    make_ca -algorithm ML-DSA-44
    routes ML-DSA-44
    for option in context-string:x hexcontext-string:00 message-encoding:0 deterministic:1 mu:1; do
        refused "ML-DSA-44: $option" "" issue -extensions strict -sigopt "$option"
    done
    make_ca -algorithm EC -pkeyopt ec_paramgen_curve:P-384
fi

# Configurations: each wrong one is told at the key, and other keys work on.
try() {
    OPENSSL_CONF="$DIR/try.cnf" "$OPENSSL" "$@"
}
try_issue() {
    try x509 -req -in user.csr -CA ca.pem -CAkey "$1" -days 365 -extfile plain.cnf \
        -extensions strict -out out
}
wrong() {
    name=$1
    text=$2
    shift 2
    configuration try.cnf "$@"
    refused "configuration: $name" "$text" try_issue smimebr:ca.key
    allowed "configuration: $name, other keys" try pkey -in user.key -noout
}
wrong "no settings" "policy"
wrong "no policy" "policy" "audit-log = $DIR/audit.jsonl"
wrong "no log" "audit-log" "policy = builtin"
wrong "policy is not there" "none.cnf" "policy = $DIR/none.cnf" "audit-log = $DIR/audit.jsonl"
wrong "log cannot be written" "none/audit" "policy = builtin" "audit-log = $DIR/none/audit.jsonl"

configuration try.cnf "policy = builtin" "audit-log = $DIR/audit.jsonl"
sed -i 's/^\[init\]$/[init]\nalg_section = algorithms/' try.cnf
printf '[algorithms]\ndefault_properties = provider=default\n' >>try.cnf
refused "default_properties" "" try_issue smimebr:ca.key
refused "OPENSSL_CONF elsewhere" "" plain x509 -req -in user.csr -CA ca.pem \
    -CAkey smimebr:ca.key -out out

# The environment: a directory of modules is none of the inner context's business, and nothing
# changes what is refused or permitted.
mkdir modules
printf 'no module' >modules/default.so
for variable in OPENSSL_MODULES="$DIR/modules" OPENSSL_ia32cap=0:0 OPENSSL_TRACE=ALL \
    OPENSSL_CONF_INCLUDE="$DIR/modules" OPENSSL_ENGINES="$DIR/modules" RANDFILE="$DIR/data" \
    OPENSSL_MALLOC_FAILURES=0 SOURCE_DATE_EPOCH=0 TZ=Pacific/Kiritimati LC_ALL=tr_TR.UTF-8 \
    SSL_CERT_FILE="$DIR/root.pem" SMIMEBR_DISABLE=1 SMIMEBR_POLICY="$DIR/none.cnf"; do
    name=${variable%%=*}
    export "${variable?}"
    allowed "$variable" issue -extensions strict
    refused "$variable" "audit record" issue -extensions server
    unset "$name"
done

# The clock: behind the last record nothing is signed, and a refusal stays one.
if command -v faketime >/dev/null; then
    refused "a clock two hours slow" "clock" faketime -f -2h env OPENSSL_CONF="$DIR/openssl.cnf" \
        "$OPENSSL" x509 -req -in user.csr -CA ca.pem -CAkey smimebr:ca.key -days 365 \
        -extfile plain.cnf -extensions strict -out out
    allowed "the clock as it was" issue -extensions strict
else
    echo "not run: a clock that is set back (faketime is not installed)"
fi

# Key files.
printf 'garbage' >garbage
for row in "none.key|there is no such file" "garbage|holds no private key" ".|no regular file" \
    "pkcs11:object=x|names no libraries for tokens" "smimebr:ca.key|name the inner key"; do
    configuration try.cnf "policy = builtin" "audit-log = $DIR/audit.jsonl"
    refused "key ${row%%|*}" "${row##*|}" try_issue "smimebr:${row%%|*}"
done
plain pkey -in ca.key -aes256 -passout pass:right -out encrypted.key
refused "wrong passphrase" "passphrase is wrong" guarded x509 -req -in user.csr -CA ca.pem \
    -CAkey smimebr:encrypted.key -passin pass:wrong -days 365 -extfile plain.cnf \
    -extensions strict -out out
allowed "right passphrase" guarded x509 -req -in user.csr -CA ca.pem \
    -CAkey smimebr:encrypted.key -passin pass:right -days 365 -extfile plain.cnf \
    -extensions strict -out out

# What the provider says about itself.
guarded list -providers -verbose >stdout
for word in ruleset "status: active" "build info: smimebr"; do
    grep -q "$word" stdout || fail "list -providers: no \"$word\""
done

echo "$DONE ways, $FAILED failed"
[ "$FAILED" -eq 0 ]
