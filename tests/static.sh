#!/bin/sh
# Checks that run nothing: compilers' and analysers' warnings, formatting, floors, exported symbols,
# linked libraries, scripts, man pages. Ends with the first that fails.
set -eu

cd "$(dirname "$0")/.."

step() { printf -- '-- %s\n' "$*"; }
fail() {
    printf 'static: %s\n' "$*" >&2
    exit 1
}

step "gcc and clang without a warning"
cmake --preset dev >/dev/null
cmake --build --preset dev >build/gcc.log || { cat build/gcc.log && fail "gcc"; }
cmake -S . -B build/clang -G Ninja -DCMAKE_C_COMPILER=clang -DSMIMEBR_WERROR=ON >/dev/null
cmake --build build/clang >build/clang.log || { cat build/clang.log && fail "clang"; }

step "the module exports one symbol and links libcrypto and libc only"
module=build/dev/provider/module/smimebr.so
symbols=$(nm -D --defined-only "$module" | awk '$2 != "A" {print $3}')
[ "$symbols" = OSSL_provider_init ] || fail "exported: $symbols"
needed=$(objdump -p "$module" | awk '$1 == "NEEDED" {print $2}' | sort | tr '\n' ' ')
[ "$needed" = "libc.so.6 libcrypto.so.3 " ] || fail "linked: $needed"

step "the library exports smimebr_* only"
nm -D --defined-only build/dev/provider/lint/libsmimebr.so | awk '$2 != "A" {print $3}' |
    sed 's/@.*//' | grep -v '^smimebr_' && fail "more is exported"

step "no include climbs to a higher floor"
climbs() { grep -rnE "#include \"(\.\./)*(provider/)?($2)/" "$1" && fail "$1 climbs"; }
climbs provider/der 'asn1|lint|keyfile|guard|module' || true
climbs provider/asn1 'lint|keyfile|guard|module' || true
climbs provider/lint 'keyfile|guard|module' || true
climbs provider/keyfile 'guard|module' || true
climbs provider/guard 'module' || true
climbs tools 'module' || true

step "no banned function"
banned='\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|strtok|alloca|getenv)[[:space:]]*\('
grep -rnE "$banned" --include='*.c' --include='*.h' provider tools include &&
    fail "functions that the style leaves out"

step "formatting"
git ls-files '*.c' | xargs clang-format --dry-run -Werror || fail "run clang-format -i"

step "cppcheck"
cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
    --suppress=missingIncludeSystem --error-exitcode=1 -D__linux__ -I include -I provider \
    --suppressions-list=tests/cppcheck.suppressions provider tools || fail "cppcheck"

# A build of its own, without the tests, so that each file is looked at once.
step "gcc -fanalyzer"
cmake -S . -B build/fanalyzer -G Ninja -DBUILD_TESTING=OFF -DSMIMEBR_WERROR=ON \
    -DCMAKE_C_FLAGS=-fanalyzer >/dev/null
cmake --build build/fanalyzer >build/fanalyzer.log || { cat build/fanalyzer.log && fail "gcc"; }

step "shell scripts"
git ls-files '*.sh' .ci/run | xargs shellcheck -x || fail "shellcheck"

step "man pages"
for page in docs/*.[1-8]; do
    [ -f "$page" ] || continue
    mandoc -T lint -W warning "$page" || fail "$page"
done
printf 'static checks passed\n'
