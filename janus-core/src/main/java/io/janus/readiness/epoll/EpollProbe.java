package io.janus.readiness.epoll;

import io.janus.ffi.OsException;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Counters;

/** Can epoll run here? If not, one sentence and the remedy. */
public final class EpollProbe {
  private EpollProbe() {}

  /** Empty if epoll works, else why not and what helps. */
  public static String refusal() {
    if (!SystemName.LINUX) {
      return "epoll is a part of Linux and this is " + SystemName.NAME
          + "; use an engine of this system";
    }
    try {
      EpollPoller.open(1, new Counters()).close();
      return "";
    } catch (OsException e) {
      return String.valueOf(e.getMessage());
    } catch (LinkageError | IllegalCallerException e) {
      // The refusal comes up inside a binding's initializer: wrapped the first time, and as a missing class ever after.
      return "the C library cannot be called: " + rootOf(e).getMessage()
          + "; start with --enable-native-access=io.janus.core, or ALL-UNNAMED on the class path";
    }
  }

  private static Throwable rootOf(Throwable wrapped) {
    Throwable root = wrapped;
    for (Throwable cause = root.getCause(); cause != null; cause = root.getCause()) {
      root = cause;
    }
    return root;
  }
}
