#!/bin/sh
# The unit and golden tests under valgrind: no error, no definite leak. Left out are those that count
# on speed: every bit of a sealed key, every octet of the parsers' samples, failing allocations.
set -eu

cd "$(dirname "$0")/.."
cmake --preset dev >/dev/null
cmake --build --preset dev >/dev/null
ctest --test-dir build/dev -T memcheck -LE "client|slow|fault|fuzz" \
    -E "survivors|agreement|bounds|sealed|threads|bypass|memory|lint_crl" --output-on-failure -j "$(nproc)" \
    --overwrite MemoryCheckCommandOptions="--quiet --error-exitcode=9 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite" \
    >build/valgrind.log || { tail -60 build/valgrind.log && exit 1; }
tail -4 build/valgrind.log
