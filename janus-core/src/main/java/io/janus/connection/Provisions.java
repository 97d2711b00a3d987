package io.janus.connection;

import io.janus.buffer.Custody;
import java.lang.invoke.MethodHandles;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;

/**
 * What a loop first needs when there may be nothing left to fetch it with. A class that lies in a folder takes a descriptor to be loaded, and
 * one that could not be had once is missing for ever; so those of this room for accepting, resting, failing and ending are there before
 * the loop begins. Those of the engines are not.
 */
final class Provisions {
  private static final List<Class<?>> CLASSES =
      List.of(
          Complaint.class, Connection.class, ConnectionDeadline.class, Custody.class,
          Connector.ConnectsNoMore.class, Drain.class, ListenVerdict.class, Listener.class,
          Outbound.class, PinnedSends.class, PinnedSends.Send.class, RefusedHandler.class,
          Shutdown.class, Spread.class);

  private Provisions() {}

  /** Costs nothing from the second time on. */
  static void load() {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      for (Class<?> needed : CLASSES) {
        lookup.ensureInitialized(needed);
      }
      // The JDK loads what it writes numbers with when the first is written.
      new Formatter(Locale.ROOT).format("%,d", 1_000).close();
    } catch (IllegalAccessException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
