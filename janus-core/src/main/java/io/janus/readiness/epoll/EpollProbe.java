package io.janus.readiness.epoll;

import io.janus.ffi.OsException;
import io.janus.ffi.call.Native;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Counters;

/** Can epoll run here? If not, one sentence and the remedy. */
public final class EpollProbe {
  private EpollProbe() {}

  /** Empty if epoll works, else why not and what helps. */
  public static String refusal() {
    if (!SystemName.LINUX) {
      return "epoll is a part of Linux and this is " + SystemName.NAME;
    }
    try {
      EpollPoller.open(1, new Counters()).close();
      return "";
    } catch (OsException e) {
      return String.valueOf(e.getMessage());
    } catch (LinkageError | IllegalCallerException e) {
      return Native.deniedSentence(e);
    }
  }
}
