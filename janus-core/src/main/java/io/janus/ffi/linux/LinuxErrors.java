package io.janus.ffi.linux;

import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import java.util.HashMap;
import java.util.Map;

/**
 * Every errno that a call of this engine is documented to give (the ERRORS sections of the man pages of socket, bind,
 * listen, accept4, connect, recv, send, sendmsg, shutdown, getsockopt, setsockopt, getsockname, getpeername, epoll_create1,
 * epoll_ctl, epoll_wait, eventfd, write, close, mmap, munmap, ioctl, getrlimit and setrlimit, and tcp(7), ip(7), ipv6(7), unix(7)),
 * with its meaning and a remedy. Numbers are those of x86-64 and aarch64.
 */
public final class LinuxErrors {
  private static final Map<Integer, OsError> TABLE = new HashMap<>();

  static {
    waiting();
    connections();
    addresses();
    resources();
    misuse();
  }

  private LinuxErrors() {}

  /** The error of an errno above zero; unknown numbers get the kind OTHER and keep their number. */
  public static OsError of(int errno) {
    OsError known = TABLE.get(errno);
    return known != null
        ? known
        : new OsError(
            errno,
            "errno " + errno,
            ErrorKind.OTHER,
            "the system reported error number " + errno,
            "look the number up with `errno " + errno + "` and report it as a defect of Janus");
  }

  /** All errors with words of their own, for tests. */
  public static Map<Integer, OsError> all() {
    return Map.copyOf(TABLE);
  }

  private static void waiting() {
    put(11, "EAGAIN", ErrorKind.WOULD_BLOCK, "the socket is not ready",
        "wait for readiness and try again");
    put(4, "EINTR", ErrorKind.INTERRUPTED, "a signal interrupted the call", "call again");
    put(115, "EINPROGRESS", ErrorKind.IN_PROGRESS, "the connection is being made",
        "wait until the socket is writable");
    put(114, "EALREADY", ErrorKind.IN_PROGRESS,
        "an earlier connect on this socket is still going on",
        "wait for it, or close the socket and open a new one");
    put(125, "ECANCELED", ErrorKind.CANCELLED, "the operation was cancelled",
        "submit it again if it is still wanted");
    put(110, "ETIMEDOUT", ErrorKind.TIMED_OUT, "the peer did not answer in time",
        "check that the peer is up and that no firewall drops the packets, or allow more time");
    put(62, "ETIME", ErrorKind.TIMED_OUT, "a timer ran out", "allow more time");
  }

  private static void connections() {
    put(111, "ECONNREFUSED", ErrorKind.CONNECTION_REFUSED, "nobody listens at the address",
        "start the server, or check host and port");
    put(104, "ECONNRESET", ErrorKind.CONNECTION_RESET, "the peer reset the connection",
        "connect again; look into the peer's log for why it ended");
    put(103, "ECONNABORTED", ErrorKind.CONNECTION_ABORTED,
        "the connection was given up before it was used",
        "nothing to do for a server; a client connects again");
    put(32, "EPIPE", ErrorKind.BROKEN_PIPE, "sending is over on this connection",
        "stop sending after the end");
    put(108, "ESHUTDOWN", ErrorKind.BROKEN_PIPE, "the socket has been shut down",
        "stop sending after the end");
    put(107, "ENOTCONN", ErrorKind.NOT_CONNECTED, "the socket has no peer",
        "connect it first; a reset may have come before");
    put(106, "EISCONN", ErrorKind.ALREADY_CONNECTED, "the socket is connected already",
        "use a new socket for another connection");
    put(113, "EHOSTUNREACH", ErrorKind.UNREACHABLE, "no route leads to the host",
        "check the address, routes and firewall");
    put(112, "EHOSTDOWN", ErrorKind.UNREACHABLE, "the host is down", "check that the host is up");
    put(101, "ENETUNREACH", ErrorKind.UNREACHABLE, "no route leads to the network",
        "check the address and the machine's routes");
    put(100, "ENETDOWN", ErrorKind.UNREACHABLE, "the network interface is down",
        "bring the interface up");
    put(102, "ENETRESET", ErrorKind.CONNECTION_RESET, "keep-alive found the connection dead",
        "connect again");
    put(64, "ENONET", ErrorKind.UNREACHABLE, "the machine is not on the network",
        "check the network");
    put(71, "EPROTO", ErrorKind.PROTOCOL, "the peer or the network broke the protocol",
        "connect again");
    put(5, "EIO", ErrorKind.OTHER, "the device failed", "look into the kernel's log (dmesg)");
  }

  private static void addresses() {
    put(98, "EADDRINUSE", ErrorKind.ADDRESS_IN_USE, "another socket holds the address",
        "stop the other program (`ss -ltnp` names it) or choose another port");
    put(99, "EADDRNOTAVAIL", ErrorKind.ADDRESS_NOT_AVAILABLE,
        "the address is not this machine's, or no local port is left for it",
        "use an address of this machine; for many connections to one destination use several source or destination addresses");
    put(97, "EAFNOSUPPORT", ErrorKind.NOT_SUPPORTED, "the system lacks this address family",
        "use an IPv4 address, or switch IPv6 on");
    put(89, "EDESTADDRREQ", ErrorKind.INVALID_ARGUMENT, "the socket has no destination",
        "connect it first");
    put(36, "ENAMETOOLONG", ErrorKind.INVALID_ARGUMENT, "the path is too long",
        "use a path of at most 107 bytes");
    put(20, "ENOTDIR", ErrorKind.INVALID_ARGUMENT, "a part of the path is not a directory",
        "check the path");
    put(40, "ELOOP", ErrorKind.INVALID_ARGUMENT,
        "too many symbolic links, or an epoll instance would watch itself",
        "check the path; do not nest pollers in a circle");
    put(30, "EROFS", ErrorKind.PERMISSION_DENIED, "the file system is read-only",
        "put the socket's path elsewhere");
  }

  private static void resources() {
    put(24, "EMFILE", ErrorKind.OUT_OF_DESCRIPTORS, "the process has no descriptor left",
        "raise the limit with `ulimit -n` (LimitNOFILE= under systemd) or hold fewer connections");
    put(23, "ENFILE", ErrorKind.OUT_OF_DESCRIPTORS, "the system has no descriptor left",
        "raise the sysctl fs.file-max");
    put(105, "ENOBUFS", ErrorKind.OUT_OF_MEMORY, "no buffer is free",
        "retry later; raise the pool or the system's socket memory");
    put(12, "ENOMEM", ErrorKind.OUT_OF_MEMORY, "the system has no memory for this",
        "free memory, or raise the memory limit of the process or container");
    put(28, "ENOSPC", ErrorKind.OUT_OF_MEMORY, "the user's limit of epoll watches is reached",
        "raise the sysctl fs.epoll.max_user_watches");
    put(16, "EBUSY", ErrorKind.BUSY,
        "an operation of the same direction is in flight on the handle, or the table of operations is full",
        "take its completion, then submit again; or raise the limit of operations");
    put(63, "ENOSR", ErrorKind.OUT_OF_MEMORY, "the system has no stream resources left",
        "retry later");
    put(19, "ENODEV", ErrorKind.NOT_SUPPORTED, "the kernel lacks the device behind the call",
        "use a kernel with anonymous inodes and mappable memory");
    put(13, "EACCES", ErrorKind.PERMISSION_DENIED, "the system does not allow this to this user",
        "use a port of 1024 or more, or give the program CAP_NET_BIND_SERVICE, or check the path's permissions, or let the sandbox or"
            + " security policy (seccomp, SELinux, AppArmor) allow the call");
    put(1, "EPERM", ErrorKind.PERMISSION_DENIED, "the system forbids the call",
        "check the firewall, the seccomp profile and the capabilities of the process");
    put(27, "EFBIG", ErrorKind.INVALID_ARGUMENT, "the size is above the system's limit",
        "use a smaller size");
  }

  private static void misuse() {
    String report =
        "check the raw descriptor if one was handed to Janus; else report this as a defect of Janus";
    put(9, "EBADF", ErrorKind.BAD_HANDLE, "the descriptor is closed", report);
    put(25, "ENOTTY", ErrorKind.BAD_HANDLE, "the descriptor is not of a kind that has this",
        report);
    put(88, "ENOTSOCK", ErrorKind.BAD_HANDLE, "the descriptor is not a socket", report);
    put(22, "EINVAL", ErrorKind.INVALID_ARGUMENT, "the system does not accept an argument",
        "check the value against its documented range");
    put(14, "EFAULT", ErrorKind.INVALID_ARGUMENT, "an address lies outside the process's memory",
        report);
    put(17, "EEXIST", ErrorKind.INVALID_ARGUMENT,
        "the descriptor is registered already, or the ring belongs to another thread",
        "register a descriptor once per poller, and use a ring on the thread that opened it");
    put(53, "EBADR", ErrorKind.OUT_OF_MEMORY,
        "the system had no memory for a completion and has dropped it",
        "close the port, free memory, and open a new one");
    put(77, "EBADFD", ErrorKind.BAD_HANDLE, "the ring is not in a state for this", report);
    put(6, "ENXIO", ErrorKind.NOT_FOUND, "the ring has no such table of buffers or descriptors",
        report);
    put(130, "EOWNERDEAD", ErrorKind.BAD_HANDLE, "the thread to which the ring belongs has ended",
        "open a new port on a thread that lives");
    put(2, "ENOENT", ErrorKind.NOT_FOUND, "there is no such path, registration or operation",
        "check the path; an operation or registration has ended already");
    put(33, "EDOM", ErrorKind.INVALID_ARGUMENT, "the value does not fit the option",
        "check the value's range");
    put(34, "ERANGE", ErrorKind.INVALID_ARGUMENT, "the value is out of range",
        "check the value's range");
    put(38, "ENOSYS", ErrorKind.NOT_SUPPORTED, "the kernel or the sandbox lacks the call",
        "use another engine or a newer kernel");
    put(90, "EMSGSIZE", ErrorKind.MESSAGE_TOO_LONG, "the message is too long", "send less at once");
    put(91, "EPROTOTYPE", ErrorKind.NOT_SUPPORTED, "the socket is of the wrong type for this",
        "check the address family and type");
    put(92, "ENOPROTOOPT", ErrorKind.NOT_SUPPORTED, "the system lacks the socket option",
        "leave the option out");
    put(93, "EPROTONOSUPPORT", ErrorKind.NOT_SUPPORTED, "the system lacks the protocol",
        "use TCP over IPv4 or IPv6");
    put(94, "ESOCKTNOSUPPORT", ErrorKind.NOT_SUPPORTED, "the system lacks the socket type",
        "use a stream socket");
    put(95, "EOPNOTSUPP", ErrorKind.NOT_SUPPORTED, "the socket or the engine lacks the operation",
        "check the engine's abilities");
    put(96, "EPFNOSUPPORT", ErrorKind.NOT_SUPPORTED, "the system lacks the protocol family",
        "use TCP over IPv4 or IPv6");
    put(109, "ETOOMANYREFS", ErrorKind.OUT_OF_MEMORY, "too many descriptors are in flight",
        "retry later");
  }

  private static void put(int errno, String name, ErrorKind kind, String sentence, String remedy) {
    TABLE.put(errno, new OsError(errno, name, kind, sentence, remedy));
  }
}
