#!/bin/sh
# smimebr rules, version, help and wrong usage of the command as a whole.
#   command_rules.sh SMIMEBR
set -eu
smimebr=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"

# the whole catalogue in three forms
runs 0 "$smimebr" rules
quiet
[ "$(wc -l <out)" -gt 700 ] || fail "the catalogue is short"
runs 0 "$smimebr" rules --format csv
[ "$(head -n 1 out)" = "id,tier,source,severity,binds,from,until,requirement,remedy,pkilint,zlint,state" ] ||
    fail "columns"
cp out rules.csv
runs 0 "$smimebr" rules --format json
jq -e '.schema == 1 and (.ruleset | length) > 0 and (.rules | length) > 700 and
    (.rules | map(.id) | unique | length) == (.rules | length) and
    ([.rules[] | select(.severity != "error" and .severity != "warning" and .severity != "notice")]
    == []) and ([.rules[] | select(.binds == "" or .source == "" or .requirement == "")] == []) and
    ([.rules[] | select(.from != "" and (.from | test("^20[0-9-]{8}$") | not))] == [])' out \
    >/dev/null || fail "json"
python3 - rules.csv out <<'PYTHON' || fail "csv and json differ"
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
rules = json.load(open(sys.argv[2]))["rules"]
assert len(rows) == len(rules)
for row, rule in zip(rows, rules):
    assert all(str(rule[name]) == value for name, value in row.items()), (row, rule)
PYTHON

# some of it
runs 0 "$smimebr" rules smime.policies.missing
prints 'certificatePolicies must be present.'
prints 'binds: subscriber, from 2023-09-01'
prints 'pkilint: cabf.smime.certificate_policies_extension_missing'
runs 0 "$smimebr" rules --format csv smime.policies.missing smime.eku.server_auth_present
[ "$(wc -l <out)" -eq 3 ] || fail "two rules"
runs 0 "$smimebr" rules --format=json smime.policies
jq -e '(.rules | length) > 3 and (.rules | all(.id | startswith("smime.policies.")))' out \
    >/dev/null || fail "rules by their beginning"
runs 2 "$smimebr" rules smime.policies.mising
complains 'there is no rule smime.policies.mising; did you mean "smime.policies.missing"?'
runs 2 "$smimebr" rules smime.polic
runs 0 "$smimebr" rules --format man smime.policies
prints '.TH SMIMEBR\-RULES 7 20'
prints '.B smime.policies.missing'
lacks '.B smime.eku.missing'
runs 2 "$smimebr" rules --format yaml
complains '--format takes text, csv, json or man'
silent
runs 2 "$smimebr" rules --format
complains '--format needs a value'

# version
runs 0 "$smimebr" version
prints 'smimebr 0.'
prints 'ruleset SBR '
prints 'OpenSSL 3'
runs 0 "$smimebr" --version
prints 'smimebr 0.'
runs 2 "$smimebr" version now
complains 'takes no argument'

# help
runs 0 "$smimebr" help
prints 'Usage: smimebr COMMAND'
runs 0 "$smimebr" --help
runs 0 "$smimebr" -h
for command in lint rules explain profile survey outlook policy key init version; do
    runs 0 "$smimebr" help "$command"
    prints "Usage: smimebr $command"
    cp out help
    runs 0 "$smimebr" "$command" --help
    cmp -s out help || fail "two helps of $command"
    awk 'length > 100 {exit 1}' help || fail "help of $command is wide"
done
for command in generate seal unseal reference show; do
    runs 0 "$smimebr" help key "$command"
    prints "Usage: smimebr key $command"
done
for command in check show; do
    runs 0 "$smimebr" help policy "$command"
    prints "Usage: smimebr policy $command"
done

# wrong usage
runs 2 "$smimebr"
complains 'Usage: smimebr COMMAND'
silent
runs 2 "$smimebr" lnit
complains 'there is no command lnit'
runs 2 "$smimebr" help lnit
complains 'there is no command lnit'
runs 2 "$smimebr" key
complains 'a subcommand is missing'
runs 2 "$smimebr" key steal
complains 'there is no subcommand steal'
runs 2 "$smimebr" policy
runs 2 "$smimebr" policy make
