package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.call.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/**
 * The driver below all sockets, opened as a file of its own. Polls of any sockets are asked through such a handle and delivered through
 * the completion port that it is associated with. It is not a socket: it is closed by {@link Handleapi#closeHandle}.
 */
public final class AfdDevice {
  /** What comes behind the second backslash is free. */
  private static final String NAME = "\\Device\\Afd\\Janus";

  private static final int[] LAYERS = {
    WinsockConstant.SIO_BSP_HANDLE_POLL, WinsockConstant.SIO_BSP_HANDLE_SELECT
  };

  /** No chain of layers is so long; one that names itself has no end. */
  private static final int MOST_LAYERS = 16;

  private AfdDevice() {}

  /** Opens a handle that child processes do not get: the handle, or the negative error. */
  public static long open() {
    try (Arena scratch = Arena.ofConfined()) {
      byte[] utf16 = NAME.getBytes(StandardCharsets.UTF_16LE);
      MemorySegment characters = scratch.allocate(utf16.length, 2);
      MemorySegment.copy(MemorySegment.ofArray(utf16), 0, characters, 0, utf16.length);
      MemorySegment name = scratch.allocate(UnicodeString.LAYOUT);
      UnicodeString.set(name, characters);
      MemorySegment attributes = scratch.allocate(ObjectAttributes.LAYOUT);
      ObjectAttributes.set(attributes, name);
      MemorySegment handle = scratch.allocate(JAVA_LONG);
      int result = Winternl.ntCreateFile(handle, WindowsConstant.SYNCHRONIZE, attributes,
          scratch.allocate(IoStatusBlock.LAYOUT),
          WindowsConstant.FILE_SHARE_READ | WindowsConstant.FILE_SHARE_WRITE,
          WindowsConstant.FILE_OPEN, 0);
      return result < 0 ? result : handle.get(JAVA_LONG, 0);
    }
  }

  /**
   * Starts a poll whose {@link AfdPollInfo} has been set.
   *
   * @param context comes with the packet in the place of an operation; not 0
   * @param slab holds the {@link IoStatusBlock}, which has been set to pending, and the {@link AfdPollInfo}; both stay the kernel's
   *     until the packet has been dequeued
   * @return zero or more if a packet will come, be it ready now or later; less if none will
   */
  public static int poll(
      long device, long context, MemorySegment slab, long statusAt, long infoAt) {
    return Winternl.ntDeviceIoControlFile(device, context, slab, statusAt,
        AfdPollInfo.IOCTL_AFD_POLL, infoAt, (int) AfdPollInfo.BYTES);
  }

  /**
   * The socket that the device knows: the socket itself, unless a program has put a layer of its own above it.
   *
   * @param scratch at least 16 bytes
   * @return the base socket, or the negative error
   */
  public static long baseSocket(Errno errno, long socket, MemorySegment scratch) {
    long layer = socket;
    long base = ask(errno, layer, WinsockConstant.SIO_BASE_HANDLE, scratch);
    for (int depth = 0; depth < MOST_LAYERS && base < 0; depth++) {
      // Some layers refuse to name the base, but name the layer below when asked in another way.
      layer = below(errno, layer, scratch);
      if (layer < 0) {
        return base;
      }
      base = ask(errno, layer, WinsockConstant.SIO_BASE_HANDLE, scratch);
    }
    return base;
  }

  /** The layer below a socket's, or an error if it has none. */
  private static long below(Errno errno, long socket, MemorySegment scratch) {
    for (int code : LAYERS) {
      long below = ask(errno, socket, code, scratch);
      if (below >= 0 && below != socket) {
        return below;
      }
    }
    return ErrorCode.NOT_FOUND;
  }

  private static long ask(Errno errno, long socket, int code, MemorySegment scratch) {
    MemorySegment found = scratch.asSlice(0, Long.BYTES);
    int result = Winsock2.wsaIoctl(errno, socket, code, MemorySegment.NULL, 0, found, Long.BYTES,
        scratch.asSlice(Long.BYTES, Integer.BYTES));
    return result < 0 ? result : found.get(JAVA_LONG, 0);
  }
}
