#!/bin/sh
# smimebr audit show, follow and note.
#   audit_show.sh BUILD
set -eu
build=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
examples=$(realpath "$here/../../conf-examples")
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
# shellcheck source=tests/clients/audit_world.sh
. "$here/audit_world.sh"

lines() { [ "$(wc -l <"$test_folder/out")" -eq "$1" ] || fail "not $1 lines of output"; }

issue alice.crt mailbox_validated_strict
request_leaf leaf.csr 'Bob@Example.NET'
issue bob.crt mailbox_validated_multipurpose
runs 1 issue bad.crt legacy_policy -extfile defects.cnf
issue_crl one.crl
serial=$(openssl x509 -in bob.crt -noout -serial | cut -d = -f 2)
plain_serial=$(printf %s "$serial" | tr A-F a-f)

# table
runs 0 audit show audit.jsonl
lines "$(($(wc -l <audit.jsonl) + 1))"
prints 'RECORD  TIME'
prints 'genesis'
prints 'outcome: record 1 was signed'
prints "  permit    mailbox-validated-strict      "
prints 'alice@example.net'
prints 'smime.mailbox.domain_example_or_onion (warning)'
prints 'smime.policies.legacy_after_sunset'
prints 'number 01, 0 entries'
quiet

# filters, each both ways
runs 0 audit show --decision refuse audit.jsonl
lines 2
prints 'mailbox-validated-legacy'
runs 0 audit show --decision permit audit.jsonl
lines 5
lacks refuse
runs 0 audit show --decision error audit.jsonl
lines 1
runs 0 audit show --rule smime.policies.legacy_after_sunset audit.jsonl
lines 2
runs 0 audit show --rule smime.policies.legacy_after_sunse audit.jsonl
lines 1
for form in "$serial" "$plain_serial" "0x$serial" "00:$serial"; do
    runs 0 audit show --serial "$form" audit.jsonl
    lines 2
    prints Bob@Example.NET
done
runs 0 audit show --serial 1234 audit.jsonl
lines 1
runs 0 audit show --mailbox bob@example.net --decision permit audit.jsonl
lines 2
runs 0 audit show --mailbox bob@example.ne audit.jsonl
lines 1
runs 0 audit show --profile mailbox-validated-strict audit.jsonl
lines 2
prints alice@example.net
runs 0 audit show --since 2001-01-01 --until 2400-01-01 audit.jsonl
lines "$(($(wc -l <audit.jsonl) + 1))"
runs 0 audit show --until 2001-01-01 audit.jsonl
lines 1
runs 0 audit show --since 2400-01-01T00:00Z audit.jsonl
lines 1

# JSON and CSV
runs 0 audit show --format jsonl audit.jsonl
cmp -s "$test_folder/out" audit.jsonl || fail 'jsonl is not the log'
runs 0 audit show --format json audit.jsonl
[ "$(jq length "$test_folder/out")" -eq "$(wc -l <audit.jsonl)" ] || fail 'json lacks records'
runs 0 audit show --format json --decision refuse audit.jsonl
[ "$(jq -r '.[0].profile' "$test_folder/out")" = mailbox-validated-legacy ] || fail 'json'
runs 0 audit show --format json --decision error audit.jsonl
[ "$(jq length "$test_folder/out")" -eq 0 ] || fail 'json of nothing'
runs 0 audit show --format csv audit.jsonl
lines "$(($(wc -l <audit.jsonl) + 1))"
prints 'sequence,time,event,verdict,object'
prints '"Bob@Example.NET"'
awk -F '","' 'NR > 1 && /refuse/ && !/legacy_after_sunset/ { exit 1 }' "$test_folder/out" ||
    fail 'csv lacks a finding'

# the time: a record at the moment of --since is shown, one at that of --until is not
moment=$(jq -r 'select(.verdict == "refuse") | .time' audit.jsonl)
second=${moment%.*}Z
next=$(date -u -d "$second + 1 second" +%FT%TZ)
runs 0 audit show --decision refuse --since "$second" --until "$next" audit.jsonl
lines 2
runs 0 audit show --decision refuse --until "$second" audit.jsonl
lines 1
runs 0 audit show --decision refuse --since "$next" audit.jsonl
lines 1

# what a hostile log holds reaches neither the terminal nor the spreadsheet
forge() { python3 "$here/audit_forge.py" audit.jsonl "$@" >copy.jsonl; }
escape=$(printf '\033')
permit=$(jq -r 'select(.profile == "mailbox-validated-strict") | .sequence' audit.jsonl)
for text in '\u001b]0;x\u0007' '\u009b2J' 'A\u0000B' '\u202eabc'; do
    for member in profile kind verdict subject text event; do
        case $member in
        text) forge 0 '"log_id"' "\"text\":\"$text\",\"log_id\"" ;;
        event) forge 2 '"event":"outcome"' "\"event\":\"$text\"" ;;
        kind) forge "$permit" '"kind":"subscriber","profile":"mailbox-validated-strict"' \
            "\"kind\":\"$text\",\"profile\":\"\"" ;;
        *) forge "$permit" "\"$member\":\"$(jq -r "select(.sequence == $permit) | .$member" audit.jsonl)" \
            "\"$member\":\"$text" ;;
        esac
        runs 0 audit show copy.jsonl
        ! LC_ALL=C grep -q "[$escape$(printf '\001-\010\013-\037\177')]" "$test_folder/out" ||
            fail "a control character of $member is shown"
        ! grep -q "$(printf '\302\233')\|$(printf '\342\200\256')" "$test_folder/out" ||
            fail "a character of $member that a terminal obeys is shown"
        runs 0 audit show --format csv copy.jsonl
        ! grep -q "$escape" "$test_folder/out" || fail "a control character of $member is in the CSV"
    done
done
for text in '=1+1' '+1' '-1' '@SUM(A1)'; do
    forge 0 '"log_id"' "\"text\":\"$text\",\"log_id\""
    runs 0 audit show --format csv copy.jsonl
    prints ",\"'$text\","
done
forge 0 '"log_id"' '"text":"a=1, \"quoted\"","log_id"'
runs 0 audit show --format csv copy.jsonl
prints ',"a=1, ""quoted""",'

# records that are JSON, and yet none
deep=$(head -c 5000 /dev/zero | tr '\0' '[')
for text in "\"more\":$deep" '"pid":99999999999999999999' '"pid":1.5' '"pid":"1"' '"pid":1,"pid":2' \
    '"findings":{}' '"key":"no digest"'; do
    forge 0 '"pid":' "$text,\"x\":"
    runs 1 audit show copy.jsonl
    complains 'record 0 at offset 0: '
    runs 1 audit verify copy.jsonl
done
# what is not expected in a list is passed over
forge "$permit" '"findings":[' '"findings":[null,7,"a",[],{},{"id":[]},'
runs 0 audit show copy.jsonl
runs 0 audit show --rule a copy.jsonl
runs 0 audit report --html page.html copy.jsonl

# standard output that cannot be written
for form in table json jsonl csv; do
    "$smimebr" audit show --format $form audit.jsonl >/dev/full 2>"$test_folder/err" &&
        fail "$form: nobody notices that nothing was written"
    complains 'standard output could not be written'
done

# a spoilt log is shown as far as it goes, and complained about
sed 3d audit.jsonl >copy.jsonl
runs 1 audit show copy.jsonl
lines "$(wc -l <audit.jsonl)"
complains 'records 2 to 2 are missing'

# usage
runs 2 audit show
runs 2 audit show --since yesterday audit.jsonl
runs 2 audit show --decision perhaps audit.jsonl
runs 2 audit show --serial xyz audit.jsonl
runs 2 audit show --profile none audit.jsonl
runs 2 audit show --format xml audit.jsonl
runs 2 audit show no-such-file
runs 0 audit show --help
runs 0 "$smimebr" help audit show
prints 'Usage: smimebr audit show'
runs 2 audit
runs 2 audit dance

# note
before=$(wc -l <audit.jsonl)
runs 0 audit note audit.jsonl 'key ceremony "7" of the CA, Müller'
prints "record $before"
runs 0 audit show audit.jsonl
prints 'note: key ceremony "7" of the CA, Müller'
runs 0 audit verify audit.jsonl
runs 2 audit note audit.jsonl ''
runs 2 audit note audit.jsonl "$(printf '\377')"
runs 2 audit note audit.jsonl "$(head -c 3000 /dev/zero | tr '\0' a)"
runs 2 audit note audit.jsonl one two
runs 2 audit note audit.jsonl
runs 2 audit note no-such-file text
absent no-such-file
cp audit.jsonl old.jsonl
runs 2 audit note old.jsonl text
complains 'old.jsonl: is not the file of the log that is written now'
cmp -s audit.jsonl old.jsonl || fail 'the old file was changed'

# follow: what is there, what comes, across rotation and erasure
wait_for() { # TEXT FILE
    tries=0
    until grep -qF -- "$1" "$2"; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || fail "follow does not show: $1: $(cat "$2" follow.err)"
        sleep 0.1
    done
}
"$smimebr" audit follow --lines 1 audit.jsonl >follow.out 2>follow.err &
follower=$!
wait_for 'key ceremony' follow.out
audit note audit.jsonl 'the second note' >/dev/null
wait_for 'the second note' follow.out
mv audit.jsonl audit.jsonl.1
issue three.crt mailbox_validated_strict
wait_for rotated follow.out
wait_for 'Bob@Example.NET' follow.out
audit erase --before 2400-01-01 audit.jsonl >/dev/null 2>&1
wait_for erased follow.out
audit note audit.jsonl 'the last note' >/dev/null
wait_for 'the last note' follow.out
kill "$follower"
wait "$follower" 2>/dev/null || :
[ ! -s follow.err ] || fail "follow complains: $(cat follow.err)"
[ "$(awk 'NR > 1 { print $1 }' follow.out | sort -n | uniq -d | wc -l)" -eq 0 ] ||
    fail 'follow shows a record twice'
[ "$(awk 'NR > 1 { print $1 }' follow.out)" = "$(awk 'NR > 1 { print $1 }' follow.out | sort -n)" ] ||
    fail 'follow shows records out of order'
# follow: history that is written anew, and a log that is cut
cp audit.jsonl turned.jsonl
"$smimebr" audit follow turned.jsonl >follow.out 2>follow.err &
follower=$!
wait_for 'the last note' follow.out
python3 "$here/audit_forge.py" audit.jsonl "$(($(tail -n 1 audit.jsonl | jq .sequence) - 1))" '"pid":' '"pid":1' >new.jsonl
mv new.jsonl turned.jsonl
wait_for 'is another one than before: history was written anew' follow.err
: >turned.jsonl
wait_for 'became shorter: records were cut off' follow.err
code=0
wait "$follower" || code=$?
[ "$code" -eq 2 ] || fail "follow ends with $code"
runs 2 audit follow no-such-file
runs 2 audit follow audit.jsonl audit.jsonl
runs 2 audit follow --format json audit.jsonl
runs 2 audit follow --lines many audit.jsonl
