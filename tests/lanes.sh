#!/bin/sh
# Both OpenSSL versions that are supported: Debian 12 (OpenSSL 3.0) and Debian 13 (OpenSSL 3.5). One
# lane is the host, the other a chroot of the other release, made by debootstrap from the mirror
# that the host's apt uses and kept in build/lanes. What was not run is said, with the reason.
#
#   sh tests/lanes.sh [host | other | both]      both is the default; .ci/run asks for the other
#
# Ends with 1 if a test failed. A lane that could not be made is no failure: it is printed.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
# shellcheck source=tests/support/packages.sh
. tests/support/packages.sh

say() { printf -- '-- lane %s\n' "$*"; }
not_run() {
    say "$1: NOT RUN: $2"
    exit 0
}

host_lane() {
    say "of this machine: $(openssl version)"
    # shellcheck disable=SC2046,SC2086
    need_packages $(available_packages $TOKEN_PACKAGES)
    sh tests/run.sh
}

release_of() { sed -n "s/^$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}$/\1/p" /etc/os-release; }

# The mirror of the host's own release, by apt's own account of its sources.
mirror() {
    # shellcheck disable=SC2016
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
        'Created-By: Packages' 2>/dev/null |
        awk -v release="$1" '$2 == release && $3 == "main" {print $1; exit}'
}

apt_proxy() {
    apt_proxy_value=
    eval "$(apt-config shell apt_proxy_value Acquire::http::Proxy)"
    printf '%s\n' "$apt_proxy_value"
}

make_chroot() {
    rm -rf "$root"
    mkdir -p "$(dirname "$root")"
    debootstrap --variant=minbase "$codename" "$root" "$mirror" >"$root.log" 2>&1 || {
        tail -n 3 "$root.log" >&2
        return 1
    }
    printf 'deb %s %s main\n' "$mirror" "$codename" >"$root/etc/apt/sources.list"
    [ -z "$proxy" ] ||
        printf 'Acquire::http::Proxy "%s";\n' "$proxy" >"$root/etc/apt/apt.conf.d/90proxy"
    : >"$root/made"
}

# The sources as git knows them, without what was built here.
copy_sources() {
    mkdir -p "$root/src"
    find "$root/src" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
    git ls-files -z | tar --null --files-from=- -cf - | tar -xf - -C "$root/src"
}

# All tests but those that fill disks or need a machine of their own.
run_in_chroot() {
    mount -t proc proc "$root/proc"
    trap 'umount "$root/proc"' EXIT
    trap 'exit 1' HUP INT TERM
    cp /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || true
    # shellcheck disable=SC2016
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 chroot "$root" sh -c '
        set -eu
        cd /src
        . tests/support/packages.sh
        apt-get -qq update
        need_packages $(available_packages $TOKEN_PACKAGES)
        need_packages $BUILD_PACKAGES
        printf -- "-- lane of the chroot: %s\n" "$(openssl version)"
        sh tests/run.sh dev -LE fault
        for package in $TOKEN_PACKAGES; do
            [ -n "$(available_packages $package)" ] ||
                printf -- "-- lane: NOT RUN here: tests that need %s, which this release lacks\n" \
                    "$package"
        done'
}

other_lane() {
    case $(release_of VERSION_ID) in
    12) codename=trixie ;;
    13) codename=bookworm ;;
    *) not_run other "this is neither Debian 12 nor Debian 13" ;;
    esac
    root=$top/build/lanes/$codename
    [ "$(id -u)" = 0 ] || not_run $codename "a chroot needs root"
    proxy=$(apt_proxy)
    mirror=$(mirror "$(release_of VERSION_CODENAME)")
    if [ ! -e "$root/made" ]; then
        [ -n "$mirror" ] || not_run $codename "apt knows no mirror for this release"
        need_packages debootstrap
        [ -z "$proxy" ] || export http_proxy="$proxy"
        make_chroot || not_run $codename "debootstrap could not make it (see $root.log)"
    fi
    copy_sources
    mkdir -p "$root/proc"
    mount -t proc proc "$root/proc" 2>/dev/null ||
        not_run $codename "this machine does not let us mount proc in a chroot"
    umount "$root/proc"
    run_in_chroot
}

case ${1-both} in
host) host_lane ;;
other) other_lane ;;
both)
    host_lane
    other_lane
    ;;
*)
    printf 'Usage: sh tests/lanes.sh [host | other | both]\n' >&2
    exit 2
    ;;
esac
