#!/bin/sh
# usage: static.sh IRCD
# Checks beyond the compiler's own: gcc -fanalyzer over every source, cppcheck, the hardening of the
# binary, and the defences, each of which is taken out. Every exception is listed here with its reason.
set -u
[ $# -eq 1 ] && [ -x "$1" ] || { echo "usage: $0 IRCD" >&2; exit 2; }
cd "$(dirname "$0")/.." || exit 2
failed=0
flags='-std=c11 -D_POSIX_C_SOURCE=200809L -DIRCD_VERSION=\"x\" -Iinclude'
flags="$flags -I$(dirname "$1")/src/cmd -I$(dirname "$1")/src/main" # what the build has made

# The analyzer of gcc 12 knows C; each file is looked at alone.
out=$(mktemp -d) || exit 2
trap 'rm -rf "$out"' EXIT
find src -name '*.c' -print0 | xargs -0 -n 1 -P "$(nproc)" sh -c '
	foreign=; [ "$2" = src/main/sandbox_openbsd.c ] && foreign="-include tests/port/openbsd.h"
	${GCC:-gcc} '"$flags"' $foreign -O1 -fanalyzer -Werror -c -o /dev/null "$2" >"$1/$(echo "$2" | tr / _)" 2>&1 ||
		touch "$1/failed"
' sh "$out"
n=$(find src -name '*.c' | wc -l)
if [ -e "$out/failed" ]; then
	cat "$out"/src_*
	failed=1
fi
echo "gcc -fanalyzer: $n files"

# cppcheck's exceptions:
#   uninitvar in store_ram.c, archive_ram.c and image.c: uthash's HASH_ITER sets the variable; 2.10 does not see it
#   returnDanglingLifetime in parse.c: a block's `add` returns what it has added to the configuration,
#   not a part of what it is given
#   unknownMacro in trace.c: HASH_ITER is uthash's; 2.10 knows it elsewhere
#   arrayIndexOutOfBoundsCond in pair.c: `chosen` is 0, 1 or -1; it is checked for -1 above
cppcheck -q --std=c11 --enable=warning,portability,performance --error-exitcode=1 -Iinclude -Isrc -I"$(dirname "$1")/src/cmd" -I"$(dirname "$1")/src/main" \
	-D_POSIX_C_SOURCE=200809L -DIRCD_VERSION='"x"' --suppress=missingIncludeSystem \
	--suppress=returnDanglingLifetime:src/config/parse.c --suppress=unknownMacro:src/replay/trace.c --suppress=uninitvar:src/state/store_ram.c \
	--suppress=uninitvar:src/state/archive_ram.c \
	--suppress=uninitvar:src/store/image.c --suppress=arrayIndexOutOfBoundsCond:src/store/pair.c \
	-j "$(nproc)" src || failed=1
echo "cppcheck: $n files"

# has WHAT TOOL PATTERN: the tool's output about the binary has a line like this.
has() {
	if ! $2 "$binary" 2>/dev/null | grep -Eq "$3"; then
		echo "static: $binary: no $1"
		failed=1
	fi
}
binary=$1
has "PIE" "readelf -hW" 'Type: +DYN'
has "full RELRO" "readelf -dW" 'BIND_NOW|Flags:.*NOW'
has "RELRO segment" "readelf -lW" 'GNU_RELRO'
has "stack protector" "nm -D" '__stack_chk_fail'
has "fortified calls" "nm -D" '__(memcpy|vsnprintf|memmove|fprintf)_chk'
if readelf -lW "$binary" | grep GNU_STACK | grep -q RWE; then
	echo "static: $binary: an executable stack"
	failed=1
fi
echo "hardening of $binary: looked at"
for patch in tests/defences/*.patch; do
	git apply --check "$patch" && continue
	echo "static: $patch does not fit the sources any more"
	failed=1
done
echo "defences: the patches were looked at"
[ "$failed" = 0 ] && echo "static: fine"
exit $failed
