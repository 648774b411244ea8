# shellcheck shell=sh disable=SC2154,SC2164
# What the demonstrations share: a build of smimebr, a root and an issuing CA whose keys are sealed,
# and ways to ask the issuing CA for signatures. Source it after `set -eu` with `here` this folder
# and `top` the one above; then
#
#   pki_options "$@"     --rsa, --keep DIR, --build DIR, --help (the script's first comment)
#   pki_build NAME       a build in build/NAME unless --build named one, and the folder $pki
#   pki_make             both CAs, in $pki/root and $pki/issuing, and subscriber keys; stays there
#   pki_issue_profiles   a certificate of each permitted profile
#
# What scripts put into the table at the end goes through note().

key_type=p256
keep=
build=

# shellcheck source=tests/support/packages.sh
. "$top/tests/support/packages.sh"

say() { printf '\n== %s\n' "$*"; }
fail() {
    printf '%s: %s\n' "$(basename "$0" .sh)" "$*" >&2
    exit 1
}
# Run a command whose chatter matters only if it fails.
quietly() {
    "$@" >"$pki/chatter" 2>&1 || {
        cat "$pki/chatter" >&2
        fail "failed: $*"
    }
}
usage() {
    printf 'usage: sh conf-examples/%s [--rsa] [--keep DIR] [--build DIR]\n' "$(basename "$0")" >&2
    exit 2
}

pki_options() {
    while [ $# -gt 0 ]; do
        case $1 in
        --rsa) key_type=rsa ;;
        --keep)
            [ $# -gt 1 ] || usage
            keep=$2
            shift
            ;;
        --build)
            [ $# -gt 1 ] || usage
            build=$(cd "$2" && pwd)
            shift
            ;;
        -h | --help) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//p;}' "$0" && exit 0 ;;
        *) usage ;;
        esac
        shift
    done
}

# --- build ------------------------------------------------------------------------------------

pki_build() { # NAME
    if [ -z "$build" ]; then
        # shellcheck disable=SC2086
        need_packages $BUILD_PACKAGES
        build=$top/build/$1
        say "Building smimebr in $build"
        cmake -S "$top" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF >/dev/null
        cmake --build "$build"
    fi
    module_dir=$build/provider/module
    command=$build/tools/smimebr
    [ -f "$module_dir/smimebr.so" ] || fail "no smimebr.so in $module_dir"
    [ -x "$command" ] || fail "no command in $command"

    umask 022
    if [ -n "$keep" ]; then
        mkdir -p "$keep"
        [ -z "$(ls -A "$keep")" ] || fail "$keep is not empty"
        pki=$(cd "$keep" && pwd)
    else
        pki=$(mktemp -d)
        trap 'rm -rf "$pki"' EXIT
        trap 'exit 1' HUP INT TERM
    fi

    # The module is not installed here; where it is, nothing of this is needed.
    OPENSSL_MODULES=$module_dir
    OPENSSL_CONF=/dev/null
    export OPENSSL_MODULES OPENSSL_CONF
}

# --- the two CAs ------------------------------------------------------------------------------

ca_folder() { # NAME: folder with the example configuration, the sealed key, an empty database
    mkdir "$pki/$1" "$pki/$1/newcerts"
    cp "$here/$1-ca.cnf" "$here/$1-ca.policy" "$pki/$1/"
    cd "$pki/$1"
    (umask 077 && openssl rand -hex 20 >passphrase)
    "$command" key generate --type "$key_type" --out "$1.key" --pubout "$1.pub" \
        --passphrase-file passphrase >/dev/null
    : >index.txt
    echo 01 >crlnumber
    printf '%s: %s\n' "$1.key" "$(head -n 1 "$1.key")"
    "$command" key show "$1.key" | sed 's/^/   /'
}

pki_make() {
    say "Two CA keys, sealed: nobody but smimebr can use these files"
    ca_folder root
    ca_folder issuing

    say "The root signs its own certificate, with openssl req -x509"
    cd "$pki/root"
    quietly openssl req -x509 -config root-ca.cnf -key smimebr:root.key -passin file:passphrase \
        -days 7300 -out root.crt
    # From now on what it signs is also judged against that certificate.
    sed -i 's/^# issuer-certificate/issuer-certificate/' root-ca.policy
    openssl verify -CAfile root.crt root.crt

    say "The root certifies the issuing CA, with openssl ca"
    cd "$pki/issuing"
    quietly openssl req -new -config issuing-ca.cnf -key smimebr:issuing.key -passin file:passphrase \
        -out issuing.csr
    cd "$pki/root"
    quietly openssl ca -batch -notext -config root-ca.cnf -passin file:passphrase \
        -extensions issuing_ca_ext -in ../issuing/issuing.csr -out ../issuing/issuing.crt
    cd "$pki/issuing"
    # The certificate is there; no request needs to be signed any more.
    # The policy that judged the request is kept for `smimebr audit replay`.
    sed -i.before -e 's/^# issuer-certificate/issuer-certificate/' -e 's/, csr$//' issuing-ca.policy
    cp ../root/root.crt .
    openssl verify -x509_strict -CAfile root.crt issuing.crt

    table=$pki/table
    : >"$table"
    quietly openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key
    quietly openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.key
}

# --- asking for signatures --------------------------------------------------------------------

note() { printf '%-10s %-55s %s\n' "$1" "$2" "$3" >>"$table"; }

request() { # NAME SUBJECT KEY: NAME.csr, signed with the subscriber's KEY
    quietly openssl req -new -config issuing-ca.cnf -key "$3" -subj "$2" -utf8 -out "$1.csr"
}

sign() { # NAME openssl-ca-options...: NAME.crt from NAME.csr, the chatter in NAME.log
    name=$1
    shift
    rm -f "$name.crt"
    openssl ca -batch -notext -config issuing-ca.cnf -passin file:passphrase "$@" \
        -in "$name.csr" -out "$name.crt" 2>"$name.log"
}

verify() { openssl verify -x509_strict -purpose smimesign -CAfile root.crt -untrusted issuing.crt "$@"; }

guarded() { OPENSSL_CONF=$pki/issuing/issuing-ca.cnf "$@"; }

person='/GN=Erika/SN=Mustermann/CN=Erika Mustermann'
organization='/C=DE/ST=Bayern/L=München/O=Beispiel Maschinenbau AG'
identifier='/organizationIdentifier=NTRDE-DED2601.HRB123456'

pki_issue_profiles() {
    say "One certificate of each of the eight profiles, with openssl ca"
    for type in mailbox organization sponsor individual; do
        mail=$type@example.net
        case $type in
        mailbox) subject="/CN=$mail/emailAddress=$mail" ;;
        organization) subject="$organization$identifier/CN=Beispiel Maschinenbau AG/emailAddress=$mail" ;;
        sponsor) subject="$organization$identifier$person/emailAddress=$mail" ;;
        individual) subject="/C=DE$person/emailAddress=$mail" ;;
        esac
        for generation in multipurpose strict; do
            profile=${type}_validated_$generation
            request "$profile" "$subject" rsa.key
            sign "$profile" -extensions "$profile" || {
                cat "$profile.log" >&2
                fail "$profile was not signed"
            }
            verify "$profile.crt"
            note permitted "$profile" "openssl ca"
        done
    done
}

# --- what is refused --------------------------------------------------------------------------

# The lines of the guard in openssl's error output, without process, reason and source line.
findings() { sed -n 's/^[^:]*:error:[0-9A-F]*:smimebr:[^:]*:.*:[^:]*\.c:[0-9]*://p' "$1"; }
indented() { fold -s -w 92 | sed -e 's/^/   /' -e 's/ *$//'; }

show_refusal() { # TITLE LOG: what an operator reads, and its section for the table
    printf '\n-- %s\n' "$1"
    findings "$2" >"$pki/findings"
    [ -s "$pki/findings" ] || {
        cat "$2" >&2
        fail "$1: refused, but not by smimebr"
    }
    grep -v '^nothing was signed' "$pki/findings" | while read -r line; do
        printf '%s\n' "$line" | indented
    done
    note refused "$1" "$(sed -n '1s/: .*//p' "$pki/findings")"
}
