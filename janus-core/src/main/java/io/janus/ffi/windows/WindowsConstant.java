package io.janus.ffi.windows;

/** The constants of winnt.h, winbase.h, handleapi.h and winternl.h that are used here. */
public final class WindowsConstant {
  /** A success that is known at once queues no packet; cannot be taken back. */
  public static final int FILE_SKIP_COMPLETION_PORT_ON_SUCCESS = 1;

  /** A completion does not signal the handle itself, which nobody here waits for; cannot be taken back. */
  public static final int FILE_SKIP_SET_EVENT_ON_HANDLE = 2;

  /** Child processes get the handle. */
  public static final int HANDLE_FLAG_INHERIT = 1;

  /** No timeout, as the unsigned number of milliseconds. */
  public static final int INFINITE = -1;

  public static final int MEM_COMMIT = 0x1000;
  public static final int MEM_RESERVE = 0x2000;
  public static final int MEM_RELEASE = 0x8000;
  public static final int PAGE_READWRITE = 4;

  public static final int SYNCHRONIZE = 0x0010_0000;
  public static final int FILE_SHARE_READ = 1;
  public static final int FILE_SHARE_WRITE = 2;
  public static final int FILE_OPEN = 1;

  private WindowsConstant() {}
}
