#!/bin/sh
# usage: musl.sh DIRECTORY
# Fills DIRECTORY with the headers of libraries that musl-gcc may borrow from glibc's neighbourhood, one by one:
# with the whole of /usr/include it would find those of glibc. linux and asm are the kernel's.
set -eu
[ $# -eq 1 ] || { echo "usage: $0 DIRECTORY" >&2; exit 2; }
command -v musl-gcc >/dev/null || { echo "musl: there is no musl-gcc (package musl-tools)" >&2; exit 2; }
rm -rf "$1"
mkdir -p "$1"
for name in ev.h gdbm.h sodium sodium.h seccomp.h seccomp-syscalls.h cap-ng.h uthash.h utlist.h jansson.h \
    jansson_config.h openssl linux asm asm-generic; do
    found=
    for place in /usr/include "/usr/include/$(gcc -dumpmachine)"; do
        if [ -d "$place/$name" ]; then # each place may have a part of it
            mkdir -p "$1/$name"
            cp -rs "$place/$name/." "$1/$name/"
        elif [ -e "$place/$name" ]; then
            ln -s "$place/$name" "$1/$name"
        else
            continue
        fi
        found=1
    done
    [ -n "$found" ] || { echo "musl: there is no header $name" >&2; exit 1; }
done
