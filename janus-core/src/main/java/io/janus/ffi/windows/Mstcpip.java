package io.janus.ffi.windows;

import io.janus.ffi.call.Errno;
import java.lang.foreign.MemorySegment;

/** mstcpip.h, whose requests go through WSAIoctl. */
public final class Mstcpip {
  private Mstcpip() {}

  /**
   * SIO_TCP_INITIAL_RTO: a connect gives up at the first refusal, where Windows would send its SYN again for about two seconds. For
   * ways on which nothing gets lost, such as the loopback; before the connect. Windows 10 1709 or newer; Wine has not got it.
   *
   * @param scratch at least 8 bytes
   * @return 0, or the negative error, which only means that a refusal takes longer
   */
  public static int giveUpAtTheFirstRefusal(Errno errno, long socket, MemorySegment scratch) {
    MemorySegment parameters = scratch.asSlice(0, TcpInitialRto.BYTES);
    TcpInitialRto.setNoRetransmission(parameters);
    return Winsock2.wsaIoctl(errno, socket, WinsockConstant.SIO_TCP_INITIAL_RTO, parameters,
        TcpInitialRto.BYTES, MemorySegment.NULL, 0, scratch.asSlice(4, Integer.BYTES));
  }
}
