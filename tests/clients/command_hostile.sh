#!/bin/sh
# What the commands do with files that somebody else chose: too large, never ending, of no kind that
# is expected, or with terminal controls in them. They end soon, say why, and print nothing that a
# terminal would obey.
#   command_hostile.sh SMIMEBR
set -eu
smimebr=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
# shellcheck source=tests/clients/smime_pki.sh
. "$here/smime_pki.sh"

# commands FILE: a line for each command that reads a file
commands() {
    for words in lint survey outlook 'key show' 'policy check' 'audit verify' 'audit show' \
        'audit replay' 'audit prove --checkpoint log 0' 'audit reconcile log --'; do
        printf '%s %s\n' "$words" "$1"
    done
}

# all_refuse FILE: every one of them ends with 1 or 2 and has a reason to give
all_refuse() {
    commands "$1" >list
    while read -r words; do
        code=0
        # shellcheck disable=SC2086
        timeout 100 "$smimebr" $words >out 2>err </dev/null || code=$?
        case $code in
        1 | 2) ;;
        *) fail "$words: exit $code" ;;
        esac
        [ -s err ] || [ -s out ] || fail "$words: says nothing"
        ! LC_ALL=C grep -q "$(printf '\033')" out err || fail "$words: prints ESC"
    done <list
}
: >log

# sparse, so that it takes no room: what is too large is not read first
truncate -s 3G huge
runs 2 "$smimebr" lint huge
complains 'is longer than the 1073741824 octets that are read'
runs 2 "$smimebr" key show huge
complains 'is longer than the '
runs 2 "$smimebr" policy check huge
complains 'is longer than the '

# a FIFO is read where anything is read once; a policy is a file
mkfifo fifo
runs 1 timeout 100 "$smimebr" policy check fifo
complains 'is no regular file'
cat leaf.crt >fifo &
runs 0 timeout 100 "$smimebr" lint fifo
prints '1 permitted'
wait

# a PEM block that ends as another, that another begins in, that is one line, that is cut
{ sed '$d' leaf.crt && echo '-----END X509 CRL-----'; } >other-end.pem
runs 2 "$smimebr" lint other-end.pem
complains 'the PEM block "CERTIFICATE" is cut off: its END line is missing'
{ sed '$d' leaf.crt && cat leaf.crt; } >nested.pem
runs 2 "$smimebr" lint nested.pem
prints 'nested.pem#2: certificate, mailbox-validated-strict: permitted'
complains 'nested.pem#1: the PEM block "CERTIFICATE" is cut off'
tr -d '\n' <leaf.crt >one-line.pem
runs 2 "$smimebr" lint one-line.pem
complains 'but no certificate, CRL, certification request or OCSP response'
{ sed '$d' leaf.crt && echo AAAA && sed -n '$p' leaf.crt; } >longer.pem
runs 2 "$smimebr" lint longer.pem
silent

# a byte order mark and long lines harm nobody; a NUL before the text does
{ printf '\357\273\277' && cat leaf.crt; } >mark.pem
runs 0 "$smimebr" lint mark.pem
{ echo '-----BEGIN CERTIFICATE-----' && openssl x509 -in leaf.crt -outform DER |
    openssl base64 -A && printf '\n-----END CERTIFICATE-----\n'; } >long-line.pem
runs 0 "$smimebr" lint long-line.pem
{ printf '\0' && cat leaf.crt; } >nul.pem
runs 2 "$smimebr" lint nul.pem
complains 'is neither PEM nor DER'

# controls of a terminal in labels, lines, names of files
printf -- '-----BEGIN \033[31mKEY-----\nAAAA\n-----END \033[31mKEY-----\n' >controls
printf '{"event":"\033[31m"}\n' >>controls
all_refuse controls
printf '[key \033[31m]\n\033]0;title\007 = 1\n' >controls
all_refuse controls
escaped=$(printf 'a\033[31mb')
mkdir "$escaped"
all_refuse "$escaped/none"
head -c 65536 /dev/urandom >noise
all_refuse noise
