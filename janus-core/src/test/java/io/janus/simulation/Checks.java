package io.janus.simulation;

import org.jspecify.annotations.Nullable;

/** Remembers the first promise that was broken, because the engine catches whatever a handler throws. */
final class Checks {
  private @Nullable AssertionError first;

  void require(boolean kept, String promise) {
    if (!kept) {
      fail(promise);
    }
  }

  void fail(String broken) {
    AssertionError error = new AssertionError(broken);
    remember(error);
    throw error;
  }

  void remember(AssertionError error) {
    if (first == null) {
      first = error;
    }
  }

  void throwIfBroken() {
    if (first != null) {
      throw first;
    }
  }
}
