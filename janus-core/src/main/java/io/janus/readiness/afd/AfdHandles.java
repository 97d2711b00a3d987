package io.janus.readiness.afd;

import io.janus.ffi.ErrorCode;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.NativeMemory;
import io.janus.ffi.windows.AfdDevice;
import io.janus.ffi.windows.Handleapi;
import io.janus.ffi.windows.Ioapiset;
import io.janus.ffi.windows.Winbase;
import io.janus.ffi.windows.WindowsConstant;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The handles of the device, one for every {@link #GROUP} slots, and the memory of their polls. Sockets are polled through these
 * and never through themselves: a handle belongs to one completion port for life, so a socket that had been polled by itself could
 * not be given to another poller or port any more. Many polls on one handle would make each cancel walk through all of them.
 *
 * <p>Memory comes in chunks that never move. A slot keeps its handle and its memory for ever, so both grow with the most
 * registrations that there ever were at once.
 */
final class AfdHandles {
  /** Slots of one handle. */
  static final int GROUP = 32;

  /** Slots of one chunk; on Windows memory is mapped in steps of 64 KiB anyway. */
  static final int CHUNK = 1024;

  private final long port;
  private final long key;
  private final List<Long> devices = new ArrayList<>();
  private final List<MemorySegment> chunks = new ArrayList<>();

  /**
   * @param key comes with the packet of each poll
   */
  AfdHandles(long port, long key) {
    this.port = port;
    this.key = key;
  }

  /**
   * Opens what the slot needs.
   *
   * @return 0 or the negative error
   */
  int reach(Errno errno, int slot) {
    if (slot / CHUNK == chunks.size()) {
      try {
        chunks.add(NativeMemory.map((long) CHUNK * AfdRegistration.BYTES));
      } catch (OutOfMemoryError refused) {
        // An answer like any other: whoever adds a socket gives up that one, and the loop lives on.
        return ErrorCode.NO_BUFFER;
      }
    }
    return slot / GROUP == devices.size() ? openDevice(errno) : 0;
  }

  /** The registration of a slot that has been reached. */
  AfdRegistration registration(int slot) {
    return new AfdRegistration(slot, devices.get(slot / GROUP), chunks.get(slot / CHUNK),
        (long) (slot % CHUNK) * AfdRegistration.BYTES);
  }

  /**
   * Closes the handles and gives the memory back.
   *
   * @param quiet no poll is out any more; otherwise the memory stays mapped for ever, because the device may still write to it
   */
  void close(Errno errno, boolean quiet) {
    for (long device : devices) {
      Handleapi.closeHandle(errno, device);
    }
    devices.clear();
    if (quiet) {
      chunks.forEach(NativeMemory::unmap);
      chunks.clear();
    }
  }

  private int openDevice(Errno errno) {
    long device = AfdDevice.open();
    if (device < 0) {
      return (int) device;
    }
    long result = Ioapiset.createIoCompletionPort(errno, device, port, key, 0);
    if (result >= 0) {
      // Saves the kernel an event that nobody waits for.
      result = Winbase.setFileCompletionNotificationModes(
          errno, device, WindowsConstant.FILE_SKIP_SET_EVENT_ON_HANDLE);
    }
    if (result < 0) {
      Handleapi.closeHandle(errno, device);
      return (int) result;
    }
    devices.add(device);
    return 0;
  }
}
