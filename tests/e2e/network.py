"""A network of its own for a test program: loopback alone, where every port is free, such as those of the built-in
configuration.
"""
import fcntl
import os
import socket
import struct
import subprocess
import sys

MARK = "IRCD_TEST_NETWORK"  # in the environment of a program that has one
IFF_UP, SIOCSIFFLAGS = 1, 0x8914


def enter():
    """Runs the calling program again in a network of its own. Where the kernel refuses to make one, the program
    goes on in the network of the machine."""
    if MARK in os.environ:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
        return
    command = ["unshare", "--net"] + ([] if os.geteuid() == 0 else ["--map-root-user"])
    if subprocess.run(command + ["true"], capture_output=True).returncode == 0:
        os.environ[MARK] = "1"
        os.execvp(command[0], command + [sys.executable] + sys.argv)
