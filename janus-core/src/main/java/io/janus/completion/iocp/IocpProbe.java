package io.janus.completion.iocp;

import io.janus.buffer.BufferPool;
import io.janus.ffi.OsError;
import io.janus.ffi.OsException;
import io.janus.ffi.call.Native;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import io.janus.socket.Sockets;

/** Can completion ports run here, and how well? Found by opening one, and a socket. */
public final class IocpProbe {
  private static final int BUFFER_BYTES = 64;
  private static final Address ANY = new Address.Ipv4(new byte[4], 0);

  private IocpProbe() {}

  /** Empty if completion ports work, else why not and what helps. */
  public static String refusal() {
    if (!SystemName.WINDOWS) {
      return "completion ports are a part of Windows and this is " + SystemName.NAME;
    }
    try {
      stepsDown();
      return "";
    } catch (OsException e) {
      return String.valueOf(e.getMessage());
    } catch (UnsupportedOperationException e) {
      return String.valueOf(e.getMessage());
    } catch (LinkageError | IllegalCallerException e) {
      return Native.deniedSentence(e);
    }
  }

  /** What there is of that which Windows may lack or a program may have switched off, in words. */
  public static String offers() throws OsException {
    return "AcceptEx, ConnectEx, GetQueuedCompletionStatusEx, "
        + (stepsDown().isEmpty() ? "no packet for what is done at once"
            : "a packet for everything");
  }

  /** What this system's completion ports lack, in words; empty if nothing. */
  public static String stepsDown() throws OsException {
    Counters counters = new Counters();
    try (Sockets sockets = Sockets.open(counters);
        BufferPool pool = new BufferPool(BUFFER_BYTES, 16 * BUFFER_BYTES);
        IocpParts parts =
            new IocpParts(sockets, pool, Limits.defaults(), counters, true, 0)) {
      long socket = OsException.check("open a socket", sockets.open(ANY));
      try {
        SocketExtensions extensions = parts.instance.extensions(ANY, socket);
        if (extensions.error < 0) {
          throw new OsException("find AcceptEx and ConnectEx", OsError.of(extensions.error));
        }
        return parts.instance.isPlain(socket)
            ? ""
            : "a program between Windows Sockets and the system (a layered provider, such as a filter or an old VPN) costs a packet for"
                + " each operation that is done at once";
      } finally {
        sockets.closeSocket(socket);
      }
    }
  }
}
