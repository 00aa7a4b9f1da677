"""Finds the first process of a container that container.sh runs."""
import re
import time


def find_leader(pid):
    """The first process of a container, a child of a child of this process; None before it runs."""
    try:
        with open("/proc/%s/status" % pid) as f:
            if re.search(r"(?m)^NSpid:\t\d+\t1$", f.read()):
                return pid
        with open("/proc/%s/task/%s/children" % (pid, pid)) as f:
            found = [find_leader(child) for child in f.read().split()]
    except OSError:
        return None
    return next((x for x in found if x), None)


def wait_for(what, ready, seconds=60):
    end = time.monotonic() + seconds
    while True:
        got = ready()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError("waited in vain for %s" % what)
        time.sleep(0.1)
