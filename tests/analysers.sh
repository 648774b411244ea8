#!/bin/sh
# The slow analyser: clang-tidy, with the path-sensitive checks of clang's static analyser, over
# provider and tools. .clang-tidy says which checks are left out, and why. Nightly; tests/static.sh
# has the quick ones.
set -eu

cd "$(dirname "$0")/.."
# shellcheck source=tests/support/packages.sh
. tests/support/packages.sh
# shellcheck disable=SC2086
need_packages $BUILD_PACKAGES $CHECK_PACKAGES

# A build without the tests names each file once and makes the headers that are generated.
cmake -S . -B build/tidy -G Ninja -DCMAKE_C_COMPILER=clang -DBUILD_TESTING=OFF >/dev/null
cmake --build build/tidy >/dev/null
run-clang-tidy -p build/tidy -j "$(nproc)" -quiet '/(provider|tools)/.*\.c$' >build/tidy.log \
    2>/dev/null || {
    grep -E 'error:|warning:' build/tidy.log
    printf 'clang-tidy: see build/tidy.log\n' >&2
    exit 1
}
printf 'clang-tidy: nothing found\n'
