#!/bin/sh
# The responder `openssl ocsp` with a guarded key: the CA's own and that of a delegated responder
# (RFC 6960 4.2.2.2), whose policy permits responses and nothing else.
set -eu

# shellcheck source=tests/support/client.sh
. "$(dirname "$0")/../support/client.sh"

respond() {
    guarded openssl ocsp -index index.txt -CA ca.crt -reqin ocsp.req -rsigner "$1" -rkey "$2" \
        -respout ocsp.der -ndays "$3" -no_nonce
}

make_leaf leaf -algorithm EC -pkeyopt ec_paramgen_curve:P-256
make_ca -algorithm EC -pkeyopt ec_paramgen_curve:P-256
write_policy 'subscriber, ocsp-response, ocsp-responder'

signs leaf.crt guarded openssl x509 -req -in leaf.csr -CA ca.crt -CAkey ca.ref -days 365 \
    -extfile plain.cnf -extensions strict -set_serial 0x5a4b3c2d1e0f9a8b7c6d5e4f30211203 \
    -out leaf.crt
printf 'V\t%s\t\t%s\tunknown\t/CN=x\n' 351124000000Z 5A4B3C2D1E0F9A8B7C6D5E4F30211203 >index.txt
plain openssl ocsp -issuer ca.crt -serial 0x5a4b3c2d1e0f9a8b7c6d5e4f30211203 -reqout ocsp.req \
    -no_nonce

for key in smimebr:ca.key ca.ref; do
    signs ocsp.der respond ca.crt $key 3
    refuses_silently ocsp.interval_too_long ocsp.der respond ca.crt $key 20
done

# A delegated responder, certified by the CA.
plain openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out responder.key
plain openssl req -new -key responder.key -subj '/C=DE/O=Example/CN=Example Responder' \
    -out responder.csr
signs responder.crt guarded openssl x509 -req -in responder.csr -CA ca.crt -CAkey ca.ref -days 30 \
    -extfile plain.cnf -extensions responder -out responder.crt
# In the negative control the responder's certificate comes from elsewhere.
[ -z "$client_deny" ] ||
    plain openssl x509 -req -in responder.csr -CA ca.crt -CAkey ca.key -days 30 \
        -extfile plain.cnf -extensions responder -out responder.crt 2>/dev/null
write_section responder responder.crt ocsp-response
# Of a responder whose CA is not known the intervals are not evaluated, and the record says so.
says_unknown() { tail -n 2 audit.jsonl | grep -qF "the CA that certified the responder is not known"; }
for days in 3 20; do
    signs ocsp.der respond responder.crt smimebr:responder.key $days
    [ -n "$client_deny" ] || says_unknown || fail "the record does not say what is not evaluated"
done
printf 'responder-issuer = ca.crt\n' >>ca.policy
signs ocsp.der respond responder.crt smimebr:responder.key 3
[ -n "$client_deny" ] || ! says_unknown || fail "the CA of the responder is not found"
refuses_silently ocsp.interval_too_long ocsp.der respond responder.crt smimebr:responder.key 20
refuses "engine.object_not_permitted" by-responder.crt guarded openssl x509 -req -in leaf.csr \
    -CA responder.crt -CAkey smimebr:responder.key -days 30 -extfile plain.cnf \
    -extensions strict -out by-responder.crt

# `openssl x509` signed by the responder would not be the CA's: look at its key as well.
! plain openssl verify -partial_chain -trusted responder.crt by-responder.crt >/dev/null 2>&1 ||
    fail "the responder's key signed a certificate"
finish
