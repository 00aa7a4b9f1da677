"""Programs of others that tests start beside the server: nginx, haproxy, Prometheus. Each is ready when Program returns.

A program that listens need not be ready: Prometheus answers 503 until it has read its data. ready is the true condition.
"""
import os
import subprocess
import urllib.error
import urllib.request

import irc

READY = 30  # seconds; a machine with neighbours may take long to start one


def listening():
    """The ports of IPv4 on which a process listens."""
    with open("/proc/net/tcp") as f:
        rows = [line.split() for line in f.readlines()[1:]]
    return {int(row[1].split(":")[1], 16) for row in rows if row[3] == "0A"}


class Program:
    """command runs in directory; its output is in directory/NAME.log. ports: those on which it listens; ready: called
    until it is true, once it listens on all of them."""

    def __init__(self, directory, name, command, ports, ready=lambda: True):
        self.log = os.path.join(directory, name + ".log")
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            irc.wait_until(lambda: self.runs() and set(ports) <= listening() and ready(), READY,
                           lambda: "%s to be ready:\n%s" % (name, self.said()))
        except BaseException:
            self.close()
            raise

    def said(self):
        with open(self.log, errors="replace") as log:
            return log.read()

    def runs(self):
        assert self.process.poll() is None, "the program has ended: " + self.said()
        return True

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(irc.WAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


def nginx(directory, path, ports):
    return Program(directory, "nginx", ["/usr/sbin/nginx", "-p", directory, "-c", path], ports)


def haproxy(directory, path, ports):
    return Program(directory, "haproxy", ["/usr/sbin/haproxy", "-db", "-f", path], ports)


def prometheus(directory, path, port, *options):
    """Its data are in directory/tsdb."""
    def ready():
        try:
            with urllib.request.urlopen("http://127.0.0.1:%d/-/ready" % port, timeout=irc.WAIT) as answer:
                return answer.status == 200
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
            return False
    return Program(directory, "prometheus", ["prometheus", "--config.file=" + path, "--storage.tsdb.path=tsdb",
                                             "--web.listen-address=127.0.0.1:%d" % port, *options], [port], ready)
