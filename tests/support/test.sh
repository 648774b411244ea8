# shellcheck shell=sh
# What shell tests share. Source it after `set -eu`; it makes a temporary folder, goes there and
# removes it at the end.
#
#   runs CODE COMMAND...   COMMAND must exit with CODE; its output is kept in ./out and ./err
#   prints TEXT            the last command's standard output holds TEXT
#   complains TEXT         ... standard error holds TEXT
#   silent                 ... standard output is empty
#   quiet                  ... standard error is empty
#   lacks TEXT             ... standard output does not hold TEXT
#   absent FILE            there is no such file
#   mode OCTAL FILE        the file has these permissions

test_name=$(basename "$0" .sh)
test_folder=$(mktemp -d)
trap 'cd / && chmod -R u+rwx "$test_folder" && rm -rf "$test_folder"' EXIT
trap 'exit 1' HUP INT TERM
cd "$test_folder" || exit 1

fail() {
    printf '%s: %s\n' "$test_name" "$*" >&2
    if [ -f "$test_folder/command" ]; then
        printf 'command: %s\n' "$(cat "$test_folder/command")" >&2
        printf -- '--- standard output\n' >&2
        head -c 4000 "$test_folder/out" >&2
        printf -- '--- standard error\n' >&2
        head -c 4000 "$test_folder/err" >&2
    fi
    exit 1
}

runs() {
    runs_expected=$1
    shift
    printf '%s\n' "$*" >"$test_folder/command"
    runs_code=0
    "$@" >"$test_folder/out" 2>"$test_folder/err" || runs_code=$?
    [ "$runs_code" -eq "$runs_expected" ] || fail "exit $runs_code instead of $runs_expected"
}

prints() { grep -qF -- "$1" "$test_folder/out" || fail "standard output lacks: $1"; }
complains() { grep -qF -- "$1" "$test_folder/err" || fail "standard error lacks: $1"; }
silent() { [ ! -s "$test_folder/out" ] || fail "standard output is not empty"; }
quiet() { [ ! -s "$test_folder/err" ] || fail "standard error is not empty"; }
lacks() { ! grep -qF -- "$1" "$test_folder/out" || fail "standard output holds: $1"; }
absent() { [ ! -e "$1" ] || fail "$1 exists"; }
mode() { [ "$(stat -c %a "$2")" = "$1" ] || fail "$2 has mode $(stat -c %a "$2"), not $1"; }
