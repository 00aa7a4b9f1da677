#!/usr/bin/env python3
"""A name that only some systems have stands in the one file that is there for it: src/net/os.c and its header,
or the sandbox of a system. Comments may name all.

Usage: check-portable.py [DIRECTORY]   (a tree with src and include; the exit code is 1 if a name stands elsewhere)
"""
import glob
import os
import re
import sys

OS = ["src/net/os.c", "include/net/os.h"]
LINUX = ["src/main/sandbox_linux.c", "src/main/landlock.c"]
OPENBSD = ["src/main/sandbox_openbsd.c"]

WHOLE = "src/main/syscalls.c"  # the list of the calls of Linux that are allowed

# What is looked for in the text without comments: a pattern, and the files that may have it.
RULES = [
    # feature macros that make more names visible than POSIX has; other systems show them by FEATURES in GNUmakefile
    (r"_GNU_SOURCE", OS + LINUX),
    (r"_DEFAULT_SOURCE", ["src/store/store_gdbm.c"]),  # flock, which Linux, the BSDs and macOS have
    (r"_BSD_SOURCE|_SVID_SOURCE|_DARWIN_C_SOURCE|_NETBSD_SOURCE|__BSD_VISIBLE", []),
    # which system it is
    (r"__(linux|gnu_linux|unix|APPLE|MACH|FreeBSD|OpenBSD|NetBSD|DragonFly|GLIBC|GLIBC_MINOR|MUSL)(__)?", OS),
    # headers
    (r'#\s*include\s*<(linux|asm)/[^>]*>', LINUX),
    (r'#\s*include\s*<(seccomp|cap-ng)\.h>', LINUX),
    (r'#\s*include\s*<sys/(prctl|syscall|capability)\.h>', LINUX),
    (r'#\s*include\s*<(features|malloc|endian|byteswap|error|argp|execinfo|libintl|printf|gnu/[^>]*'
     r'|sys/(auxv|cdefs|epoll|eventfd|fanotify|fsuid|inotify|klog|random|reboot|sendfile|signalfd|statfs|swap|sysinfo'
     r'|sysmacros|timerfd|vfs|xattr|event|sysctl|ucred|procctl|capsicum))\.h>', []),
    # calls and flags of sockets
    (r"accept4|SOCK_(NONBLOCK|CLOEXEC)|MSG_(MORE|NOSIGNAL)|SO_NOSIGPIPE|TCP_NOTSENT_LOWAT|ENONET", OS + LINUX),
    (r"MSG_(FASTOPEN|ZEROCOPY|ERRQUEUE|CMSG_CLOEXEC|WAITFORONE)|TCP_(CORK|NOPUSH|QUICKACK|FASTOPEN\w*|USER_TIMEOUT|DEFER_ACCEPT"
     r"|KEEPIDLE|KEEPINTVL|KEEPCNT|INFO|ULP)|SO_(PEERCRED|PEERSEC|BINDTODEVICE|BUSY_POLL|REUSEPORT\w*|DOMAIN|PROTOCOL|PASSCRED"
     r"|INCOMING_CPU|MARK)|IP_(TRANSPARENT|FREEBIND|BIND_ADDRESS_NO_PORT)|getpeereid|LOCAL_PEERCRED|(recv|send)mmsg", OS + LINUX),
    # other calls and flags
    (r"prctl|PR_[A-Z_]+|syscall|seccomp_\w+|capng_\w+|landlock_(create|add|restrict)\w+|unshare|setns|personality", LINUX),
    (r"pledge|unveil", OPENBSD),
    (r"O_(PATH|TMPFILE|DIRECT|NOATIME|LARGEFILE)|F_(DUPFD_QUERY|OFD_\w+|SETSIG|GETSIG|SETPIPE_SZ|ADD_SEALS)", LINUX),
    (r"setgroups|initgroups|setres[ug]id|getres[ug]id|pthread_condattr_setclock|pipe2|dup3", OS),
    (r"getrandom|getentropy|arc4random\w*", []),  # randombytes_buf of libsodium
    (r"epoll_\w+|EPOLL\w+|kqueue|kevent|eventfd|signalfd|timerfd_\w+|inotify_\w+|memfd_create|splice|tee|vmsplice|sendfile"
     r"|copy_file_range|fallocate|sync_file_range|syncfs|renameat2|statx|name_to_handle_at|process_vm_\w+|close_range"
     r"|closefrom|gettid|tgkill|pidfd_\w+|sched_[gs]etaffinity|POLLRDHUP|ppoll", LINUX),
    (r"mall(info2?|opt)|malloc_(trim|usable_size|stats|info)|__malloc_hook|mallctl|mtrace|mcheck|backtrace\w*", []),
    (r"qsort_r|strchrnul|memrchr|mempcpy|rawmemchr|strverscmp|strfry|asprintf|vasprintf|canonicalize_file_name"
     r"|get_current_dir_name|program_invocation_(short_)?name|TEMP_FAILURE_RETRY|secure_getenv|euidaccess|eaccess"
     r"|fopencookie|funopen|getauxval|__progname|setproctitle|getprogname|explicit_bzero|explicit_memset|memset_s"
     r"|fdatasync|st_[amc]tim(espec)?|d_type|htobe(16|32|64)|[bl]e(16|32|64)toh|bswap_(16|32|64)|timegm|tm_gmtoff"
     r"|strerrorname_np|strerrordesc_np|pthread_(setname|getname|setaffinity)_np|CLOCK_(BOOTTIME|TAI|\w+_COARSE|\w+_RAW)"
     r"|RLIMIT_(NICE|RTPRIO|SIGPENDING|MSGQUEUE|RTTIME|NPROC|MEMLOCK)|prlimit", []),
]
# Files that only some systems have; the first part of the path inside a string.
PATHS = (r'"/(proc|sys|dev/(?!null"))', OS + ["src/main/landlock.c"])


def strip_comments(text):
    """The text with blanks for comments, and what is left of it with blanks for strings as well."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    token = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    code = re.sub(token, lambda m: blank(m) if m.group(0)[0] == "/" else m.group(0), text, flags=re.S)
    bare = re.sub(token, blank, code, flags=re.S)
    return code, bare


def find(pattern, text):
    for match in re.finditer(pattern, text):
        yield text.count("\n", 0, match.start()) + 1, match.group(0)


def main():
    os.chdir(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    files = sorted(f for top in ("src", "include") for end in ("c", "h", "def")
                   for f in glob.glob("%s/**/*.%s" % (top, end), recursive=True))
    found = []
    for file in files:
        if file == WHOLE:
            continue
        with open(file) as f:
            code, bare = strip_comments(f.read())
        for pattern, places in RULES:
            pattern = r"\b(?:%s)\b" % pattern if not pattern.startswith("#") else pattern
            if file not in places:
                found += [(file, line, name) for line, name in find(pattern, bare)]
        if file not in PATHS[1]:
            found += [(file, line, name) for line, name in find(PATHS[0], code)]
    for file, line, name in found:
        print("%s:%d: %s is not on all systems: it belongs into src/net/os.c or into the sandbox of a system" % (file, line, name))
    if not files:
        print("check-portable: there is no source file")
    elif not found:
        print("portable: fine, %d files" % len(files))
    return 1 if found or not files else 0


sys.exit(main())
