#!/bin/sh
# serials = unique: `openssl x509 -req` and `openssl ca` with serials that were used before, CRL
# numbers that were used before, killed programs, rotation, the index, and the record.
set -eu

# shellcheck source=tests/support/client.sh
. "$(dirname "$0")/../support/client.sh"

add_ca_section
# serial numbers from a file, which can be set back
sed 's/^rand_serial = .*/serial = serial/' plain.cnf >counted.cnf
mv counted.cnf plain.cnf

issue() { x509_req -CAkey smimebr:ca.key -extensions strict "$@"; }
ca() { openssl_ca -keyfile smimebr:ca.key "$@"; }

first=7A4B3C2D1E0F9A8B7C6D5E4F30211203
second=5D1E8A3F7C26B09441E7D3586FB20A9C

make_ca -algorithm EC -pkeyopt ec_paramgen_curve:P-256
make_leaf leaf -algorithm EC -pkeyopt ec_paramgen_curve:P-256
echo 'serials = unique' >>ca.policy
: >index.txt
echo 01 >crlnumber

signs leaf.crt issue -set_serial 0x$first -days 300 -out leaf.crt
if [ "$client_deny" != --deny ]; then
    # other contents under the serial: another validity, another program
    refuses 'smime.serial.duplicate_for_issuer' other.crt \
        issue -set_serial 0x$first -days 301 -out other.crt
    echo $first >serial
    refuses 'smime.serial.duplicate_for_issuer' other.crt \
        ca -extensions strict -in leaf.csr -out other.crt
    # one that is counted up
    refuses 'smime.serial.sequential' other.crt \
        issue -set_serial 0x7A4B3C2D1E0F9A8B7C6D5E4F30211204 -days 301 -out other.crt
    echo $second >serial
    signs second.crt ca -extensions strict -in leaf.csr -out second.crt
    signs third.crt issue -set_serial 0x11C08E6FD29374AB5E01C7F2386D9BA4 -days 300 -out third.crt

    # what the record says
    grep -F '"event":"decision"' audit.jsonl | tail -n 1 >record
    grep -qF '"history":{"subject_key":"' record || fail "the record has no history"
    grep -qF '"key_used_for":"same"' record || fail "the record does not say whose key it was"
    [ "$(grep -c '"serial_used_by":"' audit.jsonl)" = 2 ] || fail "serial_used_by is not told"
    runs 0 "$client_command" audit replay --strict --policy ca.policy audit.jsonl
    prints '6 replayed: 6 the same, 0 differ'

    # a CRL needs a number that is higher than the last one
    signs ca.crl ca -gencrl -out ca.crl
    echo 01 >crlnumber
    sleep 1
    refuses 'crl.number_not_increasing' other.crl ca -gencrl -out other.crl
    echo 02 >crlnumber
    signs ca.crl ca -gencrl -out ca.crl

    # rotation, and an index that is lost
    mv audit.jsonl audit.jsonl.1
    refuses 'smime.serial.duplicate_for_issuer' other.crt \
        issue -set_serial 0x$first -days 302 -out other.crt
    rm audit.jsonl.serials
    refuses 'smime.serial.duplicate_for_issuer' other.crt \
        issue -set_serial 0x$first -days 303 -out other.crt
    mode 600 audit.jsonl.serials
    ! grep -q 'anna\|Example' audit.jsonl.serials || fail "the index holds names"

    # a rotated file that was moved: nothing is signed until the index is made from it
    mv audit.jsonl.1 elsewhere
    refuses 'smime.serial.duplicate_for_issuer' other.crt \
        issue -set_serial 0x$first -days 304 -out other.crt
    rm audit.jsonl.serials
    refuses 'smimebr audit index' other.crt \
        issue -set_serial 0x6E0F9A8B7C6D5E4F302112037A4B3C2D -days 304 -out other.crt
    runs 2 "$client_command" audit index audit.jsonl
    complains 'are not at hand'
    runs 2 "$client_command" audit index leaf.crt audit.jsonl
    complains 'no file of this audit log'
    runs 2 "$client_command" audit index no-such-log
    runs 2 "$client_command" audit index
    complains 'no audit log is named'
    runs 0 "$client_command" audit index elsewhere audit.jsonl
    prints 'audit.jsonl.serials: '
    refuses 'smime.serial.duplicate_for_issuer' other.crt \
        issue -set_serial 0x$first -days 304 -out other.crt

    # killed at any moment: the serial is used, or it is not, and never twice
    round=0
    while [ $round -lt 12 ]; do
        serial=$(printf '2%07X%s' $round "$(plain openssl rand -hex 12)")
        rm -f killed.crt
        OPENSSL_CONF=$test_folder/openssl.cnf openssl x509 -req -in leaf.csr -CA ca.crt \
            -CAkey smimebr:ca.key -extfile plain.cnf -extensions strict -set_serial "0x$serial" \
            -days 300 -out killed.crt >/dev/null 2>&1 &
        killed=$!
        sleep 0.0$((round % 10))
        kill -KILL $killed 2>/dev/null || true
        wait $killed 2>/dev/null || true
        issue -set_serial "0x$serial" -days 301 -out again.crt >out 2>err || true
        lower=$(printf %s "$serial" | tr A-F a-f)
        [ "$(grep -F "\"serial\":\"$lower\"" audit.jsonl | grep -cF '"verdict":"permit"')" = 1 ] ||
            fail "the serial $serial was not permitted once"
        round=$((round + 1))
    done

    # a lint of the policy says what it cannot know
    runs 0 "$client_command" lint --policy ca.policy leaf.crt
    prints '3 requirements: what was permitted before is known to the key alone'
fi
finish
