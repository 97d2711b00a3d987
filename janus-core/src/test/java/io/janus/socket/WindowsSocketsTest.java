package io.janus.socket;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.ffi.call.Dll;
import io.janus.ffi.call.Errno;
import io.janus.ffi.windows.Handleapi;
import io.janus.ffi.windows.WindowsConstant;
import io.janus.ffi.windows.Winsock2;
import io.janus.ffi.windows.WinsockConstant;
import io.janus.limit.Counters;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What only Windows has or lacks. */
@EnabledOnOs(OS.WINDOWS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class WindowsSocketsTest {
  private static final MethodHandle GET_HANDLE_INFORMATION =
      Dll.KERNEL32.plain(
          "GetHandleInformation", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG));

  private final Arena arena = Arena.ofConfined();
  private final Sockets sockets = Sockets.open(new Counters());
  private final long socket = sockets.open(SocketsTest.ANY);

  @AfterEach
  void close() {
    sockets.closeSocket(socket);
    sockets.close();
    arena.close();
  }

  @Test
  void boundAddressIsForOneSocketAloneWhateverTheOtherSets() {
    assertThat(sockets.bind(socket, SocketsTest.ANY)).isZero();
    assertThat(sockets.getOption(socket, SocketOption.REUSE_ADDRESS) & 0xff).isOne();
    Address taken = Objects.requireNonNull(sockets.localAddress(socket));
    long thief = sockets.open(taken);
    assertThat(setInt(thief, WinsockConstant.SO_REUSEADDR, 1)).isZero();
    int result = sockets.bind(thief, taken);
    assertThat(OsError.kindOf(result)).isIn(ErrorKind.PERMISSION_DENIED, ErrorKind.ADDRESS_IN_USE);
    sockets.closeSocket(thief);
  }

  @Test
  void sharedPortIsRefusedAsNotSupported() {
    assertThat(sockets.setOption(socket, SocketOption.REUSE_PORT, 1))
        .isEqualTo(ErrorCode.NOT_SUPPORTED);
    assertThat(sockets.setOption(socket, SocketOption.REUSE_PORT, 0)).isZero();
    assertThat(sockets.getOption(socket, SocketOption.REUSE_PORT))
        .isEqualTo(ErrorCode.NOT_SUPPORTED);
    assertThat(OsError.of(ErrorCode.NOT_SUPPORTED).toString()).contains("WSAEOPNOTSUPP", "10045");
  }

  @Test
  void resetWithoutCloseIsRefusedAsNotSupported() {
    assertThat(sockets.disconnect(socket)).isEqualTo(ErrorCode.NOT_SUPPORTED);
  }

  @Test
  void reuseOfAnAddressIsExclusiveUse() {
    assertThat(sockets.setOption(socket, SocketOption.REUSE_ADDRESS, 1)).isZero();
    assertThat(getInt(socket, WinsockConstant.SO_EXCLUSIVEADDRUSE) & 0xff).isOne();
    assertThat(getInt(socket, WinsockConstant.SO_REUSEADDR)).isZero();
    assertThat(sockets.setOption(socket, SocketOption.REUSE_ADDRESS, 0)).isZero();
    assertThat(sockets.getOption(socket, SocketOption.REUSE_ADDRESS)).isZero();
  }

  @Test
  void socketsAreNumbersOf64BitsAndNoErrors() {
    assertThat(socket).isPositive();
  }

  @Test
  void childProcessesGetNoSocketOfEitherKind() {
    assertThat(sockets.bind(socket, SocketsTest.ANY)).isZero();
    assertThat(sockets.listen(socket, 1)).isZero();
    long client = sockets.open(SocketsTest.ANY);
    sockets.connect(client, Objects.requireNonNull(sockets.localAddress(socket)));
    long[] accepted = new long[1];
    Wait.until("it is accepted", () -> (accepted[0] = sockets.accept(socket)) >= 0);
    assertThat(List.of(socket, client, accepted[0])).noneMatch(this::isInherited);
    assertThat(Handleapi.setHandleInformation(errno(), client, 1, 1)).isZero();
    assertThat(isInherited(client)).as("after it was asked for").isTrue();
    sockets.closeSocket(client);
    sockets.closeSocket(accepted[0]);
  }

  private boolean isInherited(long handle) {
    try {
      MemorySegment flags = arena.allocate(JAVA_INT);
      assertThat((int) GET_HANDLE_INFORMATION.invokeExact(handle, flags.address())).isOne();
      return (flags.get(JAVA_INT, 0) & WindowsConstant.HANDLE_FLAG_INHERIT) != 0;
    } catch (Throwable bug) {
      throw new AssertionError(bug);
    }
  }

  private int setInt(long on, int name, int number) {
    MemorySegment value = arena.allocateFrom(JAVA_INT, number);
    return Winsock2.setsockopt(errno(), on, WinsockConstant.SOL_SOCKET, name, value, Integer.BYTES);
  }

  private int getInt(long on, int name) {
    MemorySegment value = arena.allocateFrom(JAVA_INT, 0);
    MemorySegment length = arena.allocateFrom(JAVA_INT, Integer.BYTES);
    int result =
        Winsock2.getsockopt(errno(), on, WinsockConstant.SOL_SOCKET, name, value, length);
    return result < 0 ? result : value.get(JAVA_INT, 0);
  }

  private Errno errno() {
    return new Errno(arena.allocate(Errno.BYTES, 8));
  }
}
