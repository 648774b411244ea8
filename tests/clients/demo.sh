#!/bin/sh
# The demonstration, from beginning to end, on a build that is there.
#   demo.sh BUILD-FOLDER [--rsa]
set -eu
build=$(realpath "$1")
shift
here=$(cd "$(dirname "$0")" && pwd)
demo=$(realpath "$here/../../conf-examples/demo.sh")
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"

runs 0 sh "$demo" --build "$build" --keep pki "$@"
quiet
grep -e '^permitted ' -e '^refused ' out >table || fail "no table"

# the eight profiles permitted today, by openssl ca; x509 -req and a CRL besides
for type in mailbox organization sponsor individual; do
    for generation in multipurpose strict; do
        profile=${type}_validated_$generation
        grep -q "^permitted  *$profile  *openssl ca" table || fail "$profile"
        prints "$profile.crt: OK"
        openssl verify -CAfile pki/root/root.crt -untrusted pki/issuing/issuing.crt \
            "pki/issuing/$profile.crt" >/dev/null || fail "$profile does not verify"
    done
done
prints 'x509.crt: OK'
grep -q '^permitted  *CRL ' table || fail "no CRL"
prints 'verified: the mail came back'
prints 'decrypted: the mail came back'

# the refusals: section, place, value, remedy
in_table() { grep -qE "^refused  .*$1.*  *$2" table || fail "the table lacks: $1 ($2)"; }
in_table 'Legacy policy' 'SBR 7\.1\.6\.1'
in_table 'no reserved policy' 'SBR 7\.1\.2\.3\(a\)'
in_table 'two reserved policy identifiers' 'SBR 7\.1\.2\.3\(a\)'
in_table 'no mailbox in the subjectAltName' 'SBR 7\.1\.4\.2'
in_table 'mailbox in the subject that the subjectAltName lacks' 'SBR 7\.1\.4\.2\.2\(a\)'
in_table 'organizationName in a mailbox-validated' 'SBR 7\.1\.4\.2\.3'
in_table 'organizationIdentifier without its hyphen' 'SBR 7\.1\.4\.2\.2\(d\)'
in_table 'country that disagrees with organizationIdentifier' 'SBR 7\.1\.4\.2\.2\(d\)'
in_table 'keyUsage bit' 'SBR 7\.1\.2\.3\(e\)'
in_table 'serverAuth' 'SBR 7\.1\.2\.3\(f\)'
in_table '826 days' 'SBR 6\.3\.2'
in_table 'RSA key of 1024 bits' 'SBR 6\.1\.5'
in_table 'no CRL distribution point' 'SBR 7\.1\.2\.3\(b\)'
in_table 'another CA from an issuing CA' 'smimebr policy'
in_table 'a TLS server certificate' 'smimebr policy'
in_table 'digest other than the one the certificate names' 'RFC 5280'
in_table 'default provider alone' 'sealed key'
prints 'SBR 7.1.2.3(f): extensions.extKeyUsage[1]: serverAuth; leave serverAuth out'
prints 'RSA modulus of 1024 bits'
prints 'CA private key from issuing.key' # could not be read, or not found, says OpenSSL
for file in serial index newcerts; do
    prints "$file: unchanged"
done

# what stays with --keep: as many refusals on record as the table has, and the example files
refused=$(grep -c '"verdict":"refuse"' pki/issuing/audit.jsonl)
# the one with a serial file is in the record alone, the one without the guard in the table alone
[ "$refused" = "$(grep -c ^refused table)" ] || fail "$refused refusals on record"
if grep -q '"verdict":"error"' pki/issuing/audit.jsonl pki/root/audit.jsonl; then
    fail "a check could not run"
fi
cmp "$(dirname "$demo")/issuing-ca.cnf" pki/issuing/issuing-ca.cnf
key_type=$(openssl x509 -in pki/issuing/issuing.crt -noout -text | grep 'Public-Key')
case " $* " in
*' --rsa '*) expected='(4096 bit)' ;;
*) expected='(256 bit)' ;;
esac
case $key_type in
*"$expected") ;;
*) fail "the key of the issuing CA: $key_type" ;;
esac

# a folder that is not empty, unknown options
runs 1 sh "$demo" --build "$build" --keep pki
complains 'pki is not empty'
runs 2 sh "$demo" --quiet
complains 'usage:'
runs 0 sh "$demo" --help
prints '--keep DIR'
