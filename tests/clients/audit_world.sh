# shellcheck shell=sh
# A real audit log: an issuing CA whose key is guarded signs certificates and CRLs with `openssl ca`
# and `openssl x509 -req`, and is refused some. Source it after tests/support/test.sh, with `build`
# and `examples` as guarded_ca.sh wants them; the present folder becomes ./issuing.
# audit.jsonl begins with genesis (record 0), the CA's own request (1) and its outcome (2), both under
# the policy that policy-before holds; issuing-ca.policy names the CA's certificate.

# shellcheck source=tests/clients/guarded_ca.sh disable=SC2154
. "$here/guarded_ca.sh"
make_cas p384
cd issuing || exit
sed -e 's/^issuer-certificate/# issuer-certificate/' -e 's/^objects = .*/&, csr/' \
    issuing-ca.policy >policy-before
passin=file:passphrase
audit() { "$smimebr" audit "$@"; }

issue() { # NAME EXTENSIONS [OPTION...]
    issue_name=$1 issue_extensions=$2
    shift 2
    ca -in leaf.csr -extensions "$issue_extensions" -out "$issue_name" "$@" >issue.log 2>&1
}
issue_crl() { ca -gencrl -out "$1" >issue.log 2>&1; }
request_leaf() { # NAME MAILBOX
    openssl req -new -config issuing-ca.cnf -key leaf.key -subj "/CN=$2/emailAddress=$2" -out "$1"
}
x509_req() {
    guarded openssl x509 -req -in leaf.csr -CA issuing.crt -CAkey smimebr:issuing.key \
        -passin "$passin" -extfile issuing-ca.cnf "$@" >issue.log 2>&1
}
# The key outside of the guard: unsealed with the passphrase.
raw_key() {
    "$smimebr" key unseal --in issuing.key --passphrase-file passphrase --out raw.key --yes >raw.log 2>&1
}
