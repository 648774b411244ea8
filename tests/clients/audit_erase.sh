#!/bin/sh
# smimebr audit erase: octets go, the chain stays.
#   audit_erase.sh BUILD
set -eu
build=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
examples=$(realpath "$here/../../conf-examples")
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
# shellcheck source=tests/clients/audit_world.sh
. "$here/audit_world.sh"

issue one.crt mailbox_validated_strict
issue two.crt mailbox_validated_strict
chmod 640 audit.jsonl
hash=$(tail -c 67 audit.jsonl | cut -c 1-64)

# one record
runs 0 audit erase --sequence 3 audit.jsonl
prints 'erased the to-be-signed octets of 1 records, 3 to 3; record '
absent audit.jsonl.erasing
mode 640 audit.jsonl
runs 0 audit verify audit.jsonl
prints 'to-be-signed octets: 2 there and right, 1 not there'
prints '1 records of erasure'
grep -q "$hash" audit.jsonl || fail 'the chain changed'
[ "$(sed -n 4p audit.jsonl | jq 'has("tbs")')" = false ] || fail 'record 3 still has its tbs'
[ "$(sed -n 4p audit.jsonl | jq -r .tbs_sha256 | wc -c)" -eq 65 ] || fail 'record 3 lost its digest'
[ "$(tail -n 1 audit.jsonl | jq -c '[.event, .erased.first, .erased.last, .erased.records]')" = \
    '["erased",3,3,1]' ] || fail 'the record of the erasure'
runs 0 audit erase --sequence 3 audit.jsonl
prints 'nothing to erase'
runs 0 audit erase --sequence 0-2000 --sequence 4 audit.jsonl
prints 'nothing to erase'

# signing goes on
issue three.crt mailbox_validated_strict
runs 0 audit verify audit.jsonl

# by date
runs 0 audit erase --before 2001-01-01 audit.jsonl
prints 'nothing to erase'
quiet
runs 0 audit erase --before 2400-01-01 audit.jsonl
complains 'SBR 5.4.3'
prints 'octets of 3 records, 1 to '
runs 0 audit verify audit.jsonl
prints 'to-be-signed octets: 0 there and right, 4 not there'
grep -q '"tbs":' audit.jsonl && fail 'a tbs is left'
runs 0 audit replay --policy issuing-ca.policy audit.jsonl
prints '0 replayed'
prints '4 not replayable: their to-be-signed octets were erased or never kept'
runs 0 audit reconcile audit.jsonl -- newcerts index.txt

# an older file: the record goes into the log
issue four.crt mailbox_validated_strict
mv audit.jsonl audit.jsonl.1
issue five.crt mailbox_validated_strict
runs 2 audit erase --before 2400-01-01 audit.jsonl.1
complains 'is not the file of the log that is written now'
runs 0 audit erase --before 2400-01-01 --log audit.jsonl audit.jsonl.1
prints 'octets of 1 records'
runs 0 audit verify audit.jsonl.1 audit.jsonl
prints 'to-be-signed octets: 1 there and right, 5 not there'

# while others write
for i in 1 2 3; do
    audit note audit.jsonl "note $i" >/dev/null
done &
runs 0 audit erase --before 2400-01-01 audit.jsonl
wait
runs 0 audit verify audit.jsonl.1 audit.jsonl
[ "$(grep -c '"event":"note"' audit.jsonl)" -eq 3 ] || fail 'a note was lost'

# torn octets stay where they are
issue six.crt mailbox_validated_strict
printf '{"torn' >>audit.jsonl
audit note audit.jsonl healed >/dev/null
runs 0 audit erase --before 2400-01-01 audit.jsonl
runs 0 audit verify audit.jsonl.1 audit.jsonl
grep -q '^{"torn$' audit.jsonl || fail 'torn octets were lost'

# another log, a spoilt log, somebody else's erasure
issue seven.crt mailbox_validated_strict
cp audit.jsonl whole.jsonl
mkdir elsewhere
(
    cd elsewhere
    sed 's/^audit-log = .*/audit-log = audit.jsonl/' ../issuing-ca.cnf >issuing-ca.cnf
    cp ../issuing-ca.policy ../issuing.crt ../issuing.pub ../issuing.key ../passphrase .
    : >index.txt
    echo 01 >crlnumber
    issue_crl one.crl
)
runs 2 audit erase --before 2400-01-01 --log elsewhere/audit.jsonl audit.jsonl
complains 'belongs to another log than'
cmp -s audit.jsonl whole.jsonl || fail 'the log was changed'
absent audit.jsonl.erasing
: >audit.jsonl.erasing
runs 2 audit erase --before 2400-01-01 audit.jsonl
complains 'another erasure runs or was stopped'
[ -e audit.jsonl.erasing ] || fail 'the file of another erasure was removed'
rm audit.jsonl.erasing
cmp -s audit.jsonl whole.jsonl || fail 'the log was changed'
sed -i 4d audit.jsonl
cp audit.jsonl spoilt.jsonl
runs 2 audit erase --before 2400-01-01 audit.jsonl
complains 'are missing before it'
cmp -s audit.jsonl spoilt.jsonl || fail 'the spoilt log was changed'
absent audit.jsonl.erasing
cp whole.jsonl audit.jsonl
ln -s audit.jsonl link.jsonl
ln -s audit.jsonl.lock link.jsonl.lock
runs 2 audit erase --before 2400-01-01 link.jsonl
complains 'is no regular file'

# usage
runs 2 audit erase audit.jsonl
runs 2 audit erase --before 2020-01-01 --sequence 4 audit.jsonl
runs 2 audit erase --before never audit.jsonl
for range in x 4- 5-4 4-5-6 -1 99999999999999999999999; do
    runs 2 audit erase --sequence "$range" audit.jsonl
done
runs 2 audit erase --before 2020-01-01
runs 2 audit erase --before 2020-01-01 audit.jsonl audit.jsonl.1
runs 2 audit erase --before 2020-01-01 no-such-file
