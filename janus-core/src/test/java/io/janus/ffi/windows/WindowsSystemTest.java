package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.janus.contract.WindowsHandles;
import io.janus.ffi.call.NativeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
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
  void openSocketsAndPortsAreHandlesOfTheProcess() {
    Set<String> before = WindowsHandles.open();
    try (Loopback net = new Loopback().connect()) {
      Set<String> during = WindowsHandles.open();
      during.removeAll(before);
      long device = AfdDevice.open();
      assertThat(WindowsHandles.open()).contains("device " + device);
      Handleapi.closeHandle(net.errno, device);
      assertThat(during).contains("socket " + net.near, "socket " + net.far, "port " + net.port);
    }
    assertThat(WindowsHandles.open()).isEqualTo(before);
  }
}
