package io.janus.contract;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Why a machine refuses what a test needs. Maven prints how many tests were skipped and not why, so each reason is told once here. */
public final class Refusal {
  private static final Set<String> TOLD = ConcurrentHashMap.newKeySet();

  private Refusal() {}

  /** Skips the test that asks, if there is a reason. */
  public static void skipIf(String reason) {
    if (!reason.isEmpty() && TOLD.add(reason)) {
      System.out.println("Tests are skipped, because " + reason);
    }
    assumeTrue(reason.isEmpty(), reason);
  }
}
