package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.janus.contract.Bytes;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.ffi.call.Errno;
import io.janus.socket.Address;
import io.janus.socket.AddressBytes;
import io.janus.socket.SocketOption;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** The calls that a completion port is made of, each on the real system. */
@EnabledOnOs(OS.WINDOWS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class CompletionPortCallsTest {
  // One operation's memory: OVERLAPPED, WSABUF array, flags, count, an address, cells, bytes.
  private static final int BUFFERS_AT = 64;
  private static final int FLAGS_AT = 128;
  private static final int COUNT_AT = 136;
  private static final int ADDRESSES_AT = 192;
  private static final int CELLS_AT = 512;
  private static final int BYTES_AT = 1024;
  private static final int SLAB_BYTES = 4096;
  private static final int ADDRESS_BYTES = 16 + AcceptAddresses.EXTRA_BYTES;
  private static final int FIONREAD = 0x4004_667F;
  private static final int PENDING = -WinError.ERROR_IO_PENDING;

  private final Loopback net = new Loopback();
  private final MemorySegment slab = net.arena.allocate(SLAB_BYTES, 64);
  private final MemorySegment other = net.arena.allocate(SLAB_BYTES, 64);

  @AfterEach
  void close() {
    net.close();
  }

  @Test
  void postedNumbersArriveAsTheyAreInOrder() {
    for (int i = 1; i <= 5; i++) {
      assertThat(Ioapiset.postQueuedCompletionStatus(
          net.errno, net.port, -i, 0x1_0000_0000L + i, Long.MIN_VALUE + i)).isZero();
    }
    assertThat(Ioapiset.getQueuedCompletionStatus(
        net.errno, net.port, net.entries, 7, Loopback.WAIT_MILLIS)).isOne();
    assertPosted(7, 1);
    assertThat(Ioapiset.getQueuedCompletionStatusEx(
        net.errno, net.port, net.entries, 3, net.count, Loopback.WAIT_MILLIS)).isEqualTo(3);
    assertPosted(0, 2);
    assertPosted(2, 4);
    assertThat(Ioapiset.getQueuedCompletionStatusEx(
        net.errno, net.port, net.entries, 16, net.count, Loopback.WAIT_MILLIS)).isOne();
    assertPosted(0, 5);
  }

  private void assertPosted(int entry, int i) {
    assertThat(OverlappedEntry.count(net.entries, entry)).isEqualTo(-i);
    assertThat(OverlappedEntry.key(net.entries, entry)).isEqualTo(0x1_0000_0000L + i);
    assertThat(OverlappedEntry.overlapped(net.entries, entry)).isEqualTo(Long.MIN_VALUE + i);
  }

  @Test
  void emptyPortTimesOutInBothForms() {
    assertThat(Ioapiset.getQueuedCompletionStatus(net.errno, net.port, net.entries, 0, 1))
        .isEqualTo(-WinError.WAIT_TIMEOUT);
    assertThat(Ioapiset.getQueuedCompletionStatusEx(
        net.errno, net.port, net.entries, 16, net.count, 1)).isEqualTo(-WinError.WAIT_TIMEOUT);
    assertThat(OsError.kindOf(-WinError.WAIT_TIMEOUT)).isEqualTo(ErrorKind.TIMED_OUT);
  }

  @Test
  void closedPortAndSecondPortAreErrorsWithTheirNumbers() {
    long second = Loopback.succeeded(
        Ioapiset.createIoCompletionPort(net.errno, Ioapiset.NO_FILE, 0, 0, 0));
    net.connect();
    net.associate(net.near, 1);
    assertThat(Ioapiset.createIoCompletionPort(net.errno, net.near, second, 2, 0))
        .isEqualTo(-WinError.ERROR_INVALID_PARAMETER);
    assertThat(Handleapi.closeHandle(net.errno, second)).isZero();
    assertThat(Handleapi.closeHandle(net.errno, second)).isEqualTo(-WinError.ERROR_INVALID_HANDLE);
    assertThat(Ioapiset.getQueuedCompletionStatusEx(
        net.errno, second, net.entries, 1, net.count, 0)).isEqualTo(-WinError.ERROR_INVALID_HANDLE);
    assertThat(Ioapiset.postQueuedCompletionStatus(net.errno, second, 0, 0, 0))
        .isEqualTo(-WinError.ERROR_INVALID_HANDLE);
  }

  @Test
  void receiveCompletesWithTheBytesIntoItsBuffers() {
    net.connect();
    net.associate(net.near, 77);
    Wsabuf.set(slab, BUFFERS_AT, 0, slab.address() + BYTES_AT, 3);
    Wsabuf.set(slab, BUFFERS_AT, 1, slab.address() + BYTES_AT + 100, 100);
    Overlapped.clear(slab, 0);
    assertThat(Winsock2.wsaRecv(net.errno, net.near, slab, BUFFERS_AT, 2, FLAGS_AT, 0))
        .isEqualTo(PENDING);
    assertThat(net.isIdle()).isTrue();
    sendFromFar("scattered");
    net.dequeue();
    assertThat(OverlappedEntry.key(net.entries, 0)).isEqualTo(77);
    assertThat(OverlappedEntry.overlapped(net.entries, 0)).isEqualTo(slab.address());
    assertThat(OverlappedEntry.count(net.entries, 0)).isEqualTo(9);
    assertThat(Overlapped.status(slab, 0)).isZero();
    assertThat(Overlapped.count(slab, 0)).isEqualTo(9);
    assertThat(text(slab, BYTES_AT, 3)).isEqualTo("sca");
    assertThat(text(slab, BYTES_AT + 100, 6)).isEqualTo("ttered");
  }

  @Test
  void endAndResetCompleteAReceiveWithZeroAndWithTheirStatus() {
    net.connect();
    net.associate(net.near, 1);
    startReceive(slab, net.near, 16);
    assertThat(net.sockets.shutdownOutput(net.far)).isZero();
    net.dequeue();
    assertThat(Overlapped.status(slab, 0)).isZero();
    assertThat(Overlapped.count(slab, 0)).isZero();

    net.connect();
    net.associate(net.near, 2);
    startReceive(slab, net.near, 16);
    net.sockets.setOption(net.far, SocketOption.RESET_ON_CLOSE, 1);
    net.closeSocket(net.far);
    // The single form tells a failed operation as a packet, too.
    assertThat(Ioapiset.getQueuedCompletionStatus(
        net.errno, net.port, net.entries, 0, Loopback.WAIT_MILLIS)).isOne();
    assertThat(OverlappedEntry.overlapped(net.entries, 0)).isEqualTo(slab.address());
    assertThat(NtStatus.result(Overlapped.status(slab, 0))).isEqualTo(ErrorCode.CONNECTION_RESET);
  }

  @Test
  void receiveOfNothingWaitsForBytesAndLeavesThem() {
    net.connect();
    net.associate(net.near, 1);
    Overlapped.clear(slab, 0);
    Wsabuf.set(slab, BUFFERS_AT, 0, 0, 0);
    assertThat(Winsock2.wsaRecv(net.errno, net.near, slab, BUFFERS_AT, 1, FLAGS_AT, 0))
        .isEqualTo(PENDING);
    sendFromFar("waiting");
    net.dequeue();
    assertThat(Overlapped.status(slab, 0)).isZero();
    assertThat(Winsock2.recv(net.errno, net.near, slab, BYTES_AT, 100)).isEqualTo(7);
    assertThat(text(slab, BYTES_AT, 7)).isEqualTo("waiting");
    assertThat(Winsock2.recv(net.errno, net.near, slab, BYTES_AT, 100))
        .isEqualTo(ErrorCode.WOULD_BLOCK);
  }

  @Test
  void gatheredSendCompletesOnceAndItsBytesArrive() {
    net.connect();
    net.associate(net.near, 1);
    put(slab, BYTES_AT, "gath");
    put(slab, BYTES_AT + 50, "ered");
    Wsabuf.set(slab, BUFFERS_AT, 0, slab.address() + BYTES_AT, 4);
    Wsabuf.set(slab, BUFFERS_AT, 1, slab.address() + BYTES_AT + 50, 4);
    Overlapped.clear(slab, 0);
    assertThat(Winsock2.wsaSend(net.errno, net.near, slab, BUFFERS_AT, 2, 0, 0)).isIn(0, PENDING);
    net.dequeue();
    assertThat(Overlapped.count(slab, 0)).isEqualTo(8);
    assertThat(net.isIdle()).isTrue();
    Wait.until("the bytes have come",
        () -> Winsock2.recv(net.errno, net.far, slab, BYTES_AT, 100) == 8);
    assertThat(text(slab, BYTES_AT, 8)).isEqualTo("gathered");
  }

  @Test
  void cancelIsAWishWhoseVerdictIsThePacket() {
    net.connect();
    net.associate(net.near, 1);
    startReceive(slab, net.near, 16);
    startReceive(other, net.near, 16);
    assertThat(cancelOnAnotherThread(net.near, other.address())).isZero();
    net.dequeue();
    assertThat(OverlappedEntry.overlapped(net.entries, 0)).isEqualTo(other.address());
    assertThat(NtStatus.result(Overlapped.status(other, 0))).isEqualTo(ErrorCode.CANCELLED);
    assertThat(cancelOnAnotherThread(net.near, other.address())).isEqualTo(ErrorCode.NOT_FOUND);
    sendFromFar("still works");
    net.dequeue();
    assertThat(OverlappedEntry.overlapped(net.entries, 0)).isEqualTo(slab.address());
    assertThat(Overlapped.count(slab, 0)).isEqualTo(11);
  }

  private int cancelOnAnotherThread(long socket, long overlapped) {
    int[] result = new int[1];
    Thread other = Thread.ofPlatform().start(() -> {
      try (Arena scratch = Arena.ofConfined()) {
        Errno errno = new Errno(scratch.allocate(Errno.BYTES, 8));
        result[0] = Ioapiset.cancelIoEx(errno, socket, overlapped);
      }
    });
    try {
      other.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return result[0];
  }

  @Test
  void successKnownAtOnceQueuesNoPacketWhereThatWasAskedFor() {
    net.connect();
    net.associate(net.near, 1);
    assertThat(Winbase.setFileCompletionNotificationModes(net.errno, net.near,
        WindowsConstant.FILE_SKIP_COMPLETION_PORT_ON_SUCCESS
            | WindowsConstant.FILE_SKIP_SET_EVENT_ON_HANDLE))
        .isZero();
    sendFromFar("now");
    waitForBytes(net.near);
    assertThat(startReceive(slab, net.near, 16)).isZero();
    assertThat(net.isIdle()).isTrue();
    assertThat(Overlapped.count(slab, 0)).isEqualTo(3);
    assertThat(startReceive(slab, net.near, 16)).isEqualTo(PENDING);
    sendFromFar("later");
    net.dequeue();
    assertThat(Overlapped.count(slab, 0)).isEqualTo(5);
  }

  /** Until the system has them, so that a receive is done at once; FIONREAD asks. */
  private void waitForBytes(long socket) {
    MemorySegment bytes = net.arena.allocate(JAVA_INT);
    Wait.until("bytes have come", () -> {
      assertThat(Winsock2.ioctlsocket(net.errno, socket, FIONREAD, bytes)).isZero();
      return bytes.get(JAVA_INT, 0) > 0;
    });
  }

  @Test
  void acceptExAndConnectExMakeAConnectionWithAddressesOnBothSides() {
    MemorySegment scratch = net.arena.allocate(32, 8);
    long listener = net.listen();
    Address at = Objects.requireNonNull(net.sockets.localAddress(listener));
    MemorySegment acceptEx = extension(listener, Guid.ACCEPTEX, scratch);
    MemorySegment connectEx = extension(listener, Guid.CONNECTEX, scratch);
    MemorySegment sockaddrs = extension(listener, Guid.GETACCEPTEXSOCKADDRS, scratch);
    net.associate(listener, 10);
    long accepted = net.open();
    long client = net.open();
    net.associate(client, 20);

    Overlapped.clear(slab, 0);
    assertThat(Mswsock.acceptEx(net.errno, acceptEx, listener, accepted, slab, ADDRESSES_AT,
        ADDRESS_BYTES, COUNT_AT, 0)).isEqualTo(PENDING);
    assertThat(connectEx(connectEx, client, at)).as("unbound").isEqualTo(ErrorCode.INVALID);
    assertThat(net.sockets.bind(client, new Address.Ipv4(new byte[4], 0))).isZero();
    assertThat(connectEx(connectEx, client, at)).isIn(0, PENDING);
    net.dequeue();
    net.dequeue();
    assertThat(Overlapped.status(slab, 0)).isZero();
    assertThat(Overlapped.status(other, 0)).isZero();

    MemorySegment context = net.arena.allocateFrom(JAVA_LONG,
        listener);
    assertThat(Winsock2.setsockopt(net.errno, accepted, WinsockConstant.SOL_SOCKET,
        WinsockConstant.SO_UPDATE_ACCEPT_CONTEXT, context, Long.BYTES)).isZero();
    assertThat(Winsock2.setsockopt(net.errno, client, WinsockConstant.SOL_SOCKET,
        WinsockConstant.SO_UPDATE_CONNECT_CONTEXT, context, 0)).isZero();
    Mswsock.getAcceptExSockaddrs(sockaddrs, slab, ADDRESSES_AT, ADDRESS_BYTES, CELLS_AT);
    MemorySegment local = AcceptAddresses.local(slab, CELLS_AT);
    MemorySegment remote = AcceptAddresses.remote(slab, CELLS_AT);
    assertThat(AddressBytes.decode(local, (int) local.byteSize())).isEqualTo(at)
        .isEqualTo(net.sockets.peerAddress(client));
    assertThat(AddressBytes.decode(remote, (int) remote.byteSize()))
        .isEqualTo(net.sockets.localAddress(client))
        .isEqualTo(net.sockets.peerAddress(accepted));
    assertThat(net.sockets.shutdownOutput(client)).isZero();
  }

  @Test
  void connectExToNobodyCompletesAsRefused() {
    MemorySegment scratch = net.arena.allocate(32, 8);
    long nobody = net.listen();
    Address at = Objects.requireNonNull(net.sockets.localAddress(nobody));
    net.closeSocket(nobody);
    long client = net.open();
    net.associate(client, 1);
    MemorySegment connectEx = extension(client, Guid.CONNECTEX, scratch);
    assertThat(net.sockets.bind(client, new Address.Ipv4(new byte[4], 0))).isZero();
    int result = connectEx(connectEx, client, at);
    if (result == PENDING) {
      net.dequeue();
      result = NtStatus.result(Overlapped.status(other, 0));
    }
    assertThat(OsError.kindOf(result)).isEqualTo(ErrorKind.CONNECTION_REFUSED);
  }

  @Test
  void extensionThatNobodyKnowsIsAnError() {
    assertThat(Mswsock.find(net.errno, net.open(), new UUID(1, 2),
        net.arena.allocate(32, 8))).isNegative();
  }

  @Test
  void wakerEndsAWaitOnceForManyWakes() throws Exception {
    PortWaker waker = new PortWaker(net.port, 99);
    Thread[] threads = new Thread[4];
    for (int i = 0; i < threads.length; i++) {
      threads[i] = Thread.startVirtualThread(waker::wake);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    net.dequeue();
    assertThat(OverlappedEntry.key(net.entries, 0)).isEqualTo(99);
    assertThat(OverlappedEntry.overlapped(net.entries, 0)).isZero();
    waker.wake();
    assertThat(net.isIdle()).as("the first is not taken yet").isTrue();
    waker.taken();
    waker.wake();
    net.dequeue();
    waker.close();
    waker.taken();
    waker.wake();
    assertThat(net.isIdle()).isTrue();
  }

  @Test
  void providerOfTheSystemGivesHandlesOfTheSystem() {
    MemorySegment info = net.arena.allocate(WsaProtocolInfo.LAYOUT);
    MemorySegment length = net.arena.allocateFrom(JAVA_INT,
        WsaProtocolInfo.BYTES);
    assertThat(Winsock2.getsockopt(net.errno, net.open(), WinsockConstant.SOL_SOCKET,
        WinsockConstant.SO_PROTOCOL_INFOW, info, length)).isZero();
    assertThat(WsaProtocolInfo.areSystemHandles(info)).isTrue();
  }

  private int connectEx(MemorySegment connectEx, long client, Address to) {
    Overlapped.clear(other, 0);
    int bytes = AddressBytes.encode(other.asSlice(ADDRESSES_AT, 128), to);
    return Mswsock.connectEx(
        net.errno, connectEx, client, other, ADDRESSES_AT, bytes, COUNT_AT, 0);
  }

  private MemorySegment extension(long socket, UUID name, MemorySegment scratch) {
    return MemorySegment.ofAddress(
        Loopback.succeeded(Mswsock.find(net.errno, socket, name, scratch)));
  }

  private int startReceive(MemorySegment operation, long socket, int bytes) {
    Overlapped.clear(operation, 0);
    Wsabuf.set(operation, BUFFERS_AT, 0, operation.address() + BYTES_AT, bytes);
    operation.set(JAVA_INT, FLAGS_AT, 0);
    int result = Winsock2.wsaRecv(net.errno, socket, operation, BUFFERS_AT, 1, FLAGS_AT, 0);
    assertThat(result).isIn(0, PENDING);
    return result;
  }

  private void sendFromFar(String text) {
    put(other, BYTES_AT + 1024, text);
    assertThat(Winsock2.send(net.errno, net.far, other, BYTES_AT + 1024, text.length()))
        .isEqualTo(text.length());
  }

  private static void put(MemorySegment segment, long at, String text) {
    byte[] bytes = Bytes.of(text);
    MemorySegment.copy(MemorySegment.ofArray(bytes), 0, segment, at, bytes.length);
  }

  private static String text(MemorySegment segment, long at, int bytes) {
    return new String(
        segment.asSlice(at, bytes).toArray(JAVA_BYTE));
  }
}
