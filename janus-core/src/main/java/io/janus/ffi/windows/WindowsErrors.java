package io.janus.ffi.windows;

import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import java.util.HashMap;
import java.util.Map;

/**
 * Every error number that a call of this engine is documented to give on Windows, with its meaning and a remedy. GetLastError and
 * WSAGetLastError share one numbering (winerror.h); what the kernel says of an operation (NTSTATUS) has been put into the same
 * numbers by {@link NtStatus#result}, and passes as it is where there is none.
 */
public final class WindowsErrors {
  /** Numbers of winerror.h are far below, a status as it is far above. */
  private static final int LOWEST_ERROR_RESULT = -0x0fff_ffff;

  private static final Map<Integer, OsError> TABLE = new HashMap<>();

  static {
    waiting();
    connections();
    addresses();
    resources();
    handles();
    misuse();
    abilities();
  }

  private WindowsErrors() {}

  /** The error of a result below zero; unknown numbers get the kind OTHER and keep their number. */
  public static OsError of(int result) {
    if (result < LOWEST_ERROR_RESULT) {
      String status = String.format("0x%08X", result);
      return new OsError(result, "NTSTATUS " + status, ErrorKind.OTHER,
          "the system reported status " + status,
          "look the number up in ntstatus.h and report it as a defect of Janus");
    }
    OsError known = TABLE.get(-result);
    return known != null
        ? known
        : new OsError(-result, "error", ErrorKind.OTHER,
            "the system reported error number " + -result,
            "look the number up with `net helpmsg " + -result
                + "` and report it as a defect of Janus");
  }

  /** All errors with words of their own, for tests. */
  public static Map<Integer, OsError> all() {
    return Map.copyOf(TABLE);
  }

  private static void waiting() {
    put(10035, "WSAEWOULDBLOCK", ErrorKind.WOULD_BLOCK, "the socket is not ready",
        "wait for readiness and try again");
    put(10004, "WSAEINTR", ErrorKind.INTERRUPTED, "the call was interrupted", "call again");
    put(192, "WAIT_IO_COMPLETION", ErrorKind.INTERRUPTED, "the wait was interrupted",
        "wait again");
    put(997, "ERROR_IO_PENDING", ErrorKind.IN_PROGRESS, "the operation has been started",
        "wait for its completion, or until the socket is writable");
    put(10036, "WSAEINPROGRESS", ErrorKind.IN_PROGRESS, "a blocking call is going on",
        "wait until it has ended");
    put(10037, "WSAEALREADY", ErrorKind.IN_PROGRESS,
        "an earlier connect on this socket is still going on",
        "wait for it, or close the socket and open a new one");
    put(995, "ERROR_OPERATION_ABORTED", ErrorKind.CANCELLED, "the operation was cancelled",
        "submit it again if it is still wanted");
    put(10103, "WSAECANCELLED", ErrorKind.CANCELLED, "the call was cancelled",
        "call again if it is still wanted");
    put(10111, "WSA_E_CANCELLED", ErrorKind.CANCELLED, "the call was cancelled",
        "call again if it is still wanted");
    put(10060, "WSAETIMEDOUT", ErrorKind.TIMED_OUT, "the peer did not answer in time",
        "check that the peer is up and that no firewall drops the packets, or allow more time");
    put(258, "WAIT_TIMEOUT", ErrorKind.TIMED_OUT, "the wait ran out", "allow more time");
    put(121, "ERROR_SEM_TIMEOUT", ErrorKind.TIMED_OUT, "the peer did not answer in time",
        "check that the peer is up, or allow more time");
    put(1460, "ERROR_TIMEOUT", ErrorKind.TIMED_OUT, "the operation ran out of time",
        "allow more time");
  }

  private static void connections() {
    put(10061, "WSAECONNREFUSED", ErrorKind.CONNECTION_REFUSED, "nobody listens at the address",
        "start the server, or check host and port");
    put(1225, "ERROR_CONNECTION_REFUSED", ErrorKind.CONNECTION_REFUSED,
        "nobody listens at the address", "start the server, or check host and port");
    put(10112, "WSAEREFUSED", ErrorKind.CONNECTION_REFUSED, "the name service refused to answer",
        "use an address instead of a name");
    put(10054, "WSAECONNRESET", ErrorKind.CONNECTION_RESET, "the peer reset the connection",
        "connect again; look into the peer's log for why it ended");
    put(64, "ERROR_NETNAME_DELETED", ErrorKind.CONNECTION_RESET, "the peer reset the connection",
        "connect again; look into the peer's log for why it ended");
    put(10052, "WSAENETRESET", ErrorKind.CONNECTION_RESET, "keep-alive found the connection dead",
        "connect again");
    put(10053, "WSAECONNABORTED", ErrorKind.CONNECTION_ABORTED,
        "the connection was given up on this side or by the network",
        "connect again; check the network and any program that filters it");
    put(1236, "ERROR_CONNECTION_ABORTED", ErrorKind.CONNECTION_ABORTED,
        "the connection was given up on this side or by the network", "connect again");
    put(10058, "WSAESHUTDOWN", ErrorKind.BROKEN_PIPE, "the socket has been shut down",
        "stop sending after the end");
    put(10101, "WSAEDISCON", ErrorKind.BROKEN_PIPE, "the peer has begun to end the connection",
        "stop sending after the end");
    put(10057, "WSAENOTCONN", ErrorKind.NOT_CONNECTED, "the socket has no peer",
        "connect it first; a reset may have come before");
    put(10056, "WSAEISCONN", ErrorKind.ALREADY_CONNECTED, "the socket is connected already",
        "use a new socket for another connection");
    put(10065, "WSAEHOSTUNREACH", ErrorKind.UNREACHABLE, "no route leads to the host",
        "check the address, routes and firewall");
    put(10064, "WSAEHOSTDOWN", ErrorKind.UNREACHABLE, "the host is down",
        "check that the host is up");
    put(10051, "WSAENETUNREACH", ErrorKind.UNREACHABLE, "no route leads to the network",
        "check the address and the machine's routes");
    put(10050, "WSAENETDOWN", ErrorKind.UNREACHABLE, "the network is down",
        "bring the network adapter up");
  }

  private static void addresses() {
    put(10048, "WSAEADDRINUSE", ErrorKind.ADDRESS_IN_USE, "another socket holds the address",
        "stop the other program (`netstat -ano` shows its process) or choose another port; in a connect, no local port may be left: connect less"
            + " often, or see `netsh int ipv4 show dynamicport tcp`");
    put(10049, "WSAEADDRNOTAVAIL", ErrorKind.ADDRESS_NOT_AVAILABLE,
        "the address is not this machine's, or no local port is left for it",
        "use an address of this machine; for many connections to one destination use several source or destination addresses");
    put(10047, "WSAEAFNOSUPPORT", ErrorKind.NOT_SUPPORTED,
        "the system lacks this address family",
        "for the path of a Unix socket, use Windows 10 1803 or newer; for IPv6, switch it on, or use an IPv4 address");
    put(10039, "WSAEDESTADDRREQ", ErrorKind.INVALID_ARGUMENT, "the socket has no destination",
        "connect it first");
    put(10063, "WSAENAMETOOLONG", ErrorKind.INVALID_ARGUMENT, "the path is too long",
        "use a path of at most 107 bytes");
    put(10062, "WSAELOOP", ErrorKind.INVALID_ARGUMENT, "the path cannot be followed",
        "check the path");
  }

  private static void resources() {
    put(10024, "WSAEMFILE", ErrorKind.OUT_OF_DESCRIPTORS, "the process has no socket left",
        "hold fewer connections; the bound is the memory that the system keeps for handles");
    put(4, "ERROR_TOO_MANY_OPEN_FILES", ErrorKind.OUT_OF_DESCRIPTORS,
        "the process has no handle left", "hold fewer connections");
    put(10055, "WSAENOBUFS", ErrorKind.OUT_OF_MEMORY, "no buffer is free",
        "retry later; raise the pool, or hold fewer connections; in a connect, no local port may be left (`netsh int ipv4 show dynamicport tcp`)");
    put(8, "ERROR_NOT_ENOUGH_MEMORY", ErrorKind.OUT_OF_MEMORY,
        "the system has no memory for this", "free memory, or give the machine more");
    put(14, "ERROR_OUTOFMEMORY", ErrorKind.OUT_OF_MEMORY, "the system has no memory for this",
        "free memory, or give the machine more");
    put(1450, "ERROR_NO_SYSTEM_RESOURCES", ErrorKind.OUT_OF_MEMORY,
        "the kernel has no memory for this", "retry later, or hold fewer connections");
    put(1453, "ERROR_WORKING_SET_QUOTA", ErrorKind.OUT_OF_MEMORY,
        "the process may lock no more memory", "hold fewer buffers in receives");
    put(1454, "ERROR_PAGEFILE_QUOTA", ErrorKind.OUT_OF_MEMORY,
        "the process may use no more of the page file", "raise the quota, or free memory");
    put(1455, "ERROR_COMMITMENT_LIMIT", ErrorKind.OUT_OF_MEMORY,
        "memory and page file are used up", "free memory, or enlarge the page file");
    put(1816, "ERROR_NOT_ENOUGH_QUOTA", ErrorKind.OUT_OF_MEMORY,
        "the process's quota is used up", "raise the quota, or hold fewer connections");
    put(10067, "WSAEPROCLIM", ErrorKind.OUT_OF_MEMORY, "too many programs use the network",
        "end other programs");
    put(170, "ERROR_BUSY", ErrorKind.BUSY,
        "an operation of the same direction is in flight on the handle, or the table of operations is full",
        "take its completion, then submit again; or raise the limit of operations");
  }

  private static void handles() {
    String report =
        "check the raw socket if one was handed to Janus; else report this as a defect of Janus";
    put(10038, "WSAENOTSOCK", ErrorKind.BAD_HANDLE, "the socket is closed, or is none", report);
    put(10009, "WSAEBADF", ErrorKind.BAD_HANDLE, "the handle is closed", report);
    put(6, "ERROR_INVALID_HANDLE", ErrorKind.BAD_HANDLE, "the handle is closed", report);
    put(735, "ERROR_ABANDONED_WAIT_0", ErrorKind.BAD_HANDLE,
        "the completion port was closed while a thread waited on it",
        "end the waiting thread before closing the port");
    put(1168, "ERROR_NOT_FOUND", ErrorKind.NOT_FOUND,
        "there is no such registration or operation", "it has ended already");
    put(2, "ERROR_FILE_NOT_FOUND", ErrorKind.NOT_FOUND, "there is no such file or device",
        "check the path");
    put(3, "ERROR_PATH_NOT_FOUND", ErrorKind.NOT_FOUND, "there is no such folder",
        "check the path");
    put(10013, "WSAEACCES", ErrorKind.PERMISSION_DENIED,
        "the system does not allow this: another program has the address for itself, it is reserved, or a firewall forbids it",
        "`netstat -ano` shows who has the port and `netsh interface ipv4 show excludedportrange tcp` what is reserved; choose another port");
    put(5, "ERROR_ACCESS_DENIED", ErrorKind.PERMISSION_DENIED,
        "the system does not allow this to this user",
        "run the program as a user who may, or check the path's permissions");
  }

  private static void misuse() {
    String report = "report this as a defect of Janus";
    put(10022, "WSAEINVAL", ErrorKind.INVALID_ARGUMENT, "the system does not accept an argument",
        "check the value against its documented range, and the order of the calls");
    put(87, "ERROR_INVALID_PARAMETER", ErrorKind.INVALID_ARGUMENT,
        "the system does not accept an argument",
        "a socket can be given to one completion port only, and for life");
    put(10014, "WSAEFAULT", ErrorKind.INVALID_ARGUMENT,
        "a value or an address is too short, or the address is not of the socket's family",
        "give the whole size of the option, and an address of the socket's family");
    put(998, "ERROR_NOACCESS", ErrorKind.INVALID_ARGUMENT,
        "an address lies outside the process's memory", report);
    put(487, "ERROR_INVALID_ADDRESS", ErrorKind.INVALID_ARGUMENT,
        "the memory is not mapped", report);
    put(122, "ERROR_INSUFFICIENT_BUFFER", ErrorKind.INVALID_ARGUMENT,
        "the space for the answer is too small", report);
    put(10040, "WSAEMSGSIZE", ErrorKind.MESSAGE_TOO_LONG, "the message does not fit",
        "send smaller messages, or receive into a larger buffer");
    put(10093, "WSANOTINITIALISED", ErrorKind.OTHER, "Windows Sockets has not been started",
        report);
  }

  private static void abilities() {
    put(10042, "WSAENOPROTOOPT", ErrorKind.NOT_SUPPORTED, "the system lacks the socket option",
        "leave the option out, or use a newer Windows");
    put(10045, "WSAEOPNOTSUPP", ErrorKind.NOT_SUPPORTED,
        "the system or the engine lacks the operation", "check the engine's abilities");
    put(10041, "WSAEPROTOTYPE", ErrorKind.NOT_SUPPORTED,
        "the protocol does not fit the socket type", "use TCP over IPv4 or IPv6");
    put(10043, "WSAEPROTONOSUPPORT", ErrorKind.NOT_SUPPORTED, "the system lacks the protocol",
        "use TCP over IPv4 or IPv6");
    put(10044, "WSAESOCKTNOSUPPORT", ErrorKind.NOT_SUPPORTED, "the system lacks the socket type",
        "use a stream socket");
    put(10046, "WSAEPFNOSUPPORT", ErrorKind.NOT_SUPPORTED,
        "engine iocp has no Unix sockets (AF_UNIX)",
        "use engine afd or emulated on Windows 10 1803 or newer, or TCP: an IPv4 or IPv6 address with a port");
    put(1, "ERROR_INVALID_FUNCTION", ErrorKind.NOT_SUPPORTED, "the device lacks the function",
        "use a socket of the system's own provider");
    put(50, "ERROR_NOT_SUPPORTED", ErrorKind.NOT_SUPPORTED, "the system lacks the operation",
        "use a newer Windows");
    put(10091, "WSASYSNOTREADY", ErrorKind.NOT_SUPPORTED, "the network is not ready",
        "start again when the system has come up");
    put(10092, "WSAVERNOTSUPPORTED", ErrorKind.NOT_SUPPORTED,
        "the system lacks Windows Sockets 2.2", "repair the system's network components");
    put(10106, "WSAEPROVIDERFAILEDINIT", ErrorKind.OTHER,
        "the network's provider cannot be started",
        "set the environment variable SystemRoot, or repair the system's network components");
    put(10107, "WSASYSCALLFAILURE", ErrorKind.OTHER, "a call of the system has failed",
        "look into the system's event log");
  }

  private static void put(int number, String name, ErrorKind kind, String sentence,
      String remedy) {
    TABLE.put(number, new OsError(number, name, kind, sentence, remedy));
  }
}
