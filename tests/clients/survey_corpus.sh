# shellcheck shell=sh
# Certificates for the tests of survey and outlook, made with openssl after make_pki of
# smime_pki.sh. Makes
#   good.pem        Legacy, could be anything
#   bundle.pem      street.pem, a key and long.pem
#     street.pem    Legacy with streetAddress: no Strict
#     long.pem      Legacy of 1185 days: neither
#   folder/client.der    Multipurpose with clientAuth: no Strict
#   folder/deep/card.pem Multipurpose with a purpose that goes on 2027-07-01
#   folder/strict.pem    Strict
#   folder/README, folder/loop -> ., folder/again.pem -> strict.pem
#   audit.jsonl     of card.pem, permitted; of good.pem, refused; an outcome

# make NAME GENERATION PURPOSES DAYS SUBJECT
make() {
    {
        printf '[x]\nkeyUsage = critical, digitalSignature, keyAgreement\n'
        printf 'extendedKeyUsage = %s\ncertificatePolicies = 2.23.140.1.5.3.%s\n' "$3" "$2"
        printf 'crlDistributionPoints = URI:http://crl.smimebr-test.eu/ca.crl\n'
        printf 'authorityInfoAccess = caIssuers;URI:http://crl.smimebr-test.eu/ca.crt\n'
        printf 'authorityKeyIdentifier = keyid\nsubjectKeyIdentifier = hash\n'
        printf 'subjectAltName = email:alice@smimebr-test.eu\n'
    } >x.cnf
    openssl req -new -key leaf.key -utf8 -config extensions.cnf -subj "$5" -out x.csr
    openssl x509 -req -in x.csr -CA ca.crt -CAkey ca.key -days "$4" -sha256 -extfile x.cnf \
        -extensions x -set_serial "0x5d$(openssl rand -hex 15)" -out "$1"
}

make_corpus() {
    person='/C=DE/O=Alice GmbH/organizationIdentifier=VATDE-123456788/SN=Doe/GN=Alice/CN=Alice Doe'
    mkdir -p folder/deep
    make good.pem 1 emailProtection 365 "$person"
    make street.pem 1 emailProtection 365 "$person/street=Hauptstr. 1/L=Berlin"
    make long.pem 1 emailProtection 1184 "$person"
    make client.pem 2 emailProtection,clientAuth 365 "$person"
    make folder/deep/card.pem 2 emailProtection,1.3.6.1.4.1.311.20.2.2 365 "$person"
    make folder/strict.pem 3 emailProtection 365 "$person"
    openssl x509 -in client.pem -outform DER -out folder/client.der
    { openssl x509 -in street.pem -text && cat leaf.key long.pem; } >bundle.pem
    echo 'Nothing but text.' >folder/README
    ln -s . folder/loop
    ln -s strict.pem folder/again.pem
    python3 - <<'PYTHON'
import base64, json, subprocess

def tbs(name):
    der = subprocess.run(["openssl", "x509", "-in", name, "-outform", "DER"], check=True,
                         stdout=subprocess.PIPE).stdout
    length = int.from_bytes(der[6:8], "big") + 4
    assert der[4:6] == b"\x30\x82"
    return base64.b64encode(der[4:4 + length]).decode()

def decision(verdict, name):
    return {"schema": 1, "event": "decision", "object": "certificate", "verdict": verdict,
            "findings": [{"id": "a}b", "detail": "\"quoted\", [x"}], "subject": "CN=\\\"x\\\"",
            "tbs": tbs(name), "sequence": 1}

with open("audit.jsonl", "w") as log:
    for record in ({"schema": 1, "event": "genesis", "sequence": 0},
                   decision("permit", "folder/deep/card.pem"), decision("refuse", "good.pem"),
                   {"schema": 1, "event": "outcome", "sequence": 3}):
        log.write(json.dumps(record, separators=(",", ":")) + "\n")
PYTHON
}
