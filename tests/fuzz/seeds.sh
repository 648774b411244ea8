#!/bin/sh
# Writes seeds for the fuzz targets: the corpus of the tree and every object of the golden cases.
#
#   seeds.sh GOLDEN_RUNNER FOLDER      FOLDER/der, FOLDER/views and so on are made
set -eu

runner=$1
seeds=$2
here=$(cd "$(dirname "$0")" && pwd)
golden=$here/../golden

mkdir -p "$seeds"
cp -R "$here"/corpus/* "$seeds"
"$runner" --der-dir "$seeds/views" "$golden/base" "$golden" >/dev/null
for object in "$seeds"/views/*.der; do
    name=$(basename "$object" .der)
    # the selectors of a target come first, see there
    { printf '\000\000' && cat "$object"; } >"$seeds/verdict/$name.open"
    case $name in
    *0) cp "$object" "$seeds/der" ;;
    *5) { printf '\003\000' && cat "$object"; } >"$seeds/verdict/$name.builtin" ;;
    *7) { printf '\000' && cat "$object"; } >"$seeds/provider/$name" ;;
    *8) { printf '\002' && cat "$object"; } >"$seeds/command/$name" ;;
    esac
done
cp "$here"/../../conf-examples/*.policy "$seeds/policy"
