package io.janus.ffi.linux;

/** Constants of linux/io_uring.h, with C's names shortened by their prefix. */
public final class Uring {
  public static final int SETUP_CQSIZE = 1 << 3;
  public static final int SETUP_CLAMP = 1 << 4;
  public static final int SETUP_SUBMIT_ALL = 1 << 7;
  public static final int SETUP_COOP_TASKRUN = 1 << 8;
  public static final int SETUP_SINGLE_ISSUER = 1 << 12;
  public static final int SETUP_DEFER_TASKRUN = 1 << 13;
  public static final int SETUP_NO_SQARRAY = 1 << 16;

  public static final int FEAT_SINGLE_MMAP = 1;
  public static final int FEAT_NODROP = 1 << 1;
  public static final int FEAT_EXT_ARG = 1 << 8;
  public static final int FEAT_CQE_SKIP = 1 << 11;

  /** Where the rings and the submission entries are mapped from. */
  public static final long OFF_RINGS = 0;

  public static final long OFF_SQES = 0x1000_0000;

  public static final int ENTER_GETEVENTS = 1;
  public static final int ENTER_EXT_ARG = 1 << 3;
  public static final int ENTER_REGISTERED_RING = 1 << 4;

  /** A flag in the submission ring: completions wait in the kernel because the completion ring was full. */
  public static final int SQ_CQ_OVERFLOW = 1 << 1;

  public static final int REGISTER_PROBE = 8;
  public static final int REGISTER_FILES2 = 13;
  public static final int REGISTER_IOWQ_MAX_WORKERS = 19;
  public static final int REGISTER_RING_FDS = 20;
  public static final int UNREGISTER_RING_FDS = 21;
  public static final int REGISTER_PBUF_RING = 22;
  public static final int UNREGISTER_PBUF_RING = 23;

  /** A table without files at first. */
  public static final int RSRC_REGISTER_SPARSE = 1;

  public static final int OP_NOP = 0;
  public static final int OP_POLL_ADD = 6;
  public static final int OP_SENDMSG = 9;
  public static final int OP_ACCEPT = 13;
  public static final int OP_ASYNC_CANCEL = 14;
  public static final int OP_CONNECT = 16;
  public static final int OP_CLOSE = 19;
  public static final int OP_FILES_UPDATE = 20;
  public static final int OP_SEND = 26;
  public static final int OP_RECV = 27;
  public static final int OP_SHUTDOWN = 34;
  public static final int OP_URING_CMD = 46;
  public static final int OP_SEND_ZC = 47;
  public static final int OP_SENDMSG_ZC = 48;
  public static final int OP_FIXED_FD_INSTALL = 54;

  /** The command of {@link #OP_URING_CMD} that sets an option of a socket. */
  public static final int SOCKET_SETSOCKOPT = 3;

  /** The descriptor is an index into the ring's own table. */
  public static final int SQE_FIXED_FILE = 1;

  /** The kernel picks a provided buffer. */
  public static final int SQE_BUFFER_SELECT = 1 << 5;

  /** No completion if all went well. */
  public static final int SQE_CQE_SKIP_SUCCESS = 1 << 6;

  public static final int ACCEPT_MULTISHOT = 1;
  public static final int POLL_FIRST = 1;
  public static final int RECV_MULTISHOT = 1 << 1;
  public static final int POLL_MULTISHOT = 1;

  /** Ask the kernel to choose a free index of the table. */
  public static final int FILE_INDEX_ALLOC = -1;

  public static final int CQE_BUFFER = 1;
  public static final int CQE_MORE = 1 << 1;
  public static final int CQE_SOCK_NONEMPTY = 1 << 2;
  public static final int CQE_NOTIF = 1 << 3;
  public static final int CQE_BUFFER_SHIFT = 16;

  private Uring() {}
}
