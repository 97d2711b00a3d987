package io.janus.ffi;

/**
 * What an error of the operating system means to a caller, the same on every system. Code branches on the kind; people read
 * the sentence and the remedy of {@link OsError}.
 */
public enum ErrorKind {
  /** The operation cannot go on now without waiting; ask again when the socket is ready. */
  WOULD_BLOCK,
  /** A signal ended the call before anything happened; it is safe to call again. */
  INTERRUPTED,
  /** The operation has been started and goes on by itself. */
  IN_PROGRESS,
  /** The operation was cancelled by this process. */
  CANCELLED,
  /** A deadline passed, or the peer did not answer. */
  TIMED_OUT,
  /** Nobody listens at the address. */
  CONNECTION_REFUSED,
  /** The peer reset the connection. */
  CONNECTION_RESET,
  /** The connection was given up before or while it was used, on this side or by the network. */
  CONNECTION_ABORTED,
  /** Sending is over: this side has shut its output or the peer has closed. */
  BROKEN_PIPE,
  /** The socket has no peer. */
  NOT_CONNECTED,
  /** The socket has a peer already. */
  ALREADY_CONNECTED,
  /** Another socket holds the address. */
  ADDRESS_IN_USE,
  /** The address is not one of this machine's, or no local port is left. */
  ADDRESS_NOT_AVAILABLE,
  /** No route leads to the address. */
  UNREACHABLE,
  /** The system forbids the operation to this user or process. */
  PERMISSION_DENIED,
  /** The process, the system, or a ring's own table has no descriptor left. */
  OUT_OF_DESCRIPTORS,
  /** The system, or a pool of this engine, has no memory for the operation now. */
  OUT_OF_MEMORY,
  /** A table or queue is full: of this engine, then take completions and submit again; or of a listener, then try later. */
  BUSY,
  /** An argument is outside what the system accepts. */
  INVALID_ARGUMENT,
  /** The descriptor is closed or of the wrong type. */
  BAD_HANDLE,
  /** The thing asked for does not exist (any more). */
  NOT_FOUND,
  /** The system does not have the operation, the option or the protocol. */
  NOT_SUPPORTED,
  /** A message does not fit. */
  MESSAGE_TOO_LONG,
  /** The peer or the network broke the protocol. */
  PROTOCOL,
  /** An error that no call of this engine is documented to give. */
  OTHER
}
