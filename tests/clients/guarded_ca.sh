# shellcheck shell=sh
# A root and an issuing CA with sealed keys, from the configurations in conf-examples as they stand,
# in ./root and ./issuing of the present folder. Source it after tests/support/test.sh, with `build`
# the build folder and `examples` the folder conf-examples.
#
#   make_cas TYPE         both CAs with keys of this type; leaf.key and leaf.csr in ./issuing
#   guarded COMMAND...    run COMMAND with issuing-ca.cnf as OpenSSL's configuration
#   ca ARGUMENT...        openssl ca of the issuing CA, from within its folder

# shellcheck disable=SC2154
smimebr=$build/tools/smimebr
export OPENSSL_MODULES="$build/provider/module"
export OPENSSL_CONF=/dev/null
umask 022

guarded_folder() { # NAME TYPE
    mkdir "$1" "$1/newcerts"
    # shellcheck disable=SC2154
    cp "$examples/$1-ca.cnf" "$examples/$1-ca.policy" "$1/"
    printf 'correct horse\n' >"$1/passphrase"
    chmod 600 "$1/passphrase"
    "$smimebr" key generate --type "$2" --cost 14 --out "$1/$1.key" --pubout "$1/$1.pub" \
        --passphrase-file "$1/passphrase"
    : >"$1/index.txt"
    echo 01 >"$1/crlnumber"
}

make_root() (
    cd root || exit
    openssl req -x509 -config root-ca.cnf -key smimebr:root.key -passin file:passphrase \
        -days 7300 -out root.crt
    sed -i 's/^# issuer-certificate/issuer-certificate/' root-ca.policy
)

make_issuing() (
    cd issuing || exit
    openssl req -new -config issuing-ca.cnf -key smimebr:issuing.key -passin file:passphrase \
        -out issuing.csr
    cd ../root || exit
    openssl ca -batch -notext -config root-ca.cnf -passin file:passphrase \
        -extensions issuing_ca_ext -in ../issuing/issuing.csr -out ../issuing/issuing.crt
    cd ../issuing || exit
    sed -i -e 's/^# issuer-certificate/issuer-certificate/' -e 's/, csr$//' issuing-ca.policy
    cp ../root/root.crt "$examples/defects.cnf" .
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out leaf.key
    openssl req -new -config issuing-ca.cnf -key leaf.key \
        -subj '/CN=alice@example.net/emailAddress=alice@example.net' -out leaf.csr
)

# Not in a condition: there set -e would have no effect within.
make_cas() {
    trap 'cat "$test_folder/make.log" >&2; cd / && rm -rf "$test_folder"' EXIT
    {
        guarded_folder root "$1"
        guarded_folder issuing "$1"
        make_root
        make_issuing
    } >make.log 2>&1
    trap 'cd / && rm -rf "$test_folder"' EXIT
}

guarded() { OPENSSL_CONF=issuing-ca.cnf "$@"; }
ca() { openssl ca -batch -notext -config issuing-ca.cnf -passin file:passphrase "$@"; }
verify() { openssl verify -x509_strict -purpose smimesign -CAfile root.crt -untrusted issuing.crt "$@"; }
