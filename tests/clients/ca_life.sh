#!/bin/sh
# A CA's whole life with unmodified openssl programs and the configurations of conf-examples: root
# by req -x509, issuing CA by ca, certificates permitted and refused, a batch, x509 -req, revocation
# and CRL, and what comes out when the module is not there.
#   ca_life.sh BUILD-FOLDER
set -eu
build=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
examples=$(realpath "$here/../../conf-examples")
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
# shellcheck source=tests/clients/guarded_ca.sh
. "$here/guarded_ca.sh"

make_cas p256
verdicts() { sed -n 's/.*"kind":"\([a-z-]*\)".*"verdict":"\([a-z]*\)".*/\1 \2/p' audit.jsonl; }
last_verdict() { [ "$(verdicts | tail -n 1)" = "$1" ] || fail "last record: $(verdicts | tail -n 1)"; }
# remember the database, and hold what is there now against it
remember() {
    cp index.txt index.before
    ls newcerts >newcerts.before
    cp crlnumber crlnumber.before
}
untouched() {
    ls newcerts >newcerts.now
    cmp -s index.txt index.before || fail "index.txt was changed"
    cmp -s newcerts.now newcerts.before || fail "newcerts was changed"
    cmp -s crlnumber crlnumber.before || fail "crlnumber was changed"
}

cd root
openssl verify -x509_strict -CAfile root.crt root.crt >/dev/null || fail "the root"
last_verdict 'subordinate-ca permit'
cd ../issuing
openssl verify -x509_strict -CAfile root.crt issuing.crt >/dev/null || fail "the issuing CA"
last_verdict 'csr permit'

# a permitted certificate: in the database, in newcerts, in the audit record
runs 0 ca -extensions mailbox_validated_strict -in leaf.csr -out leaf.crt
runs 0 verify leaf.crt
last_verdict 'subscriber permit'
[ "$(grep -c '^V' index.txt)" = 1 ] || fail "index.txt"
serial=$(openssl x509 -in leaf.crt -noout -serial | sed 's/serial=//')
cmp -s leaf.crt "newcerts/$serial.pem" || fail "newcerts"
# the contents of the INTEGER: 00 before a first octet of 80 or more
grep -qE "\"serial\":\"(00)?$(echo "$serial" | tr A-F a-f)\"" audit.jsonl || fail "serial in the record"

# a refused one: our text is visible, nothing is written
remember
runs 1 ca -extfile defects.cnf -extensions server_auth -in leaf.csr -out refused.crt
complains 'smime.eku.server_auth_present'
complains 'SBR 7.1.2.3(f): extensions.extKeyUsage[1]: serverAuth; leave serverAuth out'
complains "nothing was signed: 1 error, 1 warning, 0 notices; audit record $PWD/audit.jsonl#"
absent refused.crt
untouched
last_verdict 'subscriber refuse'

# a batch ends with the first that is refused, and then none of it counts
openssl req -new -config issuing-ca.cnf -key leaf.key -subj '/O=Example/emailAddress=b@example.net' \
    -out bad.csr
runs 1 ca -extensions mailbox_validated_strict -outdir newcerts -infiles leaf.csr bad.csr leaf.csr
complains 'SBR 7.1.4.2.3: subject.organizationName: organizationName "Example"'
untouched
[ "$(verdicts | tail -n 2 | tr '\n' ' ')" = 'subscriber permit subscriber refuse ' ] ||
    fail "the records of the batch: $(verdicts | tail -n 3)"

# x509 -req
request_x509() {
    guarded openssl x509 -req -in leaf.csr -CA issuing.crt -CAkey smimebr:issuing.key \
        -passin file:passphrase -days 30 -set_serial 0x4a5b6c7d8e9fa0b1c2d3 "$@"
}
runs 0 request_x509 -extfile issuing-ca.cnf -extensions mailbox_validated_strict -out x509.crt
runs 0 verify x509.crt
runs 1 request_x509 -extfile defects.cnf -extensions wrong_key_usage -out refused.crt
complains 'SBR 7.1.2.3(e): extensions.keyUsage'
[ ! -s refused.crt ] || fail "a certificate came out of x509 -req"
rm -f refused.crt
# the digest that the program is told is the one the certificate names, and must fit the key
runs 1 request_x509 -sha512 -extfile issuing-ca.cnf -extensions mailbox_validated_strict \
    -out refused.crt
complains 'SBR 7.1.3.2.2'
[ ! -s refused.crt ] || fail "a certificate came out of x509 -req -sha512"
rm -f refused.crt

# what an issuing CA must not sign: a root of its own, a request once there is a certificate
sed -e 's/root-ca.policy/issuing-ca.policy/' "$examples/root-ca.cnf" >self.cnf
self() {
    openssl req -x509 -config self.cnf -key smimebr:issuing.key -passin file:passphrase \
        -out refused.crt
}
runs 1 self
complains 'smimebr policy: this is a root CA certificate'
absent refused.crt
last_verdict 'root refuse'
runs 1 openssl req -new -config issuing-ca.cnf -key smimebr:issuing.key -passin file:passphrase \
    -out refused.csr
complains 'smimebr policy: this is a certification request'
absent refused.csr

# revocation and CRL
runs 0 ca -revoke leaf.crt -crl_reason keyCompromise
runs 0 ca -gencrl -out issuing.crl
last_verdict 'crl permit'
runs 0 openssl crl -in issuing.crl -CAfile issuing.crt -noout -text
prints "$serial"
runs 2 verify -crl_check -CRLfile issuing.crl leaf.crt
complains 'certificate revoked'
runs 0 verify -crl_check -CRLfile issuing.crl x509.crt
[ "$(cat crlnumber)" = 02 ] || fail "crlnumber"
remember
# nextUpdate more than ten days after thisUpdate (SBR 4.9.7)
runs 1 ca -gencrl -crldays 11 -out refused.crl
complains 'SBR 4.9.7'
[ ! -s refused.crl ] || fail "a CRL came out"
untouched

# the chain of the audit record: every line names the hash of the line before
sed -n 's/.*"hash":"\([0-9a-f]*\)"}$/\1/p' audit.jsonl >hashes
sed -n 's/.*"previous":"\([0-9a-f]*\)".*/\1/p' audit.jsonl >previous
[ "$(wc -l <hashes)" = "$(wc -l <audit.jsonl)" ] || fail "a record without hash"
head -n -1 hashes >hashes.before
tail -n +2 previous | cmp -s - hashes.before || fail "the chain of the audit record"

# without the module nothing is signed, and the program says that the key cannot be read
remember
without_module() { OPENSSL_MODULES=/nonexistent ca "$@"; }
runs 1 without_module -extensions mailbox_validated_strict -in leaf.csr -out refused.crt
complains 'smimebr'
absent refused.crt
untouched
# nor with the sealed file and the default provider alone
runs 1 openssl x509 -req -in leaf.csr -CA issuing.crt -CAkey issuing.key -passin file:passphrase \
    -out refused.crt
[ ! -s refused.crt ] || fail "the sealed key signed without the guard"
cd ..

# keys of other types: the digest follows the key
for type in p384 ed25519; do
    rm -rf root issuing
    make_cas "$type"
    cd issuing
    runs 0 ca -extensions mailbox_validated_strict -in leaf.csr -out leaf.crt
    runs 0 verify leaf.crt
    runs 1 ca -extfile defects.cnf -extensions legacy_policy -in leaf.csr -out refused.crt
    complains 'SBR 7.1.6.1'
    runs 0 ca -gencrl -out issuing.crl
    cd ..
done
