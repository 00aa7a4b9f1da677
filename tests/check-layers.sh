#!/bin/sh
# Layers include only themselves and those below; the core names no socket, file, clock, thread
# or random function. No text is cut by a precision either. Usage: check-layers.sh [LIBCORE.A]
set -eu
cd "$(dirname "$0")/.."
bad=0

# layer: the layers it may include besides itself
allowed() {
    case $1 in
    base) echo "" ;;
    config) echo "base" ;;
    proto) echo "base" ;;
    state) echo "base config proto" ;;
    policy) echo "base config proto state" ;;
    enact) echo "base config proto state policy" ;;
    cmd) echo "base config proto state policy enact" ;;
    store) echo "base state/store.h net/os.h" ;;
    session) echo "base config proto state policy enact cmd" ;;
    net) echo "base config proto state policy session" ;;
    replay) echo "base config proto state policy session" ;;
    main) echo "base config proto state policy enact session store net replay" ;;
    *) return 1 ;;
    esac
}

check_file() {
    file=$1 layer=$2
    rules=$(allowed "$layer") || { echo "$file: no such layer: $layer"; bad=1; return; }
    for header in $(sed -n 's/^# *include "\(.*\)".*/\1/p' "$file"); do
        case $header in */*) other=${header%%/*} ;; *) continue ;; esac
        [ "$other" = "$layer" ] && continue
        found=0
        for rule in $rules; do
            [ "$rule" = "$other" ] || [ "$rule" = "$header" ] && found=1
        done
        [ $found = 1 ] && continue
        echo "$file: layer $layer must not include \"$header\""
        bad=1
    done
}

for file in $(find src include -name "*.[ch]" -o -name "*.def"); do
    layer=${file#*/}
    check_file "$file" "${layer%%/*}"
done

# Policy decides; the layer enact carries out and tells.
if grep -l '^#include "state/out.h"' $(find src/policy include/policy -name "*.[ch]"); then
    echo "the files above tell clients or operators, which only src/enact and the layers above may"
    bad=1
fi

# A precision cuts a text inside a UTF-8 character: SHOWN (base/str.h) does not.
if grep -nE '%-?[0-9]*\.[0-9]+s' $(find src include -name "*.[ch]" -o -name "*.def") |
    grep -vE ':[0-9]+:[ /]*\*'; then
    echo "the lines above cut a text inside a character; take SHOWN of base/str.h"
    bad=1
fi

lib=${1:-build/libcore.a}
if [ -f "$lib" ]; then
    names='socket|connect|accept4?|bind|listen|send(to|msg)?|recv(from|msg)?|open(64|at)?|creat|f?read(64)?|write|close|f(re)?open(64)?|rename|unlink|stat(64)?|fsync|dprintf|v?printf|f?puts|f?putc|putchar|fwrite|fflush|perror|std(in|out)|time|timespec_get|gettimeofday|clock_gettime|clock|sleep|usleep|nanosleep|pthread_[a-z_]*|thrd_[a-z]*|[delmnj]?rand48(_r)?|s?rand(om)?(_r)?|getrandom|getentropy|randombytes_[a-z]*|poll|select|epoll_[a-z_0-9]*|ev_[a-z_]*|gdbm_[a-z_]*|(SSL|X509|EVP|BIO|PEM|ERR|RAND)_[A-Za-z0-9_]*|syscall|ioctl|(secure_)?getenv|getpid|gethostname|uname|mmap(64)?|exit|fork|exec[a-z]*'
    if nm -u "$lib" | sed 's/^ *U //; s/@.*//; s/^__//; s/_chk$//' | grep -xE "$names" | sort -u | sed 's/^/the core must not call /' | grep .; then
        bad=1
    fi
fi

# Bytes of a connection pass through a row of transports: no other file has a call on a socket.
# In src/net, which holds the sockets, read and write are such calls too; src/net/logfile.c
# writes (writev) to the log, which is a file or a pipe.
objects=$(find src -name '*.c' | while read -r file; do
    object=$(dirname "$lib")/${file%.c}.o
    [ -f "$object" ] && echo "$object" || true
done)
if [ -n "$objects" ] && nm -A -u $objects | awk '
    { sub(/@.*/, ""); call = $NF; sub(/^__/, "", call); sub(/_chk$/, "", call); sub(/64$/, "", call)
      file = $1; sub(/^.*src\//, "src/", file); sub(/\.o:$/, ".c", file) }
    file ~ /^src\/net\/transport_/ { next }
    file == "src/net/logfile.c" && call == "writev" { next }
    call ~ /^(recv(from|m?msg)?|send(to|m?msg|file)?|p?(readv|writev)2?|splice|v?dprintf|shutdown)$/ ||
    (file ~ /^src\/net\// && call ~ /^(read|write|syscall)$/) {
        print file ": calls " $NF ", which only a transport (src/net/transport.h) may"; found = 1 }
    END { exit !found }'; then
    bad=1
fi
[ $bad = 0 ] && echo "layers: fine"
exit $bad
