#!/bin/sh
# smimebr audit reconcile: the log against what was issued, both ways.
#   audit_reconcile.sh BUILD
set -eu
build=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
examples=$(realpath "$here/../../conf-examples")
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
# shellcheck source=tests/clients/audit_world.sh
. "$here/audit_world.sh"

: >empty
runs 0 audit reconcile audit.jsonl -- index.txt empty
prints 'issued without a permit: 0'
issue one.crt mailbox_validated_strict
issue two.crt mailbox_validated_multipurpose
x509_req -days 200 -extensions mailbox_validated_strict -out three.crt
issue_crl one.crl
runs 1 issue bad.crt legacy_policy -extfile defects.cnf

# everything
cat one.crt two.crt three.crt >certs.pem
openssl x509 -in three.crt -outform DER -out three.der
runs 0 audit reconcile audit.jsonl -- newcerts index.txt certs.pem three.der one.crl
prints 'certificate: 3 permits, 6 issued, 0 permits without'
prints 'CRL: 1 permits, 1 issued, 0 permits without'
prints 'entries of an index: 2'
prints 'issued without a permit: 0'
quiet

# a permit without a certificate
runs 0 audit reconcile audit.jsonl -- newcerts index.txt
number=$(jq -r 'select(.verdict == "permit" and .object == "certificate") | .sequence' audit.jsonl |
    tail -n 1)
prints "record $number: permit without a certificate: it was signed"
prints 'certificate: 3 permits, 2 issued, 1 permits without'
runs 0 audit reconcile audit.jsonl -- three.crt index.txt
prints '0 permits without'
runs 0 audit reconcile audit.jsonl -- three.crt one.crt
prints '1 permits without'

# revoked and expired entries count as issued
ca -revoke one.crt >revoke.log 2>&1
issue_crl two.crl
runs 0 audit reconcile audit.jsonl -- newcerts index.txt certs.pem one.crl two.crl
prints 'CRL: 2 permits, 2 issued, 0 permits without'
{ cat index.txt && printf '\0\n' && cat index.txt; } >nul.txt
runs 2 audit reconcile audit.jsonl -- nul.txt
complains 'nul.txt: holds a NUL'
sed 's/^V/E/' index.txt >expired.txt
runs 0 audit reconcile audit.jsonl -- expired.txt
printf 'V\t301124000000Z\t\t0BADC0DE\tunknown\t/CN=x\n' >>expired.txt
runs 1 audit reconcile audit.jsonl -- expired.txt
prints 'expired.txt:3: serial badc0de without a permit: no decision about it is in the log'
serial=$(jq -r 'select(.verdict == "refuse") | .serial' audit.jsonl)
printf 'V\t301124000000Z\t\t%s\tunknown\t/CN=x\n' "$serial" >refused.txt
runs 1 audit reconcile audit.jsonl -- refused.txt
prints 'refused it'

# the key used outside of the guard
raw_key
openssl x509 -req -in leaf.csr -CA issuing.crt -CAkey raw.key -days 300 -extfile issuing-ca.cnf \
    -extensions mailbox_validated_strict -out rogue.crt 2>/dev/null
runs 1 audit reconcile audit.jsonl -- newcerts index.txt certs.pem rogue.crt
prints 'rogue.crt: certificate without a permit: no decision about it is in the log'
prints 'issued without a permit: 1'
cp rogue.crt newcerts/rogue.pem
runs 1 audit reconcile audit.jsonl -- newcerts index.txt certs.pem
prints 'newcerts/rogue.pem: certificate without a permit'
rm newcerts/rogue.pem
cat certs.pem rogue.crt >more.pem
runs 1 audit reconcile audit.jsonl -- more.pem
prints 'more.pem#4: certificate without a permit'
# ... for the very octets that were refused
audit replay --export exported audit.jsonl >/dev/null
number=$(jq -r 'select(.verdict == "refuse") | .sequence' audit.jsonl)
runs 1 audit reconcile audit.jsonl -- exported/"$number".pem
prints "without a permit: record $number refused it"
sed 's/smimebr:issuing.key/raw.key/' issuing-ca.cnf >raw.cnf
OPENSSL_CONF=/dev/null openssl ca -config raw.cnf -gencrl -keyfile raw.key -out rogue.crl \
    >crl.log 2>&1 || { cat crl.log >&2; fail 'no CRL'; }
runs 1 audit reconcile audit.jsonl -- one.crl two.crl rogue.crl
prints 'rogue.crl: CRL without a permit'

# certificates of others: counted out by their signature
cat certs.pem root.crt issuing.crt >chain.pem
runs 1 audit reconcile audit.jsonl -- chain.pem
prints 'issued without a permit: 2'
runs 0 audit reconcile --issuer issuing.crt audit.jsonl -- chain.pem
prints 'not counted, signed with another key: 2'
prints 'certificate: 3 permits, 3 issued, 0 permits without'
runs 1 audit reconcile --issuer issuing.crt audit.jsonl -- chain.pem rogue.crt rogue.crl
prints 'issued without a permit: 2'

# rotated, erased
mv audit.jsonl audit.jsonl.1
issue four.crt mailbox_validated_strict
audit erase --before 2400-01-01 --log audit.jsonl audit.jsonl.1 >/dev/null 2>&1
runs 0 audit reconcile audit.jsonl.1 audit.jsonl -- newcerts index.txt certs.pem
prints 'certificate: 4 permits, '
runs 1 audit reconcile audit.jsonl -- newcerts index.txt certs.pem

# a log that does not verify, inputs that cannot be read
sed 3d audit.jsonl.1 >copy.jsonl
runs 1 audit reconcile copy.jsonl audit.jsonl -- newcerts
complains 'are missing before it'
runs 2 audit reconcile audit.jsonl.1 audit.jsonl -- no-such-file
runs 2 audit reconcile audit.jsonl.1 audit.jsonl -- passphrase
printf 'V\tnonsense\n' >broken.txt
runs 2 audit reconcile audit.jsonl.1 audit.jsonl -- broken.txt
complains 'broken.txt: line 1 is no entry'
runs 2 audit reconcile no-such-file -- newcerts
runs 2 audit reconcile audit.jsonl
complains 'behind "--"'
runs 2 audit reconcile audit.jsonl --
runs 2 audit reconcile -- newcerts
runs 2 audit reconcile --issuer leaf.key audit.jsonl -- newcerts
