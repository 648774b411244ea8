#!/bin/sh
# A CRL is compared with the one before that the policy names (previous-crl): `openssl ca -gencrl`
# with its own file of numbers, and `smimebr lint --previous-crl`.
set -eu

# shellcheck source=tests/support/client.sh
. "$(dirname "$0")/../support/client.sh"

add_ca_section

gencrl() { openssl_ca -keyfile smimebr:ca.key -gencrl "$@"; }

# entry SERIAL DATE[,REASON]: the certificate is revoked in the database
entry() {
    printf 'R\t%s\t%s\t%s\tunknown\t/CN=anna@smimebr-test.eu\n' 271124000000Z "$2" "$1" >index.txt
}
# decided TEXT: the record of the last decision holds it
decided() {
    grep -F '"event":"decision"' audit.jsonl | tail -n 1 | grep -qF -- "$1" ||
        fail "the last decision lacks: $1"
}
serial=7A4B3C2D1E0F9A8B7C6D5E4F30211203

make_ca -algorithm EC -pkeyopt ec_paramgen_curve:P-256
entry $serial 261101000000Z,certificateHold
echo 10 >crlnumber
signs first.crl gencrl -out first.crl
[ "$client_deny" = --deny ] || cp first.crl last.crl
echo 'previous-crl = last.crl' >>ca.policy

# without --deny there is a CRL before
if [ "$client_deny" != --deny ]; then
    # the next number, and the hold as it was
    signs second.crl gencrl -out second.crl
    ! grep -qF hold_replaced_badly audit.jsonl || fail "a hold that stays was found bad"
    decided "\"previous_crl\":\"$(plain openssl crl -in first.crl -outform DER |
        plain openssl dgst -sha256 -r | cut -c 1-64)\""
    cp second.crl last.crl

    # a number that was used
    echo 10 >crlnumber
    refuses '10, and the CRL before has 11' third.crl gencrl -out third.crl
    decided '"crl.number_not_increasing"'
    echo 12 >crlnumber

    # the hold becomes a revocation: its date stays, or there is a warning
    entry $serial 261115000000Z,superseded
    signs third.crl gencrl -out third.crl
    decided '"crl.reason.hold_replaced_badly"'
    entry $serial 261101000000Z,superseded
    signs fourth.crl gencrl -out fourth.crl
    ! (decided hold_replaced_badly) 2>>unlike || fail "the date is the same"

    # lint says the same of the files, with its option and with the policy
    runs 1 "$client_command" lint --issuer ca.crt --previous-crl fourth.crl second.crl
    prints 'crl.number_not_increasing'
    runs 0 "$client_command" lint --issuer ca.crt --previous-crl second.crl third.crl
    prints 'crl.reason.hold_replaced_badly'
    runs 0 "$client_command" lint --issuer ca.crt --previous-crl second.crl fourth.crl
    lacks 'crl.reason'
    runs 0 "$client_command" lint --issuer ca.crt fourth.crl
    lacks 'no CRL before'
    cat second.crl third.crl >both.crl
    runs 1 "$client_command" lint --issuer ca.crt --previous-crl both.crl first.crl
    prints "cRLNumber (octets"
    prints "10, and the CRL before has 12"
    runs 0 "$client_command" lint --policy ca.policy third.crl
    prints 'crl.reason.hold_replaced_badly'
    runs 2 "$client_command" lint --previous-crl ca.crt fourth.crl
    complains 'holds no CRL'

    # of another issuer: said, not passed over
    plain openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -subj /CN=Other -out other.crt \
        -extensions root_ext -config plain.cnf 2>/dev/null
    sed 's/ca\.crt/other.crt/' plain.cnf >other.cnf
    plain openssl ca -config other.cnf -keyfile other.key -gencrl -out other.crl 2>/dev/null
    runs 0 "$client_command" lint --issuer ca.crt --previous-crl other.crl fourth.crl
    prints 'no CRL before of the same issuer and scope was given'

    # the file that is written may be the one before
    before=$(cat crlnumber)
    runs 0 gencrl -out last.crl
    decided '"verdict":"permit"'
    [ "$(cat crlnumber)" != "$before" ] || fail "no number was used"
fi

# what was emptied, what is not there, what others can write
: >last.crl
refuses 'holds no CRL' fifth.crl gencrl -out fifth.crl
rm -f last.crl
refuses 'last.crl: No such file' fifth.crl gencrl -out fifth.crl
[ "$client_deny" = --deny ] || cp fourth.crl last.crl
[ "$client_deny" != --deny ] || : >last.crl
chmod o+w last.crl
refuses 'can be changed by others' fifth.crl gencrl -out fifth.crl
finish
