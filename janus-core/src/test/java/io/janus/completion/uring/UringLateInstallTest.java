package io.janus.completion.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import io.janus.completion.Operation;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.OsException;
import io.janus.ffi.call.Errno;
import io.janus.ffi.linux.Uring;
import io.janus.ffi.linux.UringParams;
import io.janus.socket.Address;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A socket is put into the ring's table and its completion comes later than the submit, as it does when something else has taken the last
 * place of the queue: the caller was told BUSY by then, so nobody has the place and it must be given back.
 */
@EnabledOnOs(OS.LINUX)
@ParameterizedClass(name = "direct {0}")
@ValueSource(booleans = true)
class UringLateInstallTest extends UringTest {
  private static final int TABLE = 4;

  /** The real calls; one completion that a submit brings can be kept from the program until it looks for completions. */
  private static final class Hiding implements UringCalls {
    private final UringCalls real = new UringSystem();
    private MemorySegment rings;
    private long tailAt;
    private int hiddenTail;
    private boolean hides;
    private boolean hidden;

    void hideNext() {
      hides = true;
    }

    @Override
    public int setup(Errno errno, int entries, MemorySegment params) {
      int fd = real.setup(errno, entries, params);
      tailAt = UringParams.completionOffset(params, 1);
      return fd;
    }

    @Override
    public MemorySegment map(Errno errno, int fd, long offset, long bytes) throws OsException {
      MemorySegment mapped = real.map(errno, fd, offset, bytes);
      if (offset == Uring.OFF_RINGS) {
        rings = mapped;
      }
      return mapped;
    }

    @Override
    public void unmap(MemorySegment memory) {
      real.unmap(memory);
    }

    @Override
    public int enter(Errno errno, int fd, int toSubmit, int minComplete, int flags,
        MemorySegment argument, long argumentBytes) {
      if (hidden && (flags & Uring.ENTER_GETEVENTS) != 0) {
        rings.set(JAVA_INT, tailAt, hiddenTail);
        hidden = false;
      }
      int before = rings.get(JAVA_INT, tailAt);
      int result = real.enter(errno, fd, toSubmit, minComplete, flags, argument, argumentBytes);
      int after = rings.get(JAVA_INT, tailAt);
      if (hides && after == before + 1) {
        // The kernel has a copy of its own and goes on from there.
        hiddenTail = after;
        rings.set(JAVA_INT, tailAt, before);
        hides = false;
        hidden = true;
      }
      return result;
    }

    @Override
    public int register(Errno errno, int fd, int opcode, MemorySegment argument, int count) {
      return real.register(errno, fd, opcode, argument, count);
    }

    @Override
    public void close(Errno errno, int fd) {
      real.close(errno, fd);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void placeThatWasTakenTooLateIsGivenBack(boolean closedMeanwhile) throws Exception {
    Address there = new Address.Ipv4(new byte[] {127, 0, 0, 1}, at.getPort());
    port.close();
    Hiding calls = new Hiding();
    port = use(new UringPort(calls, sockets, pool, limits(), counters, TABLE, 0));
    long door = listeningSocket(TABLE + 1);
    Address to = new Address.Ipv4(new byte[] {127, 0, 0, 1}, addressOf(door).getPort());
    long handle = port.adopt(sockets.open(there));
    calls.hideNext();
    assertThat(port.connect(handle, to, 1)).isEqualTo(ErrorCode.BUSY);
    assertThat(calls.hidden).isTrue();
    assertThat(port.connect(handle, to, 1)).as("while that is open").isEqualTo(ErrorCode.BUSY);
    assertThat(port.inFlight()).isZero();
    if (closedMeanwhile) {
      close(handle);
    } else {
      staysQuiet();
    }
    staysQuiet();
    List<Long> connected = new ArrayList<>();
    while (connected.size() < TABLE) {
      long next =
          closedMeanwhile || !connected.isEmpty() ? port.adopt(sockets.open(there)) : handle;
      assertThat(port.connect(next, to, 2)).as("place %d", connected.size()).isPositive();
      assertThat(next(Operation.CONNECT, 2).result()).isZero();
      connected.add(next);
    }
    long fifth = port.adopt(sockets.open(there));
    assertThat(port.connect(fifth, to, 3)).isEqualTo(ErrorCode.TABLE_FULL);
    connected.forEach(this::close);
    close(fifth);
    sockets.closeSocket(door);
  }
}
