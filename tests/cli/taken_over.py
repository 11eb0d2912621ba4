"""The front of `runbox batch` or `runbox serve`, or the monitor of one of its bundles, that was taken over, for the tests: it is
stopped, and its sockets, which are shared with it (pidfd_getfd(2)), are used in its place."""

import array
import ctypes
import glob
import os
import select
import signal
import socket
import struct
import subprocess
import time

from serve_client import children, until

DONE, BUNDLE, SITE, ENDED, MADE, PREPARED = 1, 5, 6, 8, 10, 11 # enum answer_kind of runtime/broker/order.h
POOL = 112 # bytes of a struct order_pool
LIBC = ctypes.CDLL(None)


def field(pid, name):
    with open(f"/proc/{pid}/status") as status:
        return next((line.split()[1] for line in status if line.startswith(name + ":")), None)


def dead(pid):
    try:
        return field(pid, "State") == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def stop(pid):
    os.kill(pid, signal.SIGSTOP)
    until(lambda: field(pid, "State") in "TZ")


def inodes(pid):
    """The sockets of a process: {inode: descriptor}."""
    links = {fd: os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")}
    return {int(link[8:-1]): int(fd) for fd, link in links.items() if link.startswith("socket:")}


def peer(inode):
    """The other end of a Unix socket (sock_diag(7)), or None."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4) as diag:
        # struct nlmsghdr with SOCK_DIAG_BY_FAMILY, struct unix_diag_req with UDIAG_SHOW_PEER.
        diag.send(struct.pack("IHHIIBBHIIIII", 40, 20, 1, 0, 0, 1, 0, 0, ~0 & 0xffffffff, inode, 4, ~0 & 0xffffffff, ~0 & 0xffffffff))
        answer, at = diag.recv(4096), 32
    while answer[4] == 20 and at + 8 <= len(answer):
        size, kind, value = struct.unpack_from("HHI", answer, at)
        if kind == 2: # UNIX_DIAG_PEER
            return value
        at += (size + 3) & ~3
    return None


def order(*words):
    return bytes.fromhex(subprocess.check_output([os.environ["ORDER"], *words], text=True))


def message(*words):
    return bytes.fromhex(subprocess.check_output([os.environ["MESSAGE"], *words], text=True))


class Broker:
    def __init__(self, fd):
        self.socket = socket.socket(fileno=fd)
        self.socket.setblocking(True)
        self.socket.settimeout(20)
        self.fds = []

    def order(self, text):
        """Orders, between semicolons, each as tests/tools/order takes it."""
        for one in [order(*words.split()) for words in text.split(";")]:
            self.socket.send(one)

    def hear(self):
        data, rights, _, _ = self.socket.recvmsg(16384, 64)
        self.fd = -1
        for _, _, fds in rights:
            self.fd = array.array("i", fds)[0]
            self.fds.append(self.fd)
        return data

    def answer(self, want):
        """The next answer of this kind; its descriptor is .fd."""
        while data := self.hear():
            if data[:4] == struct.pack("I", want):
                return data
        raise EOFError

    def failed(self, want):
        """The same; whether it says that this failed."""
        return struct.unpack_from("i", self.answer(want), 8 if want in (MADE, PREPARED) else 4)[0] != 0

    def ended(self):
        try:
            while self.hear():
                pass
        except ConnectionResetError:
            pass
        self.close()

    def close(self):
        for fd in self.fds:
            os.close(fd)
        self.fds = []
        self.socket.close()


class Maker(Broker):
    """A broker of a bundle, whose pid is .pid. Its monitor, .monitor, is stopped, and .channel leads to that."""

    def order(self, text):
        """Those of one kind of struct are one message."""
        messages = [order(*words.split()) for words in text.split(";")]
        if len({len(one) for one in messages}) == 1 and len(messages[0]) == POOL:
            messages = [b"".join(messages)]
        for one in messages:
            self.socket.send(one)

    def make(self, kind, number):
        """A box, whose pid is .box; its wire's descriptor (-1: it comes later), or None where none was made."""
        self.order(f"{kind} pool.box={number}")
        failed, _, _, self.box = struct.unpack_from("iIIi", self.answer(MADE), 8)
        return None if failed else self.fd

    def left(self):
        """It has ended by itself, and in order, for a crash would leave its groups; so has all that it made."""
        made = [pid for child in children(self.pid) for pid in [child, *children(child)]]
        self.ended()
        until(lambda: dead(self.pid))
        self.dismiss()
        return all(map(dead, made)) and not self.groups()

    def dismiss(self):
        os.kill(self.monitor, signal.SIGKILL)
        os.close(self.channel)

    def groups(self):
        return [at for parent in os.environ["GROUPS_AT"].split() for at in glob.glob(f"{parent}/runbox.*.{self.pid}.*")]


def has(pid, inode):
    """A copy of this socket of that process."""
    pidfd = os.pidfd_open(pid)
    fd = LIBC.syscall(438, pidfd, inodes(pid)[inode], 0)
    os.close(pidfd)
    assert fd >= 0
    return fd


class Front:
    def __init__(self, fleet):
        """FLEET: the pid of a batch or server that has nothing under way."""
        self.fleet = int(fleet)
        self.pid = children(fleet)[0]
        stop(self.pid)
        theirs = inodes(self.fleet)
        self.broker = Broker(has(self.pid, next(inode for inode in inodes(self.pid) if peer(inode) in theirs)))

    def others(self, known):
        """The children of the fleet's broker that are not KNOWN, the oldest first: read at once, since they go on meanwhile."""
        with open(f"/proc/{self.fleet}/task/{self.fleet}/children") as pids:
            return [pid for pid in map(int, pids.read().split()) if pid not in known]

    def forked(self, words):
        """A bundle's broker and monitor, and a socket to each: the monitor is stopped before it has taken anything from its broker.
        None: that was too late."""
        before = set(self.others(()))
        self.broker.order(words)
        end = time.monotonic() + 0.5
        while len(new := self.others(before)) < 2 and time.monotonic() < end:
            pass
        broker, monitor = new if len(new) == 2 else (0, 0) # one has ended before it was seen
        try:
            while len(os.listdir(f"/proc/{monitor}/fd")) > 5: # 0, 1, 2 and two sockets
                pass
            stop(monitor)
            copies = {socket.socket(fileno=os.dup(fd)).type: fd for fd in (has(monitor, inode) for inode in inodes(monitor))}
        except (AssertionError, FileNotFoundError, ProcessLookupError):
            copies = {}
        assert not self.broker.failed(DONE)
        channel, orders = self.broker.fds.pop(), copies.get(socket.SOCK_SEQPACKET, -1)
        if orders >= 0 and select.select([orders], [], [], 0.3)[0]:
            if socket.socket(fileno=os.dup(orders)).recv(4, socket.MSG_PEEK) == struct.pack("I", BUNDLE):
                os.close(copies[socket.SOCK_STREAM])
                return broker, monitor, orders, channel
        for fd in channel, *copies.values():
            os.close(fd)
        if monitor and not dead(monitor):
            os.kill(monitor, signal.SIGKILL)
        until(lambda: all(map(dead, new)))
        return None

    def maker(self, words="bundle", plan="plan"):
        while not (found := self.forked(words)):
            pass
        maker = Maker(found[2])
        maker.pid, maker.monitor, maker.channel = found[0], found[1], found[3]
        if plan:
            maker.order(plan)
            assert not maker.failed(DONE)
        return maker

    def goes_on(self):
        self.broker.close()
        os.kill(self.pid, signal.SIGCONT)

class Member:
    """The monitor of the newest bundle of a fleet: it is stopped, and .channel is its socket to the front."""

    def __init__(self, fleet):
        self.broker, self.pid = children(fleet)[-2:]
        stop(self.pid)
        copies = [socket.socket(fileno=has(self.pid, inode)) for inode in inodes(self.pid)]
        theirs = inodes(children(fleet)[0])
        self.channel, = [copy for copy in copies if copy.type == socket.SOCK_STREAM and peer(os.fstat(copy.fileno()).st_ino) in theirs]
        self.channel.settimeout(20)

    def say(self, text):
        """Messages, between semicolons, each as tests/tools/message takes it."""
        for words in text.split(";"):
            self.channel.sendall(message(*words.split()))

    def is_cut_off(self):
        """The front has given it up: nothing more comes. It is stopped, and could not have ended by itself."""
        try:
            while self.channel.recv(65536):
                pass
        except ConnectionResetError:
            pass
        assert not dead(self.pid)
        os.kill(self.pid, signal.SIGKILL)
        until(lambda: dead(self.pid) and dead(self.broker))
        return True
