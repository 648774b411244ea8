#!/bin/sh
# The auditor's demonstration, from beginning to end, on a build that is there.
#   audit_demo.sh BUILD-FOLDER
set -eu
build=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
demo=$(realpath "$here/../../conf-examples/audit-demo.sh")
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"

runs 0 sh "$demo" --build "$build" --keep pki
quiet
cp out said

# every class of incidents, with the bugs and a section of a requirement
[ "$(grep -c 'public incidents: bugs ' said)" = 22 ] || fail "not all classes of incidents"
for bug in 1853663 1900492 1917571 1876775 1848854 1866806 1853987 1871113 1902042 1910195 1914065 \
    1906467 1879845 1914020 1851164 1861783 1959721 2012101 2033000 1861782 1965459 1921597; do
    prints "$bug"
done
[ "$(grep -c '^refused .* \(SBR\|ISO\|RFC\) ' said)" = 20 ] || fail "the table of refusals"
[ "$(grep -c '^permitted ' said)" = 8 ] || fail "the table of permits"

# what the log has is what the table says
log=pki/issuing/audit.jsonl
[ "$(grep -c '"verdict":"refuse"' $log)" = 19 ] || fail "refusals on record"
[ "$(grep -c '"verdict":"refuse"' pki/root/audit.jsonl)" = 1 ] || fail "refusals of the root"
if grep -q '"verdict":"error"' $log pki/root/audit.jsonl; then
    fail "a check could not run"
fi

# the auditor's table
in_table() { grep -qE "^$1  +.*$2" said || fail "the table lacks: $1 ($2)"; }
in_table 'try what went wrong elsewhere' '20 classes refused, 2 signed with a warning'
in_table 'verify the record' 'good'
in_table 'prove a record, and a changed one' 'proved'
in_table 'tamper: change a verdict' 'detected'
in_table 'tamper: take a record out' 'detected'
in_table 'tamper: cut the end off' 'detected'
in_table 'compute every verdict again' '30 the same, 0 differ'
in_table 'find a certificate made outside of the guard' 'no permit'
in_table 'write the report' 'report.html'
[ -s pki/issuing/report.html ] || fail "no report"
absent pki/issuing/raw.key

# a folder that is not empty, unknown options
runs 1 sh "$demo" --build "$build" --keep pki
complains 'audit-demo: '
complains 'pki is not empty'
runs 2 sh "$demo" --quiet
complains 'usage: sh conf-examples/audit-demo.sh'
runs 0 sh "$demo" --help
prints '--keep DIR'
lacks 'set -eu'
