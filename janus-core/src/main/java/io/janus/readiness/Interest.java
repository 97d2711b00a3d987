package io.janus.readiness;

/** What a registration wants to hear of: a set of bits. 0 means nothing, and then nothing is reported, not even a reset. */
public final class Interest {
  /** Nothing for now; the registration stays. */
  public static final int NONE = 0;

  /** Bytes can be received, a connection can be accepted, or the peer has ended. */
  public static final int READ = 1;

  /** Bytes can be sent, or a connect has ended. */
  public static final int WRITE = 2;

  /** Urgent data has come (EPOLLPRI). */
  public static final int URGENT = 4;

  static final int ALL = READ | WRITE | URGENT;

  private Interest() {}

  /**
   * Checks a set of bits.
   *
   * @throws IllegalArgumentException if a bit has no meaning
   */
  public static int check(int interest) {
    if ((interest & ~ALL) != 0) {
      throw new IllegalArgumentException(
          "interest " + interest + " has unknown bits; combine READ (1), WRITE (2) and URGENT (4)");
    }
    return interest;
  }
}
