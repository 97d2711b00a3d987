package io.janus.ffi.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.ffi.ErrorKind;
import io.janus.ffi.OsError;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** How the ways in which functions tell an error become one. */
class ErrnoTest {
  /** A program between Windows Sockets and the system may say that a call failed and leave no error, or one of its own making. */
  @Test
  void failureWithoutAnErrorIsAFailureAllTheSame() {
    try (Arena arena = Arena.ofConfined()) {
      Errno errno = new Errno(arena.allocate(Errno.BYTES, 8));
      for (int left : new int[] {0, -1, Integer.MIN_VALUE}) {
        errno.set(left);
        assertThat(errno.socketHandle(-1)).isNegative();
        assertThat(errno.notNull(0)).isNegative();
        assertThat(errno.orNegative(-1)).isNegative();
        assertThat(errno.orNegative(-1L)).isNegative();
        assertThat(errno.socketTrue(0)).isNegative();
        assertThat(errno.isTrue(0)).isNegative();
        int result = errno.socketResult(-1);
        assertThat(result).isNegative();
        assertThat(OsError.kindOf(result)).isEqualTo(ErrorKind.OTHER);
      }
    }
  }

  @Test
  void successIsWhatTheFunctionGaveAndAnErrorIsItsNumberBelowZero() {
    try (Arena arena = Arena.ofConfined()) {
      Errno errno = new Errno(arena.allocate(Errno.BYTES, 8));
      errno.set(11);
      assertThat(errno.socketHandle(0x7fff_ffff_0000L)).isEqualTo(0x7fff_ffff_0000L);
      assertThat(errno.notNull(0x7fff_ffff_0000L)).isEqualTo(0x7fff_ffff_0000L);
      assertThat(errno.orNegative(7)).isEqualTo(7);
      assertThat(errno.socketResult(7)).isEqualTo(7);
      assertThat(errno.socketTrue(1)).isZero();
      assertThat(errno.isTrue(1)).isZero();
      assertThat(errno.socketHandle(-1)).isEqualTo(-11);
      assertThat(errno.notNull(0)).isEqualTo(-11);
      assertThat(errno.orNegative(-1)).isEqualTo(-11);
      assertThat(errno.socketResult(-1)).isEqualTo(-11);
      assertThat(errno.socketTrue(0)).isEqualTo(-11);
      assertThat(errno.isTrue(0)).isEqualTo(-11);
    }
  }
}
