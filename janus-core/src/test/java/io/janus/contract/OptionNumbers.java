package io.janus.contract;

import io.janus.ffi.call.SystemName;
import io.janus.ffi.linux.SocketConstant;
import io.janus.ffi.windows.WinsockConstant;

/** The numbers by which this system knows the option that tests set by number. */
public final class OptionNumbers {
  public static final int SOL_SOCKET =
      SystemName.WINDOWS ? WinsockConstant.SOL_SOCKET : SocketConstant.SOL_SOCKET;
  public static final int SO_KEEPALIVE =
      SystemName.WINDOWS ? WinsockConstant.SO_KEEPALIVE : SocketConstant.SO_KEEPALIVE;

  private OptionNumbers() {}
}
