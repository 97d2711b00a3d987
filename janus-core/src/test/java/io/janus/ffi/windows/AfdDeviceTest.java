package io.janus.ffi.windows;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.socket.Address;
import io.janus.socket.SocketOption;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Polls of the driver below all sockets, on the real system. */
@EnabledOnOs(OS.WINDOWS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class AfdDeviceTest {
  private static final int STATUS_AT = 0;
  private static final int SCRATCH_AT = 16;
  private static final int INFO_AT = 32;
  private static final long CONTEXT = 4_711;

  private final Loopback net = new Loopback();
  private final MemorySegment slab = net.arena.allocate(64, 64);
  private final MemorySegment scratch = net.arena.allocate(16, 8);
  private final long device = Loopback.succeeded(AfdDevice.open());

  {
    net.associate(device, 5);
    assertThat(Winbase.setFileCompletionNotificationModes(
        net.errno, device, WindowsConstant.FILE_SKIP_SET_EVENT_ON_HANDLE)).isZero();
  }

  @AfterEach
  void close() {
    assertThat(Handleapi.closeHandle(net.errno, device)).isZero();
    net.close();
  }

  @Test
  void pollWaitsForBytesAndNamesItsContext() {
    net.connect();
    assertThat(poll(net.near, AfdPollInfo.RECEIVE | AfdPollInfo.DISCONNECT))
        .isEqualTo(NtStatus.PENDING);
    assertThat(net.isIdle()).isTrue();
    assertThat(IoStatusBlock.status(slab, STATUS_AT)).isEqualTo(NtStatus.PENDING);
    send(net.far);
    assertThat(dequeueEvents()).isEqualTo(AfdPollInfo.RECEIVE);
    assertThat(OverlappedEntry.key(net.entries, 0)).isEqualTo(5);
  }

  @Test
  void whatIsReadyAlreadyBringsAPacketAsWell() {
    net.connect();
    assertThat(poll(net.near, AfdPollInfo.SEND)).isNotNegative();
    assertThat(dequeueEvents()).isEqualTo(AfdPollInfo.SEND);
  }

  @Test
  void listenerReportsAConnectionToAccept() {
    long listener = net.listen();
    poll(listener, AfdPollInfo.ACCEPT);
    net.sockets.connect(net.open(), Objects.requireNonNull(net.sockets.localAddress(listener)));
    assertThat(dequeueEvents()).isEqualTo(AfdPollInfo.ACCEPT);
  }

  @Test
  void endAndResetOfThePeerHaveBitsOfTheirOwn() {
    net.connect();
    poll(net.near, AfdPollInfo.RECEIVE | AfdPollInfo.DISCONNECT | AfdPollInfo.ABORT);
    net.sockets.shutdownOutput(net.far);
    assertThat(dequeueEvents() & AfdPollInfo.DISCONNECT).isNotZero();

    net.connect();
    poll(net.near, AfdPollInfo.RECEIVE | AfdPollInfo.ABORT);
    net.sockets.setOption(net.far, SocketOption.RESET_ON_CLOSE, 1);
    net.closeSocket(net.far);
    assertThat(dequeueEvents() & AfdPollInfo.ABORT).isNotZero();
  }

  @Test
  void failedConnectCarriesItsReason() {
    long nobody = net.listen();
    Address at = Objects.requireNonNull(net.sockets.localAddress(nobody));
    net.closeSocket(nobody);
    long client = net.open();
    assertThat(net.sockets.connect(client, at)).isEqualTo(ErrorCode.IN_PROGRESS);
    poll(client, AfdPollInfo.SEND | AfdPollInfo.CONNECT_FAIL);
    assertThat(dequeueEvents()).isEqualTo(AfdPollInfo.CONNECT_FAIL);
    assertThat(OsError.kindOf(NtStatus.result(AfdPollInfo.status(slab, INFO_AT))))
        .isEqualTo(ErrorKind.CONNECTION_REFUSED);
    assertThat(OsError.kindOf(net.sockets.connectResult(client)))
        .isEqualTo(ErrorKind.CONNECTION_REFUSED);
  }

  @Test
  void cancelledPollComesBackAsCancelledAndOnlyOnce() {
    net.connect();
    poll(net.near, AfdPollInfo.RECEIVE);
    assertThat(Winternl.ntCancelIoFileEx(device, slab, STATUS_AT, SCRATCH_AT)).isZero();
    net.dequeue();
    assertThat(NtStatus.result(IoStatusBlock.status(slab, STATUS_AT)))
        .isEqualTo(ErrorCode.CANCELLED);
    assertThat(Winternl.ntCancelIoFileEx(device, slab, STATUS_AT, SCRATCH_AT))
        .isEqualTo(ErrorCode.NOT_FOUND);
    assertThat(net.isIdle()).isTrue();
  }

  @Test
  void closedSocketEndsItsPollAndCannotBePolled() {
    net.connect();
    long base = base(net.near);
    poll(net.near, AfdPollInfo.RECEIVE | AfdPollInfo.LOCAL_CLOSE);
    net.closeSocket(net.near);
    assertThat(dequeueEvents()).isEqualTo(AfdPollInfo.LOCAL_CLOSE);
    AfdPollInfo.set(slab, INFO_AT, base, AfdPollInfo.RECEIVE);
    assertThat(OsError.kindOf(AfdDevice.poll(device, CONTEXT, slab, STATUS_AT, INFO_AT)))
        .isEqualTo(ErrorKind.BAD_HANDLE);
    assertThat(net.isIdle()).isTrue();
  }

  @Test
  void baseOfASocketWithoutLayersIsTheSocketItself() {
    net.connect();
    assertThat(base(net.near)).isEqualTo(net.near);
    long closed = net.near;
    net.closeSocket(closed);
    assertThat(OsError.kindOf((int) AfdDevice.baseSocket(net.errno, closed, scratch)))
        .isEqualTo(ErrorKind.BAD_HANDLE);
  }

  private long base(long socket) {
    return Loopback.succeeded(AfdDevice.baseSocket(net.errno, socket, scratch));
  }

  private int poll(long socket, int events) {
    IoStatusBlock.setPending(slab, STATUS_AT);
    AfdPollInfo.set(slab, INFO_AT, base(socket), events);
    int result = AfdDevice.poll(device, CONTEXT, slab, STATUS_AT, INFO_AT);
    assertThat(result).isNotNegative();
    return result;
  }

  private int dequeueEvents() {
    net.dequeue();
    assertThat(OverlappedEntry.overlapped(net.entries, 0)).isEqualTo(CONTEXT);
    assertThat(IoStatusBlock.status(slab, STATUS_AT)).isZero();
    return AfdPollInfo.events(slab, INFO_AT);
  }

  private void send(long socket) {
    MemorySegment one = net.arena.allocate(1);
    Wait.until("a byte is sent", () -> Winsock2.send(net.errno, socket, one, 0, 1) == 1);
  }
}
