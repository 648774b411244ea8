#!/bin/sh
# Build for gcov, run the tests, and tell what they reached: see coverage.py.
#
#   sh tests/coverage.sh [--write]
set -eu

cd "$(dirname "$0")/.."
# shellcheck source=tests/support/packages.sh
. tests/support/packages.sh
# shellcheck disable=SC2086
need_packages $BUILD_PACKAGES $TEST_PACKAGES python3

cmake --preset coverage >/dev/null
cmake --build --preset coverage >/dev/null
find build/coverage -name '*.gcda' -exec rm -f {} +
ctest --test-dir build/coverage -E golden_survivors -j "$(nproc)" --output-on-failure \
    >build/coverage.log || { tail -60 build/coverage.log && exit 1; }
python3 tests/coverage.py build/coverage "$@"
