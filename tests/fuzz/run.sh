#!/bin/sh
# Builds the fuzz targets for libFuzzer and runs them from the corpus and the golden objects. Each
# gets SECONDS of processor time, in slices in which all of them take turns, JOBS at a time. What
# was found stays in build/fuzz: inputs in corpus, inputs that break a promise in found, and in
# executions a line for each slice (target, processor seconds, inputs). Ends with the first promise
# that was broken.
#
#   run.sh [-j JOBS] [-s SLICE] SECONDS [TARGET...]       one at a time, slices of 300 seconds
set -eu

jobs=1
slice=300
while getopts j:s: option; do
    case $option in
    j) jobs=$OPTARG ;;
    s) slice=$OPTARG ;;
    *) exit 2 ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || { sed -n 's/^# \{0,1\}  *\(run.sh .*\)/usage: \1/p' "$0" && exit 2; }
seconds=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
[ $# -gt 0 ] || set -- der views verdict policy audit keyfile provider command

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

# run_slice TARGET SECONDS, in a process of its own: `times` counts its child alone
run_slice() {
    log=build/fuzz/$1.log
    good=yes
    mkdir -p "build/fuzz/corpus/$1"
    "build/fuzz/tests/fuzz/fuzz_$1" -max_total_time="$2" -max_len=8192 -timeout=60 \
        -dict="$here/smimebr.dict" -print_final_stats=1 -verbosity=1 \
        -artifact_prefix="build/fuzz/found/$1-" "build/fuzz/corpus/$1" "$work/seeds/$1" \
        >"$log" 2>&1 || good=no
    times >"$work/$1.times"
    awk -v target="$1" -v inputs="$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" '
        function seconds(time,  part) { split(time, part, /[ms]/); return part[1] * 60 + part[2] }
        NR == 2 { printf "%s %.1f %d\n", target, seconds($1) + seconds($2), inputs }' \
        "$work/$1.times" | tee -a build/fuzz/executions >>"$work/executions"
    [ $good = yes ] || { echo "$1" >>"$work/broken" && tail -60 "$log"; }
}

# used TARGET: processor seconds of this run, rounded up from half a second below
used() {
    awk -v target="$1" '$1 == target { sum += $2 } END { printf "%d\n", sum + 0.5 }' \
        "$work/executions"
}

: >"$work/executions"
going=yes
while [ $going = yes ]; do
    going=no
    running=0
    for target; do
        left=$((seconds - $(used "$target")))
        [ $left -gt 0 ] || continue
        going=yes
        [ $left -lt "$slice" ] || left=$slice
        [ "$left" -ge 10 ] || left=10 # to begin takes a few seconds
        run_slice "$target" "$left" &
        running=$((running + 1))
        [ $running -lt "$jobs" ] || { wait && running=0; }
        [ ! -s "$work/broken" ] || break
    done
    wait
    if [ -s "$work/broken" ]; then
        printf 'broken by fuzz_%s, see build/fuzz/found\n' "$(cat "$work/broken")"
        exit 1
    fi
done
awk '
    FNR == NR { inputs[$1] += $3; used[$1] += $2; next }
    { all[$1] += $3; all_used[$1] += $2 }
    END {
        for (target in used)
            printf "fuzz_%-9s %9d inputs in %5.0f s; %10d in %6.1f min by all runs in this folder\n",
                target, inputs[target], used[target], all[target], all_used[target] / 60
    }' "$work/executions" build/fuzz/executions | sort
