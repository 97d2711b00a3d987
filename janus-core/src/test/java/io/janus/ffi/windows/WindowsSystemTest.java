package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.ffi.call.Errno;
import io.janus.ffi.call.NativeMemory;
import io.janus.limit.Counters;
import io.janus.socket.Sockets;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Memory, version and handles of the real system. */
@EnabledOnOs(OS.WINDOWS)
class WindowsSystemTest {

  @Test
  void mappedMemoryIsZeroedWritableAndCounted() {
    long before = NativeMemory.mappedBytes();
    MemorySegment memory = NativeMemory.map(100_000);
    assertThat(memory.address() % 4096).isZero();
    assertThat(memory.byteSize()).isEqualTo(100_000);
    assertThat(memory.toArray(JAVA_BYTE)).containsOnly(0);
    memory.fill((byte) 7);
    assertThat(NativeMemory.mappedBytes()).isEqualTo(before + 100_000);
    NativeMemory.unmap(memory);
    assertThat(NativeMemory.mappedBytes()).isEqualTo(before);
  }

  @Test
  void memoryThatTheSystemDoesNotHaveIsRefusedWithItsSize() {
    assertThatThrownBy(() -> NativeMemory.map(Long.MAX_VALUE / 2))
        .isInstanceOf(OutOfMemoryError.class)
        .hasMessageContaining("VirtualAlloc of " + Long.MAX_VALUE / 2 + " bytes");
  }

  @Test
  void memoryThatIsNotMappedCannotBeGivenBack() {
    MemorySegment memory = NativeMemory.map(1);
    NativeMemory.unmap(memory);
    assertThatThrownBy(() -> Memoryapi.free(memory)).isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("VirtualFree");
  }

  @Test
  void versionOfTheSystemIsThatOfTheJvmAndWineNamesItself() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(OsVersionInfo.LAYOUT);
      OsVersionInfo.prepare(info);
      assertThat(Winternl.rtlGetVersion(info)).isZero();
      assertThat(OsVersionInfo.major(info)).isGreaterThanOrEqualTo(10);
      assertThat(OsVersionInfo.major(info) + "." + OsVersionInfo.minor(info))
          .isEqualTo(System.getProperty("os.version"));
      assertThat(OsVersionInfo.build(info)).isPositive();
      String wine = Winternl.wineGetVersion();
      assertThat(wine == null || wine.matches("\\d+\\..*")).as("version %s", wine).isTrue();
    }
  }

  @Test
  void openSocketsCountAsHandlesOfTheProcess() {
    try (Arena arena = Arena.ofConfined(); Sockets sockets = Sockets.open(new Counters())) {
      Errno errno = new Errno(arena.allocate(Errno.BYTES, 8));
      MemorySegment count = arena.allocate(JAVA_INT);
      int before = Processthreadsapi.getProcessHandleCount(errno, count);
      List<Long> opened = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        opened.add(Loopback.succeeded(sockets.open(Loopback.ANY)));
      }
      int during = Processthreadsapi.getProcessHandleCount(errno, count);
      opened.forEach(sockets::closeSocket);
      assertThat(during - before).isBetween(90, 200);
      assertThat(Processthreadsapi.getProcessHandleCount(errno, count)).isBetween(before - 50,
          before + 50);
    }
  }
}
