"""irssi and catgirl in a tmux of their own, WeeChat through its fifo, HexChat on a virtual display: type a line,
wait for a line in a window.

All start with an empty home, so everything is as the packages ship it. A wait looks only at what a window
has shown since the last one that succeeded there, and always ends.
"""
import glob
import os
import re
import select
import subprocess
import time

STEP = 20.0  # seconds one wait takes at most
COLUMNS, ROWS = 400, 400  # so that nothing wraps and nothing scrolls away


class Failure(AssertionError):
    """A line has not come in time; carries the window."""


class Budget:
    """Seconds that all waits together may take, so that a broken run ends soon as well."""
    end = time.monotonic() + 150

    @classmethod
    def wait(cls, check, what, window):
        end = min(time.monotonic() + STEP, cls.end)
        while True:
            got = check()
            if got:
                return got
            if time.monotonic() > end:
                raise Failure("waited in vain for %s\n%s" % (what, re.sub(r"\n\s*\n+", "\n", window())))
            time.sleep(0.1)


def environment(home):
    return {"HOME": home, "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC",
            "TERM": "screen-256color", "SHELL": "/bin/sh"}


class Client:
    """Shared by the clients: lines(window) has all lines of a window, oldest first."""

    def __init__(self):
        self.seen = {}  # window: lines that earlier waits have dealt with

    def lines(self, window):
        raise NotImplementedError

    def expect(self, window, *patterns):
        """Waits until each pattern matches a line, in any order."""
        start, matched = self.seen.get(window, 0), {}

        def check():
            for i, line in list(enumerate(self.lines(window)))[start:]:
                for p in patterns:
                    if p not in matched and re.search(p, line):
                        matched[p] = i
            return len(matched) == len(patterns)

        Budget.wait(check, patterns,
                    lambda: "missing: %s\n%s" % ([p for p in patterns if p not in matched], self.show(window)))
        self.seen[window] = max(matched.values()) + 1

    def show(self, window):
        lines = self.lines(window)
        return "--- %s, window %s\n%s\n---" % (type(self).__name__, window, "\n".join(lines[-40:]))


class Tmux:
    """A tmux server on a private socket; ends with all that runs in it."""

    def __init__(self, directory):
        self.directory = directory
        self.socket = os.path.join(directory, "tmux")

    def __call__(self, *args):
        return subprocess.run(["tmux", "-S", self.socket, "-f", "/dev/null"] + list(args), text=True, timeout=20,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=environment(self.directory)).stdout

    @staticmethod
    def variables(more):
        """Options for more of the environment of a session."""
        return [word for key, text in more.items() for word in ("-e", "%s=%s" % (key, text))]

    def close(self):
        pids = [int(pid) for pid in self("list-panes", "-a", "-F", "#{pane_pid}").split()]
        self("kill-server")
        end = time.monotonic() + 5
        while any(os.path.exists("/proc/%d" % pid) for pid in pids) and time.monotonic() < end:
            time.sleep(0.05)


class Irssi(Client):
    """Windows are numbers: 1 is the status window, channels and queries follow as they come."""

    def __init__(self, tmux, name, nick, **variables):
        super().__init__()
        self.tmux, self.name, self.window = tmux, name, 1
        home = os.path.join(tmux.directory, name)
        os.mkdir(home)
        tmux("new-session", "-d", "-s", name, "-x", str(COLUMNS), "-y", str(ROWS), "-e", "HOME=" + home,
             *tmux.variables(variables),
             "irssi", "--home=%s/.irssi" % home, "--nick=" + nick)
        Budget.wait(lambda: "[(status)]" in self._pane(), "irssi's prompt", self._pane)

    def _pane(self):
        return self.tmux("capture-pane", "-p", "-t", "=%s:" % self.name)

    def _go(self, window):
        if window == self.window:
            return
        self._enter("/window %d" % window)
        Budget.wait(lambda: re.search(r"^ \[[0-9:]+\].* \[%d\b" % window, self._pane(), re.M),
                    "window %d" % window, self._pane)
        self.window = window

    def _enter(self, text):
        self.tmux("send-keys", "-t", "=%s:" % self.name, "-l", text)
        self.tmux("send-keys", "-t", "=%s:" % self.name, "Enter")

    def type(self, text, window=1):
        self._go(window)
        self._enter(text)

    def keys(self, *keys, window):
        """Keys as they are pressed: texts, or names such as Tab. What comes in one go it takes for pasted."""
        self._go(window)
        for key in keys:
            self.tmux("send-keys", "-t", "=%s:" % self.name, key)
            if not key[0].isupper():
                Budget.wait(lambda: self.prompt().endswith(key), key, self.prompt)

    def prompt(self):
        return self._pane().rstrip("\n").split("\n")[-1]

    def bar(self):
        """The bar above the prompt: time, nick, window, lag."""
        return self._pane().rstrip("\n").split("\n")[-2]

    def lines(self, window):
        self._go(window)
        return [line for line in self._pane().rstrip("\n").split("\n")[1:-2] if line.strip()]


class Catgirl(Client):
    """Windows are numbers: 0 is the network, channels and queries follow as they come. It takes its server from the
    command line, which command is, to a shell in directory."""

    def __init__(self, tmux, name, command, directory, **variables):
        super().__init__()
        self.tmux, self.name, self.window = tmux, name, 0
        home = os.path.join(tmux.directory, name)
        os.makedirs(home, exist_ok=True)
        tmux("new-session", "-d", "-s", name, "-x", str(COLUMNS), "-y", str(ROWS), "-c", directory, "-e", "HOME=" + home,
             *tmux.variables(variables),
             command + "; echo catgirl has ended; exec sleep 600")
        Budget.wait(lambda: self._pane().strip(), "catgirl's window", self._pane)

    def _pane(self):
        return self.tmux("capture-pane", "-p", "-t", "=%s:" % self.name)

    def type(self, text, window=0):
        self._go(window)
        self.tmux("send-keys", "-t", "=%s:" % self.name, "-l", text)
        self.tmux("send-keys", "-t", "=%s:" % self.name, "Enter")

    def _go(self, window):
        """M-0 … M-9; the title bar ends no name with a letter that a text could have."""
        self.tmux("send-keys", "-t", "=%s:" % self.name, "M-%d" % window)
        self.window = window

    def lines(self, window):
        if window != self.window:
            self._go(window)
            time.sleep(0.2)
        return [line for line in self._pane().split("\n")[1:] if line.strip()]


class Weechat(Client):
    """Windows are names of buffers: core, server, #channel, a nick, or irc.server.NAME of another server; read from
    the logs it always keeps. server: the name that it has for its server."""

    def __init__(self, directory, server="local"):
        super().__init__()
        self.server = server
        self.dir = os.path.join(directory, "weechat")
        home = os.path.join(directory, "weechat-home")
        os.mkdir(home)
        self.process = subprocess.Popen(["weechat-headless", "--dir", self.dir], env=environment(home), cwd=home,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        self.fifo = os.path.join(self.dir, "weechat_fifo_%d" % self.process.pid)
        Budget.wait(lambda: self._write(None), "WeeChat's fifo", lambda: "")

    def _write(self, text):
        """False when WeeChat does not read its fifo: not yet, or it has ended. text: None looks only."""
        try:
            fd = os.open(self.fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return False
        try:
            if text is None:
                return True
            os.write(fd, text.encode() + b"\n")
        except OSError:
            return False
        finally:
            os.close(fd)
        return True

    def _buffer(self, window):
        if window.startswith("irc.server."):
            return window
        return {"core": "core.weechat", "server": "irc.server." + self.server}.get(
            window, "irc.%s.%s" % (self.server, window))

    def type(self, text, window="core"):
        if not self._write("%s *%s" % (self._buffer(window), text)):
            raise Failure("WeeChat has ended")

    def lines(self, window):
        self._write("core.weechat */logger flush")
        try:
            with open("%s/logs/%s.weechatlog" % (self.dir, self._buffer(window)), errors="replace") as f:
                # Date, prefix, message; the date says nothing here.
                return [line.rstrip("\n").partition("\t")[2].replace("\t", " ") for line in f]
        except FileNotFoundError:
            return []

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Display:
    """An X server without a screen and a session bus, both of its own; what runs on it needs no desktop.

    Without -noreset the X server starts anew when its only client leaves, and drops one that connects meanwhile."""

    def __init__(self, directory):
        read, write = os.pipe()
        self.x = self._start(["Xvfb", "-displayfd", str(write), "-screen", "0", "640x400x24", "-nolisten", "tcp",
                              "-noreset"], pass_fds=(write,))
        os.close(write)
        number = self._line(read, "the display's number")
        self.bus = self._start(["dbus-daemon", "--session", "--nofork", "--print-address=1"],
                               stdout=subprocess.PIPE)
        address = self._line(self.bus.stdout.fileno(), "the bus's address")
        self.environment = {**environment(directory), "DISPLAY": ":" + number, "DBUS_SESSION_BUS_ADDRESS": address}

    @staticmethod
    def _start(command, stdout=subprocess.DEVNULL, **options):
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.DEVNULL, **options)

    @staticmethod
    def _line(fd, what):
        text = b""

        def read():
            nonlocal text
            if select.select([fd], [], [], 0)[0]:
                text += os.read(fd, 4096)
            return b"\n" in text

        Budget.wait(read, what, lambda: "")
        return text.decode().strip()

    def run(self, *command):
        return subprocess.run(command, env=self.environment, text=True, timeout=20, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def screenshot(self, path):
        got = self.run("import", "-window", "root", path)
        if got.returncode:
            raise Failure("no screenshot: " + got.stdout)

    def close(self):
        for process in self.bus, self.x:
            process.terminate()
            process.wait()


class Hexchat(Client):
    """Windows are names of tabs: server, #channel, a nick; read from the logs that it keeps by itself.

    Its configuration holds the nick and the server, nothing else; lines are typed through its remote
    control on the session bus. Without a port it starts without a server, and shows no window for it.
    variables: more of its environment."""

    def __init__(self, directory, nick, port=None, channel=None, **variables):
        super().__init__()
        self.display = Display(directory)
        self.display.environment.update(variables)
        self.dir = os.path.join(directory, "hexchat")
        os.makedirs(self.dir, exist_ok=True)
        with open(os.path.join(self.dir, "hexchat.conf"), "w") as f:
            f.writelines("irc_nick%d = %s%s\n" % (n, nick, "_" * (n - 1)) for n in (1, 2, 3))
            f.write("irc_user_name = %s\n%s" % (nick, "" if port else "gui_slist_skip = 1\ngui_join_dialog = 0\n"))
        self.process = subprocess.Popen(
            ["hexchat", "--cfgdir=" + self.dir] + (["irc://127.0.0.1:%d/%s" % (port, channel)] if port else []),
            env=self.display.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        if os.getuid() == 0:  # it warns of that in a window of its own
            Budget.wait(lambda: self._press("key", "Return"), "its warning about root", lambda: "")
        Budget.wait(self._listens, "its remote control", lambda: "")

    def _press(self, *action):
        if self.process.poll() is not None:
            raise Failure("HexChat has ended with %d" % self.process.returncode)
        return self.display.run("xdotool", "search", "--onlyvisible", "--class", "hexchat",
                                "windowfocus", *action).returncode == 0

    def keys(self, *keys):
        """Keys as they are pressed, in the tab in front: texts, or names such as Tab."""
        for key in keys:
            self._press(*(("key", key) if key[0].isupper() else ("type", key)))

    def _call(self, *arguments):
        return self.display.run("dbus-send", "--session", "--print-reply", "--dest=org.hexchat.service",
                                "/org/hexchat/Remote", *arguments)

    def _listens(self):
        names = self.display.run("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus",
                                 "/org/freedesktop/DBus", "org.freedesktop.DBus.ListNames").stdout
        return "org.hexchat.service" in names

    def type(self, text, window=None):
        """Without a window: in the one in front."""
        line = text[1:] if text.startswith("/") else "say " + text
        got = self._call("org.hexchat.plugin.Command", "string:" + ("doat %s %s" % (window, line) if window else line))
        if got.returncode:
            raise Failure("HexChat does not listen: " + got.stdout)

    def lines(self, window):
        """A server's lines stand in more than one file: its tab's name changes as it learns what it is."""
        logs = glob.glob(os.path.join(self.dir, "logs", "*", "*.log"))
        if window != "server":
            logs = [path for path in logs if os.path.basename(path) == window + ".log"]
        else:
            logs = [path for path in logs if re.fullmatch(r"(server|test|local|)\.log", os.path.basename(path))]
        lines = []
        for path in sorted(logs, key=lambda p: os.stat(p).st_mtime_ns):
            with open(path, errors="replace") as f:
                # Date, prefix, message; the date says nothing here.
                lines += [line.rstrip("\n")[16:].replace("\t", " ") for line in f if line[:1].isalpha()]
        return lines

    def said(self, pattern):
        """True if a line in any tab matches."""
        logs = glob.glob(os.path.join(self.dir, "logs", "*", "*.log"))
        return any(re.search(pattern, open(path, errors="replace").read()) for path in logs)

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()
        self.display.close()
