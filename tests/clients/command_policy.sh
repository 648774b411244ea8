#!/bin/sh
# smimebr policy check and show, and smimebr init.
#   command_policy.sh SMIMEBR
set -eu
smimebr=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
# shellcheck source=tests/clients/smime_pki.sh
. "$here/smime_pki.sh"

umask 022
printf 'correct horse\n' >pass
chmod 600 pass
mkdir policy
cp ca.crt root.crt policy
openssl pkey -in ca.key -pubout -out ca.pub
good() {
    cat >policy/good.cnf <<'CONF'
[key issuing]
issuer-certificate.1 = ca.crt
objects = subscriber, crl
permitted-domains = smimebr-test.eu
extra-policies = 1.3.6.1.4.1.99999.1
waivers = allowed
[key root]
issuer-certificate.1 = root.crt
objects = subordinate-ca, crl
[waiver spring]
rule = smime.mailbox.domain_example_or_onion
reason = a test
approver = the test
from = 2026-01-01
until = 2026-02-01
domain = example.org
CONF
}
good

# check
runs 0 "$smimebr" policy check policy/good.cnf
prints 'policy/good.cnf: good: 2 keys, 1 waiver, digest '
quiet
expected=$(cd policy && sha256sum good.cnf ca.crt root.crt | cut -c 1-64 | sha256sum | cut -c 1-64)
prints "digest $expected"
runs 0 "$smimebr" policy check builtin
prints 'builtin: good: 1 key, 0 waivers'
for key in ca.key ca.pub ca.crt smimebr:ca.key "file:$PWD/ca.key" "file://$PWD/ca.key"; do
    runs 0 "$smimebr" policy check policy/good.cnf --key "$key"
    prints "$key: is judged by [key issuing]"
done
runs 0 "$smimebr" policy check --key root.key policy/good.cnf
prints 'root.key: is judged by [key root]'
runs 1 "$smimebr" policy check policy/good.cnf --key leaf.key
complains 'no section is for this key'
lacks 'is judged by'
runs 0 "$smimebr" policy check builtin --key leaf.key
runs 2 "$smimebr" policy check policy/good.cnf --key no-such-key
complains 'the key no-such-key cannot be opened'
runs 2 "$smimebr" policy check policy/good.cnf --key extensions.cnf
complains 'holds no key'
runs 2 "$smimebr" policy check policy/good.cnf --key 'pkcs11:object=x'
complains 'in a token'
openssl pkcs8 -topk8 -in ca.key -passout file:pass -out encrypted.key
runs 0 "$smimebr" policy check policy/good.cnf --key encrypted.key --passphrase-file pass
without_input() { "$smimebr" "$@" </dev/null; }
runs 2 without_input policy check policy/good.cnf --key encrypted.key
complains 'passphrase'

# sealed keys and references: no passphrase is asked
seal() { "$smimebr" key seal --in ca.key --cost 14 --passphrase-file pass "$@"; }
runs 0 seal --out free.key
runs 0 seal --out strict.key --floor 'objects = crl'
runs 0 seal --out kept.key --floor 'objects = subscriber, crl'
runs 0 "$smimebr" key reference --to "$PWD/free.key" --out free.ref
runs 0 "$smimebr" key reference --to "$PWD/free.ref" --out ref.ref
for key in free.key free.ref kept.key; do
    runs 0 without_input policy check policy/good.cnf --key "$key"
    prints 'is judged by [key issuing]'
done
runs 1 without_input policy check policy/good.cnf --key strict.key
complains 'laxer than the floor'
complains 'objects'
runs 2 without_input policy check policy/good.cnf --key ref.ref
complains 'must not lead to another reference'

# what is wrong is named with file and line
wrong() {
    runs 1 "$smimebr" policy check policy/good.cnf
    complains "$1"
    silent
    good
}
sed -i 's/^objects = subscriber, crl/objcts = subscriber, crl/' policy/good.cnf
wrong 'good.cnf:3'
sed -i 's/^objects = subscriber, crl/objects = subscribers/' policy/good.cnf
wrong 'good.cnf:3'
printf 'objects = crl\n' >>policy/good.cnf
wrong 'good.cnf:17'
sed -i 's/ca.crt/none.crt/' policy/good.cnf
wrong 'good.cnf:2'
sed -i 's/root.crt/ca.crt/' policy/good.cnf
runs 1 "$smimebr" policy check policy/good.cnf --key ca.crt
good
chmod 666 policy/good.cnf
wrong 'can be changed by others'
chmod 644 policy/good.cnf
: >policy/empty.cnf
runs 2 "$smimebr" policy check policy/empty.cnf
complains 'is empty'
runs 2 "$smimebr" policy check policy/none.cnf
complains 'policy/none.cnf cannot be opened'
runs 2 "$smimebr" policy check policy
complains 'is a directory'
runs 2 "$smimebr" policy check
complains 'no policy file is named'
runs 2 "$smimebr" policy check a b
complains 'takes one policy file'
runs 2 "$smimebr" policy check --kye x policy/good.cnf
complains '--kye is no option'

# show
runs 0 "$smimebr" policy show policy/good.cnf
prints '[key issuing]'
prints '[key root]'
prints '  objects = subscriber, crl'
prints '  permitted-domains = smimebr-test.eu'
prints '  extra-policies = 1.3.6.1.4.1.99999.1'
prints '  refuse-on = error    (default)'
prints '  waivers = allowed'
prints '[waiver spring]'
prints '  from 2026-01-01T00:00:00Z until 2026-02-01T00:00:00Z'
prints '  reason = a test'
prints "issuer-certificate: $(openssl x509 -in ca.crt -outform DER | sha256sum | cut -c 1-64)"
runs 0 "$smimebr" policy show policy/good.cnf --key root.key
prints '[key root]'
lacks '[key issuing]'
runs 0 "$smimebr" policy show builtin
prints '[key '
prints 'issuer-certificate: none: what needs it is not evaluated'
runs 1 "$smimebr" policy show policy/good.cnf --key leaf.key
silent

# init: an issuing CA with a sealed key
init() { "$smimebr" init "$@"; }
runs 0 init --ca-cert ca.crt --key free.key --dir made
quiet
prints ".include $PWD/made/provider.cnf"
prints "private_key = smimebr:$PWD/free.key"
prints 'default = default_sect'
mode 700 made
for file in smimebr.cnf ca.crt provider.cnf audit.jsonl audit.jsonl.lock audit.jsonl.reserve \
    audit.jsonl.secret; do
    mode 600 "made/$file"
done
grep -qx "policy = $PWD/made/smimebr.cnf" made/provider.cnf || fail "policy in provider.cnf"
grep -qx "audit-log = $PWD/made/audit.jsonl" made/provider.cnf || fail "audit-log in provider.cnf"
grep -qx 'objects = subscriber, crl' made/smimebr.cnf || fail "objects of an issuing CA"
openssl x509 -in made/ca.crt -outform DER | cmp -s - "$(openssl x509 -in ca.crt -outform DER \
    -out ca.der && echo ca.der)" || fail "the copy of the certificate"
jq -e '.event == "genesis" and .sequence == 0' made/audit.jsonl >/dev/null || fail "audit log"
runs 0 "$smimebr" policy check made/smimebr.cnf --key free.key
runs 0 "$smimebr" lint --policy made/smimebr.cnf leaf.crt

# ... nothing is overwritten
cp -a made before
runs 2 init --ca-cert ca.crt --key free.key --dir made
complains 'exists already and is left alone'
diff -r made before >/dev/null || fail "something was changed"
mkdir half
: >half/provider.cnf
runs 2 init --ca-cert ca.crt --key free.key --dir half
[ "$(ls half)" = provider.cnf ] || fail "something is left behind"

# ... a root; a floor is taken over; a reference, a public key
runs 0 init --ca-cert root.crt --key root.key --dir root
grep -qx 'objects = subordinate-ca, crl' root/smimebr.cnf || fail "objects of a root"
runs 0 init --ca-cert ca.crt --key strict.key --dir strict
grep -qx 'objects = crl' strict/smimebr.cnf || fail "floor in the policy"
runs 0 "$smimebr" policy check strict/smimebr.cnf --key strict.key
runs 0 init --ca-cert ca.der --key free.ref --dir ref
prints "private_key = smimebr:$PWD/free.key"
runs 0 init --ca-cert ca.crt --key ca.pub --dir pub

# ... for a group
group=$(id -gn)
runs 0 init --ca-cert ca.crt --key free.key --dir group --group "$group"
mode 750 group
mode 640 group/smimebr.cnf
mode 640 group/provider.cnf
mode 660 group/audit.jsonl
mode 660 group/audit.jsonl.lock
mode 660 group/audit.jsonl.reserve
mode 640 group/audit.jsonl.secret
runs 2 init --ca-cert ca.crt --key free.key --dir x --group no-such-group
complains 'there is no group no-such-group'
absent x

# ... what cannot be
runs 2 init --ca-cert ca.crt --key leaf.key --dir x
complains 'the key leaf.key does not belong to the certificate ca.crt'
runs 2 init --ca-cert root.crt --key free.key --dir x
complains 'does not belong'
runs 2 init --ca-cert leaf.key --key leaf.key --dir x
complains 'no certificate'
runs 2 init --ca-cert leaf.csr --key leaf.key --dir x
runs 2 init --ca-cert no-such-file --key leaf.key --dir x
complains 'no-such-file cannot be opened'
runs 2 init --ca-cert ca.crt --key no-such-key --dir x
complains 'no-such-key cannot be opened'
runs 2 init --ca-cert ca.crt --key free.key --dir no/such/folder
complains 'cannot be made'
runs 2 init --ca-cert ca.crt --key free.key --dir ca.crt
# shellcheck disable=SC2016
odd='a$b'
runs 2 init --ca-cert ca.crt --key free.key --dir "$odd"
complains 'openssl.cnf cannot hold'
absent "$odd"
absent x
runs 2 init --ca-cert ca.crt --key free.key
complains '--ca-cert, --key and --dir are all needed'
runs 2 init --ca-cert ca.crt --key free.key --dir x y
runs 0 init --ca-cert leaf.crt --key leaf.key --dir leaf
complains 'warning: leaf.crt is no certificate of a CA'
