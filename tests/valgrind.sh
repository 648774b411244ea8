#!/bin/sh
# The unit and golden tests under valgrind: no error, no definite leak.
set -eu

cd "$(dirname "$0")/.."
cmake --preset dev >/dev/null
cmake --build --preset dev >/dev/null
ctest --test-dir build/dev -T memcheck -LE "client|slow" --output-on-failure -j "$(nproc)" \
    --overwrite MemoryCheckCommandOptions="--quiet --error-exitcode=9 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite" \
    >build/valgrind.log || { tail -60 build/valgrind.log && exit 1; }
tail -4 build/valgrind.log
