package io.janus.readiness.epoll;

import io.janus.Janus;

/** The program of a person who forgot to allow native access: asks twice, then opens an engine. */
final class EpollDeniedChild {
  private EpollDeniedChild() {}

  public static void main(String[] arguments) throws Exception {
    System.out.println("first: " + EpollProbe.refusal());
    System.out.println("again: " + EpollProbe.refusal());
    try (Janus janus = Janus.open()) {
      System.out.println("open: " + janus.engine());
    } catch (UnsupportedOperationException refused) {
      System.out.println("open: " + refused.getMessage());
    }
  }
}
