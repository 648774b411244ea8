#!/bin/sh
# Every file of conf-examples, and of each every section: what it is there to permit is permitted,
# what it is there to refuse is refused.
#   examples.sh BUILD-FOLDER
set -eu
build=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
examples=$(realpath "$here/../../conf-examples")
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
# shellcheck source=tests/clients/guarded_ca.sh
. "$here/guarded_ca.sh"

# A new example needs a test here (the two demonstrations have their own, and use pki.sh).
for file in "$examples"/*; do
    case ${file##*/} in
    CMakeLists.txt | demo.sh | audit-demo.sh | pki.sh | defects.cnf | issuing-ca.cnf | \
        issuing-ca.policy | root-ca.cnf | root-ca.policy) ;;
    *) fail "${file##*/} is tested nowhere" ;;
    esac
done
sections() { sed -n 's/^\[\([^]]*\)\]$/\1/p' "$1"; }

# policies: as they stand, before there is a certificate, and as they are later
make_cas p256
mkdir before
cp "$examples"/*.policy root/root.pub issuing/issuing.pub before/
for name in root issuing; do
    runs 0 "$smimebr" policy check "before/$name-ca.policy" --key "$name/$name.key"
    runs 0 "$smimebr" policy check "$name/$name-ca.policy" --key "$name/$name.key"
    prints "[key $name]"
done

# root-ca.cnf: root_ext and issuing_ca_ext made the two certificates; the CRL
cd root
runs 0 openssl ca -config root-ca.cnf -passin file:passphrase -gencrl -out root.crl
runs 0 openssl crl -in root.crl -CAfile root.crt -noout
cd ../issuing

# issuing-ca.cnf: every profile, with the subject that its Type asks for
mail=/emailAddress=erika@example.net
person='/GN=Erika/SN=Mustermann/CN=Erika Mustermann'
organization='/C=DE/O=Beispiel AG/organizationIdentifier=NTRDE-DED2601.HRB123456'
num=0
for section in $(sections issuing-ca.cnf | grep _validated_); do
    case $section in
    mailbox_*) subject=/CN=erika@example.net$mail ;;
    organization_*) subject=$organization$mail ;;
    sponsor_*) subject=$organization$person$mail ;;
    individual_*) subject=/C=DE$person$mail ;;
    *) fail "[$section] of issuing-ca.cnf is tested nowhere" ;;
    esac
    openssl req -new -config issuing-ca.cnf -key leaf.key -subj "$subject" -out "$section.csr"
    runs 0 ca -extensions "$section" -in "$section.csr" -out "$section.crt"
    runs 0 verify "$section.crt"
    runs 0 "$smimebr" lint --issuer issuing.crt --policy issuing-ca.policy \
        --as "$(printf '%s' "$section" | tr _ -)" "$section.crt"
    num=$((num + 1))
done
[ "$num" = 8 ] || fail "$num profiles in issuing-ca.cnf"

# defects.cnf: every section is refused, for what it is named after
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.key
openssl req -new -config issuing-ca.cnf -key ec.key \
    -subj '/CN=alice@example.net/emailAddress=alice@example.net' -out ec.csr
for section in $(sections defects.cnf); do
    runs 1 ca -extfile defects.cnf -extensions "$section" -in ec.csr -out refused.crt
    absent refused.crt
    case $section in
    legacy_policy) complains 'SBR 7.1.6.1' ;;
    no_reserved_policy) complains 'SBR 7.1.2.3(a), 7.1.6.4' ;;
    two_reserved_policies) complains 'SBR 7.1.2.3(a)' ;;
    no_mailbox) complains 'SBR 7.1.4.2.1' ;;
    other_mailbox) complains 'SBR 7.1.4.2.2(a)' ;;
    wrong_key_usage) complains 'SBR 7.1.2.3(e)' ;;
    server_auth) complains 'SBR 7.1.2.3(f)' ;;
    no_crl_distribution_point) complains 'SBR 7.1.2.3(b)' ;;
    subordinate_ca) complains 'smimebr policy: this is a subordinate CA certificate' ;;
    tls_server) complains 'smimebr policy: this is a TLS server certificate' ;;
    *) fail "[$section] of defects.cnf is tested nowhere" ;;
    esac
    # one defect each: every other error would hide what the section is there to show
    case $section in
    no_mailbox | subordinate_ca) ;;
    *) complains 'nothing was signed: 1 error,' ;;
    esac
done
