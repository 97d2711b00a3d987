package io.janus.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.Janus;
import io.janus.contract.Bytes;
import io.janus.contract.Wait;
import io.janus.ffi.ErrorCode;
import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.ffi.call.SystemName;
import io.janus.ffi.linux.Epoll;
import io.janus.limit.Counter;
import io.janus.socket.Address;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Errors and short counts of the calls that every engine above a poller is made of, by their names and numbers on this system. */
@ParameterizedClass(name = "{0}")
@MethodSource("engines")
class ReadinessFaultTest extends FaultTest {
  private static final byte[] PATTERN = Bytes.pattern(200_000, 8);
  private static final int WOULD_BLOCK = -ErrorCode.WOULD_BLOCK;
  private static final int NO_BUFFER = -ErrorCode.NO_BUFFER;
  private static final String ACCEPT = on("accept4", "accept");
  private static final String GATHER = on("sendmsg", "WSASend");
  private static final String SOCKET = on("socket", "WSASocketW");

  /** Without descriptors, the machine's or the process's, or without memory. */
  private static final int[] OUTAGES = SystemName.WINDOWS ? new int[] {10024, 10055}
      : new int[] {Faults.EMFILE, Faults.ENFILE, Faults.ENOMEM, Faults.ENOBUFS};

  /** Of a peer that was gone before it was taken, or of the network. */
  private static final int[] OF_ONE_CONNECTION =
      SystemName.WINDOWS ? new int[] {10054, 10053, 10051, 10004}
          : new int[] {Faults.ECONNABORTED, Faults.EPROTO, Faults.EPERM, Faults.ENETUNREACH};

  private static final Map<Integer, ErrorKind> CONNECT_ERRORS = SystemName.WINDOWS
      ? Map.of(10049, ErrorKind.ADDRESS_NOT_AVAILABLE, 10051, ErrorKind.UNREACHABLE,
          10013, ErrorKind.PERMISSION_DENIED)
      : Map.of(Faults.EADDRNOTAVAIL, ErrorKind.ADDRESS_NOT_AVAILABLE,
          Faults.ENETUNREACH, ErrorKind.UNREACHABLE, Faults.EACCES, ErrorKind.PERMISSION_DENIED,
          Faults.EPERM, ErrorKind.PERMISSION_DENIED);

  static List<String> engines() {
    return List.of(on("epoll", "afd"), "emulated");
  }

  private static String on(String linux, String windows) {
    return SystemName.WINDOWS ? windows : linux;
  }

  @Test
  void acceptWithoutDescriptorsOrMemoryPausesAndResumesWithoutSpinning() throws Exception {
    for (int error : OUTAGES) {
      Janus janus = open();
      Address at = janus.listen(any(), ECHO);
      Socket old = use(client(at));
      assertThat(echo(old, new byte[] {1})).hasSize(1);
      Faults outage = new Faults().on(ACCEPT, (call, arguments) -> error).install();
      Socket waiting = use(client(at));
      Wait.until("accepting has failed five times", () -> outage.injected() >= 5);
      assertThat(echo(old, new byte[] {2})).as("the old connection goes on").hasSize(1);
      outage.clear();
      assertThat(echo(waiting, new byte[] {3})).hasSize(1);
      long failures = count(janus, Counter.ACCEPT_FAILURES);
      assertThat(failures).isEqualTo(outage.injected());
      assertThat(count(janus, Counter.ACCEPT_PAUSES)).as("every failure is followed by a rest")
          .isEqualTo(failures);
      assertThat(reports).anyMatch(report -> report.contains("accepting pauses"));
      assertThat(reports.size()).as("complaints are rationed").isLessThan(outage.injected());
      // Else it may still be starting accepts when the next outage begins.
      janus.close();
      reports.clear();
    }
  }

  @Test
  void acceptErrorsOfOneConnectionAreSkipped() throws Exception {
    for (int error : OF_ONE_CONNECTION) {
      Janus janus = open();
      Address at = janus.listen(any(), ECHO);
      faults.on(ACCEPT, (call, arguments) -> call <= 3 ? error : 0).install();
      assertThat(echo(use(client(at)), new byte[] {1})).hasSize(1);
      assertThat(count(janus, Counter.ACCEPT_FAILURES)).isEqualTo(3);
      assertThat(count(janus, Counter.ACCEPT_PAUSES)).isZero();
      faults.clear();
    }
  }

  @Test
  void floodOfConnectsThatWereResetRestsWithWordsOfItsOwn() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    Faults flood = new Faults().on(ACCEPT, (call, arguments) -> OF_ONE_CONNECTION[0]).install();
    Socket honest = use(client(at));
    Wait.until("accepting rests", () -> count(janus, Counter.ACCEPT_PAUSES) > 0);
    assertThat(flood.injected()).as("not at the first").isGreaterThanOrEqualTo(64);
    flood.clear();
    assertThat(echo(honest, new byte[] {1})).hasSize(1);
    assertThat(reports).anyMatch(report -> report.startsWith(RESET_BEFORE));
  }

  @Test
  void connectErrorsAreToldByTheirKind() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    for (int error : CONNECT_ERRORS.keySet()) {
      faults.on("connect", (call, arguments) -> error).install();
      assertThat(failureOfConnect(janus, at).kind()).isEqualTo(CONNECT_ERRORS.get(error));
      faults.clear();
    }
    faults.on(SOCKET, (call, arguments) -> -ErrorCode.OUT_OF_DESCRIPTORS).install();
    assertThat(failureOfConnect(janus, at).kind()).isEqualTo(ErrorKind.OUT_OF_DESCRIPTORS);
    assertThat(count(janus, Counter.SYSTEM_WANTS)).isEqualTo(1);
    assertThat(reports).singleElement()
        .asString()
        .startsWith("a connection failed, OUT_OF_DESCRIPTORS");
    faults.clear();
    Wait.until("all are closed", () -> janus.connections() == 0);
  }

  @Test
  void spuriousWouldBlocksOnlyDelay() throws Exception {
    for (String function : List.of("recv", "send", GATHER, ACCEPT)) {
      faults.on(function, (call, arguments) -> call % 3 == 1 ? WOULD_BLOCK : 0);
    }
    Janus janus = open();
    faults.install();
    Address at = janus.listen(any(), ECHO);
    assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
    assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
    assertThat(count(janus, Counter.FAILED)).isZero();
  }

  @Test
  void shortReceivesAndSendsKeepEveryByteAndTheOrder() throws Exception {
    SplittableRandom random = new SplittableRandom(9);
    Faults.Rule shorter = (call, arguments) -> {
      shorten(arguments, 1 + random.nextLong(((Number) arguments[2]).longValue()));
      return 0;
    };
    faults.on("recv", shorter).on("send", shorter);
    Janus janus = open();
    faults.install();
    Address at = janus.listen(any(), ECHO);
    assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
    assertThat(count(janus, Counter.FAILED)).isZero();
  }

  @Test
  void sendsOfOneByteAtATimeArriveInOrder() throws Exception {
    faults.on("send", (call, arguments) -> {
      shorten(arguments, 1);
      return call % 5 == 0 ? WOULD_BLOCK : 0;
    });
    Janus janus = open();
    faults.install();
    byte[] few = Bytes.pattern(3_000, 10);
    assertThat(echo(use(client(janus.listen(any(), ECHO))), few)).isEqualTo(few);
  }

  /** The number of bytes is a size_t on Linux and an int on Windows. */
  private static void shorten(Object[] arguments, long most) {
    long bytes = Math.min(most, ((Number) arguments[2]).longValue());
    if (arguments[2] instanceof Integer) {
      arguments[2] = (int) bytes;
    } else {
      arguments[2] = bytes;
    }
  }

  @Test
  void sendWithoutMemoryOfTheSystemEndsThatConnectionOnly() throws Exception {
    for (int error : Arrays.stream(OUTAGES).filter(ReadinessFaultTest::isOfMemory).toArray()) {
      faults.on("send", (call, arguments) -> call == 1 ? error : 0).install();
      Janus janus = open();
      Address at = janus.listen(any(), ECHO);
      Socket doomed = use(client(at));
      doomed.getOutputStream().write(1);
      assertThat(isEnded(doomed)).isTrue();
      assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
      assertThat(count(janus, Counter.FAILED)).isEqualTo(1);
      faults.clear();
    }
  }

  /** Linux alone counts the watches of a user. */
  @Test
  void connectionWithoutAWatchOfTheSystemIsToldWithKindAndRemedyOnceASecond() throws Exception {
    assumeTrue(SystemName.LINUX, "no limit of watches");
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    Socket first = client(at);
    assertThat(echo(first, new byte[] {1})).hasSize(1);
    first.close();
    // The emulation asks for a watch when there is nothing to receive, which may be behind the echo.
    Wait.until("the first one is gone", () -> count(janus, Counter.CLOSED) == 1);
    int many = 12;
    faults.on(
        "epoll_ctl",
        (call, arguments) -> (int) arguments[1] == Epoll.CTL_ADD ? Faults.ENOSPC : 0).install();
    for (int i = 0; i < many; i++) {
      assertThat(isEnded(use(client(at)))).isTrue();
    }
    Wait.until("all are counted", () -> count(janus, Counter.SYSTEM_WANTS) == many);
    assertThat(reports.getFirst()).contains("a connection failed", "OUT_OF_MEMORY", "ENOSPC",
        "fs.epoll.max_user_watches");
    assertThat(reports.size()).as("reports of " + many).isLessThan(many);
    faults.clear();
    assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
    janus.close();
    assertThat(reports.stream().mapToLong(ReadinessFaultTest::told).sum())
        .as("those told")
        .isEqualTo(many);
  }

  @Test
  void watchWithoutMemoryOfTheSystemIsTriedAgainUntilItIsThere() throws Exception {
    assumeTrue(SystemName.LINUX, "the calls of the device of Windows are another test's");
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    assertThat(echo(use(client(at)), new byte[] {1})).hasSize(1);
    faults.on(
        "epoll_ctl",
        (call, arguments) -> (int) arguments[1] == Epoll.CTL_ADD ? Faults.ENOMEM : 0).install();
    Socket waiting = use(client(at));
    waiting.getOutputStream().write(2);
    Wait.until("it was tried some times", () -> faults.injected() >= 4);
    assertRests(faults);
    faults.clear();
    assertThat(read(waiting, 1)).containsExactly(2);
    assertThat(count(janus, Counter.FAILED)).isZero();
  }

  private static long told(String report) {
    Matcher others = Pattern.compile("\\(and (\\d+) more since the last report\\)").matcher(report);
    return others.find() ? 1 + Long.parseLong(others.group(1)) : 1;
  }

  private static boolean isOfMemory(int error) {
    return OsError.kindOf(-error) == ErrorKind.OUT_OF_MEMORY;
  }

  @Test
  void receiveWithoutBuffersOfTheSystemBacksOffAndGoesOnWithoutLoss() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    Socket client = use(client(at));
    assertThat(echo(client, new byte[] {1})).hasSize(1);
    for (int error : new int[] {NO_BUFFER, -ErrorCode.NO_MEMORY}) {
      Faults outage = new Faults().on("recv", (call, arguments) -> error).install();
      client.getOutputStream().write(new byte[] {7, 8});
      Wait.until("five receives have failed", () -> outage.injected() >= 5);
      assertRests(outage);
      outage.clear();
      assertThat(read(client, 2)).containsExactly(7, 8);
    }
    assertThat(count(janus, Counter.FAILED)).isZero();
  }

  /** In a while that lasts ten of the engine's own looks, there are no more than a few times ten calls. */
  private static void assertRests(Faults outage) {
    long start = System.nanoTime();
    int before = outage.injected();
    Wait.until("a while is over", () -> System.nanoTime() - start > 100_000_000L);
    long millis = (System.nanoTime() - start) / 1_000_000;
    assertThat(outage.injected() - before).as("failing calls in " + millis + " ms")
        .isLessThanOrEqualTo((int) (5 + millis));
  }

  @Test
  void noMemoryForThePoolDelaysTheConnectionAndTheLoopLives() throws Exception {
    Janus janus = open();
    Address at = janus.listen(any(), ECHO);
    int error = SystemName.WINDOWS ? 8 : Faults.ENOMEM;
    faults.on(on("mmap", "VirtualAlloc"), (call, arguments) -> error).install();
    Socket client = use(client(at));
    client.getOutputStream().write(PATTERN, 0, 1000);
    Wait.until("mapping has failed", () -> faults.injected() > 0);
    faults.clear();
    assertThat(read(client, 1000)).hasSize(1000);
    assertThat(echo(use(client(at)), PATTERN)).isEqualTo(PATTERN);
  }
}
