#!/bin/sh
# smimebr audit checkpoint, prove, consistency, timestamp, and verify --checkpoint: history that was
# signed cannot be changed unnoticed.
#   audit_anchor.sh BUILD
set -eu
build=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
examples=$(realpath "$here/../../conf-examples")
# shellcheck source=tests/support/test.sh
. "$here/../support/test.sh"
# shellcheck source=tests/clients/audit_world.sh
. "$here/audit_world.sh"

issue one.crt mailbox_validated_strict
openssl genpkey -algorithm ED25519 -out auditor.key
openssl pkey -in auditor.key -pubout -out auditor.pub
openssl genpkey -algorithm ED25519 -out other.key
openssl pkey -in other.key -pubout -out other.pub
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec.key

# a first checkpoint, a second that extends it
runs 0 audit checkpoint --key auditor.key --state state --name auditor.example audit.jsonl
prints 'smimebr/'
prints '— auditor.example '
quiet
cmp -s "$test_folder/out" state || fail "the state is not the note that was printed"
cp state first
older=$(sed -n 2p first)
runs 0 audit note audit.jsonl "the auditor was here"
issue two.crt mailbox_validated_strict
runs 0 audit checkpoint --key auditor.key --state state audit.jsonl
cp state second
[ "$(sed -n 2p second)" -gt "$older" ] || fail "the second checkpoint has no more records"

# consistency and verify --checkpoint
runs 0 audit consistency first second audit.jsonl
prints "consistent: $older records, then"
runs 1 audit consistency second first audit.jsonl
complains 'name the older one first'
runs 0 audit verify --checkpoint first --public-key auditor.pub audit.jsonl
prints "extends the checkpoint of its first $older records"
runs 0 audit verify --checkpoint second audit.jsonl
runs 2 audit verify --checkpoint first --public-key other.pub audit.jsonl
complains 'not signed by this key'
runs 2 audit verify --public-key other.pub audit.jsonl

# inclusion
sed -n 4p audit.jsonl >record
sed -n 5p audit.jsonl >next
runs 0 audit prove --checkpoint second 3 audit.jsonl
cp "$test_folder/out" proof
runs 0 audit prove --check proof --public-key auditor.pub record
prints 'record 3 is in the tree'
runs 1 audit prove --check proof --public-key auditor.pub next
complains 'not in the tree'
runs 2 audit prove --check proof --public-key other.pub record
complains 'not signed by this key'
sed 's/^index 3/index 2/' proof >forged
runs 1 audit prove --check forged --public-key auditor.pub record
sed '3d' proof >forged
runs 1 audit prove --check forged --public-key auditor.pub record
sed 's/an/ab/' record >spoilt
runs 2 audit prove --check proof --public-key auditor.pub spoilt
runs 1 audit prove --checkpoint first 100000 audit.jsonl
complains 'not among'
runs 2 audit prove --checkpoint first x audit.jsonl

# the tail cut off, history written anew, another log: nothing is signed, and it shows
records=$(wc -l <audit.jsonl)
head -n $((records - 1)) audit.jsonl >cut.jsonl
runs 1 audit verify --checkpoint second cut.jsonl
complains "it has $((records - 1)) records and had $records then: records were cut off"
runs 0 audit verify --checkpoint first cut.jsonl
runs 1 audit checkpoint --key auditor.key --state state cut.jsonl
complains 'records are gone; nothing is signed'
silent
cmp -s state second || fail "the state was changed"
python3 "$here/audit_forge.py" audit.jsonl 1 '"program":"openssl"' '"program":"another"' >forged.jsonl
runs 0 audit verify --quiet forged.jsonl
runs 1 audit verify --checkpoint first forged.jsonl
complains "its first $older records are others: they were written anew since"
runs 1 audit checkpoint --key auditor.key --state state forged.jsonl
complains 'nothing is signed'
sed 's/^smimebr\/./smimebr\/x/' second >elsewhere
runs 2 audit checkpoint --key auditor.key --state elsewhere audit.jsonl
sed 's/^smimebr\/\(.\)/smimebr\/x/' second >elsewhere
runs 1 audit verify --checkpoint elsewhere audit.jsonl
complains 'elsewhere, which is of smimebr/x'

# the report says the same
reads() { python3 "$here/html_check.py" --text page.html | grep -qF -- "$1" || fail "the page does not say: $1"; }
report() { audit report --html page.html "$@"; }
runs 0 report audit.jsonl
reads 'No checkpoint was given'
runs 0 report --checkpoint second --public-key auditor.pub audit.jsonl
reads "It extends the checkpoint in second: its first $records records are those that were signed then."
runs 0 report --checkpoint first audit.jsonl
reads "its first $older records are those of the checkpoint, whose signature was not checked."
runs 1 report --checkpoint second cut.jsonl
complains 'records were cut off'
reads 'The log does not verify.'
reads "it has $((records - 1)) records and had $records then: records were cut off"
runs 1 report --checkpoint first forged.jsonl
reads "its first $older records are others: they were written anew since"
runs 2 report --checkpoint first --public-key other.pub audit.jsonl
runs 2 report --public-key auditor.pub audit.jsonl
complains '--public-key goes with --checkpoint'
runs 2 report --checkpoint no-such-file audit.jsonl

# two files: both together, and the newer one alone
cp audit.jsonl whole.jsonl
mv audit.jsonl audit.jsonl.1
issue three.crt mailbox_validated_strict
runs 0 audit verify --checkpoint second audit.jsonl.1 audit.jsonl
prints "extends the checkpoint of its first $records records"
runs 2 audit verify --checkpoint second audit.jsonl
complains 'a checkpoint needs the whole log from record 0 on'
mv whole.jsonl audit.jsonl
tail -n +2 audit.jsonl >headless.jsonl
runs 1 audit consistency first second headless.jsonl

# wrong keys, wrong usage
runs 2 audit checkpoint --key ec.key --state s audit.jsonl
complains 'no Ed25519 private key'
runs 2 audit checkpoint --key auditor.pub --state s audit.jsonl
runs 2 audit checkpoint --key other.key --state state audit.jsonl
complains 'not signed by this key'
runs 2 audit checkpoint --key auditor.key --state s --name 'a b' audit.jsonl
runs 2 audit checkpoint --key auditor.key audit.jsonl
runs 2 audit checkpoint --key auditor.key --state /nonexistent/state audit.jsonl
silent

# time-stamps, by an authority of openssl ts
cat >tsa.cnf <<'EOF'
[tsa]
default_tsa = one
[one]
serial = tsa.serial
signer_digest = sha256
default_policy = 1.3.6.1.4.1.32473.1
digests = sha256
ess_cert_id_alg = sha256
[req]
prompt = no
distinguished_name = name
x509_extensions = ext
[name]
commonName = Test TSA
[ext]
extendedKeyUsage = critical, timeStamping
EOF
openssl req -x509 -config tsa.cnf -newkey rsa:2048 -nodes -keyout tsa.key -days 10 -out tsa.crt 2>log
runs 0 audit timestamp --out request.tsq first
openssl ts -reply -config tsa.cnf -queryfile request.tsq -signer tsa.crt -inkey tsa.key \
    -out response.tsr 2>log
runs 0 audit timestamp --request request.tsq --response response.tsr --ca tsa.crt first
prints 'stamped: '
runs 1 audit timestamp --request request.tsq --response response.tsr --ca tsa.crt second
complains 'about another file'
runs 0 audit timestamp --out other.tsq first
runs 1 audit timestamp --request other.tsq --response response.tsr --ca tsa.crt first
complains 'the response is not good'
runs 1 audit timestamp --request request.tsq --response response.tsr --ca one.crt first
runs 2 audit timestamp --request first --response response.tsr --ca tsa.crt first
complains 'no time-stamp request'
runs 2 audit timestamp --request request.tsq --response first --ca tsa.crt first
complains 'no time-stamp response'
runs 2 audit timestamp first
