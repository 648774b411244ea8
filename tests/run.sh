#!/bin/sh
# Install what is missing, build, and run all the tests; closes with ctest's summary.
#
#   sh tests/run.sh [preset] [ctest options...]      preset: dev (the default), asan, tsan, release
set -eu

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$here")
preset=dev
case ${1-} in
dev | asan | tsan | release)
    preset=$1
    shift
    ;;
esac

# shellcheck source=tests/support/packages.sh
. "$here/support/packages.sh"
# shellcheck disable=SC2086
need_packages $BUILD_PACKAGES $TEST_PACKAGES

cd "$top"
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset"
ctest --test-dir "build/$preset" --output-on-failure -j "$(nproc)" "$@"
