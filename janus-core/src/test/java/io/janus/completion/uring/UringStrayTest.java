package io.janus.completion.uring;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.buffer.Buffer;
import io.janus.buffer.Custody;
import io.janus.completion.Completions;
import io.janus.completion.HandleTable;
import io.janus.completion.Operation;
import io.janus.completion.OperationTable;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.limit.Counter;
import io.janus.socket.Address;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ends of operations whose handle is gone, which the port itself does not let happen: nothing that they hold is lost. */
@EnabledOnOs(OS.LINUX)
@ParameterizedClass(name = "direct {0}")
@ValueSource(booleans = false)
class UringStrayTest extends UringTest {
  private final OperationTable operations = new OperationTable(64);
  private final HandleTable<UringHandle> handles = new HandleTable<>(UringHandle::new);
  private final Completions ended = new Completions(16);
  private UringParts parts;
  private UringSubmitter submitter;
  private UringReaper reaper;

  /** The other end, a handle of the port. */
  private long far;

  @BeforeEach
  void makeARing() throws Exception {
    parts = new UringParts(new UringSystem(), pool, limits(), counters, 0);
    submitter = new UringSubmitter(parts.instance, 0, false);
    UringLoan loan = new UringLoan(sockets, null);
    UringUncopiedSends sends = new UringUncopiedSends(0);
    UringLater later = new UringLater(parts.instance, submitter, loan, sends, operations, handles);
    reaper = new UringReaper(parts, submitter, loan, sends, later, operations, handles, counters);
  }

  @AfterEach
  void closeTheRing() {
    if (parts != null) {
      parts.close();
    }
  }

  private int submit(UringHandle handle, Operation kind, Buffer buffer) {
    int slot = operations.take(kind, 9, handle.id(), buffer);
    handle.inFlight++;
    return slot;
  }

  private UringHandle handle(long socket) {
    UringHandle handle = handles.take();
    handle.begin((int) socket, false);
    return handle;
  }

  private void awaitOne() {
    ended.clear();
    Wait.until("it has ended", () -> {
      reaper.beforeEnter();
      parts.instance.enter(1, SHORT);
      reaper.reap(ended);
      return ended.count() > 0;
    });
    assertThat(ended.count()).isEqualTo(1);
    assertThat(ended.token(0)).isEqualTo(9);
    assertThat(ended.more(0)).isFalse();
    assertThat(operations.inFlight()).isZero();
  }

  /** A connection whose near end the port knows nothing of. */
  private long connect() {
    long socket = sockets.open(there());
    assertThat(sockets.connect(socket, there())).isIn(0, ErrorCode.IN_PROGRESS);
    assertThat(port.accept(listener, 0, 1)).isPositive();
    far = next(Operation.ACCEPT, 1).handle();
    return socket;
  }

  private Address there() {
    return new Address.Ipv4(new byte[] {127, 0, 0, 1}, at.getPort());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void receiveGivesItsBufferBackWhoseverItIs(boolean own) {
    long socket = connect();
    parts.provided.want();
    UringHandle handle = handle(socket);
    if (own) {
      Buffer mine = acquire();
      Custody.give(mine, Custody.RECEIVE);
      submitter.receive(handle, operations.id(submit(handle, Operation.RECEIVE, mine)), mine);
    } else {
      submitter.receive(handle, operations.id(submit(handle, Operation.RECEIVE, null)));
    }
    handles.give(handle);
    assertThat(port.send(far, acquire().putByte((byte) 3), 2)).isPositive();
    next(Operation.SEND, 2).buffer().release();
    awaitOne();
    assertThat(ended.buffer(0).copyOut()).containsExactly(3);
    ended.buffer(0).release();
    assertThat(counters.get(Counter.STALE_EVENTS)).isEqualTo(1);
    assertThat(pool.outstanding()).isZero();
    sockets.closeSocket(socket);
  }

  @Test
  void acceptedConnectionIsHandedOutAllTheSame() throws Exception {
    long socket = listeningSocket(4);
    UringHandle handle = handle(socket);
    int slot = submit(handle, Operation.ACCEPT, null);
    submitter.accept(handle, operations.id(slot));
    handles.give(handle);
    use(SocketChannel.open(addressOf(socket)));
    awaitOne();
    UringHandle accepted = handles.find(ended.handle(0));
    assertThat(accepted).isNotNull();
    assertThat(sockets.peerAddress(accepted.fd)).isNotNull();
    sockets.closeSocket(accepted.fd);
    sockets.closeSocket(socket);
  }

  @Test
  void closeEndsOnce() {
    long socket = sockets.open(there());
    UringHandle handle = handle(socket);
    submitter.close(handle, operations.id(submit(handle, Operation.CLOSE, null)));
    handles.give(handle);
    awaitOne();
    assertThat(ended.result(0)).isZero();
    assertThat(handles.take().id()).as("the handle's slot is free once")
        .isNotEqualTo(handles.take().id());
  }
}
