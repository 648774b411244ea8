#!/bin/sh
# smimebr explain: every requirement, and what it says of some.
#   command_explain.sh SMIMEBR
set -eu
smimebr=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"

runs 0 "$smimebr" explain smime.ku.not_critical
quiet
prints 'smime.ku.not_critical'
prints '  binds       subscriber'
prints '  from        2023-09-01 on'
prints '  remedy      '
prints 'Mozilla bugs 1851164, 1914023'
prints '  pkilint     '
prints 'Breaks it: '
prints 'Keeps it: '

# without incidents, dates to both ends, examples with settings
runs 0 "$smimebr" explain der.null_content
lacks 'incidents'
prints 'no waiver excuses it'
runs 0 "$smimebr" explain smime.path.issuer_policies
prints 'issuer-edit delete extensions.certificatePolicies'
prints 'Keeps it: the same without the change'
runs 0 "$smimebr" explain smime.process.caa_checked
prints 'no check decides it'
prints 'reason      Only the registration system knows'
lacks 'Breaks it'

# each one, without a line that runs off the page
"$smimebr" rules --format json | jq -r '.rules[].id' >ids
xargs "$smimebr" explain <ids >all 2>err || fail "explain: $(head -n 3 err)"
[ ! -s err ] || fail "complaints: $(head -n 3 err)"
grep -cxFf ids all >num || :
[ "$(cat num)" -eq "$(wc -l <ids)" ] || fail "$(cat num) explained"
awk 'length > 160 {print; exit 1}' all || fail "a wide line"

# every checked requirement that has a golden case has a remedy and both examples, but for few
"$smimebr" rules --format json | jq -r '.rules[] | select(.state == "checked") | .id' >checked
xargs -n 1 "$smimebr" explain <checked >all
broken=$(grep -c '^  Breaks it: ' all || :)
kept=$(grep -c '^  Keeps it: ' all || :)
[ "$broken" -gt $(($(wc -l <checked) * 9 / 10)) ] || fail "$broken examples that break"
[ "$kept" -gt $((broken * 9 / 10)) ] || fail "$kept examples that keep"

# two at once, and unknown ones among them
runs 0 "$smimebr" explain smime.ku.missing smime.eku.missing
[ "$(grep -c '^smime' out)" -eq 2 ] || fail "two explained"
runs 2 "$smimebr" explain smime.ku.mising smime.eku.missing
complains 'there is no rule smime.ku.mising; did you mean smime.ku.missing'
prints 'smime.eku.missing'
runs 2 "$smimebr" explain smime.policies
complains 'lists those below it'
silent
runs 2 "$smimebr" explain wholly_unlike_anything
complains 'there is no rule wholly_unlike_anything'
runs 2 "$smimebr" explain
complains 'no ID is named'
runs 2 "$smimebr" explain --short smime.ku.missing
complains 'is no option of this command'
