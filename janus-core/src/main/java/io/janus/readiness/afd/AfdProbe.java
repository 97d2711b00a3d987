package io.janus.readiness.afd;

import io.janus.ffi.OsException;
import io.janus.ffi.call.Native;
import io.janus.ffi.call.SystemName;
import io.janus.limit.Counters;

/** Can the AFD device be polled here? If not, one sentence and the remedy. */
public final class AfdProbe {
  private AfdProbe() {}

  /** Empty if it can, else why not and what helps. */
  public static String refusal() {
    if (!SystemName.WINDOWS) {
      return "AFD is a part of Windows and this is " + SystemName.NAME;
    }
    try {
      AfdPoller.open(1, new Counters()).close();
      return "";
    } catch (OsException e) {
      return String.valueOf(e.getMessage());
    } catch (LinkageError | IllegalCallerException e) {
      return Native.deniedSentence(e);
    }
  }
}
