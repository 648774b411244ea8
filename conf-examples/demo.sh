#!/bin/sh
# A CA for S/MIME whose keys are guarded by smimebr, from nothing to a table of what was permitted
# and refused, with unmodified openssl programs and the example configurations of this folder.
#
#   sh conf-examples/demo.sh [--rsa] [--keep DIR] [--build DIR]
#
#   --rsa        CA keys of RSA-4096 instead of P-256
#   --keep DIR   keep the PKI in DIR (made if missing, must be empty) to play with it
#   --build DIR  use this build of smimebr instead of making one in build/demo
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
# shellcheck source=conf-examples/pki.sh
. "$here/pki.sh"

pki_options "$@"
pki_build demo
pki_make
cp "$here/defects.cnf" .
quietly openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak.key

# --- what is permitted ------------------------------------------------------------------------

pki_issue_profiles

say "And one with openssl x509 -req"
guarded quietly openssl x509 -req -in mailbox_validated_strict.csr -CA issuing.crt \
    -CAkey smimebr:issuing.key -passin file:passphrase -days 30 \
    -set_serial "0x4$(openssl rand -hex 15)" -extfile issuing-ca.cnf \
    -extensions mailbox_validated_strict -out x509.crt
verify x509.crt
note permitted mailbox_validated_strict "openssl x509 -req"

say "Mail: sign, verify, encrypt and decrypt with the sponsor-validated certificate"
user=sponsor_validated_strict.crt
printf 'Dear Erika,\nthis is a test.\n' >mail.txt
quietly openssl cms -sign -in mail.txt -signer $user -inkey rsa.key -certfile issuing.crt \
    -out signed.eml
quietly openssl cms -verify -in signed.eml -CAfile root.crt -purpose smimesign -out verified.txt
quietly openssl cms -encrypt -aes256 -in mail.txt -out encrypted.eml $user
quietly openssl cms -decrypt -in encrypted.eml -recip $user -inkey rsa.key -out decrypted.txt
for file in verified.txt decrypted.txt; do
    tr -d '\r' <"$file" | cmp -s - mail.txt || fail "the mail did not come back: $file"
    printf '%s: the mail came back\n' "${file%.txt}"
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
    show_refusal "$title" "$name.log"
    cmp -s index.txt index.before || fail "$title: index.txt was changed"
}

say "What is refused, and what the operator reads: section, place, value; remedy"
mailbox='/CN=mailbox@example.net/emailAddress=mailbox@example.net'
strict='-extensions mailbox_validated_strict'
defect='-extfile defects.cnf -extensions'
request leaf "$mailbox" ec.key
request attribute "/O=Beispiel Maschinenbau AG$mailbox" rsa.key
request unhyphenated \
    "$organization/organizationIdentifier=NTRDEDED2601.HRB123456$person/emailAddress=a@example.net" \
    rsa.key
request country "/C=FR/O=Beispiel Maschinenbau AG$identifier$person/emailAddress=a@example.net" \
    rsa.key
request days "$mailbox" rsa.key
request weak "$mailbox" weak.key
# shellcheck disable=SC2086
{
    refused "a Legacy policy after 2025-07-15" leaf $defect legacy_policy
    printf '\n   As openssl prints it, with a line last that names the audit record:\n'
    sed 's/^/   | /' <<EOT
$(grep -e ':error:[^:]*:smimebr:' leaf.log)
EOT
    refused "no reserved policy identifier" leaf $defect no_reserved_policy
    refused "two reserved policy identifiers" leaf $defect two_reserved_policies
    refused "no mailbox in the subjectAltName" leaf $defect no_mailbox
    refused "a mailbox in the subject that the subjectAltName lacks" leaf $defect other_mailbox
    refused "organizationName in a mailbox-validated certificate" attribute $strict
    refused "an organizationIdentifier without its hyphen" unhyphenated \
        -extensions sponsor_validated_strict
    refused "a country that disagrees with organizationIdentifier" country \
        -extensions sponsor_validated_strict
    refused "a keyUsage bit that is not allowed" leaf $defect wrong_key_usage
    refused "serverAuth" leaf $defect server_auth
    refused "826 days" days $strict -days 826
    refused "an RSA key of 1024 bits" weak $strict
    refused "no CRL distribution point" leaf $defect no_crl_distribution_point
    refused "another CA from an issuing CA" leaf $defect subordinate_ca
    refused "a TLS server certificate" leaf $defect tls_server
}

openssl asn1parse -in x509.crt -strparse 4 -noout -out good.tbs
if guarded openssl dgst -sha512 -sign smimebr:issuing.key -passin file:passphrase \
    -out digest.sig good.tbs 2>digest.log || [ -s digest.sig ]; then
    fail "the digest was not compared"
fi
show_refusal "a digest other than the one the certificate names" digest.log

say "After a refusal serial, index.txt and newcerts are as they were"
# With a serial file, which the example configuration does not use.
sed 's/^rand_serial.*/serial = serial/' issuing-ca.cnf >serial.cnf
printf '40%s\n' "$(openssl rand -hex 15 | tr a-f A-F)" | tee serial >serial.before
cp index.txt index.before
ls newcerts >newcerts.before
openssl ca -batch -config serial.cnf -passin file:passphrase -extfile defects.cnf \
    -extensions server_auth -in leaf.csr -out leaf.crt 2>serial.log && fail "signed"
[ -n "$(findings serial.log)" ] || fail "refused, but not by smimebr: $(cat serial.log)"
ls newcerts >newcerts.after
for file in serial index newcerts; do
    case $file in
    serial) now=serial ;;
    index) now=index.txt ;;
    newcerts) now=newcerts.after ;;
    esac
    cmp "$now" "$file.before" || fail "$file was changed"
    printf '%s: unchanged\n' "$file"
done

say "The same bad certificate with the key file and the default provider alone"
printf '$ openssl x509 -req -CAkey issuing.key -extfile defects.cnf -extensions server_auth ...\n'
if openssl x509 -req -in leaf.csr -CA issuing.crt -CAkey issuing.key -passin file:passphrase \
    -extfile defects.cnf -extensions server_auth -set_serial 1 -out alone.crt 2>alone.log ||
    [ -s alone.crt ]; then
    fail "the key could be used without the guard"
fi
grep -e 'Could not' -e 'unable to load' alone.log | head -n 1 | indented
printf 'Why: the file is a sealed key, which no other program reads, even with the passphrase:\n'
head -n 1 issuing.key | indented
note refused "any certificate, by the default provider alone" "sealed key"

say "Revocation and a CRL"
quietly openssl ca -config issuing-ca.cnf -passin file:passphrase \
    -revoke mailbox_validated_strict.crt -crl_reason superseded
quietly openssl ca -config issuing-ca.cnf -passin file:passphrase -gencrl -out issuing.crl
openssl crl -in issuing.crl -noout -crlnumber -lastupdate -nextupdate
verify -crl_check -CRLfile issuing.crl mailbox_validated_multipurpose.crt
if verify -crl_check -CRLfile issuing.crl mailbox_validated_strict.crt >revoked.log 2>&1; then
    fail "the revoked certificate verifies"
fi
grep 'revoked' revoked.log || fail "the revoked certificate fails for another reason"
note permitted "CRL" "openssl ca -gencrl"

# --- the table --------------------------------------------------------------------------------

say "What was asked of the key of the issuing CA, and the answer"
printf '%-10s %-55s %s\n' answer object "by, or why"
cat "$table"
log=$pki/issuing/audit.jsonl
printf '\n%s permitted, %s refused.\n' \
    "$(grep -c ^permitted "$table")" "$(grep -c ^refused "$table")"
printf 'The audit record: %s, %s lines' "$log" "$(wc -l <"$log")"
if [ -n "$keep" ]; then
    printf '\nTo play with it: cd %s && export OPENSSL_MODULES=%s\n' "$pki/issuing" "$module_dir"
else
    printf ' (removed now; --keep DIR keeps it)\n'
fi
