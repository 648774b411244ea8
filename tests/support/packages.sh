# shellcheck shell=sh
# Install what a script needs and the machine lacks: `need_packages PACKAGE...` (Debian names).
# As root or through sudo by apt-get; otherwise it says what to install and ends the script.

missing_packages() {
    for package in "$@"; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$state" = installed ] || printf '%s ' "$package"
    done
}

need_packages() {
    if ! command -v dpkg-query >/dev/null 2>&1; then
        printf 'Not a Debian system: please see to it that these are there: %s\n' "$*" >&2
        return 0
    fi
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null 2>&1; then
        as_root=sudo
    else
        printf 'Missing packages. Please run as root: apt-get install %s\n' "$missing" >&2
        exit 1
    fi
    printf 'Installing: %s\n' "$missing"
    # shellcheck disable=SC2086
    { $as_root apt-get -qq update &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
            install $missing; } >/dev/null 2>"${TMPDIR:-/tmp}/apt.$$" || {
        cat "${TMPDIR:-/tmp}/apt.$$" >&2
        rm -f "${TMPDIR:-/tmp}/apt.$$"
        printf 'apt-get could not install: %s\n' "$missing" >&2
        exit 1
    }
    rm -f "${TMPDIR:-/tmp}/apt.$$"
}

# What building the module, the library and the command takes.
# shellcheck disable=SC2034
BUILD_PACKAGES="gcc libc6-dev cmake ninja-build pkg-config libssl-dev libjansson-dev openssl"

# What the tests take beyond that: the frameworks and the software that uses a guarded key.
# shellcheck disable=SC2034
TEST_PACKAGES="libcmocka-dev locales valgrind strace jq easy-rsa ruby php-cli perl libnet-ssleay-perl python3-openssl faketime mandoc shellcheck tidy"

# What the static checks of .ci/run take.
# shellcheck disable=SC2034
CHECK_PACKAGES="clang clang-tidy clang-format cppcheck shellcheck mandoc binutils"

# What tests/fuzz/run.sh takes beyond building: clang and the run-time library of libFuzzer.
# shellcheck disable=SC2034
FUZZ_PACKAGES="clang libclang-rt-dev libcmocka-dev locales"

# What the tests of keys in a token take; Debian 12 lacks pkcs11-provider.
# shellcheck disable=SC2034
TOKEN_PACKAGES="pkcs11-provider softhsm2"

# available_packages PACKAGE...: those that apt knows
available_packages() {
    for package in "$@"; do
        if apt-cache show "$package" >/dev/null 2>&1; then
            printf '%s ' "$package"
        fi
    done
}
