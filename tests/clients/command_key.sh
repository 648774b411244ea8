#!/bin/sh
# smimebr key: generate, seal, unseal, reference, show; files, passphrases, damage.
#   command_key.sh SMIMEBR
set -eu
smimebr=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
export OPENSSL_CONF=/dev/null

key() { "$smimebr" key "$@"; }
umask 022
printf 'correct horse\nsecond line\n' >pass
printf 'another one\n' >other-pass
chmod 600 pass other-pass

# $1 is the SHA-256 of the SubjectPublicKeyInfo in the public key file $2
is_id_of() { [ "$(openssl pkey -pubin -in "$2" -outform DER | sha256sum | cut -c 1-64)" = "$1" ]; }
shown_id() { sed -n 's/^key:   \([0-9a-f]*\) .*/\1/p' out; }

# generate: every type; the public key; the mode of the files
for type in p256 p384 p521 ed25519 ed448 rsa:2048; do
    runs 0 key generate --type "$type" --out "$type.key" --pubout "$type.pub" --cost 14 \
        --passphrase-file pass
    quiet
    prints 'kind:  sealed key, version 1'
    prints 'cost:  scrypt N=16384 r=8 p=1 (16 MiB)'
    prints 'floor: none'
    is_id_of "$(shown_id)" "$type.pub" || fail "key identifier of $type"
    mode 600 "$type.key"
    mode 644 "$type.pub"
    cp out generated
    runs 0 key show "$type.key"
    cmp -s out generated || fail "generate and show differ"
done
openssl pkey -pubin -in p256.pub -noout -text | grep -q prime256v1 || fail "p256"
openssl pkey -pubin -in rsa:2048.pub -noout -text | grep -q '2048 bit' || fail "rsa:2048"
runs 0 key generate --out default.key --pubout default.pub --passphrase-file pass
prints 'cost:  scrypt N=32768 r=8 p=1 (32 MiB)'
openssl pkey -pubin -in default.pub -noout -text | grep -q prime256v1 || fail "default type"
grep -q -- '-----BEGIN SMIMEBR SEALED KEY-----' default.key || fail "PEM label"
if openssl pkey -in default.key -noout 2>/dev/null; then
    fail "openssl reads a sealed key"
fi
for type in p-256 rsa:1024 rsa:2049 rsa:99999 rsa: x25519 dsa ''; do
    runs 2 key generate --type "$type" --out x.key --passphrase-file pass
    complains '--type takes'
    absent x.key
done

# floors: lines, a file, one form
runs 0 key generate --out floor.key --cost 14 --passphrase-file pass \
    --floor 'refuse-on = warning' --floor 'objects=subscriber, crl'
prints '  objects = subscriber, crl'
prints '  refuse-on = warning'
printf 'objects = crl\nprofiles = mailbox-validated-strict\n' >floor.txt
runs 0 key generate --out floor2.key --cost 14 --passphrase-file pass --floor floor.txt
prints '  objects = crl'
prints '  profiles = mailbox-validated-strict'
for floor in 'object = crl' 'objects = certificates' 'issuer-certificate.1 = ca.crt' 'objects =' \
    no-such-file; do
    runs 2 key generate --out x.key --cost 14 --passphrase-file pass --floor "$floor"
    complains '--floor'
    absent x.key
done
runs 2 key generate --out x.key --cost 14 --passphrase-file pass --floor 'objects = crl' \
    --floor 'objects = crl'
absent x.key

# nothing is overwritten without --force
cp p256.key before
runs 2 key generate --out p256.key --passphrase-file pass
complains 'p256.key exists already'
cmp -s p256.key before || fail "a key was overwritten"
runs 2 key generate --out x.key --pubout p256.pub --passphrase-file pass
complains 'p256.pub exists already'
absent x.key
ln -s nowhere link.key
runs 2 key generate --out link.key --passphrase-file pass
complains 'exists already'
runs 0 key generate --out p256.key --pubout p256.pub --cost 14 --passphrase-file pass --force
if cmp -s p256.key before; then
    fail "--force did not overwrite"
fi
runs 2 key generate --out no/folder/x.key --passphrase-file pass
complains 'cannot be created'
runs 2 key generate --out x.key --pubout x.key --passphrase-file pass
complains 'name one file'
runs 2 key generate --passphrase-file pass
complains '--out is missing'
runs 2 key generate --out x.key operand
runs 2 key generate --out x.key --cost 13 --passphrase-file pass
complains '--cost takes a number from 14 to 18'
runs 2 key generate --out x.key --cost 19 --passphrase-file pass
absent x.key
[ -z "$(find . -name '*.key.??????')" ] || fail "a temporary file is left"

# passphrases: a file, standard input, none
from_input() { printf 'correct horse\n' | key "$@"; }
runs 0 from_input generate --out input.key --cost 14
runs 0 key unseal --in input.key --out input.plain --passphrase-file pass --yes
without_input() { key "$@" </dev/null; }
runs 2 without_input generate --out x.key --cost 14
complains 'the passphrase in standard input is empty'
absent x.key
: >empty
chmod 600 empty
runs 2 key generate --out x.key --passphrase-file empty
complains 'the passphrase in empty is empty'
runs 2 key generate --out x.key --passphrase-file no-such-file
complains 'the passphrase file no-such-file cannot be opened'
head -c 2000 /dev/zero | tr '\0' a >long
chmod 600 long
runs 2 key generate --out x.key --passphrase-file long
complains 'more than 1000 octets'
absent x.key
cp pass open-pass
chmod 644 open-pass
runs 0 key generate --out open.key --cost 14 --passphrase-file open-pass
complains 'open to others: chmod 600'
runs 2 key generate --out x.key --passphrase secret
complains '--passphrase is no option'

# on a terminal: twice, and the two must be the same
if command -v script >/dev/null && script -qec true /dev/null </dev/null >/dev/null 2>&1; then
    on_terminal() {
        # one answer after another, as a person types
        (while read -r answer; do sleep 1 && printf '%s\n' "$answer"; done && sleep 1) |
            script -qec "'$smimebr' key $*" /dev/null
    }
    printf 'correct horse\ncorrect horse\n' >answers
    twice() { on_terminal generate --out typed.key --cost 14 <answers; }
    runs 0 twice
    lacks 'correct horse'
    runs 0 key unseal --in typed.key --out typed.plain --passphrase-file pass --yes
    printf 'correct horse\ncorrect house\n' >answers
    differently() { on_terminal generate --out mistyped.key --cost 14 <answers; }
    runs 2 differently
    absent mistyped.key
    printf 'unseal\ncorrect horse\n' >answers
    confirmed() { on_terminal unseal --in typed.key --out confirmed.plain <answers; }
    runs 0 confirmed
    cmp -s confirmed.plain typed.plain || fail "unsealed on a terminal"
    printf 'yes\n' >answers
    unconfirmed() { on_terminal unseal --in typed.key --out unconfirmed.plain <answers; }
    runs 2 unconfirmed
    prints 'it was not confirmed'
    absent unconfirmed.plain
fi

# seal: what openssl makes, and back
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out plain.key 2>/dev/null
openssl pkey -in plain.key -pubout -out plain.pub
runs 0 key seal --in plain.key --out sealed.key --pubout sealed.pub --cost 14 --passphrase-file pass
complains 'plain.key still holds the key as it was'
cmp -s plain.pub sealed.pub || fail "public key of a sealed key"
is_id_of "$(shown_id)" plain.pub || fail "identifier of a sealed key"
runs 0 key unseal --in sealed.key --out unsealed.key --passphrase-file pass --yes
prints 'unsealed.key holds the private key, unsealed'
mode 600 unsealed.key
cmp -s plain.key unsealed.key || fail "unsealing gives another key"

openssl pkey -in plain.key -outform DER -out plain.der
openssl ec -in plain.key -out traditional.key 2>/dev/null
openssl pkcs8 -topk8 -in plain.key -passout file:pass -out encrypted.key
openssl req -x509 -new -key plain.key -subj /CN=x -out plain.crt
openssl pkcs12 -export -inkey plain.key -in plain.crt -passout file:pass -out plain.p12
cat plain.crt plain.key >both.pem
for form in plain.der traditional.key encrypted.key plain.p12 both.pem; do
    runs 0 key seal --in "$form" --in-passphrase-file pass --out "$form.sealed" --pubout \
        "$form.pub" --cost 14 --passphrase-file other-pass
    cmp -s plain.pub "$form.pub" || fail "sealing $form"
    runs 0 key unseal --in "$form.sealed" --out "$form.plain" --passphrase-file other-pass --yes
    openssl pkey -in "$form.plain" -pubout | cmp -s - plain.pub || fail "unsealing $form"
done
two_lines() { printf 'correct horse\nanother one\n' | key "$@"; }
runs 0 two_lines seal --in encrypted.key --out two.key --cost 14
runs 0 key unseal --in two.key --out two.plain --passphrase-file other-pass --yes
runs 2 key seal --in encrypted.key --in-passphrase-file other-pass --out x.key \
    --passphrase-file pass
complains 'encrypted.key: cannot be opened: the passphrase is wrong'
runs 2 key seal --in plain.crt --out x.key --passphrase-file pass
complains 'a public key only'
runs 2 key seal --in plain.pub --out x.key --passphrase-file pass
complains 'a public key only'
runs 2 key seal --in pass --out x.key --passphrase-file pass
complains 'holds no key'
runs 2 key seal --in no-such-file --out x.key --passphrase-file pass
complains 'no-such-file: cannot be opened'
runs 2 key seal --in . --out x.key --passphrase-file pass
complains 'is a directory'
openssl genpkey -algorithm X25519 -out x25519.key
runs 2 key seal --in x25519.key --out x.key --passphrase-file pass
complains 'cannot sign'
runs 2 key seal --out x.key --passphrase-file pass
complains '--in must name a file'
absent x.key

# sealing anew: another passphrase, the same floor or another
runs 0 key seal --in floor.key --in-passphrase-file pass --out anew.key --cost 14 \
    --passphrase-file other-pass
prints '  refuse-on = warning'
runs 0 key seal --in floor.key --in-passphrase-file pass --out anew2.key --cost 14 \
    --passphrase-file other-pass --floor 'objects = crl'
prints '  objects = crl'
lacks 'refuse-on'
runs 2 key unseal --in anew.key --out x.plain --passphrase-file pass --yes
complains 'anew.key: sealed key: cannot be opened: the passphrase is wrong, or the file was changed'
absent x.plain
runs 0 key seal --in anew.key --in-passphrase-file other-pass --out anew.key --force --cost 14 \
    --passphrase-file pass
runs 0 key unseal --in anew.key --out anew.plain --passphrase-file pass --yes

# unseal asks
runs 2 without_input unseal --in sealed.key --out x.plain --passphrase-file pass
complains 'no policy or floor holds'
complains 'it was not confirmed (--yes confirms without asking)'
absent x.plain
runs 2 key unseal --in sealed.key --out unsealed.key --passphrase-file pass --yes
complains 'unsealed.key exists already'
runs 2 key unseal --in plain.key --out x.plain --passphrase-file pass --yes
complains 'holds no "SMIMEBR SEALED KEY"'
runs 2 key unseal --in sealed.key --passphrase-file pass --yes
complains '--in and --out must name files'
absent x.plain

# one changed octet, in the file as in the DER inside
sed -n '/BEGIN/,/END/{/-----/d;p}' sealed.key | base64 -d >sealed.der
runs 0 key show sealed.der
for place in 0 1 10 40 100 150 200 250; do
    cp sealed.der changed.der
    printf '\125' | dd of=changed.der bs=1 seek="$place" conv=notrunc 2>/dev/null
    if cmp -s sealed.der changed.der; then
        printf '\252' | dd of=changed.der bs=1 seek="$place" conv=notrunc 2>/dev/null
    fi
    runs 2 key unseal --in changed.der --out x.plain --passphrase-file pass --yes
    absent x.plain
done
head -n 3 sealed.key >cut.key
runs 2 key unseal --in cut.key --out x.plain --passphrase-file pass --yes
complains 'END line is missing'
cat sealed.key default.key >two-sealed.key
runs 2 key show two-sealed.key
complains 'more than one'
sed 's/$/\r/' sealed.key >crlf.key
{ echo "text around" && cat plain.crt crlf.key plain.crt; } >around.key
runs 0 key unseal --in around.key --out around.plain --passphrase-file pass --yes
cmp -s plain.key around.plain || fail "text around a sealed key"

# references
for target in /etc/smimebr/ca.key file:/etc/smimebr/ca.key \
    'pkcs11:token=CA;object=issuing?pin-source=file:/etc/smimebr/pin'; do
    runs 0 key reference --to "$target" --out to.ref --force
    prints "to:    $target"
    mode 600 to.ref
    runs 0 key show to.ref
    prints 'kind:  key reference'
    prints "to:    $target"
done
runs 2 key reference --to /x --out to.ref
complains 'exists already'
runs 2 key reference --to ca.key --out x.ref
complains 'write the absolute path'
runs 2 key reference --to smimebr:/etc/ca.key --out x.ref
complains 'without that scheme'
runs 2 key reference --to 'pkcs11:object=x?pin-value=1234' --out x.ref
complains 'use pin-source'
runs 2 key reference --to "$(printf '/etc/ca\nkey')" --out x.ref
complains 'control character'
runs 2 key reference --to '' --out x.ref
complains 'is empty'
runs 2 key reference --to /x
complains '--to and --out are both needed'
absent x.ref

# no openssl.cnf reaches the command
printf 'openssl_conf = x\n[x]\nproviders = y\n[y]\nnothing = z\n[z]\nactivate = 1\nmodule = /none.so\n' >odd.cnf
with_odd_configuration() { OPENSSL_CONF=$PWD/odd.cnf key "$@"; }
runs 0 with_odd_configuration seal --in plain.key --out odd.key --cost 14 --passphrase-file pass
runs 0 with_odd_configuration generate --out odd2.key --cost 14 --passphrase-file pass
quiet

# show
runs 2 key show plain.key
complains 'is neither a sealed key nor a key reference'
runs 2 key show no-such-file
complains 'no-such-file: cannot be opened'
runs 2 key show
complains 'no file is named'
runs 2 key show a b
complains 'takes one file'
