#!/bin/sh
# smimebr audit replay: every verdict again, and what is found when somebody changed one.
#   audit_replay.sh BUILD
set -eu
build=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
examples=$(realpath "$here/../../conf-examples")
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
# shellcheck source=tests/clients/audit_world.sh
. "$here/audit_world.sh"
chmod go-w issuing-ca.policy policy-before issuing.crt issuing.pub

issue one.crt mailbox_validated_strict
runs 1 issue bad.crt legacy_policy -extfile defects.cnf
x509_req -days 200 -extensions mailbox_validated_multipurpose -out two.crt
issue_crl one.crl
refused=$(jq -r 'select(.verdict == "refuse") | .sequence' audit.jsonl)
permitted=$(jq -r 'select(.verdict == "permit" and .object == "certificate") | .sequence' \
    audit.jsonl | head -n 1)

# the same ruleset and policies
runs 0 audit replay --policy issuing-ca.policy --policy policy-before audit.jsonl
prints '4 replayed: 4 the same, 0 differ'
prints '1 not replayable: no to-be-signed octets are kept of CRLs and OCSP responses'
quiet
runs 0 audit replay --strict --policy policy-before --policy issuing-ca.policy audit.jsonl
prints '4 replayed: 4 the same, 0 differ'

# the policy is not there, or another one
runs 0 audit replay audit.jsonl
prints '0 replayed'
prints '4 not replayable: their policy is not at hand (--policy)'
runs 0 audit replay --issuer issuing.crt audit.jsonl
prints '4 replayed under another policy: 4 the same, 0 differ'
runs 0 audit replay --issuer root.crt audit.jsonl
prints 'not replayable: their issuer certificate is not at hand (--issuer)'
sed 's/^objects = .*/objects = crl/' issuing-ca.policy >narrow.policy
runs 0 audit replay --policy narrow.policy audit.jsonl
prints "record $permitted (another policy): verdict \"permit\" in the record, replayed \"refuse\""
prints '0 the same, 4 differ'
runs 1 audit replay --strict --policy narrow.policy audit.jsonl

# somebody changed the log and made the chain anew: it verifies, but it does not replay
forge() { python3 "$here/audit_forge.py" audit.jsonl "$@" >forged.jsonl; }
replay_forged() { audit replay --policy issuing-ca.policy --policy policy-before forged.jsonl; }
forge "$refused" '"sequence"' '"sequence"'
cmp -s forged.jsonl audit.jsonl || fail 'the forger does not know the format'
forge "$refused" '"verdict":"refuse"' '"verdict":"permit"'
runs 0 audit verify forged.jsonl
runs 1 replay_forged
prints "record $refused: verdict \"permit\" in the record, replayed \"refuse\""
prints '3 the same, 1 differ'
forge "$refused" smime.policies.legacy_after_sunset smime.policies.reserved_absent
runs 1 replay_forged
prints "record $refused: finding smime.policies.reserved_absent at "
prints 'only in the record'
prints "record $refused: finding smime.policies.legacy_after_sunset at "
prints 'only when replayed'
forge "$permitted" '"profile":"mailbox-validated-strict"' '"profile":"mailbox-validated-legacy"'
runs 1 replay_forged
prints "record $permitted: profile "
forge "$permitted" alice@example.net mallory@example.net
runs 1 replay_forged
prints 'mailboxes differs'
forge "$permitted" '"now":"20' '"now":"19'
runs 1 replay_forged
digits=$(openssl x509 -in one.crt -noout -serial | cut -d = -f 2 | tr A-F a-f)
forge "$permitted" "$digits" "${digits%??}00"
runs 1 replay_forged
prints "record $permitted: serial "
forge "$permitted" '"mechanism":"30' '"mechanism":"3x'
runs 0 replay_forged
prints '1 not replayable: they lack key, mechanism or signing time'
forge "$permitted" '"now":"20' '"now":"x0'
runs 1 replay_forged
complains 'its member now is no time'

# another ruleset: listed, an error only if asked for
forge "$refused" '"ruleset":"SBR' '"ruleset":"SBR other'
runs 0 replay_forged
prints '3 replayed: 3 the same, 0 differ'
prints '1 replayed under another ruleset: 1 the same, 0 differ'
cp forged.jsonl other.jsonl
python3 "$here/audit_forge.py" other.jsonl "$refused" '"verdict":"refuse"' '"verdict":"permit"' \
    >forged.jsonl
runs 0 replay_forged
prints "record $refused (another ruleset): verdict \"permit\" in the record, replayed \"refuse\""
runs 1 audit replay --strict --policy issuing-ca.policy --policy policy-before forged.jsonl

# a log that does not verify
sed 3d audit.jsonl >copy.jsonl
runs 1 audit replay --policy issuing-ca.policy copy.jsonl
complains 'are missing before it'

# export
runs 0 audit replay --export exported audit.jsonl
prints '4 exported'
[ "$(find exported -name '*.pem' | wc -l)" -eq 4 ] || fail 'not 4 files'
cmp -s exported/*.pub issuing.pub || fail 'the signing key was not exported'
for file in exported/"$permitted".pem exported/"$refused".pem; do
    openssl x509 -in "$file" -noout -subject -ext subjectAltName >out.txt
    grep -q alice@example.net out.txt || fail "$file is not the certificate"
done
openssl x509 -in one.crt -outform DER -out one.der
openssl x509 -in exported/"$permitted".pem -outform DER -out exported.der
tbs() { # the to-be-signed part behind a header of 4 octets
    openssl asn1parse -inform DER -in "$1" -strparse 4 -noout -out "$2"
}
tbs one.der one.tbs
tbs exported.der exported.tbs
cmp -s one.tbs exported.tbs || fail 'other to-be-signed octets were exported'
openssl req -in exported/1.pem -noout -subject >out.txt
grep -q 'Issuing CA' out.txt || fail 'the request was not exported'
runs 0 "$smimebr" lint --issuer issuing.crt exported/"$permitted".pem
runs 1 "$smimebr" lint --issuer issuing.crt exported/"$refused".pem
prints smime.policies.legacy_after_sunset
runs 2 audit replay --export no/such/folder audit.jsonl
runs 2 audit replay --export audit.jsonl audit.jsonl

# the built-in policy
mkdir builtin
(
    cd builtin
    sed -e 's/^policy = issuing-ca.policy/policy = builtin/' ../issuing-ca.cnf >issuing-ca.cnf
    cp ../issuing.crt ../issuing.key ../passphrase ../leaf.csr ../defects.cnf .
    mkdir newcerts
    : >index.txt
    echo 01 >crlnumber
    issue one.crt mailbox_validated_strict
    ! issue bad.crt legacy_policy -extfile defects.cnf
)
runs 0 audit replay --strict builtin/audit.jsonl
prints '2 replayed: 2 the same, 0 differ'
[ "$(grep -c '"spki":"' builtin/audit.jsonl)" -eq 1 ] || fail 'the key does not stand there once'
mv builtin/audit.jsonl builtin/audit.jsonl.1
(
    cd builtin
    issue two.crt mailbox_validated_strict
)
runs 0 audit verify builtin/audit.jsonl.1 builtin/audit.jsonl
runs 0 audit replay --strict builtin/audit.jsonl
prints '1 replayed: 1 the same, 0 differ'

# a log of before keys were kept
jq -r 'select(.spki != null) | .spki' builtin/audit.jsonl.1 >spki.txt
builtin_first=$(jq -r 'select(.spki != null) | .sequence' builtin/audit.jsonl.1)
python3 "$here/audit_forge.py" builtin/audit.jsonl.1 "$builtin_first" ",\"spki\":\"$(cat spki.txt)\"" '' \
    >keyless.jsonl
runs 0 audit replay keyless.jsonl
prints '2 not replayable: a certificate of their key is not at hand (--issuer)'
runs 0 audit replay --strict --issuer issuing.crt keyless.jsonl
prints '2 replayed: 2 the same, 0 differ'

# another key in the place of the one that signed
other=$(openssl pkey -in leaf.key -pubout -outform DER | base64 -w 0)
python3 "$here/audit_forge.py" builtin/audit.jsonl.1 "$builtin_first" "$(cat spki.txt)" "$other" >forged.jsonl
runs 1 audit verify forged.jsonl
complains "record $builtin_first at offset"
complains 'key is not the digest of its spki'
python3 "$here/audit_forge.py" builtin/audit.jsonl.1 "$builtin_first" '"spki":"' '"spki":"*' >forged.jsonl
runs 1 audit verify forged.jsonl
complains 'its spki is no base64'

# hashed personal data, with and without the secret; encrypted octets
mkdir hashed
(
    cd hashed
    cp ../issuing-ca.cnf ../issuing.crt ../issuing.pub ../issuing.key ../passphrase ../leaf.csr .
    openssl req -x509 -newkey rsa:2048 -noenc -keyout auditor.key -subj /CN=Auditor -days 30 \
        -out auditor.crt 2>/dev/null
    mkdir newcerts
    : >index.txt
    echo 01 >crlnumber
    sed '/^objects/a\
audit-privacy = hashed' ../issuing-ca.policy >hashed.policy
    cp hashed.policy issuing-ca.policy
    issue one.crt mailbox_validated_strict
    sed '/^objects/a\
audit-recipient = auditor.crt' hashed.policy >issuing-ca.policy
    issue two.crt mailbox_validated_strict
)
log=hashed/audit.jsonl policy=hashed/issuing-ca.policy
! grep -q alice $log || fail 'a mailbox stands in a hashed log'
runs 0 audit verify $log
prints 'encrypted, so that only their recipient can check them: 1'
runs 0 audit show --mailbox alice@example.net --decision permit $log
lacks permit
runs 0 audit show --secret $log.secret --mailbox ALICE@example.net --decision permit $log
[ "$(grep -c permit "$test_folder/out")" -eq 2 ] || fail 'hashed mailboxes are not found'
prints '(hashed)'
runs 2 audit show --secret issuing.crt --mailbox alice@example.net $log
runs 0 audit replay --policy $policy $log
prints '1 not replayable: their to-be-signed octets are encrypted (--recipient-key)'
prints '1 not replayable: their to-be-signed octets were erased or never kept'
for secret in '' "--secret $log.secret"; do
    # shellcheck disable=SC2086
    runs 0 audit replay --policy $policy --recipient-key hashed/auditor.key $secret $log
    prints '1 replayed: 1 the same, 0 differ'
done
runs 1 audit replay --policy $policy --recipient-key leaf.key $log
complains 'its tbs cannot be decrypted with this key'
sequence=$(jq -r 'select(.tbs != null) | .sequence' $log)
mac=$(jq -r 'select(.tbs != null) | .mailboxes[0]' $log)
python3 "$here/audit_forge.py" $log "$sequence" "$mac" "$(printf %s "$mac" | tr 0-9 1-90)" >forged.jsonl
runs 1 audit replay --policy $policy --recipient-key hashed/auditor.key --secret $log.secret \
    forged.jsonl
prints 'mailboxes differs'

# usage
runs 2 audit replay
runs 2 audit replay --policy no-such-file audit.jsonl
runs 2 audit replay --issuer no-such-file audit.jsonl
runs 2 audit replay --issuer leaf.key audit.jsonl
runs 2 audit replay --recipient-key issuing.crt audit.jsonl
runs 2 audit replay --wrong audit.jsonl
