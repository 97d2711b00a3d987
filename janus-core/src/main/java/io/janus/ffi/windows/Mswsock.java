package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.call.Dll;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.Native;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.UUID;

/**
 * mswsock.h, the extensions of Windows Sockets, call for call. Each function is asked by its {@link Guid} from a socket's provider,
 * once for each address family, and its address is an argument here.
 *
 * <p>Overlapped calls return 0 if the operation is done already, −{@link WinError#ERROR_IO_PENDING} if it goes on, or another
 * negative error if it has not begun. All memory they name is in one segment and stays the kernel's until the packet has been
 * dequeued.
 */
public final class Mswsock {
  private static final MethodHandle ACCEPT_EX =
      Dll.extension("AcceptEx", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG,
          JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle CONNECT_EX =
      Dll.extension("ConnectEx", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT,
          JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle GET_ACCEPT_EX_SOCKADDRS =
      Dll.plainExtension(
          "GetAcceptExSockaddrs",
          FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG,
              JAVA_LONG, JAVA_LONG));

  private Mswsock() {}

  /**
   * Asks a socket's provider for the address of an extension.
   *
   * @param name one of the constants of {@link Guid}
   * @param scratch at least 32 bytes
   * @return the address, or the negative error
   */
  public static long find(Errno errno, long socket, UUID name, MemorySegment scratch) {
    MemorySegment guid = scratch.asSlice(0, Guid.BYTES);
    MemorySegment found = scratch.asSlice(Guid.BYTES, Long.BYTES);
    MemorySegment returned = scratch.asSlice(Guid.BYTES + Long.BYTES, Integer.BYTES);
    Guid.set(guid, 0, name);
    int result = Winsock2.wsaIoctl(errno, socket,
        WinsockConstant.SIO_GET_EXTENSION_FUNCTION_POINTER, guid, (int) Guid.BYTES, found,
        Long.BYTES, returned);
    return result < 0 ? result : found.get(JAVA_LONG, 0);
  }

  /**
   * AcceptEx that does not wait for the first bytes.
   *
   * @param acceptEx its address
   * @param socket fresh and unbound, of the listener's family
   * @param addressesAt where the two addresses go, twice {@code addressBytes}
   * @param addressBytes the longest address of the family and {@link AcceptAddresses#EXTRA_BYTES}
   * @param countAt 4 bytes for a count that says nothing
   */
  public static int acceptEx(Errno errno, MemorySegment acceptEx, long listener, long socket,
      MemorySegment slab, long addressesAt, int addressBytes, long countAt, long overlappedAt) {
    try {
      return errno.socketTrue((int) ACCEPT_EX.invokeExact(acceptEx, errno.state(), listener,
          socket, Native.address(slab, addressesAt, 2L * addressBytes), 0, addressBytes,
          addressBytes, Native.address(slab, countAt, Integer.BYTES),
          Native.address(slab, overlappedAt, Overlapped.BYTES)));
    } catch (Throwable bug) {
      throw Native.bug("AcceptEx", bug);
    }
  }

  /**
   * GetAcceptExSockaddrs: finds the two addresses in what AcceptEx has filled.
   *
   * @param getAcceptExSockaddrs its address
   * @param cellsAt where the four results go: {@link AcceptAddresses}, in the same segment
   */
  public static void getAcceptExSockaddrs(MemorySegment getAcceptExSockaddrs, MemorySegment slab,
      long addressesAt, int addressBytes, long cellsAt) {
    try {
      long cells = Native.address(slab, cellsAt, AcceptAddresses.BYTES);
      GET_ACCEPT_EX_SOCKADDRS.invokeExact(getAcceptExSockaddrs,
          Native.address(slab, addressesAt, 2L * addressBytes), 0, addressBytes, addressBytes,
          cells + AcceptAddresses.LOCAL_AT, cells + AcceptAddresses.LOCAL_LENGTH_AT,
          cells + AcceptAddresses.REMOTE_AT, cells + AcceptAddresses.REMOTE_LENGTH_AT);
    } catch (Throwable bug) {
      throw Native.bug("GetAcceptExSockaddrs", bug);
    }
  }

  /**
   * ConnectEx without first bytes.
   *
   * @param connectEx its address
   * @param socket bound already, to any address of the family at least
   * @param addressAt the destination
   * @param countAt 4 bytes for a count that says nothing
   */
  public static int connectEx(Errno errno, MemorySegment connectEx, long socket,
      MemorySegment slab, long addressAt, int addressBytes, long countAt, long overlappedAt) {
    try {
      return errno.socketTrue((int) CONNECT_EX.invokeExact(connectEx, errno.state(), socket,
          Native.address(slab, addressAt, addressBytes), addressBytes, 0L, 0,
          Native.address(slab, countAt, Integer.BYTES),
          Native.address(slab, overlappedAt, Overlapped.BYTES)));
    } catch (Throwable bug) {
      throw Native.bug("ConnectEx", bug);
    }
  }
}
