package io.janus.fault;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.buffer.BufferPool;
import io.janus.completion.CompletionPort;
import io.janus.completion.Completions;
import io.janus.completion.iocp.IocpPort;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.ffi.call.Errno;
import io.janus.ffi.call.FaultSeam;
import io.janus.ffi.call.NativeMemory;
import io.janus.ffi.windows.AfdDevice;
import io.janus.ffi.windows.Guid;
import io.janus.ffi.windows.Handleapi;
import io.janus.ffi.windows.Ioapiset;
import io.janus.ffi.windows.Mswsock;
import io.janus.ffi.windows.NtStatus;
import io.janus.ffi.windows.OverlappedEntry;
import io.janus.ffi.windows.PortWaker;
import io.janus.ffi.windows.WinError;
import io.janus.ffi.windows.WinsockConstant;
import io.janus.limit.Counters;
import io.janus.limit.Limits;
import io.janus.socket.Address;
import io.janus.socket.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Errors injected into the calls of Windows come back in each of the ways in which these tell one. */
@EnabledOnOs(OS.WINDOWS)
@Tag("faults")
class WindowsCallFaultTest {
  private static final Address ANY = new Address.Ipv4(new byte[] {127, 0, 0, 1}, 0);

  private static final long NO_SOCKET = 0x7fff_fffcL;

  private final Arena arena = Arena.ofConfined();
  private final Errno errno = new Errno(arena.allocate(Errno.BYTES, 8));
  private final MemorySegment memory = arena.allocate(4096, 64);
  private final Faults faults = new Faults();
  private Sockets sockets;
  private long socket;

  @BeforeEach
  void open() {
    sockets = Sockets.open(new Counters());
    socket = sockets.open(ANY);
    faults.install();
  }

  @AfterEach
  void close() {
    FaultSeam.install(null);
    sockets.closeSocket(socket);
    sockets.close();
    arena.close();
  }

  @Test
  void socketCallsFailWithTheirOwnNumber() {
    faults.on("WSASocketW", (call, arguments) -> 10024).on("bind", (call, arguments) -> 10013);
    assertThat(sockets.open(ANY)).isEqualTo(ErrorCode.OUT_OF_DESCRIPTORS);
    assertThat(OsError.kindOf(sockets.bind(socket, ANY))).isEqualTo(ErrorKind.PERMISSION_DENIED);
  }

  @Test
  void socketThatCannotBeMadeReadyIsClosedAgain() {
    faults.on("ioctlsocket", (call, arguments) -> 10055);
    assertThat(sockets.open(ANY)).isEqualTo(ErrorCode.NO_BUFFER);
    assertThat(faults.injected()).isOne();
    faults.clear();
    int[] closed = new int[1];
    faults.on("ioctlsocket", (call, arguments) -> 10055).on("closesocket", (call, arguments) -> {
      closed[0]++;
      return 0;
    });
    assertThat(sockets.open(ANY)).isEqualTo(ErrorCode.NO_BUFFER);
    assertThat(closed[0]).isOne();
  }

  /** SO_LINGER with a time on a socket that may not wait: the first close is refused, and the socket stays open. */
  @Test
  void closeThatWouldHaveToWaitIsTriedAgainWithoutLinger() {
    long lingering = sockets.open(ANY);
    List<Object> options = new ArrayList<>();
    faults.on("closesocket", (call, arguments) -> call == 1 ? 10035 : 0)
        .on("setsockopt", (call, arguments) -> {
          options.add(arguments[2]);
          return 0;
        });
    assertThat(sockets.closeSocket(lingering)).isZero();
    assertThat(options).containsExactly(WinsockConstant.SO_LINGER);
    assertThat(OsError.kindOf(sockets.closeSocket(lingering))).as("it is closed")
        .isEqualTo(ErrorKind.BAD_HANDLE);
  }

  /** An accept that is done at once has its packet, whatever was tried on the listener before and meanwhile. */
  @Test
  void listenerThatIsTakenForAConnectionSkipsNoPackets() throws Exception {
    Set<Object> skipping = new HashSet<>();
    faults.on("SetFileCompletionNotificationModes", (call, arguments) -> {
      skipping.add(arguments[0]);
      return 0;
    });
    try (BufferPool pool = new BufferPool(1024, 16 * 1024);
        CompletionPort port =
            IocpPort.open(sockets, pool, Limits.defaults(), new Counters(), true)) {
      long listener = sockets.open(ANY);
      sockets.bind(listener, ANY);
      Address at = sockets.localAddress(listener);
      sockets.listen(listener, 8);
      long handle = port.adopt(listener);
      // Wine may let such a receive wait for ever.
      port.cancel(port.receive(handle, 0, 1));
      assertThat(OsError.kindOf(next(port).result(0)))
          .isIn(ErrorKind.NOT_CONNECTED, ErrorKind.CANCELLED);
      assertThat(port.accept(handle, 0, 2)).isPositive();
      long client = port.adopt(sockets.open(ANY));
      assertThat(port.connect(client, at, 3)).isPositive();
      assertThat(next(port).result(0)).isZero();
      assertThat(next(port).result(0)).isZero();
      assertThat(skipping).containsExactly(port.socket(client));
      long late = sockets.open(ANY);
      handle = port.adopt(late);
      port.cancel(port.receive(handle, 0, 4));
      next(port);
      sockets.bind(late, ANY);
      sockets.listen(late, 8);
      assertThat(port.accept(handle, 0, 5)).as("it skips packets for its life")
          .isEqualTo(ErrorCode.INVALID);
    }
  }

  /** One completion; one that never comes fails the test, where a hang would take all of the JVM's time. */
  private static Completions next(CompletionPort port) {
    Completions one = new Completions(1);
    Wait.until("an operation ends", () -> port.await(one, 100_000_000L) > 0);
    return one;
  }

  @Test
  void handleCallsFailWithTheirOwnNumber() {
    faults.on("CreateIoCompletionPort", (call, arguments) -> 1450)
        .on("CancelIoEx", (call, arguments) -> WinError.ERROR_NOT_FOUND);
    assertThat(Ioapiset.createIoCompletionPort(errno, Ioapiset.NO_FILE, 0, 0, 1))
        .isEqualTo(-1450);
    assertThat(Ioapiset.cancelIoEx(errno, socket, 0)).isEqualTo(ErrorCode.NOT_FOUND);
  }

  @Test
  void systemCallsFailWithTheirStatus() {
    FaultSeam.install((function, arguments) -> function.equals("NtCreateFile")
        ? -Integer.toUnsignedLong(NtStatus.INSUFFICIENT_RESOURCES)
        : FaultSeam.Fault.PASS);
    assertThat(AfdDevice.open()).isEqualTo(ErrorCode.NO_BUFFER);
  }

  @Test
  void extensionsFailWithTheirOwnNumberAndMayBeChangedOnTheWay() {
    MemorySegment acceptEx = MemorySegment.ofAddress(
        Mswsock.find(errno, socket, Guid.ACCEPTEX, arena.allocate(32, 8)));
    faults.on("AcceptEx", (call, arguments) -> {
      assertThat(arguments).hasSize(8);
      assertThat(arguments[0]).isEqualTo(socket);
      return 10055;
    });
    assertThat(Mswsock.acceptEx(errno, acceptEx, socket, socket, memory, 256, 32, 128, 0))
        .isEqualTo(ErrorCode.NO_BUFFER);
    faults.clear();
    faults.on("AcceptEx", (call, arguments) -> {
      arguments[0] = NO_SOCKET;
      return 0;
    });
    int result = Mswsock.acceptEx(errno, acceptEx, socket, socket, memory, 256, 32, 128, 0);
    assertThat(OsError.kindOf(result)).as("the system's own answer to the changed argument")
        .isEqualTo(ErrorKind.BAD_HANDLE);
  }

  @Test
  void memoryThatIsRefusedIsAnError() {
    faults.on("VirtualAlloc", (call, arguments) -> 1455);
    assertThatThrownBy(() -> NativeMemory.map(64)).isInstanceOf(OutOfMemoryError.class)
        .hasMessageContaining("ERROR_COMMITMENT_LIMIT");
  }

  @Test
  void wakeThatCouldNotBePostedDoesNotSilenceTheNext() {
    long port = Ioapiset.createIoCompletionPort(errno, Ioapiset.NO_FILE, 0, 0, 1);
    PortWaker waker = new PortWaker(port, 3);
    faults.on("PostQueuedCompletionStatus", (call, arguments) -> call == 1 ? 1450 : 0);
    assertThat(waker.takeOwed()).isFalse();
    waker.wake();
    assertThat(waker.takeOwed()).as("the wake without a packet").isTrue();
    assertThat(waker.takeOwed()).as("is told once").isFalse();
    waker.wake();
    assertThat(waker.takeOwed()).as("the next has its packet").isFalse();
    MemorySegment entries = arena.allocate(OverlappedEntry.LAYOUT, 2);
    assertThat(Ioapiset.getQueuedCompletionStatusEx(
        errno, port, entries, 2, arena.allocate(JAVA_INT), 20_000)).isOne();
    assertThat(OverlappedEntry.key(entries, 0)).isEqualTo(3);
    waker.close();
    Handleapi.closeHandle(errno, port);
  }
}
