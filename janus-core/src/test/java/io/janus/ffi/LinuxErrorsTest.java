package io.janus.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.ffi.linux.LinuxErrors;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinuxErrorsTest {
  /** The ERRORS sections of the man pages (Linux man-pages 6.x) of every call that Janus makes, and of tcp, ip, ipv6, unix(7). */
  private static final Map<String, String> MAN_PAGES = Map.ofEntries(
      Map.entry("socket",
          "EACCES EAFNOSUPPORT EINVAL EMFILE ENFILE ENOBUFS ENOMEM EPROTONOSUPPORT"),
      Map.entry("bind", "EACCES EADDRINUSE EBADF EINVAL ENOTSOCK EADDRNOTAVAIL EFAULT ELOOP"
          + " ENAMETOOLONG ENOENT ENOMEM ENOTDIR EROFS"),
      Map.entry("listen", "EADDRINUSE EBADF ENOTSOCK EOPNOTSUPP"),
      Map.entry("accept4", "EAGAIN EBADF ECONNABORTED EFAULT EINTR EINVAL EMFILE ENFILE ENOBUFS"
          + " ENOMEM ENOTSOCK EOPNOTSUPP EPERM EPROTO ENOSR ESOCKTNOSUPPORT EPROTONOSUPPORT"
          + " ETIMEDOUT ENETDOWN ENOPROTOOPT EHOSTDOWN ENONET EHOSTUNREACH ENETUNREACH"),
      Map.entry("connect", "EACCES EPERM EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY"
          + " EBADF ECONNREFUSED EFAULT EINPROGRESS EINTR EISCONN ENETUNREACH ENOTSOCK EPROTOTYPE"
          + " ETIMEDOUT"),
      Map.entry("recv", "EAGAIN EBADF ECONNREFUSED EFAULT EINTR EINVAL ENOMEM ENOTCONN ENOTSOCK"),
      Map.entry("send", "EACCES EAGAIN EALREADY EBADF ECONNRESET EDESTADDRREQ EFAULT EINTR EINVAL"
          + " EISCONN EMSGSIZE ENOBUFS ENOMEM ENOTCONN ENOTSOCK EOPNOTSUPP EPIPE"),
      Map.entry("shutdown", "EBADF EINVAL ENOTCONN ENOTSOCK"),
      Map.entry("sockopt", "EBADF EFAULT EINVAL ENOPROTOOPT ENOTSOCK EDOM EISCONN ENOMEM ENOBUFS"),
      Map.entry("sockname", "EBADF EFAULT EINVAL ENOBUFS ENOTSOCK ENOTCONN"),
      Map.entry("epoll_create1", "EINVAL EMFILE ENFILE ENOMEM"),
      Map.entry("epoll_ctl", "EBADF EEXIST EINVAL ELOOP ENOENT ENOMEM ENOSPC EPERM"),
      Map.entry("epoll_wait", "EBADF EFAULT EINTR EINVAL"),
      Map.entry("eventfd", "EINVAL EMFILE ENFILE ENODEV ENOMEM"),
      Map.entry("write",
          "EAGAIN EBADF EDESTADDRREQ EFAULT EFBIG EINTR EINVAL EIO ENOSPC EPERM EPIPE"),
      Map.entry("close", "EBADF EINTR EIO ENOSPC"),
      Map.entry("mmap", "EACCES EAGAIN EBADF EINVAL ENFILE ENODEV ENOMEM EPERM EEXIST"),
      Map.entry("ioctl", "EBADF EFAULT EINVAL ENOTTY"), Map.entry("rlimit", "EFAULT EINVAL EPERM"),
      Map.entry("io_uring_setup", "EFAULT EINVAL EMFILE ENFILE ENOMEM EPERM ENXIO"),
      Map.entry("io_uring_enter",
          "EAGAIN EBADF EBADFD EBADR EBUSY EEXIST EFAULT EINTR EINVAL ENXIO EOPNOTSUPP EOWNERDEAD"
              + " ETIME"),
      Map.entry("io_uring_register", "EACCES EBADF EBADFD EBUSY EEXIST EFAULT EINVAL EMFILE ENOMEM"
          + " ENXIO EOPNOTSUPP EPERM"),
      Map.entry("tcp(7)", "EAFNOSUPPORT EPIPE ETIMEDOUT"),
      Map.entry("ip(7)", "EACCES EADDRINUSE EADDRNOTAVAIL EAGAIN EALREADY ECONNABORTED EHOSTUNREACH"
          + " EINVAL EISCONN EMSGSIZE ENOBUFS ENOENT ENOMEM ENOPROTOOPT EOPNOTSUPP EPERM"
          + " ESOCKTNOSUPPORT"),
      Map.entry("unix(7)", "EADDRINUSE ECONNREFUSED ECONNRESET EFAULT EINVAL EISCONN ENAMETOOLONG"
          + " ENOENT ENOMEM ENOTCONN EOPNOTSUPP EPERM EPIPE EPROTONOSUPPORT EPROTOTYPE"
          + " ESOCKTNOSUPPORT ETOOMANYREFS"),
      Map.entry("seen in practice", "ECONNRESET ECANCELED ENOSYS EBUSY EHOSTUNREACH ENETDOWN"));

  @Test
  void everyErrnoThatACallCanGiveHasAKindASentenceAndARemedy() {
    Set<String> documented = MAN_PAGES.values()
        .stream()
        .flatMap(names -> Arrays.stream(names.split(" ")))
        .collect(Collectors.toCollection(TreeSet::new));
    Set<String> known =
        LinuxErrors.all().values().stream().map(OsError::name).collect(Collectors.toSet());
    assertThat(known).containsAll(documented);
  }

  @EnabledOnOs(OS.LINUX)
  @Test
  void wordsAreOneSentenceAndOneRemedyEach() {
    assertThat(LinuxErrors.all()).allSatisfy((errno, error) -> {
      assertThat(error.code()).isEqualTo(errno);
      assertThat(error.name()).matches("E[A-Z0-9]+");
      assertThat(error.sentence()).isNotBlank().doesNotEndWith(".");
      assertThat(error.remedy()).isNotBlank().doesNotEndWith(".");
      assertThat(error.toString()).contains(error.sentence(), error.name(), error.remedy());
      assertThat(OsError.of(-errno)).isEqualTo(error);
    });
    assertThat(LinuxErrors.all().values().stream().map(OsError::name)).doesNotHaveDuplicates();
  }

  @Test
  void onlyDeviceErrorsHaveNoKindOfTheirOwn() {
    assertThat(LinuxErrors.all().values()).filteredOn(error -> error.kind() == ErrorKind.OTHER)
        .extracting(OsError::name)
        .isSubsetOf("EIO", "ENODEV", "ENOSR");
    Set<ErrorKind> used = LinuxErrors.all()
        .values()
        .stream()
        .map(OsError::kind)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(ErrorKind.class)));
    assertThat(used).isEqualTo(EnumSet.allOf(ErrorKind.class));
  }

  @EnabledOnOs(OS.LINUX)
  @ParameterizedTest
  @CsvSource({"EAGAIN,11,WOULD_BLOCK", "EINTR,4,INTERRUPTED", "EMFILE,24,OUT_OF_DESCRIPTORS",
    "ENFILE,23,OUT_OF_DESCRIPTORS", "ECONNRESET,104,CONNECTION_RESET", "EPIPE,32,BROKEN_PIPE",
    "ECONNREFUSED,111,CONNECTION_REFUSED", "ECANCELED,125,CANCELLED", "ETIMEDOUT,110,TIMED_OUT",
    "EBUSY,16,BUSY", "ENOBUFS,105,OUT_OF_MEMORY", "ENOMEM,12,OUT_OF_MEMORY",
    "EADDRINUSE,98,ADDRESS_IN_USE", "ECONNABORTED,103,CONNECTION_ABORTED",
    "EACCES,13,PERMISSION_DENIED", "EINPROGRESS,115,IN_PROGRESS", "ENOENT,2,NOT_FOUND"})
  void namesNumbersAndKindsBelongTogether(String name, int errno, ErrorKind kind) {
    assertThat(OsError.of(-errno).name()).isEqualTo(name);
    assertThat(OsError.kindOf(-errno)).isEqualTo(kind);
  }

  @EnabledOnOs(OS.LINUX)
  @Test
  void unknownNumberKeepsItsNumber() {
    OsError unknown = OsError.of(-4095);
    assertThat(unknown.kind()).isEqualTo(ErrorKind.OTHER);
    assertThat(unknown.toString()).contains("4095");
  }

  @Test
  void resultsThatAreNoErrorsAreRefused() {
    assertThatThrownBy(() -> OsError.of(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> OsError.of(7)).isInstanceOf(IllegalArgumentException.class);
  }

  @EnabledOnOs(OS.LINUX)
  @Test
  void exceptionNamesTheAttemptTheErrorAndTheRemedyInOneLine() throws OsException {
    assertThat(OsException.check("try", 5)).isEqualTo(5);
    assertThatThrownBy(() -> OsException.check("listen on 127.0.0.1:80", -98))
        .isInstanceOf(OsException.class)
        .hasMessageStartingWith("listen on 127.0.0.1:80: another socket holds the address")
        .hasMessageContaining("EADDRINUSE")
        .hasMessageContaining("ss -ltnp")
        .satisfies(thrown -> assertThat(((OsException) thrown).error().kind())
            .isEqualTo(ErrorKind.ADDRESS_IN_USE));
  }
}
