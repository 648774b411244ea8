#!/bin/sh
# Whole runs of openssl with a guarded key in which one allocation or system call fails, for one n
# after the other: `openssl ca` with a log that does not yet exist, `openssl x509 -req` and a CRL
# with one that does, and a certificate that is refused. torture.c says what must hold then.
#
#     torture.sh BUILD [STEP]       every STEP-th n: 16 without it, 1 nightly
set -eu

step=${2-16}
set -- "$1"
# shellcheck source=tests/support/client.sh
. "$(dirname "$0")/../support/client.sh"
faults=$client_build/tests/faults
cp "$client_top/tests/faults/torture.known" known

make_ca -algorithm EC -pkeyopt ec_paramgen_curve:P-256
make_leaf leaf -algorithm EC -pkeyopt ec_paramgen_curve:P-256
cat >>openssl.cnf <<'CONF'
[ca]
default_ca = issuing
[issuing]
certificate = ca.crt
private_key = smimebr:ca.key
database = index.txt
new_certs_dir = newcerts
rand_serial = yes
crlnumber = crlnumber
default_md = sha256
default_days = 30
default_crl_days = 7
policy = any_name
x509_extensions = strict
crl_extensions = crl_ext
[any_name]
commonName = supplied
CONF
mkdir newcerts before
: >before/index.txt
echo 01 >before/crlnumber
log=$test_folder/audit.jsonl
export OPENSSL_CONF="$test_folder/openssl.cnf"

ca="openssl ca -config openssl.cnf -batch -notext -in leaf.csr -out out"
crl="openssl ca -config openssl.cnf -batch -gencrl -out out"
x509="openssl x509 -req -in leaf.csr -CA ca.crt -CAkey smimebr:ca.key -days 30
    -set_serial 0x5a4b3c2d1e0f9a8b7c6d5e4f30211203 -extfile openssl.cnf -extensions strict -out out"

broken=0
# torture CALL ERROR STEP COMMAND [new:]: every STEP-th; with a log that does not exist
torture() {
    # shellcheck disable=SC2086
    "$faults/torture" "$test_folder" ca.pub "${5-}$log" "$1" "$3" "$2" -- $4 >result || broken=1
    cat result
    "$client_command" audit verify --quiet "$log" || broken=1
}

printf -- '-- openssl x509 -req\n'
torture malloc once "$step" "$x509"
printf -- '-- openssl ca -gencrl\n'
torture malloc once "$step" "$crl"
printf -- '-- openssl ca, new log\n'
torture malloc once "$step" "$ca" new:
if ! strace -qq -o trace true 2>/dev/null; then
    printf 'NOT RUN: strace may not trace here: system calls that fail\n'
    exit "$broken"
fi
for call in write:ENOSPC pwrite64:EIO fsync:EIO fdatasync:EIO openat:EMFILE openat:EACCES \
    fcntl:ENOLCK pread64:EIO rename:EROFS; do
    printf -- '-- %s\n' "$call"
    torture "${call%:*}" "${call#*:}" 1 "$x509"
    torture "${call%:*}" "${call#*:}" 1 "$ca" new:
done
exit "$broken"
