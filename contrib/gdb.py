"""Commands of gdb for ircd: what a client, a channel or a send queue has, in words.

  gdb -x contrib/gdb.py build/ircd CORE        a core file (process.core_dumps)
  gdb -x contrib/gdb.py -p PID                 a running server, which stands still meanwhile
  make test SUITE=x TEST=y GDB=1               a test

  ircd clients            each client in a line
  ircd client NICK        one client; NICK may be an expression of C such as `c` or `req->client`
  ircd queue NICK         what waits to be sent to it, line by line
  ircd channels           each channel in a line
  ircd channel NAME       one channel, its members and lists; or an expression such as `chan`

The server is the variable `srv` of a frame of any thread, or the member of that name of another one.
"""
import re

import gdb


def follow(pointer):
    """The struct that it points to; None for NULL and what the compiler has left out."""
    if pointer is None or pointer.is_optimized_out or int(pointer) == 0:
        return None
    return pointer.dereference()


def text(pointer):
    return "-" if int(pointer) == 0 else pointer.string(errors="replace")


def struct_behind(value):
    """The name of the struct, or of the struct that the pointer points to."""
    kind = value.type.strip_typedefs()
    if kind.code == gdb.TYPE_CODE_PTR:
        kind = kind.target().strip_typedefs()
    return kind if kind.code == gdb.TYPE_CODE_STRUCT else None


def server_in(value):
    """The server that a variable is, points to, or has as its member srv."""
    if value.is_optimized_out:
        return None
    kind = struct_behind(value)
    if kind is None:
        return None
    if value.type.strip_typedefs().code == gdb.TYPE_CODE_PTR:
        value = follow(value)
    if value is None or kind.tag == "server":
        return value
    if "srv" not in [field.name for field in kind.fields()]:
        return None
    return follow(value["srv"])


def variables(frame):
    """All variables of a frame that can be read, in its blocks up to the function."""
    try:
        block = frame.block()
    except RuntimeError:
        return
    while block and not block.is_global and not block.is_static:
        for symbol in block:
            if symbol.is_variable or symbol.is_argument:
                yield symbol.value(frame)
        block = block.superblock


def find_server():
    threads = [gdb.selected_thread()] + list(gdb.selected_inferior().threads())
    selected = threads[0]
    try:
        for thread in threads:
            if thread is None:
                continue
            thread.switch()
            frame = gdb.newest_frame()
            while frame:
                for value in variables(frame):
                    try:
                        server = server_in(value)
                        if server is not None:
                            server["n_clients"].fetch_lazy()
                            return server
                    except gdb.MemoryError:
                        continue
                frame = frame.older()
    finally:
        if selected is not None:
            selected.switch()
    raise gdb.GdbError("no frame of any thread has a server")


def elements(first):
    """Of a table of uthash, in the order of insertion."""
    while int(first) != 0:
        yield first.dereference()
        first = first["hh"]["next"].cast(first.type)


def lists_of(head, kind, member):
    """The structs whose `member` (a path of names) is in the list."""
    wanted = gdb.lookup_type("struct " + kind)
    offset, inner = 0, wanted
    for name in member.split("."):
        field, = [f for f in inner.fields() if f.name == name]
        offset += field.bitpos // 8
        inner = field.type
    node = head["next"]
    while int(node) != int(head.address):
        yield gdb.Value(int(node) - offset).cast(wanted.pointer()).dereference()
        node = node["next"]


def names_of_bits(value, prefix, enum_of):
    """The constants of the enum that has enum_of, with one bit each, that value has."""
    kind = gdb.lookup_static_symbol(enum_of) or gdb.lookup_symbol(enum_of)[0]
    if kind is None:
        return hex(int(value))
    bits = [f for f in kind.type.fields() if f.name.startswith(prefix) and bin(f.enumval).count("1") == 1]
    found = [f.name[len(prefix):] for f in bits if int(value) & f.enumval]
    return " ".join(found) or "none"


def is_name(argument, first):
    return re.fullmatch(first + r"[^\s()>.*]*", argument) is not None


def evaluate(expression, kind):
    try:
        value = gdb.parse_and_eval(expression)
    except gdb.error as fault:
        raise gdb.GdbError(str(fault))
    if struct_behind(value) is None or struct_behind(value).tag != kind:
        raise gdb.GdbError("%s is no struct %s" % (expression, kind))
    value = follow(value) if value.type.strip_typedefs().code == gdb.TYPE_CODE_PTR else value
    if value is None:
        raise gdb.GdbError("%s is NULL, or the compiler has left it out" % expression)
    return value


def all_clients(server):
    for name in "unregistered", "idle", "pinged", "sessionless":
        for client in lists_of(server[name], "client", "link"):
            yield client, name


def find(argument, first, kind, named):
    """named: the structs with their names; the argument is such a name or an expression."""
    if not argument:
        raise gdb.GdbError("which %s?" % kind)
    if is_name(argument, first):
        for struct, name in named(find_server()):
            if name.lower() == argument.lower():
                return struct
        if first == "#":
            raise gdb.GdbError("there is no %s %s" % (kind, argument))
        try:
            return evaluate(argument, kind)
        except gdb.GdbError as fault:
            raise gdb.GdbError("there is no %s with this name, and as an expression: %s" % (kind, fault))
    return evaluate(argument, kind)


def find_client(argument):
    return find(argument, r"[A-Za-z\[\]\\^_`{|}]", "client",
                lambda server: ((c, text_of(c["user"]["nick"])) for c, _ in all_clients(server)))


def text_of(array):
    return array.string(errors="replace")


def source_of(client):
    user = client["user"]
    nick, name = text_of(user["nick"]) or "*", text_of(user["username"]) or "*"
    return "%s!%s@%s" % (nick, name, text(user["host"]))


def flags_of(client):
    return names_of_bits(client["out"]["flags"], "CLIENT_", "CLIENT_REGISTERED")


def show_client(client):
    user, queue, session = client["user"], client["out"]["sendq"], follow(client["session"])
    print("%s  (struct client *) %s  id %d" % (source_of(client), client.address, int(user["id"])))
    print("  flags     " + flags_of(client))
    print("  modes     %#x  privileges %#x  oper %s" % (user["modes"], user["privileges"], text(user["oper"])))
    print("  real name %s  away %s" % (text(user["realname"]), text(user["away"])))
    print("  queue     %d bytes in %d buffers of at most %d" % (queue["bytes"], queue["count"], queue["limit"]))
    if session is not None:
        print("  session   %d bytes received, %d sent, %d commands, last input at %d ms"
              % (session["received"], session["sent"], session["commands"], session["since"]))
    joined = [user["joined"][i]["chan"].dereference() for i in range(int(user["njoined"]))]
    print("  channels  " + (" ".join(text_of(c["name"]) for c in joined) or "none"))
    if int(client["quit"]) != 0:
        print("  leaves    " + text(client["quit"]))


def show_queue(client):
    queue = client["out"]["sendq"]
    print("%s: %d bytes in %d buffers, limit %d" % (source_of(client), queue["bytes"], queue["count"], queue["limit"]))
    skip = int(queue["offset"])
    for i in range(int(queue["count"])):
        slot = (int(queue["head"]) + i) & (int(queue["cap"]) - 1)
        buffer = queue["ring"][slot].dereference()
        data = bytes(gdb.selected_inferior().read_memory(int(buffer["data"].address), int(buffer["len"])))
        sent = ", %d sent" % skip if skip else ""
        print("  buffer %d: %d bytes%s, %d references" % (i, len(data), sent, buffer["refs"]))
        for line in data[skip:].splitlines():
            print("    " + line.decode("utf-8", "replace"))
        skip = 0


def show_channel(channel):
    print("%s  (struct channel *) %s" % (text_of(channel["name"]), channel.address))
    print("  modes     %#x  key %s  limit %d" % (channel["modes"], "set" if int(channel["key"]) else "none",
                                                 channel["limit"]))
    print("  topic     " + text(channel["topic"]))
    for i in range(int(channel["nmembers"])):
        member = channel["members"][i]
        print("  member    %s modes %#x" % (source_of(member["client"].dereference()), member["modes"]))
    lists = channel["lists"]
    for i in range(lists.type.range()[1] + 1):
        for entry in lists_of(lists[i], "list_entry", "link"):
            print("  list %d    %s by %s" % (i, entry["ban"], text(entry["setter"])))


class Ircd(gdb.Command):
    """ircd clients | client NICK | queue NICK | channels | channel NAME"""

    def __init__(self):
        super().__init__("ircd", gdb.COMMAND_DATA)

    def invoke(self, arguments, from_tty):
        word, _, argument = arguments.strip().partition(" ")
        if not hasattr(self, "show_" + word):
            raise gdb.GdbError("usage: " + self.__doc__)
        getattr(self, "show_" + word)(argument.strip())

    def show_clients(self, _):
        for client, where in all_clients(find_server()):
            print("%s  %s  %s  queue %d" % (source_of(client), where, flags_of(client),
                                            client["out"]["sendq"]["bytes"]))

    def show_client(self, argument):
        show_client(find_client(argument))

    def show_queue(self, argument):
        show_queue(find_client(argument))

    def show_channels(self, _):
        for channel in elements(find_server()["channels"]):
            print("%s  %d members  modes %#x" % (text_of(channel["name"]), channel["nmembers"], channel["modes"]))

    def show_channel(self, argument):
        show_channel(find(argument, "#", "channel",
                          lambda server: ((c, text_of(c["name"])) for c in elements(server["channels"]))))


Ircd()
