package io.janus.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.completion.CompletionPort;
import io.janus.completion.Operation;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.socket.Address;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link CompletionPort} promises of a connect on a handle that has a peer. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.janus.contract.Worlds#ports")
class ConnectContractTest extends PortTest {

  @Test
  void handleThatHasConnectedRefusesASecondConnectAndStaysConnected() {
    long listener = SocketPair.listen(world);
    Address at = sockets.localAddress(listener);
    long handle = port.adopt(sockets.open(at));
    assertThat(port.connect(handle, at, 1)).isPositive();
    assertThat(next(Operation.CONNECT, 1).result()).isZero();
    isRefused(handle, at, 2);
    isRefused(handle, at, 3);
    sendAll(handle, acquire("still connected"));
    sockets.closeSocket(listener);
  }

  @Test
  void handleThatWasAcceptedRefusesAConnect() {
    long listener = port.adopt(SocketPair.listen(world));
    Address at = sockets.localAddress(port.socket(listener));
    assertThat(port.accept(listener, 0, 1)).isPositive();
    long client = sockets.open(at);
    sockets.connect(client, at);
    Done accepted = next(Operation.ACCEPT, 1);
    assertThat(accepted.result()).isZero();
    isRefused(accepted.handle(), at, 2);
    sendAll(accepted.handle(), acquire("still"));
    sockets.closeSocket(client);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void connectToAPathWithAFullBacklogEndsAndSaysSo(@TempDir Path directory) {
    assumeTrue(world instanceof KernelWorld, "simulated listeners have room for all");
    Address path = new Address.Unix(directory.resolve("full").toString());
    long listener = sockets.open(path);
    assertThat(sockets.bind(listener, path)).isZero();
    assertThat(sockets.listen(listener, 1)).isZero();
    int result = 0;
    for (int i = 1; i <= 8 && result == 0; i++) {
      assertThat(port.connect(port.adopt(sockets.open(path)), path, i)).isPositive();
      result = next(Operation.CONNECT, i).result();
    }
    assertThat(result).isEqualTo(ErrorCode.BACKLOG_FULL);
    sockets.closeSocket(listener);
  }

  private void isRefused(long handle, Address at, long token) {
    assertThat(port.connect(handle, at, token)).isPositive();
    int result = next(Operation.CONNECT, token).result();
    assertThat(result).isEqualTo(ErrorCode.ALREADY_CONNECTED);
    OsError told = OsError.of(result);
    assertThat(told.kind()).isEqualTo(ErrorKind.ALREADY_CONNECTED);
    assertThat(told).asString().contains("connected already", "use a new socket");
  }
}
