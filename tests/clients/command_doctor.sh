#!/bin/sh
# smimebr doctor: a set-up that is as it should be, and each way in which one can be wrong.
set -eu

# shellcheck source=tests/support/client.sh
. "$(dirname "$0")/../support/client.sh"

run_doctor() {
    env -i PATH="$PATH" "$client_command" doctor --config "$test_folder/openssl.cnf" "$@"
}
well() {
    runs 0 run_doctor "$@"
    prints "All is well."
    lacks WRONG
}

# ails NUMBER TEXT ARGUMENTS...: so many things are wrong, TEXT among them
ails() {
    doctor_number=$1
    doctor_text=$2
    shift 2
    runs 1 run_doctor "$@"
    grep -F "WRONG  " out | grep -qF -- "$doctor_text" || fail "nothing WRONG says: $doctor_text"
    [ "$(grep -c 'WRONG  ' out)" -eq "$doctor_number" ] ||
        fail "not $doctor_number things are wrong"
    [ "$(grep -c 'Remedy: ' out)" -eq "$doctor_number" ] || fail "a remedy is missing"
}

# edit FILE SCRIPT: change it by sed for the next run; `restore` undoes that
edit() {
    cp -p "$1" "$1.good"
    sed -i "$2" "$1"
}
restore() { mv "$1.good" "$1"; }

key=smimebr:ca.key
make_ca -algorithm EC -pkeyopt ec_paramgen_curve:P-256

# As it should be, first without a log.
well --key $key
prints "the first opening of a key begins it"
well --key $key
prints "no variable is set"
prints "the module loads: smimebr"
prints "ca.policy is good: 1 key, 0 waivers"
prints "is guarded: the key is one of the provider smimebr"
prints "the key is judged by [key ca]"
prints "the last record, number 0,"
prints "every requirement that needs the CA's certificate is evaluated"
prints "not evaluated: lists of compromised keys"
prints "accident: reached"
prints "key copy: not reached: the key file is not sealed"
[ "$(wc -l <audit.jsonl)" -eq 1 ] || fail "something was recorded"
well --key ca.ref
well --key "$test_folder/ca.ref"

# The environment.
runs 1 env PKCS11_PROVIDER_DEBUG=file:x OPENSSL_MODULES=/nowhere "$client_command" doctor \
    --config openssl.cnf --key $key
prints "WRONG  PKCS11_PROVIDER_DEBUG=file:x: "
prints "note   OPENSSL_MODULES = /nowhere"
runs 0 env OPENSSL_CONF="$test_folder/openssl.cnf" "$client_command" doctor --key $key
prints "good   $test_folder/openssl.cnf can be read"

# The configuration.
rm -f none.cnf
runs 1 "$client_command" doctor --config none.cnf --key $key
prints "WRONG  none.cnf: "
printf '[broken\n' >broken.cnf
runs 1 "$client_command" doctor --config broken.cnf
prints "WRONG  broken.cnf, line 1: "
# shellcheck disable=SC2016
printf 'dir = $ENV::SMIMEBR_TEST_NOWHERE\n' >variable.cnf
runs 1 "$client_command" doctor --config variable.cnf
prints "WRONG  variable.cnf, line 1: variable has no value"
prints "Remedy: Set the variable that the line names"
runs 1 env SMIMEBR_TEST_NOWHERE=x "$client_command" doctor --config variable.cnf
prints "good   variable.cnf can be read"
runs 1 "$client_command" doctor --config plain.cnf --key $key
prints "WRONG  plain.cnf names no provider smimebr"
for row in "/^default = /d|the provider default is not named" \
    "/^\[default_provider\]/,/activate/s/activate = 1/activate = 0/|does not activate the provider default"; do
    edit openssl.cnf "${row%|*}"
    runs 1 run_doctor --key $key
    prints "${row##*|}"
    restore openssl.cnf
done
edit openssl.cnf '/^default = /{h;d;};/^smimebr = /{G;}'
ails 1 "the provider default stands after smimebr" --key $key
restore openssl.cnf
edit openssl.cnf '/^\[smimebr_provider\]/,/^policy/s/activate = 1//'
ails 1 "does not activate the provider smimebr" --key $key
prints "without the module the key is not opened"
prints "accident: not reached: the module does not load"
restore openssl.cnf
edit openssl.cnf 's/^module = .*/module = \/nowhere\/smimebr.so/'
ails 1 "the module /nowhere/smimebr.so does not load: could not load the shared library" --key $key
restore openssl.cnf
edit openssl.cnf 's/^providers = providers/&\nalg_section = algorithms/'
printf '[algorithms]\ndefault_properties = fips=yes\n' >>openssl.cnf
runs 1 run_doctor --key $key
prints "WRONG  default_properties = fips=yes"
restore openssl.cnf
edit openssl.cnf '/^policy = /d'
ails 2 "names no policy" --key $key
restore openssl.cnf
edit openssl.cnf '/^audit-log = /d'
ails 2 "names no audit log" --key $key
restore openssl.cnf

# The policy.
edit ca.policy 's/^objects/object/'
ails 2 "object" --key $key
restore ca.policy
chmod 666 ca.policy
ails 2 "can be changed by others" --key $key
chmod 600 ca.policy
edit openssl.cnf 's/^policy = .*/policy = builtin/'
ails 1 "requirements that need the certificate of the CA" --key $key
restore openssl.cnf
edit ca.policy 's/^issuer-certificate.1 = .*/public-key = ca.pub/'
ails 1 "requirements that need the certificate of the CA" --key $key
restore ca.policy

# An OCSP responder: its intervals depend on its CA.
make_leaf leaf -algorithm EC -pkeyopt ec_paramgen_curve:P-256
plain openssl x509 -req -in leaf.csr -CA ca.crt -CAkey ca.key -days 60 -extfile plain.cnf \
    -extensions responder -out responder.crt 2>/dev/null
cp -p ca.policy ca.policy.good
write_section responder responder.crt ocsp-response
well --key smimebr:leaf.key
prints "not evaluated: intervals of OCSP responses"
printf 'responder-issuer = ca.crt\n' >>ca.policy
well --key smimebr:leaf.key
lacks "intervals of OCSP responses"
restore ca.policy
well --key $key
lacks "intervals of OCSP responses"

# The key.
ails 1 "is not guarded: the key is one of the provider default" --key ca.key
prints "accident: not reached: the key is not known to be guarded"
ails 1 "no section is for this key" --key smimebr:root.key
ails 1 "there is no such file" --key smimebr:none.key
ails 1 "no key is named"
printf '[ca]\ndefault_ca = mine\n[mine]\nprivate_key = smimebr:ca.key\n' >ca.lines
cp openssl.cnf openssl.cnf.good
cat ca.lines >>openssl.cnf
well
restore openssl.cnf

# The CA's certificate.
for days in 10 -1; do
    cp ca.crt ca.crt.good
    plain openssl req -new -key ca.key -subj '/C=DE/O=Example/CN=Example CA' -out ca.csr
    printf '[ca]\ndefault_ca = c\n[c]\ndatabase = i\nnew_certs_dir = .\nrand_serial = 1\npolicy = p\n[p]\ncommonName = supplied\n' >root.cnf
    : >i
    plain openssl ca -config root.cnf -batch -notext -in ca.csr -cert root.crt -keyfile root.key \
        -md sha256 -startdate 20260101000000Z -extfile plain.cnf -extensions ca_ext \
        -enddate "$(date -u -d "$days days" +%Y%m%d%H%M%SZ)" -out ca.crt 2>/dev/null
    if [ "$days" = 10 ]; then
        ails 1 "the CA's certificate ends on" --key $key
    else
        ails 1 "no certificate of the CA is valid now" --key $key
    fi
    restore ca.crt
done

# Waivers.
waiver() {
    cp ca.policy ca.policy.good
    printf '%s\n[waiver w]\nrule = smime.eku.server_auth_present\nreason = r\napprover = a\n' \
        "$1" >>ca.policy
    printf 'from = %s\nuntil = %s\ndomain = example.net\n' \
        "$(date -u -d "$2 days" +%Y-%m-%d)" "$(date -u -d "$3 days" +%Y-%m-%d)" >>ca.policy
}
waiver 'waivers = allowed' -10 5
ails 1 "waiver w for smime.eku.server_auth_present ends soon" --key $key
restore ca.policy
for row in "-10 40 is in force until" "-40 -10 ended on" "10 40 begins on"; do
    # shellcheck disable=SC2086
    set -- $row
    waiver 'waivers = allowed' "$1" "$2"
    well --key $key
    prints "note   waiver w for smime.eku.server_auth_present $3 $4"
    restore ca.policy
done
waiver 'waivers = none' -10 5
well --key $key
prints "no section says"
restore ca.policy

# The log.
chmod 666 audit.jsonl
ails 3 "may be written by everybody" --key $key
chmod 600 audit.jsonl
chmod 660 audit.jsonl
ails 1 "only who may write both can sign" --key $key
chmod 660 audit.jsonl.lock
well --key $key
prints "may be written by $(id -un), group $(id -gn)"
group=$(id -gn)
[ "$(id -u)" != 0 ] || group=nogroup
chgrp "$group" audit.jsonl audit.jsonl.lock ca.policy openssl.cnf
chmod 600 ca.policy openssl.cnf
ails 2 "group $group may write the log and cannot read the policy" --key $key
prints "group $group may write the log and cannot read the configuration"
chmod 640 ca.policy openssl.cnf
prints "may be written by $(id -un), group $group"
chmod 600 audit.jsonl audit.jsonl.lock ca.policy openssl.cnf
edit openssl.cnf 's/^audit-log = .*/audit-log = \/nowhere\/audit.jsonl/'
ails 2 "the folder /nowhere: " --key $key
restore openssl.cnf

# A last record that is younger than the clock.
cp -p audit.jsonl audit.jsonl.good
body=$(sed -n '1s/"time":"20[0-9][0-9]/"time":"2099/;1s/,"hash":".*//p' audit.jsonl)
printf '%s,"hash":"%s"}\n' "$body" "$(printf %s "$body" | sha256sum | cut -c 1-64)" >audit.jsonl
rm -f audit.jsonl.lock
ails 2 "and the last record is of 2099-" --key $key
restore audit.jsonl
rm -f audit.jsonl.lock

# A clock that is set back behind the requirements. What sets it is seen as well.
runs 1 faketime '2020-01-01 00:00:00' env PATH="$PATH" "$client_command" doctor \
    --config openssl.cnf --key $key
prints "WRONG  LD_PRELOAD = "
grep -q 'WRONG  the clock says 20[12].*, which is before the day of the requirements' out ||
    fail "the clock is not found wrong"
prints "and the last record is of"

# Sealed keys and what they reach.
printf 'correct horse battery staple\n' >passphrase
chmod 600 passphrase
"$client_command" key seal --in ca.key --out ca.sealed --passphrase-file passphrase --cost 14 \
    --floor 'objects = subscriber, crl, csr' >seal.out 2>&1
well --key smimebr:ca.sealed --passphrase-file passphrase
prints "is $test_folder/ca.sealed, sealed"
prints "not laxer than the floor"
prints "key copy: reached"
well --key ca.sealed --passphrase-file passphrase
printf 'another horse\n' >wrong
chmod 600 wrong
ails 1 "cannot be opened: no passphrase or a wrong one" --key ca.sealed --passphrase-file wrong
edit ca.policy 's/^objects = .*/objects = subscriber, crl, csr, root/'
ails 1 "cannot be opened: the policy is laxer than the sealed key demands" --key ca.sealed \
    --passphrase-file passphrase
restore ca.policy

# Secrets: for those who sign, and for nobody else.
secret() {
    edit ca.policy "s,^objects,$1 = $2\n&,"
}
for row in "passphrase-file|passphrase of [key ca]" "pin-source|PIN of [key ca]"; do
    secret "${row%|*}" passphrase
    well --key $key
    prints "good   the ${row##*|} is in $test_folder/passphrase, mode 0600: may be read by"
    chmod 604 passphrase
    ails 1 "the ${row##*|} in $test_folder/passphrase, mode 0604, may be read by everybody" \
        --key $key
    chmod 602 passphrase
    ails 1 "may be changed by everybody" --key $key
    chmod 600 passphrase
    restore ca.policy
    secret "${row%|*}" nowhere
    ails 1 "the ${row##*|}: $test_folder/nowhere: No such file" --key $key
    restore ca.policy
    : >empty
    chmod 600 empty
    secret "${row%|*}" empty
    ails 1 "the first line of $test_folder/empty is empty" --key $key
    restore ca.policy
    secret "${row%|*}" .
    ails 1 "is no regular file" --key $key
    restore ca.policy
done

# The libraries of tokens. Any file will do, as long as no key in a token is opened.
printf 'a library\n' >first.so
printf 'another\n' >second.so
libraries() {
    cp -p ca.policy ca.policy.good
    printf 'pkcs11-provider = %s\npkcs11-module = %s\n' "$test_folder/$1" "$test_folder/$2" \
        >>ca.policy
}
libraries first.so second.so
well --key $key
prints "good   the PKCS#11 provider is $test_folder/first.so"
prints "good   the library of the token is $test_folder/second.so"
for file in first.so second.so; do
    chmod o+w $file
    ails 1 "$test_folder/$file can be changed by others" --key $key
    chmod o-w $file
done
restore ca.policy
libraries none.so second.so
ails 1 "pkcs11-provider: $test_folder/none.so: No such file" --key $key
restore ca.policy
libraries first.so none.so
ails 1 "pkcs11-module: $test_folder/none.so: No such file" --key $key
restore ca.policy
libraries first.so second.so
write_section root root.crt crl
printf 'pkcs11-provider = %s\npkcs11-module = %s\n' "$test_folder/second.so" \
    "$test_folder/second.so" >>ca.policy
ails 1 'the policy sections "ca" and "root" name different libraries' --key $key
restore ca.policy

# A key in a token, which is not there: without libraries, and with some that are none.
ails 2 "the policy names no libraries for tokens" --key smimebr:pkcs11:token=none
"$client_command" key reference --force --to pkcs11:token=none --out token.ref >reference.out
ails 2 "the policy names no libraries for tokens" --key token.ref
prints "note   token.ref means a key in a token, pkcs11:token=none"
libraries first.so second.so
ails 1 "cannot be loaded as OpenSSL provider" --key smimebr:pkcs11:token=none
runs 1 run_doctor --key "smimebr:pkcs11:token=none?pin-source=file:$test_folder/nowhere"
prints "WRONG  the PIN of the key's URI: $test_folder/nowhere: No such file"
runs 1 run_doctor --key "smimebr:pkcs11:token=none?pin-source=$test_folder/passphrase"
prints "good   the PIN of the key's URI is in $test_folder/passphrase"
restore ca.policy

"$client_command" key seal --in ca.key --out bare.sealed --passphrase-file passphrase --cost 14 \
    >seal.out 2>&1
well --key smimebr:bare.sealed --passphrase-file passphrase
prints "note   the key is sealed without a floor"

# The level for software of the same user, seen as a user who is not root.
software() {
    runs "$1" setpriv --reuid=65534 --regid=65534 --clear-groups env -i PATH="$PATH" \
        "$client_command" doctor --config "$test_folder/openssl.cnf" \
        --key "smimebr:$test_folder/$2" --passphrase-file nobody/passphrase
    prints "unprivileged software: $3"
}
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null &&
    setpriv --reuid=65534 --regid=65534 --clear-groups "$client_command" version >/dev/null 2>&1; then
    mkdir nobody
    cp passphrase nobody/passphrase
    cp passphrase nobody/other
    chown -R 65534:65534 nobody
    chmod 711 .
    chmod 644 ca.sealed ca.key ca.crt ca.policy openssl.cnf
    edit openssl.cnf "s,^audit-log = .*,audit-log = $test_folder/nobody/audit.jsonl,"
    software 0 ca.sealed "reached"
    software 0 ca.key "not reached: the key file is not sealed"
    chown 65534 openssl.cnf
    software 0 ca.sealed "not reached: this user can change the configuration"
    chown 0 openssl.cnf
    edit ca.policy 's/^objects/passphrase-file = nobody\/other\n&/'
    software 0 ca.sealed "not reached: this user can read the passphrase"
    prints "key copy: reached"
    restore ca.policy
    "$client_command" key seal --in ca.key --out ca.sealed --passphrase-file passphrase --cost 14 \
        --force >seal.out 2>&1
    chmod 644 ca.sealed
    software 0 ca.sealed "not reached: the key is sealed without a floor"
    rm -rf nobody/audit.jsonl*
    chown 0 nobody
    chmod 755 nobody
    software 1 ca.sealed "not reached"
    prints "and this user cannot make it"
    restore openssl.cnf
fi
cp passphrase beside
edit ca.policy 's/^objects/passphrase-file = beside\n&/'
well --key smimebr:ca.sealed --passphrase-file passphrase
prints "key copy: not reached: the passphrase stands beside the key"
restore ca.policy

# Usage.
runs 2 "$client_command" doctor something
runs 2 "$client_command" doctor --nothing
runs 2 "$client_command" doctor --key
runs 0 "$client_command" doctor --help
prints "Usage: smimebr doctor"
printf '%s: done\n' "$test_name"
