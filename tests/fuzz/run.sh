#!/bin/sh
# Builds the fuzz targets for libFuzzer and runs them, one after the other, from the corpus and the
# golden objects. Prints how many inputs each has run; ends with the first that breaks a promise.
#
#   run.sh SECONDS [TARGET...]     SECONDS for each target; what was found stays in build/fuzz/found
set -eu

seconds=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
[ $# -gt 0 ] || set -- der views verdict policy audit keyfile provider

# shellcheck source=tests/support/packages.sh
. "$top/tests/support/packages.sh"
# shellcheck disable=SC2086
need_packages $BUILD_PACKAGES $FUZZ_PACKAGES

cd "$top"
programs=golden_runner
for target; do
    programs="$programs fuzz_$target"
done
cmake --preset fuzz >/dev/null
# shellcheck disable=SC2086
cmake --build --preset fuzz --target $programs >build/fuzz/build.log ||
    { cat build/fuzz/build.log && exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sh "$here/seeds.sh" build/fuzz/tests/golden/golden_runner "$work/seeds"
mkdir -p build/fuzz/found
for target; do
    mkdir -p "build/fuzz/corpus/$target"
    log=build/fuzz/$target.log
    "build/fuzz/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len=8192 -timeout=25 \
        -dict="$here/smimebr.dict" -print_final_stats=1 -verbosity=1 \
        -artifact_prefix="build/fuzz/found/$target-" "build/fuzz/corpus/$target" \
        "$work/seeds/$target" >"$log" 2>&1 ||
        { tail -60 "$log" && printf 'fuzz_%s: see build/fuzz/found\n' "$target" && exit 1; }
    printf 'fuzz_%-9s %9s inputs in %s s, %s new units\n' "$target" \
        "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" "$seconds" \
        "$(sed -n 's/^stat::new_units_added: *//p' "$log")"
done
