package io.janus.ffi.linux;

/** The constants of sys/epoll.h. */
public final class Epoll {
  /** epoll_create1: closed on exec. */
  public static final int CLOEXEC = 0x80000;

  /** epoll_ctl operations. */
  public static final int CTL_ADD = 1;

  public static final int CTL_DEL = 2;
  public static final int CTL_MOD = 3;

  /** Event bits. */
  public static final int IN = 0x001;

  public static final int PRI = 0x002;
  public static final int OUT = 0x004;
  public static final int ERR = 0x008;
  public static final int HUP = 0x010;
  public static final int RDHUP = 0x2000;
  public static final int ONESHOT = 1 << 30;
  public static final int ET = 1 << 31;

  private Epoll() {}
}
