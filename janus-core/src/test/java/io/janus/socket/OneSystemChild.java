package io.janus.socket;

import io.janus.buffer.Buffer;
import io.janus.buffer.BufferPool;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsError;
import io.janus.ffi.SystemVersion;
import io.janus.limit.Counters;

/** Uses every room below the backends once; its JVM tells which classes that took. */
public final class OneSystemChild {
  private OneSystemChild() {}

  /** Runs in a JVM of its own. */
  public static void main(String[] args) {
    Address any = new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);
    BufferPool pool = new BufferPool(64, 64);
    try (Sockets sockets = Sockets.open(new Counters())) {
      long socket = sockets.open(any);
      Buffer buffer = pool.acquire();
      System.out.println("bound: " + sockets.bind(socket, any));
      System.out.println("not connected: " + OsError.of(sockets.receive(socket, buffer)).kind());
      buffer.release();
      sockets.closeSocket(socket);
    }
    pool.close();
    System.out.println("reset: " + OsError.of(ErrorCode.CONNECTION_RESET));
    System.out.println("limits: " + SystemLimits.read());
    System.out.println("system: " + SystemVersion.read());
  }
}
