package io.janus.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.ffi.call.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a process is told of its memory. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ProcessMemoryTest {
  private static final long BYTES = 64L << 20;

  @Test
  void memoryThatIsTouchedIsResidentAndWhatIsMappedIsCounted() {
    ProcessMemory before = ProcessMemory.read();
    MemorySegment memory = NativeMemory.map(BYTES);
    try {
      memory.fill((byte) 1);
      ProcessMemory during = ProcessMemory.read();
      assertThat(during.mappedBytes() - before.mappedBytes()).isEqualTo(BYTES);
      // The system may take back some of what the rest of the process has.
      assertThat(during.residentBytes() - before.residentBytes()).isGreaterThan(BYTES / 2);
    } finally {
      NativeMemory.unmap(memory);
    }
    assertThat(ProcessMemory.read().mappedBytes()).isEqualTo(before.mappedBytes());
  }
}
