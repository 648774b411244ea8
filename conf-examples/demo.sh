#!/bin/sh
# A CA for S/MIME whose keys are guarded by smimebr, from nothing to a table of what was permitted
# and refused, with unmodified openssl programs and the example configurations of this folder.
#
#   sh conf-examples/demo.sh [--rsa] [--keep DIR] [--build DIR]
#
#   --rsa        RSA-4096 CA keys instead of P-256
#   --keep DIR   keep the PKI in DIR (made if missing, must be empty) to play with it
#   --build DIR  use this build of smimebr instead of making one in build/demo
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
key_type=p256
keep=
build=

usage() {
    printf 'usage: sh conf-examples/demo.sh [--rsa] [--keep DIR] [--build DIR]\n' >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
    --rsa) key_type=rsa ;;
    --keep)
        [ $# -gt 1 ] || usage
        keep=$2
        shift
        ;;
    --build)
        [ $# -gt 1 ] || usage
        build=$(cd "$2" && pwd)
        shift
        ;;
    -h | --help) sed -n '2,10s/^# \{0,1\}//p' "$0" && exit 0 ;;
    *) usage ;;
    esac
    shift
done

# shellcheck source=tests/support/packages.sh
. "$top/tests/support/packages.sh"

say() { printf '\n== %s\n' "$*"; }
fail() {
    printf 'demo: %s\n' "$*" >&2
    exit 1
}

# --- build ------------------------------------------------------------------------------------

if [ -z "$build" ]; then
    # shellcheck disable=SC2086
    need_packages $BUILD_PACKAGES
    build=$top/build/demo
    say "Building smimebr in $build"
    cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF >/dev/null
    cmake --build "$build"
fi
module_dir=$build/provider/module
command=$build/tools/smimebr
[ -f "$module_dir/smimebr.so" ] || fail "no smimebr.so in $module_dir"
[ -x "$command" ] || fail "no command in $command"

if [ -n "$keep" ]; then
    mkdir -p "$keep"
    [ -z "$(ls -A "$keep")" ] || fail "$keep is not empty"
    pki=$(cd "$keep" && pwd)
else
    pki=$(mktemp -d)
    trap 'rm -rf "$pki"' EXIT
fi
chmod 755 "$pki"

# The module is not installed; a CA that uses this needs no such line.
OPENSSL_MODULES=$module_dir
export OPENSSL_MODULES
umask 022

# --- the two CAs ------------------------------------------------------------------------------

ca_folder() { # NAME: folder with the example configuration, the sealed key, an empty database
    mkdir "$pki/$1" "$pki/$1/newcerts"
    cp "$here/$1-ca.cnf" "$here/$1-ca.policy" "$pki/$1/"
    (
        cd "$pki/$1"
        openssl rand -hex 20 >passphrase
        chmod 600 passphrase
        "$command" key generate --type "$key_type" --out "$1.key" --pubout "$1.pub" \
            --passphrase-file passphrase
        : >index.txt
        echo 01 >crlnumber
    )
}

say "Two CA keys, sealed: root and issuing"
ca_folder root
ca_folder issuing
cp "$here/defects.cnf" "$pki/issuing/"
head -n 1 "$pki/issuing/issuing.key"
"$command" key show "$pki/issuing/issuing.key"

say "The root signs its own certificate"
cd "$pki/root"
openssl req -x509 -config root-ca.cnf -key smimebr:root.key -passin file:passphrase -days 7300 \
    -set_serial "0x$(openssl rand -hex 16 | sed 's/^./4/')" -out root.crt
# From now on it is also judged against that certificate.
sed -i 's/^# issuer-certificate/issuer-certificate/' root-ca.policy

say "The root certifies the issuing CA"
cd "$pki/issuing"
openssl req -new -config issuing-ca.cnf -key smimebr:issuing.key -passin file:passphrase \
    -out issuing.csr
cd "$pki/root"
openssl ca -batch -notext -config root-ca.cnf -passin file:passphrase -extensions issuing_ca_ext \
    -in ../issuing/issuing.csr -out ../issuing/issuing.crt 2>ca.log || { cat ca.log && exit 1; }
cd "$pki/issuing"
sed -i -e 's/^# issuer-certificate/issuer-certificate/' -e 's/, csr$//' issuing-ca.policy
cat ../root/root.crt issuing.crt >chain.pem
openssl verify -CAfile ../root/root.crt issuing.crt

# --- what is permitted ------------------------------------------------------------------------

table=$pki/table
: >"$table"
note() { printf '%-9s %-42s %s\n' "$1" "$2" "$3" >>"$table"; }

request() { # NAME SUBJECT [openssl req options]: NAME.key and NAME.csr
    name=$1
    subject=$2
    shift 2
    [ $# -gt 0 ] || set -- -newkey rsa:2048
    openssl req -new -config issuing-ca.cnf "$@" -nodes -keyout "$name.key" -subj "$subject" \
        -utf8 -out "$name.csr" 2>/dev/null
}

sign() { # NAME openssl-ca-options...
    name=$1
    shift
    rm -f "$name.crt"
    openssl ca -batch -notext -config issuing-ca.cnf -passin file:passphrase "$@" \
        -in "$name.csr" -out "$name.crt" 2>"$name.log"
}

person='/GN=Erika/SN=Mustermann/CN=Erika Mustermann'
organization='/C=DE/ST=Bayern/L=München/O=Beispiel Maschinenbau AG/organizationIdentifier=NTRDE-DED2601.HRB123456'

say "One certificate of each of the eight profiles, by openssl ca"
for type in mailbox organization sponsor individual; do
    mail=$type@example.net
    case $type in
    mailbox) subject="/CN=$mail/emailAddress=$mail" ;;
    organization) subject="$organization/CN=Beispiel Maschinenbau AG/emailAddress=$mail" ;;
    sponsor) subject="$organization$person/emailAddress=$mail" ;;
    individual) subject="/C=DE$person/emailAddress=$mail" ;;
    esac
    for generation in multipurpose strict; do
        profile=${type}_validated_$generation
        request "$profile" "$subject"
        sign "$profile" -extensions "$profile" || {
            cat "$profile.log" >&2
            fail "$profile was not signed"
        }
        openssl verify -purpose smimesign -CAfile chain.pem "$profile.crt"
        note permitted "$profile" "openssl ca"
    done
done

say "And one by openssl x509 -req"
openssl x509 -req -provider smimebr -provider default -in mailbox_validated_strict.csr \
    -CA issuing.crt -CAkey smimebr:issuing.key -passin file:passphrase -days 30 \
    -set_serial "0x$(openssl rand -hex 16 | sed 's/^./5/')" -extfile issuing-ca.cnf \
    -extensions mailbox_validated_strict -out x509.crt 2>x509.log ||
    OPENSSL_CONF=$pki/issuing/issuing-ca.cnf openssl x509 -req -in mailbox_validated_strict.csr \
        -CA issuing.crt -CAkey smimebr:issuing.key -passin file:passphrase -days 30 \
        -set_serial "0x$(openssl rand -hex 16 | sed 's/^./5/')" -extfile issuing-ca.cnf \
        -extensions mailbox_validated_strict -out x509.crt
openssl verify -CAfile chain.pem x509.crt
note permitted mailbox_validated_strict "openssl x509 -req"

say "Mail: sign, verify, encrypt, decrypt with the sponsor-validated certificate"
user=sponsor_validated_strict
printf 'Dear Erika,\nthis is a test.\n' >mail.txt
openssl cms -sign -in mail.txt -signer $user.crt -inkey $user.key -certfile issuing.crt -out signed.eml
openssl cms -verify -in signed.eml -CAfile ../root/root.crt -purpose smimesign -out verified.txt
openssl cms -encrypt -aes256 -in mail.txt -out encrypted.eml $user.crt
openssl cms -decrypt -in encrypted.eml -recip $user.crt -inkey $user.key -out decrypted.txt
for file in verified.txt decrypted.txt; do
    grep -q 'this is a test' $file || fail "the mail did not come back: $file"
done

# --- what is refused --------------------------------------------------------------------------

refused() { # TITLE NAME openssl-ca-options...: must be refused by the guard
    title=$1
    name=$2
    shift 2
    cp index.txt index.before
    if sign "$name" "$@" || [ -s "$name.crt" ]; then
        fail "$title: signed, and should have been refused"
    fi
    cmp -s index.txt index.before || fail "$title: index.txt was changed"
    printf '\n-- %s\n' "$title"
    grep 'smimebr' "$name.log" | sed -e 's/^.*:smimebr[^:]*:/   /' -e 's/^\( *\)[^ ].*:smimebr/\1smimebr/' ||
        { cat "$name.log" && fail "$title: refused, but not by smimebr"; }
    note refused "$title" "$(sed -n 's/.*:\(\(SBR\|RFC\|smimebr policy\|X.690\)[^:]*\): .*/\1/p' "$name.log" | head -n 1)"
}

say "Refused: each error as the operator sees it"
mailbox='/CN=mailbox@example.net/emailAddress=mailbox@example.net'
strict='-extensions mailbox_validated_strict'
defect='-extfile defects.cnf -extensions'
ec='-newkey ec -pkeyopt ec_paramgen_curve:P-256'
# shellcheck disable=SC2086
{
    request leaf "$mailbox" $ec
    refused "Legacy policy after 2025-07-15" leaf $defect legacy_policy
    refused "no reserved policy identifier" leaf $defect no_reserved_policy
    refused "two reserved policy identifiers" leaf $defect two_reserved_policies
    refused "no mailbox in the subjectAltName" leaf $defect no_mailbox
    refused "mailbox of the subject not in the subjectAltName" leaf $defect other_mailbox
    refused "keyUsage bit that is not allowed" leaf $defect wrong_key_usage
    refused "serverAuth" leaf $defect server_auth
    refused "no CRL distribution point" leaf $defect no_crl_distribution_point
    refused "another CA from an issuing CA" leaf $defect subordinate_ca
    refused "a TLS certificate" leaf $defect tls_server

    request attribute "/O=Beispiel Maschinenbau AG$mailbox"
    refused "organizationName in mailbox-validated" attribute $strict
    request days "$mailbox"
    refused "826 days" days $strict -days 826
    request orgid "$(printf '%s' "$organization$person" | sed 's/NTRDE-/NTRDE/')/emailAddress=a@example.net"
    refused "organizationIdentifier without hyphen" orgid -extensions sponsor_validated_strict
    request country "$(printf '%s' "$organization$person" | sed 's/C=DE/C=FR/')/emailAddress=a@example.net"
    refused "organizationIdentifier of another country" country -extensions sponsor_validated_strict
    request weak "$mailbox" -newkey rsa:1024
    refused "RSA key of 1024 bits" weak $strict
}

printf '\n-- %s\n' "a digest other than the one the certificate names"
openssl asn1parse -in x509.crt -strparse 4 -noout -out good.tbs
if OPENSSL_CONF=$pki/issuing/issuing-ca.cnf openssl dgst -sha512 -sign smimebr:issuing.key \
    -passin file:passphrase -out digest.sig good.tbs 2>digest.log; then
    fail "the digest was not compared"
fi
[ ! -s digest.sig ] || fail "a signature came out"
sed -n 's/^.*:smimebr[^:]*:/   /p' digest.log
note refused "another digest than the certificate names" \
    "$(sed -n 's/.*:\(\(SBR\|RFC\)[^:]*\): .*/\1/p' digest.log | head -n 1)"

say "serial, index.txt and newcerts are untouched after a refusal"
sed 's/^rand_serial.*/serial = serial/' issuing-ca.cnf >serial.cnf
openssl rand -hex 16 | sed 's/^./6/' >serial
cp serial serial.before
cp index.txt index.before
ls newcerts >newcerts.before
openssl ca -batch -config serial.cnf -passin file:passphrase -extfile defects.cnf \
    -extensions server_auth -in leaf.csr -out leaf.crt 2>/dev/null && fail "signed"
ls newcerts >newcerts.after
cmp serial serial.before && cmp index.txt index.before && cmp newcerts.before newcerts.after &&
    printf 'unchanged\n'

say "The same bad certificate with the key file and the default provider alone"
printf '%s\n' 'openssl x509 -req -CA issuing.crt -CAkey issuing.key ...'
if openssl x509 -req -in leaf.csr -CA issuing.crt -CAkey issuing.key -passin file:passphrase \
    -extfile defects.cnf -extensions server_auth -set_serial 1 -out alone.crt 2>alone.log; then
    fail "the key could be used without the guard"
fi
sed 's/^/   /' alone.log
printf '   The file is a sealed key: %s\n' "$(head -n 1 issuing.key)"
printf '   Nothing but smimebr can open it, and it opens it only to sign what the policy permits.\n'
note refused "any certificate, default provider alone" "key is sealed"

say "A CRL"
openssl ca -config issuing-ca.cnf -passin file:passphrase -revoke mailbox_validated_strict.crt \
    -crl_reason superseded 2>revoke.log || { cat revoke.log && exit 1; }
openssl ca -config issuing-ca.cnf -passin file:passphrase -gencrl -out issuing.crl
openssl crl -in issuing.crl -noout -CAfile chain.pem -lastupdate -nextupdate
note permitted "CRL" "openssl ca -gencrl"

say "What was asked of the issuing CA's key"
cat "$table"
records=$(wc -l <"$pki/issuing/audit.jsonl")
printf '\n%s permitted, %s refused. The audit record, %s entries: %s\n' \
    "$(grep -c ^permitted "$table")" "$(grep -c ^refused "$table")" "$records" \
    "$pki/issuing/audit.jsonl"
if [ -n "$keep" ]; then
    printf 'Play with it: cd %s && export OPENSSL_MODULES=%s\n' "$pki/issuing" "$module_dir"
fi
