#!/bin/sh
# What the README and the man pages say, held against what is there: every command that they show
# is run as it stands, and where its output is shown it must come out so; every option, policy key,
# audit member and error reason has its place in the page for it; every test that the threat model
# names exists.
#   docs_commands.sh BUILD-FOLDER
set -eu
build=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
top=$(realpath "$here/../..")
examples=$top/conf-examples
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
# shellcheck source=tests/clients/guarded_ca.sh
. "$here/guarded_ca.sh"

# --- the world in which the commands run: the folder of the issuing CA ---------------------------

make_cas p256
cd issuing
PATH=$build/tools:$PATH
cp leaf.csr alice.csr
# the files that stand for those of an existing CA
cp "$examples/root-ca.cnf" .
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out plain.key
openssl req -x509 -config root-ca.cnf -key plain.key -days 3650 -out ca.crt
# a certificate that somebody else issued: 826 days, and an organization in mailbox-validated
openssl req -new -config issuing-ca.cnf -key leaf.key \
    -subj '/O=Example/emailAddress=bob@example.com' -out bob.csr
openssl x509 -req -in bob.csr -CA ca.crt -CAkey plain.key -days 826 \
    -set_serial 0x4a5b6c7d8e9fa0b1c2d3 -extfile issuing-ca.cnf \
    -extensions mailbox_validated_strict -out bob.crt 2>/dev/null
# the policy of the man pages: by certificate alone, so that its digest is that of two files
grep -v '^public-key' issuing-ca.policy >smimebr.cnf

# --- the commands of the man pages ---------------------------------------------------------------

page_commands() { # lines `.Dl $ COMMAND`, without the escapes of mdoc
    sed -n -e 's/^\.Dl \$ //p' "$top/docs/$1" | sed -e 's/\\(dq/"/g' -e 's/\\&//g' -e 's/\\e/\\/g'
}
run_page() {
    page_commands "$1" >"commands.$1"
    [ -s "commands.$1" ] || fail "$1 shows no command"
    while IFS= read -r line; do
        printf '%s\n' "$line" >"$test_folder/command"
        sh -eu -c "$line" >"$test_folder/out" 2>"$test_folder/err" </dev/null ||
            fail "$1 shows a command that fails"
        check_output "$line"
    done <"commands.$1"
}
# What is more than an exit code.
check_output() {
    case $1 in
    *'x509 -req'* | *'openssl ca '*-extensions*) verify alice.crt >/dev/null || fail "$1" ;;
    *-gencrl*) openssl crl -in issuing.crl -CAfile issuing.crt -noout 2>/dev/null || fail "$1" ;;
    *'list -providers'*) prints 'smimebr' ;;
    'sha256sum '*)
        digest=$(cut -d ' ' -f 1 "$test_folder/out")
        smimebr policy show smimebr.cnf | grep -q "^digest: $digest$" || fail "policy digest"
        ;;
    'smimebr lint'*tbs.der)
        prints 'tbs.der: certificate, mailbox-validated-strict, policy section issuing: permitted'
        ;;
    'smimebr lint'*jsonl*) prints '"verdict":"permit"' ;;
    'smimebr lint'*) prints 'permitted' ;;
    'smimebr policy check'*) prints 'is judged by [key issuing]' ;;
    'smimebr rules --format csv') [ "$(wc -l <"$test_folder/out")" -gt 700 ] || fail "$1" ;;
    'smimebr rules smime.eku'*) prints 'remedy: Leave serverAuth out' ;;
    'smimebr key show new.key') prints 'objects = subscriber, crl' ;;
    'smimebr key unseal'*) cmp plain.key unsealed.key || fail "$1" ;;
    'smimebr init'*) prints 'openssl_conf = openssl_init' ;;
    'smimebr explain'*) prints 'Breaks it:' ;;
    'smimebr profile'*) prints '[sponsor_validated_strict]' ;;
    'smimebr outlook'*) prints ' of 1 refused' ;;
    'smimebr survey'*) prints '1 subscriber certificate' ;;
    'smimebr audit verify'*) prints ': good: ' ;;
    'smimebr audit show'*) prints 'refuse' ;;
    grep*serial*) prints '"verdict":"permit"' ;;
    jq*transpose*)
        [ "$(sort -u "$test_folder/out")" = true ] || fail "$1"
        [ $(($(wc -l <"$test_folder/out") + 1)) = "$(wc -l <audit.jsonl)" ] || fail "$1"
        ;;
    jq*refuse*) prints 'smime.eku.server_auth_present' ;;
    esac
}

run_page OSSL_PROVIDER-smimebr.7
run_page smimebr.cnf.5
ca -extfile defects.cnf -extensions server_auth -in alice.csr -out refused.crt 2>/dev/null || true
run_page smimebr.1
run_page smimebr-audit.5

# The policies that smimebr.cnf(5) shows.
page=$top/docs/smimebr.cnf.5
{
    sed -n '/^# Example S.MIME Issuing CA 1/,/^\.Ed/p' "$page" | sed '$d'
    echo 'waivers = allowed'
    sed -n '/^\[waiver documentation-domain\]/,/^\.Ed/p' "$page" | sed '$d'
} >shown.cnf
runs 0 smimebr policy check shown.cnf --key issuing.key
prints '1 waiver'
printf '[key issuing]\nissuer-certificate.1 = issuing.crt\n\nobject = crl\n' >smimebr.cnf
runs 1 smimebr policy check smimebr.cnf
complains "$(grep -F 'did you mean' "$page")"
cp shown.cnf smimebr.cnf
grep -n '^\.Dl [a-z-]*\(\.1\)\{0,1\} = ' "$page" | cut -d: -f2- | sed 's/^\.Dl //' >values
# each value that is shown alone is one that the reader takes
cp issuing.crt other-cas.pem
cp bob.crt auditor.crt
printf '%064d\n' 1 >weak-keys.sha256
while IFS= read -r line; do
    case $line in
    passphrase-file*) continue ;; # an absolute path of a file that is not there
    esac
    {
        printf '[key issuing]\n%s\n' "$line"
        case $line in
        issuer-certificate* | public-key*) ;;
        responder-issuer*) echo 'issuer-certificate.1 = alice.crt' ;; # certified by issuing.crt
        *) echo 'issuer-certificate.1 = issuing.crt' ;;
        esac
    } >one.cnf
    runs 0 smimebr policy check one.cnf
done <values

# --- the README -----------------------------------------------------------------------------------

# Blocks of ```console: `$ COMMAND` and the lines that it prints.
awk '/^```console$/ {inside = 1; next} /^```$/ {inside = 0} inside' "$top/README.md" >console
[ "$(grep -c '^\$ ' console)" = 10 ] || fail "the README shows another number of commands"

# Process, source lines, record numbers and counts of what is not checked yet are not the point.
normalised() {
    sed -e 's/^[0-9A-F]\{16\}:error:[0-9A-F]*:/PROCESS:error:CODE:/' -e 's/\.c:[0-9]*:/.c:LINE:/' \
        -e 's,audit record /[^#]*#[0-9]*,audit record LOG,' \
        -e 's/not evaluated: [0-9]* /not evaluated: N /'
}
# The output that the README shows below a command.
shown_below() {
    awk -v command="\$ $1" '$0 == command {inside = 1; next} /^\$ / {inside = 0} inside' console
}
same_as_shown() {
    shown_below "$1" | normalised >"$test_folder/shown"
    normalised <"$test_folder/out" >"$test_folder/now"
    diff "$test_folder/shown" "$test_folder/now" >"$test_folder/err" ||
        fail "the README shows another output for: $1"
}

# The existing CA of the five lines: a key and a configuration that know nothing of smimebr.
cp plain.key ca.key
openssl req -new -config issuing-ca.cnf -key ca.key -out ca.csr
(cd ../root && runs 0 openssl ca -batch -notext -config root-ca.cnf -passin file:passphrase \
    -extensions issuing_ca_ext -in ../issuing/ca.csr -out ../issuing/ca.crt)
sed -e '/^openssl_conf/d' -e '/^\[openssl_init\]/,/^\[ca\]/{/^\[ca\]/!d}' \
    -e 's/^private_key.*/private_key = ca.key/' -e 's/^certificate = .*/certificate = ca.crt/' \
    -e 's/^default_ca = .*/&\nx509_extensions = mailbox_validated_strict/' \
    -e 's/^\[issuing_ca\]/&\nx509_extensions = mailbox_validated_strict/' \
    issuing-ca.cnf >openssl.cnf
openssl ca -batch -config openssl.cnf -in alice.csr -out before.crt 2>/dev/null ||
    fail "the CA without smimebr"

sed -n 's/^\$ //p' console >commands.readme
while IFS= read -r line; do
    printf '%s\n' "$line" >"$test_folder/command"
    run=$line
    case $line in
    'sh conf-examples/demo.sh' | 'sh conf-examples/audit-demo.sh' | 'sh tests/run.sh') # tests of their own
        [ -f "$top/${line#sh }" ] || fail "$line"
        continue
        ;;
    'sudo cmake --install build/release') run="DESTDIR=$PWD/stage cmake --install '$build'" ;;
    'smimebr init '*) run=$(printf '%s' "$line" | sed 's,/etc/smimebr,etc-smimebr,') ;;
    'smimebr key seal '*) run="$line <passphrase" ;;
    'editor openssl.cnf')
        # by the lines that init printed
        sed '1d;/^$/,$d' printed >first
        sed -n '/^# and at its end/,/^\.include/p' printed >last
        private_key=$(tail -n 1 printed)
        {
            cat first
            sed "s,^private_key = .*,$private_key," openssl.cnf
            cat last
        } >edited && mv edited openssl.cnf
        # where no terminal asks for it
        printf 'passphrase-file = %s\n' "$PWD/passphrase" >>etc-smimebr/smimebr.cnf
        continue
        ;;
    esac
    sh -u -c "$run" >"$test_folder/out" 2>"$test_folder/err" </dev/null || {
        case $line in
        'smimebr lint'*) ;;
        *) fail "the README shows a command that fails" ;;
        esac
    }
    case $line in
    *'| grep smimebr:' | 'smimebr lint '*) same_as_shown "$line" ;;
    'smimebr init '*) cp "$test_folder/out" printed ;;
    'sudo cmake --install'*)
        for file in smimebr.so smimebr libsmimebr.so libsmimebr.pc lint.h smimebr.1 \
            smimebr.cnf.5 smimebr-audit.5 OSSL_PROVIDER-smimebr.7 issuing-ca.cnf issuing-ca.policy \
            root-ca.cnf root-ca.policy THREAT-MODEL.md LICENSE; do
            [ -n "$(find stage -name "$file")" ] || fail "not installed: $file"
        done
        ;;
    esac
done <commands.readme
openssl verify -CAfile root.crt -untrusted ca.crt alice.crt >/dev/null || fail "the five lines"
grep -q '"verdict":"permit"' etc-smimebr/audit.jsonl || fail "the five lines: no record"
rm -f refused.crt
openssl ca -batch -config openssl.cnf -extfile defects.cnf -extensions server_auth -in alice.csr \
    -out refused.crt 2>err.txt && fail "the five lines: signed"
grep -q 'SBR 7.1.2.3(f)' err.txt || fail "the five lines: not refused by smimebr"

# Links lead somewhere.
sed -n 's/.*](\([^)h][^)]*\)).*/\1/p' "$top/README.md" | while read -r link; do
    [ -e "$top/$link" ] || fail "the README links to $link"
done

# --- completeness ---------------------------------------------------------------------------------

flat() { mandoc -T utf8 -O width=500 "$top/docs/$1" | sed 's/.\x08//g' | tr -s ' \n' ' '; }
for page in smimebr.1 smimebr.cnf.5 smimebr-audit.5 OSSL_PROVIDER-smimebr.7; do
    flat "$page" >"flat.$page"
    # shellcheck disable=SC2094
    (mandoc -T lint "$top/docs/$page" 2>/dev/null || true) >lint.txt
    if grep -v 'referenced manual not found' lint.txt; then
        fail "mandoc -T lint: $page"
    fi
done
has() { grep -qF -- "$2" "flat.$1" || fail "$1 lacks: $2"; }

# smimebr(1): every command and every option that the command knows
smimebr help | sed -n 's/^  \([a-z]*\) .*/\1/p' >names
while read -r name; do
    has smimebr.1 " $name "
done <names
grep -v '^help$' names | while read -r name; do
    smimebr help "$name"
    # its subcommands
    smimebr help "$name" | grep -o "smimebr $name [a-z]*" | awk '{print $3}' | sort -u |
        while read -r word; do
            smimebr help "$name" "$word" 2>/dev/null || true
        done
done | grep -o -e '--[a-z][a-z-]*' | sort -u >options
[ "$(wc -l <options)" -gt 40 ] || fail "the options of the command"
while read -r option; do
    has smimebr.1 "$option"
done <options

# smimebr.cnf(5): every key, with every word that it takes
sed -n 's/^POLICY_KEY([A-Z_]*, "\([a-z-]*\)".*/\1/p' "$top/provider/guard/policy_keys.def" >keys
[ "$(wc -l <keys)" -ge 18 ] || fail "the keys of the policy"
while read -r key; do
    has smimebr.cnf.5 " $key"
done <keys
for word in subscriber subordinate-ca cross root rollover ocsp-responder crl ocsp-response csr \
    mailbox-validated organization-validated sponsor-validated individual-validated mozilla apple \
    microsoft gmail unique allowed hashed approver; do
    has smimebr.cnf.5 "$word"
done

# smimebr-audit(5): every member
sed -n 's/^FIELD("\([a-z0-9_]*\)".*/\1/p' "$top/provider/guard/audit_fields.def" >members
[ "$(wc -l <members)" -gt 30 ] || fail "the members of a record"
while read -r member; do
    has smimebr-audit.5 " $member"
done <members

# OSSL_PROVIDER-smimebr(7): every reason
sed -n 's/^REASON([A-Z_]*, "\(.*\)")$/\1/p' "$top/provider/module/reasons.def" >reasons
[ "$(wc -l <reasons)" = "$(grep -c '^REASON' "$top/provider/module/reasons.def")" ] ||
    fail "the reasons of the module"
while IFS= read -r reason; do
    has OSSL_PROVIDER-smimebr.7 "$reason"
done <reasons

# THREAT-MODEL.md: `FILE`: `name`, `name`; `FILE`: ... and each name stands in its file
# shellcheck disable=SC2016
grep -o '`[^`]*`' "$top/docs/THREAT-MODEL.md" | tr -d '\140' | awk '
    /^tests\// {file = $0; print file, ""; next}
    /^(test_)?[a-z]+(_[a-z0-9]+)+$/ {if (file != "") print file, $0}' >named
[ "$(wc -l <named)" -gt 50 ] || fail "the tests of the threat model"
while read -r file name; do
    [ -f "$top/$file" ] || fail "THREAT-MODEL.md names $file"
    [ -z "$name" ] || grep -qw "$name" "$top/$file" || fail "THREAT-MODEL.md names $name in $file"
done <named
