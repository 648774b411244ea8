#!/bin/sh
# What an operator reads in `openssl ca` when something is not as it should be: the thing and what to
# do about it, at the key; nothing is signed, nothing is left behind, and the database is untouched.
#   bad_input.sh BUILD-FOLDER
set -eu
build=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
examples=$(realpath "$here/../../conf-examples")
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
# shellcheck source=tests/clients/guarded_ca.sh
. "$here/guarded_ca.sh"

make_cas p256
cd issuing
cp issuing-ca.policy good.policy
cp issuing-ca.cnf good.cnf
cp issuing.key good.key

# refuses NAME TEXT...: a permitted certificate is not signed, and every TEXT is shown
refuses() {
    name=$1
    shift
    cp index.txt index.before
    runs 1 openssl ca -batch -notext -config issuing-ca.cnf -passin file:passphrase \
        -extensions mailbox_validated_strict -in leaf.csr -out refused.crt
    [ ! -s refused.crt ] || fail "$name: a certificate came out"
    cmp -s index.txt index.before || fail "$name: index.txt was changed"
    [ -z "$(ls newcerts)" ] || fail "$name: newcerts was changed"
    grep -q ':smimebr:' "$test_folder/err" || fail "$name: not told by smimebr"
    for text in "$@"; do
        complains "$text"
    done
}
again() {
    rm -rf issuing.key
    cp good.policy issuing-ca.policy
    cp good.cnf issuing-ca.cnf
    cp good.key issuing.key
}

# the key file
for what in empty folder zeros truncated other certificate; do
    rm -rf issuing.key
    case $what in
    empty) : >issuing.key ;;
    folder) mkdir issuing.key ;;
    zeros) truncate -s 100M issuing.key ;;
    truncated) head -n 4 good.key >issuing.key ;;
    other) cp leaf.csr issuing.key ;;
    certificate) cp issuing.crt issuing.key ;;
    esac
    case $what in
    empty) refuses $what 'issuing.key" is empty' ;;
    folder) refuses $what 'issuing.key" is no regular file; name the key file' ;;
    zeros) refuses $what 'is larger than 65536 octets and so no key file' ;;
    truncated) refuses $what 'the key file is not what it should be' ;;
    *) refuses $what 'holds no private key' ;;
    esac
    again
done
rm issuing.key
refuses 'no key' 'key file "issuing.key" cannot be opened: there is no such file'
again
if [ "$(id -u)" != 0 ]; then
    chmod 000 issuing.key
    refuses 'unreadable key' 'permission denied'
    again
fi
# one octet of the sealed key: a letter of base64 in its middle
sed '4s/^\(.\{20\}\)\(.\)/\1\n\2/' good.key | sed '5s/^[A-Za-y]/z/;5t;5s/^./A/' |
    sed '4{N;s/\n//}' >issuing.key
cmp -s good.key issuing.key && fail "the sealed key was not changed"
refuses 'changed key' 'the passphrase is wrong, or the file was changed'
again
printf 'wrong horse\n' >passphrase
refuses 'wrong passphrase' 'no passphrase or a wrong one' 'the passphrase is wrong'
printf 'correct horse\n' >passphrase

# the policy
sed -i 's/^objects/object/' issuing-ca.policy
refuses 'misspelt' 'has no key "object"; did you mean "objects"?' 'issuing-ca.policy:'
again
sed -i 's/^issuer-certificate.1 = .*/issuer-certificate.1 = root.crt/;/^public-key/d' issuing-ca.policy
refuses 'no section' 'no section is for this key' 'public-key'
again
sed 's/^\[key issuing\]/[key second]/' good.policy >>issuing-ca.policy
refuses 'two sections' 'are for the same key: leave one'
again
printf 'MAA=\n' | base64 -d >not-der.crt
sed -i 's/^issuer-certificate.1 = .*/issuer-certificate.1 = not-der.crt/' issuing-ca.policy
refuses 'no DER' 'not-der.crt is no certificate in strict DER'
again
rm issuing-ca.policy
refuses 'no policy file' 'issuing-ca.policy'
again
chmod go+w issuing-ca.policy
refuses 'policy of others' 'can be changed by others' 'chmod go-w'
chmod go-w issuing-ca.policy
: >issuing-ca.policy
refuses 'empty policy' 'no [key NAME] section: the policy permits no key to sign'
again
"$smimebr" key seal --in good.key --in-passphrase-file passphrase --out floor.key --cost 14 \
    --passphrase-file passphrase --floor 'objects = crl' --floor 'refuse-on = warning' >/dev/null 2>&1
cp floor.key issuing.key
refuses 'floor' 'is laxer than the floor sealed with the key in: objects, refuse-on'
again

# the settings
sed -i '/^policy = issuing-ca.policy/d' issuing-ca.cnf
refuses 'no policy' 'has no "policy": add a line policy = '
again
sed -i '/^audit-log/d' issuing-ca.cnf
refuses 'no audit-log' 'has no "audit-log": add a line audit-log = '
again
sed -i 's,^audit-log.*,audit-log = no/folder/audit.jsonl,' issuing-ca.cnf
refuses 'log in no folder' 'no/folder/audit.jsonl' 'nothing is signed'
again
mkdir log-folder
sed -i 's,^audit-log.*,audit-log = log-folder,' issuing-ca.cnf
refuses 'log is a folder' 'log-folder'
again

# and all is well again
runs 0 ca -extensions mailbox_validated_strict -in leaf.csr -out leaf.crt
runs 0 verify leaf.crt
