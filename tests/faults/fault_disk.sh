#!/bin/sh
# What happens to the audit log on a real file system, with the real module under openssl: a full
# disk, one that is read-only, a log that is gone, replaced, cut, edited, not writable or renamed, a
# clock that was set back, a limit for the size of files. Nothing is signed, nothing is left in the
# output, and the message says what to do; a full disk stops no revocation.
#
#     fault_disk.sh BUILD      (exits with 77 where no file system may be mounted)
set -eu

# A mount namespace of its own; without privileges in a user namespace.
if [ "${FAULT_NAMESPACE-}" != inside ]; then
    for how in -m -Urm; do
        if unshare "$how" mount -t tmpfs none /mnt 2>/dev/null; then
            FAULT_NAMESPACE=inside exec unshare "$how" sh "$0" "$@"
        fi
    done
    echo "SKIPPED: neither unshare -m nor unshare -Urm may mount a file system here" >&2
    exit 77
fi

# shellcheck source=tests/support/client.sh
. "$(dirname "$0")/../support/client.sh"
audit_check=$client_build/tests/faults/audit_check
trap 'cd / && umount -l "$test_folder/disk" 2>/dev/null; rm -rf "$test_folder"' EXIT

issue() {
    guarded openssl x509 -req -in leaf.csr -CA ca.crt -CAkey smimebr:ca.key -days 365 \
        -extfile plain.cnf -extensions strict -out leaf.crt
}
crl() { guarded openssl ca -config openssl.cnf -batch -gencrl -out ca.crl; }
ocsp() {
    guarded openssl ocsp -index index.txt -CA ca.crt -reqin ocsp.req -rsigner ca.crt \
        -rkey smimebr:ca.key -respout ocsp.der -ndays 3 -no_nonce
}

# last TEXT: the last record of the log has it.
last() { tail -n 1 "$log" | grep -qF -- "$1" || fail "the last record lacks: $1"; }
last_lacks() { ! tail -n 1 "$log" | grep -qF -- "$1" || fail "the last record has: $1"; }
good() {
    "$audit_check" "$@" >"$test_folder/checked" 2>&1 || fail "$(cat "$test_folder/checked")"
}

# fails_closed TEXT COMMAND: COMMAND signs nothing, leaves nothing, and says TEXT.
fails_closed() {
    rm -f leaf.crt
    refuses "$1" leaf.crt "$2"
    [ "$client_code" -eq 1 ] || fail "exit $client_code instead of 1"
    [ ! -s leaf.crt ] || fail "something is in the output"
}
works() { signs leaf.crt issue; }

# A new log on a disk of this size, with one certificate in it.
fresh() {
    umount -l disk 2>/dev/null || true
    mkdir -p disk
    mount -t tmpfs -o "size=$1,mode=0755" none disk
    mkdir disk/log
    works
    good "$log"
}

full_disk() {
    fresh 512k
    [ -s "$log.reserve" ] || fail "no reserve"
    whole=$(stat -c %s "$log.reserve")
    dd if=/dev/zero of=disk/filler bs=4096 2>/dev/null || true
    # what is left of the log's last block is room as well
    while issue >/dev/null 2>&1; do :; done
    fails_closed 'cannot write: No space left on device: make room' issue
    [ "$(stat -c %s "$log.reserve")" -eq "$whole" ] || fail "a certificate used the reserve"
    signs ca.crl crl
    last '"reserve":true'
    [ "$(stat -c %s "$log.reserve")" -lt "$whole" ] || fail "the reserve was not used"
    fails_closed 'is kept for CRLs and OCSP responses: make room' issue
    signs ocsp.der ocsp
    last '"object":"ocsp"'
    last '"reserve":true'
    # as often as there is room in it
    revoked=2
    while crl >/dev/null 2>"$test_folder/err"; do
        last '"object":"crl"'
        last '"reserve":true'
        revoked=$((revoked + 1))
        [ "$revoked" -lt 500 ] || fail "the reserve has no end"
    done
    [ "$revoked" -gt 10 ] || fail "the reserve was enough for $revoked records only"
    complains 'No space left on device: make room'
    fails_closed 'is kept for CRLs and OCSP responses: make room' issue
    good --torn "$log" # the last attempt may have left a part of a line
    rm disk/filler
    works
    last_lacks '"reserve"'
    [ "$(stat -c %s "$log.reserve")" -eq "$whole" ] || fail "the reserve is not whole again"
    signs ca.crl crl
    last_lacks '"reserve"'
    good "$log"
}

# A torn line and no room to heal it: the key can still be had for a CRL.
full_disk_and_torn() {
    fresh 512k
    printf '{"schema":1,"event":"deci' >>"$log"
    dd if=/dev/zero of=disk/filler bs=4096 2>/dev/null || true
    head -c 3000 /dev/zero | tr '\0' x >>"$log" 2>/dev/null || true
    fails_closed 'No space left on device' issue
    signs ca.crl crl
    last '"reserve":true'
    good "$log"
    rm disk/filler
    works
    good "$log"
}

# A disk on which there is no room for a reserve has none, and works.
small_disk() {
    fresh 44k
    [ ! -e "$log.reserve" ] || fail "a reserve on a disk that has no room"
    works
    good "$log"
}

read_only_disk() {
    fresh 4m
    mount -o remount,bind,ro disk
    fails_closed 'Read-only file system' issue
    mount -o remount,bind,rw disk
    works
    good "$log"
}

folder_removed() {
    fresh 4m
    mv disk/log disk/aside
    fails_closed 'No such file or directory' issue
    mv disk/aside disk/log
    works
    good "$log"
}

replaced() {
    fresh 4m
    mv "$log" disk/aside
    ln -s ../aside "$log"
    fails_closed 'is no regular file (a link, a pipe or a device): remove it' issue
    rm "$log"
    mkfifo "$log"
    fails_closed 'is no regular file (a link, a pipe or a device): remove it' issue
    rm "$log"
    mv disk/aside "$log"
    chmod o+w "$log"
    fails_closed "can be changed by everybody: chmod o-w" issue
    chmod o-w "$log"
    works
    good "$log"
}

# root is stopped by no permission: without capabilities, or as another user.
as_other() {
    if [ "$(awk '{print $3}' /proc/self/uid_map)" -gt 65534 ]; then
        setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
    else
        setpriv --bounding-set=-all --inh-caps=-all "$@"
    fi
}
issue_as_other() {
    OPENSSL_CONF=$test_folder/openssl.cnf as_other openssl x509 -req -in leaf.csr -CA ca.crt \
        -CAkey smimebr:ca.key -days 365 -extfile plain.cnf -extensions strict -out other/leaf.crt
}
permission_lost() {
    fresh 4m
    mkdir -p other
    chmod 777 other
    chmod 755 "$test_folder"
    chmod 644 ca.key
    chmod 444 "$log" "$log.lock"
    rm -f other/leaf.crt
    refuses 'Permission denied' other/leaf.crt issue_as_other
    [ ! -s other/leaf.crt ] || fail "something is in the output"
    chmod 666 "$log.lock"
    refuses 'cannot open for writing: Permission denied' other/leaf.crt issue_as_other
    chmod 640 "$log"
    chmod 600 "$log.lock"
    works
    good "$log"
}

cut_or_edited() {
    fresh 4m
    works
    cp "$log" disk/aside
    # the last record is gone
    sed -i '$d' "$log"
    fails_closed 'was written: restore it, or keep it' issue
    # cut in the middle of it
    cp disk/aside "$log"
    truncate -s -10 "$log"
    fails_closed 'was written: restore it, or keep it' issue
    # another verdict in it
    sed '$s/"verdict":"permit"/"verdict":"refuse"/;$s/"failure"/"verdict"/;$s/"event":"outcome"/"event":"note"/' \
        disk/aside >"$log"
    cmp -s disk/aside "$log" && fail "nothing was edited"
    fails_closed 'was written: restore it, or keep it' issue
    : >"$log"
    works # an empty file of a known log is one that somebody rotated by copying
    good disk/aside "$log"
    # the lock file of another log
    cp "$log.lock" disk/lock
    printf 'garbage\n' >"$log.lock"
    fails_closed 'is no lock file of an audit log: see what it is, and remove it' issue
    cp disk/lock "$log.lock"
    works
    good disk/aside "$log"
}

rotated() {
    fresh 4m
    mv "$log" disk/old
    works
    mv "$log" disk/middle
    signs ca.crl crl
    good disk/old disk/middle "$log"
}

# A record by hand that was written in an hour from now.
clock_set_back() {
    fresh 4m
    tail -n 1 "$log" | sed 's/.*"sequence":\([0-9]*\),"hash":"\([0-9a-f]*\)"}$/\1 \2/' >end
    read -r sequence hash <end
    future=$(date -u -d '+1 hour' +%Y-%m-%dT%H:%M:%S.000000000Z)
    body="{\"schema\":1,\"event\":\"note\",\"time\":\"$future\",\"previous\":\"$hash\",\"sequence\":$((sequence + 1))"
    hash=$(printf %s "$body" | sha256sum | cut -c 1-64)
    printf '%s,"hash":"%s"}\n' "$body" "$hash" >>"$log"
    # as its writer would have left the lock file
    sed -i "s/\"sequence\":[ 0-9]*,\"hash\":\"[0-9a-f]*\"/$(printf '"sequence":%20d,"hash":"%s"' \
        $((sequence + 1)) "$hash")/" "$log.lock"
    good "$log"
    fails_closed 'set the clock right' issue
    good "$log"
    mv "$log" disk/old
    works
    good disk/old "$log"
}

limited() { (ulimit -f 8 && "$@"); }
limited_issue() { limited issue; }
file_size_limit() {
    fresh 4m
    while [ "$(stat -c %s "$log")" -lt 4096 ]; do
        works
    done
    fails_closed 'cannot write: File too large: raise the limit for the size of files' limited_issue
    works
    good "$log"
    # not even the lock file may be written; what is said goes through a pipe
    rm -f leaf.crt
    (ulimit -f 0 && issue) 2>&1 | cat >err
    complains 'File too large'
    if signed_by_ca leaf.crt; then
        fail "signed, and should have been refused"
    fi
    works
    good "$log"
}

append_only() {
    fresh 4m
    if ! chattr +a "$log" 2>/dev/null; then
        echo "not tried: chattr +a is not possible on this file system" >&2
        return 0
    fi
    works
    printf '{"schema":1,"event":"deci' >>"$log"
    works
    chattr -a "$log"
    good "$log"
}

make_leaf leaf -algorithm EC -pkeyopt ec_paramgen_curve:P-256
make_ca -algorithm EC -pkeyopt ec_paramgen_curve:P-256
rm ca.policy
write_policy 'subscriber, crl, ocsp-response'
log=$test_folder/disk/log/audit.jsonl
sed -i "s|^audit-log = .*|audit-log = $log|" openssl.cnf
cat >>openssl.cnf <<'CONF'
[ca]
default_ca = issuing
[issuing]
certificate = ca.crt
private_key = smimebr:ca.key
database = index.txt
new_certs_dir = .
crlnumber = crlnumber
default_md = sha256
default_crl_days = 7
policy = any_name
crl_extensions = crl_ext
[any_name]
commonName = supplied
CONF
printf 'V\t%s\t\t%s\tunknown\t/CN=x\n' 351124000000Z 5A4B3C2D1E0F9A8B7C6D5E4F30211203 >index.txt
echo 01 >crlnumber
plain openssl ocsp -issuer ca.crt -serial 0x5a4b3c2d1e0f9a8b7c6d5e4f30211203 -reqout ocsp.req \
    -no_nonce

for fault in ${FAULTS:-full_disk full_disk_and_torn small_disk read_only_disk folder_removed replaced \
    permission_lost cut_or_edited rotated clock_set_back file_size_limit append_only}; do
    $fault
    printf '%s\n' "$fault"
done
