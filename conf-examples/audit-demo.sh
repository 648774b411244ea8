#!/bin/sh
# What an auditor can see for himself, in one command: a guarded key issues, refuses what went wrong
# elsewhere in public, and keeps a record of both, which cannot be changed unnoticed and from which
# every verdict can be computed again. Every step is checked; the first surprise ends it.
#
#   sh conf-examples/audit-demo.sh [--rsa] [--keep DIR] [--build DIR]
#
#   --rsa        CA keys of RSA-4096 instead of P-256
#   --keep DIR   keep everything in DIR (made if missing, must be empty): logs, proofs, the report
#   --build DIR  use this build of smimebr instead of making one in build/demo
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
# shellcheck source=conf-examples/pki.sh
. "$here/pki.sh"

pki_options "$@"
pki_build demo
pki_make

steps=$pki/steps
: >"$steps"
audit() { "$command" audit "$@"; }
step() { printf '%-46s %s\n' "$1" "$2" >>"$steps"; }

# Run a command, show it and what it says, and check its exit code and a part of its output.
expect() { # CODE TEXT COMMAND...
    expected=$1 text=$2
    shift 2
    printf '\n$ smimebr %s\n' "$*"
    code=0
    "$command" "$@" >"$pki/said" 2>&1 || code=$?
    indented <"$pki/said" | tee "$pki/said.shown"
    [ "$code" = "$expected" ] || fail "exit $code instead of $expected: smimebr $*"
    [ -z "$text" ] || grep -qF -- "$text" "$pki/said" || fail "it does not say \"$text\": smimebr $*"
}

# --- what is issued ---------------------------------------------------------------------------

pki_issue_profiles
quietly openssl ca -config issuing-ca.cnf -passin file:passphrase \
    -revoke mailbox_validated_strict.crt -crl_reason superseded
quietly openssl ca -config issuing-ca.cnf -passin file:passphrase -gencrl -out issuing.crl
step "issue one certificate of each profile, a CRL" "8 certificates, 1 CRL"

# --- incidents --------------------------------------------------------------------------------

# Extensions of a good certificate with this policy identifier; LINEs replace those of their name,
# and one without a value leaves it out.
incident_extensions() { # POLICY LINE...
    cat >defaults <<EOT
certificatePolicies = $1
extendedKeyUsage = emailProtection
keyUsage = critical, digitalSignature, keyEncipherment
subjectAltName = email:erika@example.net
crlDistributionPoints = URI:http://crl.example.net/issuing.crl
authorityInfoAccess = caIssuers;URI:http://ca.example.net/issuing.crt
authorityKeyIdentifier = keyid:always
subjectKeyIdentifier = hash
EOT
    shift
    for line in "$@"; do
        grep -v "^${line%% *} =" defaults >others
        mv others defaults
        [ -z "${line#*= }" ] || printf '%s\n' "$line" >>defaults
    done
    cat defaults
}

# One class of incidents: a certificate like those of the bugs must be refused by this requirement.
incident() { # BUGS RULE TITLE SUBJECT POLICY LINE...
    bugs=$1 rule=$2 title=$3 subject=$4
    shift 4
    if incident_sign incident.crt "$subject" "$@" || [ -s incident.crt ]; then
        fail "$title: signed, and should have been refused"
    fi
    incident_refused incident.log
}

incident_sign() { # CERTIFICATE SUBJECT POLICY LINE...
    out=$1
    request incident "$2" rsa.key
    shift 2
    incident_extensions "$@" >incident.ext
    rm -f "$out"
    guarded openssl x509 -req -in incident.csr -CA issuing.crt -CAkey smimebr:issuing.key \
        -passin file:passphrase -days 365 -set_serial "0x4$(openssl rand -hex 15)" \
        -extfile incident.ext -out "$out" 2>incident.log
}

incident_title() { printf '\n-- %s\n   public incidents: bugs %s\n' "$title" "$bugs"; }

# The refusal in this file names the rule of the incident.
incident_refused() { # LOG
    show_refusal "$title" "$1" | sed '1,2d' >refusal
    incident_title
    cat refusal
    grep -qF ":raise_finding:$rule" "$1" || fail "$title: not refused by $rule"
    num_incidents=$((num_incidents + 1))
}

# A class of which octets alone can only raise a suspicion: signed, with a warning on record.
suspicion() { # BUGS RULE TITLE SUBJECT POLICY
    bugs=$1 rule=$2 title=$3
    num_suspicions=$((num_suspicions + 1))
    incident_sign "suspicion$num_suspicions.crt" "$4" "$5" ||
        fail "$title: not signed: $(cat incident.log)"
    incident_title
    printf '   signed, with a warning on record: %s\n' "$rule"
    # the record of the permit; the one behind it, if any, tells the outcome
    tail -n 2 audit.jsonl | grep '"verdict":"permit"' | tail -n 1 |
        grep -qF "\"id\":\"$rule" || fail "$title: no warning $rule"
    note warned "$title" "$rule"
}

num_incidents=0 num_suspicions=0
mv=2.23.140.1.5.1.3 sv=2.23.140.1.5.3.3 sv_multipurpose=2.23.140.1.5.3.2 iv=2.23.140.1.5.4.3
mailbox=/CN=erika@example.net
base="$organization$identifier"

say "Real incidents, tried with this key (bug numbers of the public tracker of Mozilla's CA programme)"
incident "1853663, 1875205, 1898986, 1927506, 1944815" smime.orgid. \
    "an organizationIdentifier without its hyphen" \
    "$organization/organizationIdentifier=NTRDEDED2601.HRB123456$person" $sv
incident "1900492" smime.orgid. "an organizationIdentifier with an unknown scheme" \
    "$organization/organizationIdentifier=ABCDE-HRB123456$person" $sv
incident "1917571, 1914999, 2061178" smime.orgid.country_mismatch \
    "a country other than that of the organizationIdentifier" \
    "/C=FR/O=Beispiel Maschinenbau AG$identifier$person" $sv
incident "1876775" smime. "an LEI whose check digits are wrong" \
    "$organization/organizationIdentifier=LEIXG-5299000J2N45DDNE4Y29$person" $sv
incident "1848854" smime.cn. "a name as commonName of a mailbox-validated certificate" \
    "/CN=Erika Mustermann" $mv
incident "1866806, 1943596" smime.cn. "the organisation as commonName of a person" \
    "$base/GN=Erika/SN=Mustermann/CN=Beispiel Maschinenbau AG" $sv
incident "1853987" smime.dn.null_literal 'the words "(null)" as a name' \
    "$base/GN=(null)/SN=Mustermann/CN=Erika Mustermann" $sv
incident "1902042" smime.dn. "a name without meaning" "$base/GN=-/SN=Mustermann" $sv
incident "1914065" smime. "organizationalUnitName" "$mailbox/OU=Vertrieb" $mv
incident "1906467, 1906470" smime.san. "a mailbox in the subject alone" "$mailbox" $mv \
    "subjectAltName = DNS:mail.example.net"
incident "1879845" smime. "a mailbox in other letters than in the subjectAltName" \
    "/CN=Erika@example.net" $mv
incident "1914020" smime.san. "a mailbox in letters that rfc822Name cannot hold" "$mailbox" $mv \
    "subjectAltName = DER:3013811165726bc3a4406578616d706c652e6e6574"
incident "1851164, 1914023, 1929189" smime.ku. "a keyUsage bit that is not allowed" "$mailbox" $mv \
    "keyUsage = critical, digitalSignature, keyEncipherment, keyAgreement"
incident "1861783, 1853783, 1853463, 1860697, 1856591" smime.policies. \
    "no reserved policy identifier" "$mailbox" 1.3.6.1.4.1.32473.1.1
incident "1959721" smime.profile.iv. "an organisation in an individual-validated certificate" \
    "$base$person" $iv
incident "2012101" smime. "a sponsor-validated certificate without its organisation" \
    "/C=DE$person" $sv_multipurpose
incident "2033000" smime.profile.mv. "an organisation in a mailbox-validated certificate" \
    "/O=Beispiel Maschinenbau AG$mailbox" $mv
incident "1861782" smime.person_id. "a passport of a country that there is not" \
    "$base/serialNumber=PASZZ-C01X00T47$person" $sv
incident "1965459" smime.aia. "a caIssuers address that is no HTTP URI" "$mailbox" $mv \
    "authorityInfoAccess = caIssuers;URI:ldap://ca.example.net/cn=issuing"
suspicion "1871113" smime.name.equals_organization_name "the organisation as the name of a person" \
    "$base/GN=Beispiel Maschinenbau AG/SN=Mustermann" $sv
suspicion "1910195, 1936906" smime.dn.replacement_character "a character that was lost on the way" \
    "$base/GN=Er�ka/SN=Mustermann" $sv

# CA certificates are signed by the root.
bugs="1921597, 1921598, 1918427, 2000277" rule=smime.subca.
title="an issuing CA without the reserved identifiers"
sed -e 's/^certificatePolicies = .*/certificatePolicies = 1.3.6.1.4.1.32473.1.1/' \
    ../root/root-ca.cnf >../root/no-policies.cnf
if (cd ../root && openssl ca -batch -notext -config no-policies.cnf -passin file:passphrase \
    -extensions issuing_ca_ext -in ../issuing/issuing.csr -out incident.crt 2>incident.log) ||
    [ -s ../root/incident.crt ]; then
    fail "$title: signed, and should have been refused"
fi
incident_refused ../root/incident.log
step "try what went wrong elsewhere" \
    "$num_incidents classes refused, $num_suspicions signed with a warning"

# --- the record -------------------------------------------------------------------------------

say "The record: every hash, the chain and the digests of what was judged"
log=audit.jsonl
records=$(wc -l <$log)
expect 0 "$log: good: $records records" audit verify $log
step "verify the record" "good, $records records"

say "A checkpoint: the auditor signs what the log is now, and keeps the note"
openssl genpkey -algorithm ED25519 -out auditor.key
openssl pkey -in auditor.key -pubout -out auditor.pub
expect 0 "smimebr/" audit checkpoint --key auditor.key --state auditor.state --name auditor.example \
    $log
cp auditor.state checkpoint.1
step "checkpoint" "signed over $records records"

say "A proof that one record is under that checkpoint, which needs no log"
refusal=$(grep -n '"verdict":"refuse"' $log | head -n 1 | cut -d : -f 1)
sed -n "${refusal}p" $log >record
"$command" audit prove --checkpoint checkpoint.1 $((refusal - 1)) $log >proof
expect 0 "record $((refusal - 1)) is in the tree" \
    audit prove --check proof --public-key auditor.pub record
sed 's/"verdict":"refuse"/"verdict":"permit"/' record >record.changed
expect 2 "" audit prove --check proof --public-key auditor.pub record.changed
step "prove a record, and a changed one" "proved; the changed one is none"

say "The log goes on, and a later checkpoint extends the first"
expect 0 "" audit note $log "the auditor was here"
expect 0 "smimebr/" audit checkpoint --key auditor.key --state auditor.state --name auditor.example \
    $log
cp auditor.state checkpoint.2
expect 0 "consistent: " audit consistency checkpoint.1 checkpoint.2 $log
step "consistency of two checkpoints" "the second extends the first"

# --- tampering --------------------------------------------------------------------------------

say "Tampering: a refusal becomes a permit"
sed "${refusal}s/\"verdict\":\"refuse\"/\"verdict\":\"permit\"/" $log >changed.jsonl
cmp -s $log changed.jsonl && fail "nothing was changed"
expect 1 "record $((refusal - 1)) at offset " audit verify changed.jsonl
step "tamper: change a verdict" "detected, record $((refusal - 1))"

say "Tampering: a record is taken out"
sed "${refusal}d" $log >shorter.jsonl
expect 1 "records $((refusal - 1)) to $((refusal - 1)) are missing" audit verify shorter.jsonl
step "tamper: take a record out" "detected, record $((refusal - 1))"

say "Tampering: the end is cut off, which only a checkpoint shows"
head -n "$((records - 2))" $log >cut.jsonl
expect 0 "cut.jsonl: good" audit verify cut.jsonl
expect 1 "records were cut off" audit verify --checkpoint checkpoint.1 --public-key auditor.pub \
    cut.jsonl
expect 1 "nothing is signed" audit checkpoint --key auditor.key --state auditor.state cut.jsonl
step "tamper: cut the end off" "detected by the checkpoint"

# --- replay -----------------------------------------------------------------------------------

say "Every verdict computed again, from the record alone"
expect 0 " differ" audit replay --strict --policy issuing-ca.policy.before \
    --policy issuing-ca.policy --issuer issuing.crt $log
grep -q '^   [1-9][0-9]* replayed: [1-9][0-9]* the same, 0 differ' "$pki/said.shown" ||
    fail "verdicts differ"
replayed=$(sed -n 's/^ *\([0-9]*\) replayed: .*/\1/p' "$pki/said.shown")
step "compute every verdict again" "$replayed the same, 0 differ"

# --- reconciliation ---------------------------------------------------------------------------

say "The log against what was issued, both ways"
expect 0 "issued without a permit: 0" audit reconcile $log -- newcerts index.txt suspicion*.crt \
    issuing.crl
step "hold the log against what was issued" "nothing without a permit"

say "A certificate made with the bare key, outside of the guard"
quietly "$command" key unseal --in issuing.key --passphrase-file passphrase --out raw.key --yes
incident_extensions $mv >incident.ext
request rogue "$mailbox" rsa.key
quietly openssl x509 -req -in rogue.csr -CA issuing.crt -CAkey raw.key -days 365 \
    -set_serial "0x4$(openssl rand -hex 15)" -extfile incident.ext -out rogue.crt
rm raw.key
expect 1 "rogue.crt: certificate without a permit" audit reconcile $log -- newcerts index.txt \
    suspicion*.crt issuing.crl rogue.crt
step "find a certificate made outside of the guard" "rogue.crt: no permit"

# --- erasure ----------------------------------------------------------------------------------

say "Erasure after the time of retention: personal data goes, the chain stays"
cp $log before-erasure.jsonl
expect 0 "" audit erase --sequence "$((refusal - 1))" $log
expect 0 "$log: good" audit verify --checkpoint checkpoint.2 --public-key auditor.pub $log
sed -n "${refusal}p" $log | grep -q '"tbs":' && fail "the octets are still there"
expect 0 "not replayable" audit replay --policy issuing-ca.policy.before \
    --policy issuing-ca.policy --issuer issuing.crt $log
step "erase the octets of a record" "chain and checkpoint still verify"

# --- the report -------------------------------------------------------------------------------

say "The report"
expect 0 "" audit report --html report.html --issuer issuing.crt --checkpoint checkpoint.2 \
    --public-key auditor.pub $log
grep -q 'The log verifies' report.html || fail "the report says something else"
expect 1 "record $((refusal - 1))" audit report --html changed.html changed.jsonl
grep -q 'The log does not verify' changed.html || fail "the report does not say what is wrong"
step "write the report" "report.html, $(wc -c <report.html) octets"

# --- the tables -------------------------------------------------------------------------------

say "What was asked of the keys, and the answer"
printf '%-10s %-62s %s\n' answer object "by, or why"
cat "$table"
say "What the auditor did, and what came of it"
printf '%-46s %s\n' step result
cat "$steps"
if [ -n "$keep" ]; then
    printf '\nThe report: %s\n' "$pki/issuing/report.html"
    printf 'To play with it: cd %s && export OPENSSL_MODULES=%s\n' "$pki/issuing" "$module_dir"
else
    printf '\nEverything is removed now; --keep DIR keeps it, with the report to read and to print.\n'
fi
