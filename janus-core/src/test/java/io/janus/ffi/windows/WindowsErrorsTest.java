package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;

import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import io.janus.ffi.call.Dll;
import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WindowsErrorsTest {
  /** The return values that the reference pages of each call list. */
  private static final Map<String, String> REFERENCE = Map.ofEntries(
      Map.entry("WSAStartup", "WSASYSNOTREADY WSAVERNOTSUPPORTED WSAEINPROGRESS WSAEPROCLIM"
          + " WSAEFAULT"),
      Map.entry("WSASocketW", "WSANOTINITIALISED WSAENETDOWN WSAEAFNOSUPPORT WSAEFAULT"
          + " WSAEINPROGRESS WSAEINVAL WSAEMFILE WSAENOBUFS WSAEPROTONOSUPPORT WSAEPROTOTYPE"
          + " WSAEPROVIDERFAILEDINIT WSAESOCKTNOSUPPORT"),
      Map.entry("bind", "WSANOTINITIALISED WSAENETDOWN WSAEACCES WSAEADDRINUSE WSAEADDRNOTAVAIL"
          + " WSAEFAULT WSAEINPROGRESS WSAEINVAL WSAENOBUFS WSAENOTSOCK"),
      Map.entry("listen", "WSAEADDRINUSE WSAEINVAL WSAEISCONN WSAEMFILE WSAENOBUFS WSAENOTSOCK"
          + " WSAEOPNOTSUPP"),
      Map.entry("accept", "WSAECONNRESET WSAEFAULT WSAEINTR WSAEINVAL WSAEMFILE WSAENOBUFS"
          + " WSAENOTSOCK WSAEOPNOTSUPP WSAEWOULDBLOCK"),
      Map.entry("connect", "WSAEADDRINUSE WSAEINTR WSAEALREADY WSAEADDRNOTAVAIL WSAEAFNOSUPPORT"
          + " WSAECONNREFUSED WSAEFAULT WSAEINVAL WSAEISCONN WSAENETUNREACH WSAEHOSTUNREACH"
          + " WSAENOBUFS WSAENOTSOCK WSAETIMEDOUT WSAEWOULDBLOCK WSAEACCES"),
      Map.entry("WSARecv", "WSAECONNABORTED WSAECONNRESET WSAEDISCON WSAEFAULT WSAEINTR WSAEINVAL"
          + " WSAEMSGSIZE WSAENETRESET WSAENOTCONN WSAENOTSOCK WSAEOPNOTSUPP WSAESHUTDOWN"
          + " WSAETIMEDOUT WSAEWOULDBLOCK ERROR_IO_PENDING ERROR_OPERATION_ABORTED"),
      Map.entry("WSASend", "WSAECONNABORTED WSAECONNRESET WSAEFAULT WSAEINTR WSAEINVAL"
          + " WSAEMSGSIZE WSAENETRESET WSAENOBUFS WSAENOTCONN WSAENOTSOCK WSAEOPNOTSUPP"
          + " WSAESHUTDOWN WSAEWOULDBLOCK ERROR_IO_PENDING ERROR_OPERATION_ABORTED"),
      Map.entry("sockopt", "WSAEFAULT WSAEINVAL WSAENOPROTOOPT WSAENOTSOCK WSAENETRESET"
          + " WSAENOTCONN"),
      Map.entry("ports", "WAIT_TIMEOUT WAIT_IO_COMPLETION ERROR_ABANDONED_WAIT_0"
          + " ERROR_INVALID_HANDLE ERROR_INVALID_PARAMETER ERROR_NOT_FOUND ERROR_ACCESS_DENIED"
          + " ERROR_NETNAME_DELETED ERROR_CONNECTION_REFUSED ERROR_SEM_TIMEOUT"
          + " ERROR_CONNECTION_ABORTED ERROR_NO_SYSTEM_RESOURCES ERROR_NOT_ENOUGH_QUOTA"),
      Map.entry("memory", "ERROR_NOT_ENOUGH_MEMORY ERROR_COMMITMENT_LIMIT ERROR_INVALID_ADDRESS"
          + " ERROR_OUTOFMEMORY"));

  @Test
  void everyErrorThatACallCanGiveHasAKindASentenceAndARemedy() {
    Set<String> documented = REFERENCE.values()
        .stream()
        .flatMap(names -> Arrays.stream(names.split(" ")))
        .collect(Collectors.toCollection(TreeSet::new));
    assertThat(WindowsErrors.all().values().stream().map(OsError::name)).containsAll(documented)
        .doesNotHaveDuplicates();
  }

  @Test
  void wordsAreOneSentenceAndOneRemedyEach() {
    assertThat(WindowsErrors.all()).allSatisfy((number, error) -> {
      assertThat(error.code()).isEqualTo(number);
      assertThat(error.name()).matches("(WSA|ERROR_|WAIT_)[A-Z0-9_]+");
      assertThat(error.sentence()).isNotBlank().doesNotEndWith(".");
      assertThat(error.remedy()).isNotBlank().doesNotEndWith(".");
      assertThat(WindowsErrors.of(-number)).isEqualTo(error);
    });
  }

  @Test
  void onlyBrokenInstallationsHaveNoKindOfTheirOwn() {
    assertThat(WindowsErrors.all().values()).filteredOn(error -> error.kind() == ErrorKind.OTHER)
        .extracting(OsError::name)
        .containsExactlyInAnyOrder("WSANOTINITIALISED", "WSAEPROVIDERFAILEDINIT",
            "WSASYSCALLFAILURE");
  }

  @ParameterizedTest
  @CsvSource({"C0000120,995,CANCELLED", "8000000A,995,CANCELLED",
    "C000013B,10053,CONNECTION_ABORTED", "C0000241,10053,CONNECTION_ABORTED",
    "C000020D,10054,CONNECTION_RESET", "C000013C,10054,CONNECTION_RESET",
    "C000020C,10054,CONNECTION_RESET", "C0000236,10061,CONNECTION_REFUSED",
    "C00000B5,10060,TIMED_OUT", "C000023C,10051,UNREACHABLE",
    "C000023D,10065,UNREACHABLE", "C000023E,10051,UNREACHABLE",
    "C000023F,10054,CONNECTION_RESET", "C0000140,10057,NOT_CONNECTED",
    "C000023B,10056,ALREADY_CONNECTED", "C00000B0,10058,BROKEN_PIPE",
    "C0000207,10049,ADDRESS_NOT_AVAILABLE", "C0000141,10049,ADDRESS_NOT_AVAILABLE",
    "C000020A,10048,ADDRESS_IN_USE", "C0000043,10048,ADDRESS_IN_USE",
    "C000009A,10055,OUT_OF_MEMORY", "C0000044,10055,OUT_OF_MEMORY",
    "C00000A1,10055,OUT_OF_MEMORY", "C0000017,10055,OUT_OF_MEMORY",
    "C0000007,10055,OUT_OF_MEMORY", "C00000A3,10035,WOULD_BLOCK",
    "C0000008,10038,BAD_HANDLE", "C0000024,10038,BAD_HANDLE",
    "C000000D,10022,INVALID_ARGUMENT", "C0000005,10014,INVALID_ARGUMENT",
    "C0000225,1168,NOT_FOUND", "80000005,10040,MESSAGE_TOO_LONG",
    "C00000BB,10045,NOT_SUPPORTED", "C0000022,10013,PERMISSION_DENIED",
    "C000011F,10024,OUT_OF_DESCRIPTORS",
    "C0000240,995,CANCELLED", "C00000C9,10054,CONNECTION_RESET", "C000013E,10054,CONNECTION_RESET",
    "C000A012,10054,CONNECTION_RESET", "C000020F,10053,CONNECTION_ABORTED",
    "C0000237,10101,BROKEN_PIPE", "C00000BC,10061,CONNECTION_REFUSED", "C000013F,10060,TIMED_OUT",
    "C00000BE,10051,UNREACHABLE", "C00000BF,10050,UNREACHABLE", "C00000C3,10050,UNREACHABLE",
    "C00000C4,10050,UNREACHABLE", "C0000018,10049,ADDRESS_NOT_AVAILABLE",
    "C000012D,10055,OUT_OF_MEMORY", "C0000097,10055,OUT_OF_MEMORY", "C000013D,10055,OUT_OF_MEMORY",
    "C0000209,10055,OUT_OF_MEMORY", "C00000D0,10035,WOULD_BLOCK", "C0000128,10038,BAD_HANDLE",
    "C0000023,10014,INVALID_ARGUMENT", "C0000002,10045,NOT_SUPPORTED",
    "C0000206,10040,MESSAGE_TOO_LONG", "C000000E,2,NOT_FOUND", "C0000034,2,NOT_FOUND",
    "C0072746,10054,CONNECTION_RESET", "80070005,5,PERMISSION_DENIED"})
  void statusOfAnOperationBecomesTheNumberOfWindowsSockets(
      String status, int number, ErrorKind kind) {
    int result = NtStatus.result(Integer.parseUnsignedInt(status, 16));
    assertThat(result).isEqualTo(-number);
    assertThat(WindowsErrors.of(result).kind()).isEqualTo(kind);
  }

  @ParameterizedTest
  @CsvSource({"C0000120,995", "C000013B,64", "C0000241,1236", "C000020D,64", "C0000236,1225",
    "C00000B5,121", "C000023C,1231", "C0000140,59", "C000009A,1450", "C0000008,6", "C0000225,1168",
    "00000103,997", "C000020A,52"})
  @EnabledOnOs(OS.WINDOWS)
  void statusNumbersAreWhatTheSystemKnowsThemAs(String status, int dosError) throws Throwable {
    // Not bound by the main code: of a socket's errors the system's own translation is a coarse one.
    MethodHandle translate = Dll.NTDLL.plain(
        "RtlNtStatusToDosError", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    assertThat((int) translate.invokeExact(Integer.parseUnsignedInt(status, 16)))
        .isEqualTo(dosError);
  }

  @Test
  void successOfAnOperationStaysWhatItIs() {
    assertThat(NtStatus.result(0)).isZero();
    assertThat(NtStatus.result(NtStatus.PENDING)).isEqualTo(0x103);
    assertThat(NtStatus.result(NtStatus.TIMEOUT)).isEqualTo(0x102);
  }

  @Test
  void unknownNumbersKeepTheirNumber() {
    OsError unknown = WindowsErrors.of(-31_999);
    assertThat(unknown.kind()).isEqualTo(ErrorKind.OTHER);
    assertThat(unknown.toString()).contains("31999", "net helpmsg 31999");
    OsError status = WindowsErrors.of(NtStatus.result(0xC000_0999));
    assertThat(status.kind()).isEqualTo(ErrorKind.OTHER);
    assertThat(status.code()).isEqualTo(0xC000_0999);
    assertThat(status.toString()).contains("0xC0000999");
    assertThat(WindowsErrors.of(0x8000_0000).name()).isEqualTo("NTSTATUS 0x80000000");
  }

  @Test
  @EnabledOnOs(OS.WINDOWS)
  void peopleReadTheNumberBesideTheName() {
    assertThat(OsError.of(-10054).toString())
        .contains("the peer reset the connection (WSAECONNRESET 10054); connect again");
    assertThat(OsError.of(-10048L).toString()).contains("WSAEADDRINUSE 10048", "netstat -ano");
  }
}
