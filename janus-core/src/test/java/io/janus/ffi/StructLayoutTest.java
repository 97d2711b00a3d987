package io.janus.ffi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.ffi.bsd.Sockaddr;
import io.janus.ffi.linux.EpollEvent;
import io.janus.ffi.linux.Iovec;
import io.janus.ffi.linux.Linger;
import io.janus.ffi.linux.LinuxErrors;
import io.janus.ffi.linux.Msghdr;
import io.janus.ffi.linux.Rlimit;
import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Sizes, offsets and numbers against what the C compiler of this machine says. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class StructLayoutTest {
  private static final Map<String, StructLayout> STRUCTS = Map.of(
      "struct epoll_event", EpollEvent.LAYOUT,
      "struct iovec", Iovec.LAYOUT,
      "struct linger", Linger.LAYOUT,
      "struct msghdr", Msghdr.LAYOUT,
      "struct rlimit", Rlimit.LAYOUT,
      "struct sockaddr_in", Sockaddr.IN,
      "struct sockaddr_in6", Sockaddr.IN6);

  private static final Map<String, Long> CONSTANTS = Map.ofEntries(
      Map.entry("sizeof(struct sockaddr_storage)", (long) Sockaddr.STORAGE_BYTES),
      Map.entry("sizeof(((struct sockaddr_un*)0)->sun_path)", Sockaddr.UNIX_PATH_BYTES + 1L),
      Map.entry("AF_UNIX", (long) Sockaddr.AF_UNIX),
      Map.entry("AF_INET", (long) Sockaddr.AF_INET),
      Map.entry("AF_INET6", (long) Sockaddr.AF_INET6_LINUX),
      Map.entry("RLIMIT_NOFILE", (long) Rlimit.NOFILE),
      Map.entry("RLIMIT_MEMLOCK", (long) Rlimit.MEMLOCK));

  @TempDir Path directory;

  @Test
  @EnabledOnOs(OS.LINUX)
  void layoutsAndConstantsAgreeWithTheCCompiler() throws Exception {
    Map<String, Long> expected = new LinkedHashMap<>(CONSTANTS);
    STRUCTS.forEach((name, layout) -> expectStruct(expected, name, layout));
    LinuxErrors.all().forEach((errno, error) -> expected.put(error.name(), (long) errno));
    constants(io.janus.ffi.linux.SocketConstant.class, "", expected);
    constants(io.janus.ffi.linux.Epoll.class, "EPOLL", expected);
    assertThat(askTheCompiler(expected)).containsExactlyInAnyOrderEntriesOf(expected);
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
      String name = prefix + (field.getName().matches("CTL_.*|CLOEXEC") ? "_" : "")
          + field.getName();
      expected.put(name, (long) field.getInt(null));
    }
  }

  private Map<String, Long> askTheCompiler(Map<String, Long> names)
      throws IOException, InterruptedException {
    StringBuilder source = new StringBuilder("#define _GNU_SOURCE\n");
    for (String header : new String[] {"stdio.h", "stddef.h", "errno.h", "sys/epoll.h",
      "sys/socket.h", "sys/uio.h", "sys/un.h", "sys/resource.h", "netinet/in.h",
      "netinet/tcp.h"}) {
      source.append("#include <").append(header).append(">\n");
    }
    source.append("int main(void) {\n");
    for (String name : names.keySet()) {
      source.append("printf(\"")
          .append(name)
          .append("=%lld\\n\", (long long) (int) (")
          .append(name)
          .append("));\n");
    }
    Files.writeString(directory.resolve("layout.c"), source.append("return 0; }\n"));
    run("gcc", "-o", directory.resolve("layout").toString(),
        directory.resolve("layout.c").toString());
    Map<String, Long> answers = new LinkedHashMap<>();
    for (String line : run(directory.resolve("layout").toString()).lines().toList()) {
      int equals = line.lastIndexOf('=');
      answers.put(line.substring(0, equals), Long.parseLong(line.substring(equals + 1)));
    }
    return answers;
  }

  private static String run(String... command) throws InterruptedException, IOException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException absent) {
      assumeTrue(!command[0].equals("gcc"), "there is no gcc on this machine");
      throw absent;
    }
    String output = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(output).isZero();
    return output;
  }
}
