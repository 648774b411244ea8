#!/bin/sh
# smimebr audit verify: a real log, whole and then spoilt in every way.
#   audit_verify.sh BUILD
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
issue_crl one.crl
runs 1 issue bad.crt legacy_policy -extfile defects.cnf
records=$(wc -l <audit.jsonl)
last=$((records - 1))

# whole
runs 0 audit verify audit.jsonl
prints "audit.jsonl: good: $records records, 0 to $last, 20"
prints 'to-be-signed octets: 4 there and right, 0 not there'
prints "hash of record $last: $(tail -c 67 audit.jsonl | cut -c 1-64)"
quiet
runs 0 audit verify --quiet audit.jsonl
silent
quiet
cat audit.jsonl >copy.jsonl
from_input() { "$smimebr" audit verify - <copy.jsonl; }
runs 0 from_input
prints "good: $records records"

# octets changed: one in each 97, of every record at least one
octet() { # OFFSET FILE: change it
    was=$(od -An -tu1 -j "$1" -N 1 "$2" | tr -d ' ')
    if [ "$was" -eq 120 ]; then printf y; else printf x; fi |
        dd of="$2" bs=1 seek="$1" conv=notrunc status=none
}
size=$(stat -c %s audit.jsonl)
offset=0
while [ "$offset" -lt "$size" ]; do
    cp audit.jsonl copy.jsonl
    octet "$offset" copy.jsonl
    runs 1 audit verify copy.jsonl
    silent
    offset=$((offset + 97))
done
cp audit.jsonl copy.jsonl
start=$(sed -n 1,3p audit.jsonl | wc -c)
octet $((start + 40)) copy.jsonl
runs 1 audit verify copy.jsonl
complains "copy.jsonl: record 3 at offset $start: its hash is not that of its octets"
# ... and in the to-be-signed octets, which the hash does not cover
cp audit.jsonl copy.jsonl
start=$(grep -bo ',"tbs":"' audit.jsonl | head -n 1 | cut -d : -f 1)
octet $((start + 100)) copy.jsonl
runs 1 audit verify copy.jsonl
complains 'tbs_sha256 is not the digest of its tbs'

# records dropped, swapped, doubled, put in from another place
for number in 2 3 5 $last; do
    sed "${number}d" audit.jsonl >copy.jsonl
    runs 1 audit verify copy.jsonl
    complains "record $number at offset "
    complains "records $((number - 1)) to $((number - 1)) are missing before it"
done
sed 1d audit.jsonl >copy.jsonl
runs 1 audit verify copy.jsonl
complains 'record 1 at offset 0: the first record of a file is neither genesis nor rotated'
sed -n '4{h;d};5{p;g};p' audit.jsonl >copy.jsonl
runs 1 audit verify copy.jsonl
complains 'record 4 at offset '
sed 4p audit.jsonl >copy.jsonl
runs 1 audit verify copy.jsonl
complains 'record 3 at offset '
complains 'record 4 should stand here'
runs 1 audit verify audit.jsonl audit.jsonl
complains 'record 0 at offset 0: record '

# cut off: in the middle of a record and between two
head -c $((size - 10)) audit.jsonl >copy.jsonl
runs 1 audit verify copy.jsonl
complains 'copy.jsonl: torn last line: '
head -c $((size - 1)) audit.jsonl >copy.jsonl
runs 1 audit verify copy.jsonl
complains 'torn last line: '
sed -n "1,${last}p" audit.jsonl >copy.jsonl
runs 0 audit verify copy.jsonl
cp audit.jsonl.lock copy.jsonl.lock
runs 1 audit verify copy.jsonl
complains "ends with record $((last - 1)), but by copy.jsonl.lock record $last was written"
cp audit.jsonl copy.jsonl
runs 0 audit verify copy.jsonl
rm copy.jsonl.lock

# something put behind, before or between
for garbage in 'garbage' '{}' '{"schema":1}' '' 'null'; do
    { cat audit.jsonl && printf '%s\n' "$garbage"; } >copy.jsonl
    runs 1 audit verify copy.jsonl
    complains 'torn last line: '
    sed "3i\\
$garbage" audit.jsonl >copy.jsonl
    [ -n "$garbage" ] || sed '3{x;p;x}' audit.jsonl >copy.jsonl
    runs 1 audit verify copy.jsonl
    complains 'copy.jsonl: line 3 at offset '
done
head -c 100000 /dev/zero >copy.jsonl
runs 1 audit verify copy.jsonl
{ head -c 9000000 /dev/zero | tr '\0' 'a' && echo && cat audit.jsonl; } >copy.jsonl
runs 1 audit verify copy.jsonl
complains 'line 1 at offset 0: 9000001 octets are no record'
: >copy.jsonl
runs 2 audit verify copy.jsonl
complains 'is empty'
runs 2 audit verify no-such-file
complains 'cannot be opened'
runs 2 audit verify .
runs 2 audit verify
complains 'no audit log is named'
runs 2 audit verify --loud audit.jsonl

# healed by a writer after a crash
printf '{"schema":1,"event":"deci' >>audit.jsonl
runs 1 audit verify audit.jsonl
complains 'torn last line: 25 octets at offset '
runs 0 audit note audit.jsonl 'the machine crashed'
runs 0 audit verify audit.jsonl
sed 's/"event":"deci$/"event":"xeci/' audit.jsonl >copy.jsonl
runs 1 audit verify copy.jsonl
complains 'no record "torn" accounts for them'
grep -v '"deci$' audit.jsonl >copy.jsonl
runs 1 audit verify copy.jsonl
complains 'the octets of which it says that they are no record are missing'

# killed between its record and FILE.lock, and renamed at that moment: the next writer finds the file
# in the same folder; if it was moved away, the record that nobody continued is told as what it is
mkdir killed killed/away
cp audit.jsonl audit.jsonl.lock killed
cp killed/audit.jsonl.lock lock
runs 0 audit note killed/audit.jsonl 'as if killed'
cp lock killed/audit.jsonl.lock
cp killed/audit.jsonl killed/away/moved
mv killed/audit.jsonl killed/renamed
touch killed/audit.jsonl
runs 0 audit note killed/audit.jsonl 'next writer'
runs 0 audit verify killed/renamed killed/audit.jsonl
rm killed/renamed killed/audit.jsonl
cp lock killed/audit.jsonl.lock
touch killed/audit.jsonl
runs 0 audit note killed/audit.jsonl 'next writer'
runs 1 audit verify killed/away/moved killed/audit.jsonl
complains 'too, which this one does not know: its process was killed as it wrote it, before anything could'
runs 0 audit verify killed/audit.jsonl

# rotated
mv audit.jsonl audit.jsonl.1
issue three.crt mailbox_validated_strict
mv audit.jsonl audit.jsonl.2
issue_crl two.crl
runs 0 audit verify audit.jsonl.1 audit.jsonl.2 audit.jsonl
prints 'all files: good: '
runs 0 audit verify audit.jsonl.2 audit.jsonl
prints 'older files of this log were not given'
runs 1 audit verify audit.jsonl.1 audit.jsonl
complains 'are missing before it'
runs 1 audit verify audit.jsonl.2 audit.jsonl.1
sed '$d' audit.jsonl.2 >copy.jsonl
runs 1 audit verify audit.jsonl.1 copy.jsonl audit.jsonl
complains 'audit.jsonl: record '
