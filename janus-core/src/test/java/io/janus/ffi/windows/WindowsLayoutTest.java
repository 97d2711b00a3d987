package io.janus.ffi.windows;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.ffi.bsd.Sockaddr;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sizes, offsets and numbers of Windows: against what is known of them, and against a C compiler for Windows where there is one. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class WindowsLayoutTest {
  private static final String COMPILER = "x86_64-w64-mingw32-gcc";

  private static final Map<String, StructLayout> STRUCTS = Map.ofEntries(
      Map.entry("OVERLAPPED", Overlapped.LAYOUT),
      Map.entry("OVERLAPPED_ENTRY", OverlappedEntry.LAYOUT),
      Map.entry("WSABUF", Wsabuf.LAYOUT),
      Map.entry("IO_STATUS_BLOCK", IoStatusBlock.LAYOUT),
      Map.entry("UNICODE_STRING", UnicodeString.LAYOUT),
      Map.entry("OBJECT_ATTRIBUTES", ObjectAttributes.LAYOUT),
      Map.entry("WSADATA", Wsadata.LAYOUT),
      Map.entry("GUID", Guid.LAYOUT),
      Map.entry("struct linger", Linger.LAYOUT),
      Map.entry("TCP_INITIAL_RTO_PARAMETERS", TcpInitialRto.LAYOUT),
      Map.entry("RTL_OSVERSIONINFOW", OsVersionInfo.LAYOUT),
      Map.entry("PROCESS_MEMORY_COUNTERS", ProcessMemoryCounters.LAYOUT),
      Map.entry("WSAPROTOCOL_INFOW", WsaProtocolInfo.LAYOUT),
      Map.entry("struct sockaddr_in", Sockaddr.IN),
      Map.entry("struct sockaddr_in6", Sockaddr.IN6));

  private static final Map<String, Long> CONSTANTS = Map.ofEntries(
      Map.entry("sizeof(struct sockaddr_storage)", (long) Sockaddr.STORAGE_BYTES),
      Map.entry("sizeof(((struct sockaddr_un*)0)->sun_path)", Sockaddr.UNIX_PATH_BYTES + 1L),
      Map.entry("AF_UNIX", (long) Sockaddr.AF_UNIX),
      Map.entry("AF_INET", (long) Sockaddr.AF_INET),
      Map.entry("AF_INET6", (long) Sockaddr.AF_INET6_WINDOWS),
      Map.entry("MAKEWORD(2, 2)", (long) Wsadata.VERSION),
      Map.entry("TCP_INITIAL_RTO_NO_SYN_RETRANSMISSIONS",
          (long) TcpInitialRto.TCP_INITIAL_RTO_NO_SYN_RETRANSMISSIONS),
      Map.entry("TCP_INITIAL_RTO_UNSPECIFIED_RTT",
          (long) TcpInitialRto.TCP_INITIAL_RTO_UNSPECIFIED_RTT));

  /** Younger than the headers of some compilers, or in no header at all. */
  private static final Set<String> NOT_IN_HEADERS =
      Set.of("TCP_MAXRT", "SO_REUSE_UNICASTPORT");

  @TempDir Path directory;

  @Test
  void layoutsAndConstantsAgreeWithTheCCompilerForWindows() throws Exception {
    Map<String, Long> expected = new LinkedHashMap<>(CONSTANTS);
    STRUCTS.forEach((name, layout) -> expectStruct(expected, name, layout));
    WindowsErrors.all().forEach((number, error) -> expected.put(error.name(), (long) number));
    constants(WinError.class, "", expected);
    constants(WinsockConstant.class, "", expected);
    constants(WindowsConstant.class, "", expected);
    constants(NtStatus.class, "STATUS_", expected);
    expected.keySet().removeAll(NOT_IN_HEADERS);
    assertThat(askTheCompiler(List.copyOf(expected.keySet())))
        .containsExactlyInAnyOrderEntriesOf(expected);
  }

  /** The structs that no header shows, and for the machine without that compiler the others that the kernel writes to. */
  @ParameterizedTest
  @CsvSource({"Overlapped,Internal,0,32", "Overlapped,InternalHigh,8,32", "Overlapped,Offset,16,32",
    "Overlapped,hEvent,24,32", "OverlappedEntry,lpCompletionKey,0,32",
    "OverlappedEntry,lpOverlapped,8,32", "OverlappedEntry,Internal,16,32",
    "OverlappedEntry,dwNumberOfBytesTransferred,24,32", "Wsabuf,len,0,16", "Wsabuf,buf,8,16",
    "AfdPollInfo,Timeout,0,32", "AfdPollInfo,NumberOfHandles,8,32", "AfdPollInfo,Exclusive,12,32",
    "AfdPollInfo,Handle,16,32", "AfdPollInfo,Events,24,32", "AfdPollInfo,Status,28,32",
    "IoStatusBlock,Status,0,16", "IoStatusBlock,Information,8,16", "UnicodeString,Buffer,8,16",
    "ObjectAttributes,ObjectName,16,48", "Wsadata,szDescription,16,408", "Guid,Data4,8,16",
    "Linger,l_linger,2,4",
    "TcpInitialRto,MaxSynRetransmissions,2,4", "OsVersionInfo,dwBuildNumber,12,276",
    "ProcessMemoryCounters,WorkingSetSize,16,72", "WsaProtocolInfo,dwServiceFlags1,0,628",
    "AcceptAddresses,remote,16,32"})
  void offsetsAndSizesAreThoseOf64BitWindows(String struct, String field, long offset, long size)
      throws Exception {
    var holder = Class.forName(getClass().getPackageName() + "." + struct);
    StructLayout layout = (StructLayout) holder.getDeclaredField("LAYOUT").get(null);
    assertThat(layout.byteOffset(PathElement.groupElement(field))).isEqualTo(offset);
    assertThat(layout.byteSize()).isEqualTo(size);
  }

  @Test
  void namesOfExtensionsAreWrittenAsTheSystemReadsThem() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment guid = arena.allocate(Guid.LAYOUT);
      Guid.set(guid, 0, Guid.ACCEPTEX);
      assertThat(guid.toArray(JAVA_BYTE)).containsExactly(0xf1, 0x7d,
          0x36, 0xb5, 0xac, 0xcb, 0xcf, 0x11, 0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92);
    }
  }

  @Test
  void accessorsReadTheLowHalfOfAStatus() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment slab = arena.allocate(2 * Overlapped.BYTES, 8);
      slab.fill((byte) 0xff);
      Overlapped.clear(slab, Overlapped.BYTES);
      assertThat(slab.mismatch(slab.asSlice(Overlapped.BYTES))).as("the first is untouched")
          .isZero();
      slab.set(JAVA_LONG, Overlapped.BYTES,
          0xdeadbeef_c0000120L);
      assertThat(Overlapped.status(slab, Overlapped.BYTES)).isEqualTo(NtStatus.CANCELLED);
      assertThat(NtStatus.result(NtStatus.CANCELLED))
          .isEqualTo(-WinError.ERROR_OPERATION_ABORTED);
    }
  }

  @Test
  void aPollThatReportsNoSocketReportsNoEvent() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment info = arena.allocate(AfdPollInfo.LAYOUT);
      AfdPollInfo.set(info, 0, 44, AfdPollInfo.RECEIVE | AfdPollInfo.ABORT);
      assertThat(AfdPollInfo.events(info, 0)).isEqualTo(0x11);
      info.set(JAVA_INT, 8, 0);
      assertThat(AfdPollInfo.events(info, 0)).isZero();
    }
  }

  private static void expectStruct(Map<String, Long> expected, String name, StructLayout layout) {
    expected.put("sizeof(" + name + ")", layout.byteSize());
    for (MemoryLayout member : layout.memberLayouts()) {
      member.name()
          .ifPresent(field -> expected.put("offsetof(" + name + ", " + field + ")",
              layout.byteOffset(PathElement.groupElement(field))));
    }
  }

  private static void constants(Class<?> holder, String prefix, Map<String, Long> expected)
      throws IllegalAccessException {
    for (var field : holder.getFields()) {
      expected.put(prefix + field.getName(), (long) field.getInt(null));
    }
  }

  /** Compiles to assembler text, which nobody needs to be able to run, and reads the numbers out of it. */
  private Map<String, Long> askTheCompiler(List<String> names) throws Exception {
    StringBuilder source = new StringBuilder("#define _WIN32_WINNT 0x0A00\n"
        + "#define WIN32_NO_STATUS\n#include <winsock2.h>\n#undef WIN32_NO_STATUS\n");
    for (String header : new String[] {"ntstatus.h", "ws2tcpip.h", "mswsock.h", "mstcpip.h",
      "afunix.h", "windows.h", "psapi.h", "winternl.h", "stddef.h"}) {
      source.append("#include <").append(header).append(">\n");
    }
    source.append("const long long answers[] = {\n");
    for (String name : names) {
      source.append("(int) (").append(name).append("),\n");
    }
    Files.writeString(directory.resolve("layout.c"), source.append("};\n"));
    String assembler = run(COMPILER, "-S", "-o", "-", directory.resolve("layout.c").toString());
    List<Long> numbers = new ArrayList<>();
    for (String line : assembler.lines().map(String::strip).toList()) {
      if (line.startsWith(".quad")) {
        numbers.add(Long.parseLong(line.substring(".quad".length()).strip()));
      } else if (line.startsWith(".space")) {
        // Zeroes in a row.
        int bytes = Integer.parseInt(line.substring(".space".length()).strip());
        numbers.addAll(Collections.nCopies(bytes / 8, 0L));
      }
    }
    assertThat(numbers).as(assembler).hasSameSizeAs(names);
    Map<String, Long> answers = new LinkedHashMap<>();
    for (int i = 0; i < numbers.size(); i++) {
      answers.put(names.get(i), numbers.get(i));
    }
    return answers;
  }

  private static String run(String... command) throws InterruptedException, IOException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException absent) {
      assumeTrue(false, "there is no " + COMPILER + " on this machine");
      throw absent;
    }
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
