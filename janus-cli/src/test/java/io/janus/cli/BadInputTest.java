package io.janus.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.cli.terminal.ExitCode;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is asked for wrongly: one line with the value, and an exit code. */
@Timeout(60)
class BadInputTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock = """
          64 | Unknown command: 'foo'; the commands are echo, load, compare, doctor, help; try 'janus --help' | foo
          64 | Unknown command: 'ecko', did you mean echo?; the commands are | ecko
          64 | Unknown command: 'compair', did you mean compare? | compair --quick
          64 | Unknown option: '--conections', did you mean --connections?; try 'janus load --help' | load --connect 127.0.0.1:1 --conections 5
          64 | Unknown option: '--jsn', did you mean --json? | doctor --jsn
          64 | --listen | echo
          64 | "x"      | echo --listen x
          64 | 99999    | echo --listen 127.0.0.1:99999
          64 | outside 0 to 65535 | echo --listen 0.0.0.0:99999999999999
          64 | is not a number | echo --listen 0.0.0.0:http
          64 | "0.5ms" is shorter than 1ms | echo --listen 127.0.0.1:0 --idle-timeout 0.5ms
          64 | "0.5ms" is shorter than 1ms | load --connect 127.0.0.1:1 --duration 0.5ms
          64 | host     | echo --listen no-such-host.invalid:7000
          69 | 192.0.2.1 | echo --listen 192.0.2.1:7000
          64 | "[fe80::1]:7000" is link-local and names no zone; add an interface | echo --listen [fe80::1]:7000
          64 | zone "no-such-link" of "[fe80::1%no-such-link]:7000" is no interface of this machine | echo --listen [fe80::1%no-such-link]:7000
          64 | 500ms    | echo --listen 127.0.0.1:0 --idle-timeout 5
          64 | 576h     | echo --listen 127.0.0.1:0 --drain 9999h
          64 | 1,024    | echo --listen 127.0.0.1:0 --loops 5000
          64 | "-3"     | echo --listen 127.0.0.1:0 --loops -3
          64 | 10ms     | echo --listen 127.0.0.1:0 --stats 1ms
          64 | --bogus  | echo --listen 127.0.0.1:0 --bogus
          64 | Unknown option: '--bogus' | echo --bogus
          64 | Unknown option: '--bogus' | load -c 3 --bogus
          64 | "4q"     | load --connect 127.0.0.1:1 --size 4q
          64 | 16 MiB   | load --connect 127.0.0.1:1 --size 99M
          64 | "1GiB" is outside 1 byte to 16 MiB | load --connect 127.0.0.1:1 --size 1GiB
          64 | "0.5"    | load --connect 127.0.0.1:1 --size 0.5
          64 | 1/s      | load --connect 127.0.0.1:1 --rate 0/s
          64 | -c is 0; it must be from 1 to | load --connect 127.0.0.1:1 -c 0
          64 | ; ask for 1 or more | load --connect 127.0.0.1:1 -c 0
          64 | --loops is 0; it must be from 1 to 1,024; ask for 1 or more | load --connect 127.0.0.1:1 --loops 0
          64 | --connections is 0; it must be from 1 to | compare --connections 0
          64 | --depth is 0; it must be from 1 to 65,536; ask for 1 or more | load --connect 127.0.0.1:1 --depth 0
          64 | --depth is 70,000; it must be from 1 to 65,536; ask for 65,536 or less | load --connect 127.0.0.1:1 --depth 70k
          64 | --loops is 100,000; it must be from 1 to 1,024 | load --connect 127.0.0.1:1 --loops 100000
          64 | --loops is 100,000; it must be from 0 (one for each processor) to 1,024 | echo --listen 127.0.0.1:0 --loops 100000
          64 | 2,147,483,647 | echo --listen 127.0.0.1:0 --max-connections 9000M
          64 | 64 MiB   | load --connect 127.0.0.1:1 --size 1MiB --depth 100
          64 | --duration | load --connect 127.0.0.1:1 --duration 0
          64 | --rounds is 1; it must be even | compare --rounds 1
          64 | --rounds is 7; it must be even | compare --rounds 7
          64 | --descriptors | compare --descriptors some
          64 | is not expected: janus doctor takes options only | doctor extra
          64 | "unix:" names no path; write unix:PATH, of at most 107 bytes | echo --listen unix:
          64 | size "17M" is outside 1 byte to 16 MiB; ask for 16MiB or less | echo --listen 127.0.0.1:0 --zero-copy 17M
          64 | size "0" is outside 1 byte to 16 MiB; ask for 1 or more | load --connect 127.0.0.1:1 --size 0
          64 | is above the limit of 576h; ask for that or less | load --connect 127.0.0.1:1 --duration 577h
          64 | is above the limit of 2,147,483,647; ask for less | load --connect 127.0.0.1:1 --idle 99999999999
          64 | rate "1000M/s" is outside 1/s to 10,000,000/s; ask for 10M/s or less | load --connect 127.0.0.1:1 --rate 1000M/s
          64 | rate "0/s" is outside 1/s to 10,000,000/s; ask for 1/s or more | load --connect 127.0.0.1:1 --rate 0/s
          64 | "-1/s" is not a rate; write messages per second as 1000/s | load --connect 127.0.0.1:1 --rate -1/s
          64 | Option '--json' takes no value, and is given 'maybe'; leave that out | echo --listen 127.0.0.1:0 --json=maybe
          64 | Option '--verify' takes no value | load --connect 127.0.0.1:1 --verify=no
          64 | Unknown command: 'foo'; the commands are echo, load, compare, doctor, help | help foo
          64 | --connect 127.0.0.1:0: nobody can be reached at port 0; name the one | load --connect 127.0.0.1:0
          64 | --connections is [5, 5]; name each number once | compare --connections 5,5
          64 | from 2 to 1000; ask for 1000 | compare --rounds 1000000
          64 | from 2 to 1000; ask for 2 | compare --rounds 0
          64 | from 2 to 1000; ask for 4 | compare --rounds 3
          69 | the address is not one of this machine | echo --listen 192.0.2.1:7000
          """)
  void is_told_in_one_line(int code, String part, String arguments) {
    CommandRun run = CommandRun.of(arguments.split(" "));
    assertThat(run.err()).hasSize(1);
    assertThat(run.err().getFirst()).startsWith("janus: ").contains(part);
    assertThat(run.out()).isEmpty();
    assertThat(run.code()).isEqualTo(code);
  }

  @ParameterizedTest
  @EnabledOnOs(value = OS.LINUX, disabledReason = "the words are those of Linux")
  @CsvSource(
      delimiter = '|',
      textBlock = """
          69 | engine iocp cannot run here | echo --listen 127.0.0.1:0 --engine iocp
          64 | auto, uring, epoll, emulated; | echo --listen 127.0.0.1:0 --engine foo
          64 | ulimit   | echo --listen 127.0.0.1:0 --max-connections 9000k
          73 | the folder /no/such/folder does not exist; create it with `mkdir -p /no/such/folder` | echo --listen unix:/no/such/folder/socket
          73 | /dev/null is a file and no folder | echo --listen unix:/dev/null/socket
          69 | the folder /no/such/folder does not exist (ENOENT); start the server | load --connect unix:/no/such/folder/socket
          69 | no socket at this path (ENOENT); start the server | load --connect unix:/no-such-socket
          64 | 107      | echo --listen unix:/no/such/folder/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789
          69 | ECONNREFUSED | load --connect 127.0.0.1:1
          64 | ulimit | echo --listen 127.0.0.1:0 --max-connections 20M
          64 | ulimit | load --connect 127.0.0.1:1 --idle 20M
          64 | ulimit   | load --connect 127.0.0.1:1 --idle 9000k
          69 | AFD is a part of Windows | echo --listen 127.0.0.1:0 --engine afd
          69 | use auto, or one of the engines here: uring, epoll, emulated | load --connect 127.0.0.1:1 --engine iocp
          69 | direct descriptors are a part of io_uring | echo --listen 127.0.0.1:0 --engine epoll --descriptors direct
          69 | direct descriptors are a part of io_uring | load --connect 127.0.0.1:1 --engine epoll --descriptors direct
          69 | sending without a copy is a part of io_uring | echo --listen 127.0.0.1:0 --engine epoll --zero-copy 64k
          73 | --out /no/such/folder/result.md: the folder /no/such/folder does not exist; create it with `mkdir -p /no/such/folder` | compare --out /no/such/folder/result.md
          73 | --out /tmp: this is a folder | compare --out /tmp
          71 | the file system of the folder /proc takes no sockets (ENOENT); use another folder | echo --listen unix:/proc/x
          69 | what is at this path is no socket (ECONNREFUSED); check the path | load --connect unix:/tmp
          69 | a part of this path is no folder, or a link that leads nowhere (ENOTDIR); check the path | load --connect unix:/dev/null/x
          73 | --out /proc/result.md cannot be written | compare --out /proc/result.md
          """)
  void what_linux_lacks_or_refuses_is_told_in_one_line(int code, String part, String arguments) {
    is_told_in_one_line(code, part, arguments);
  }

  @ParameterizedTest
  @EnabledOnOs(value = OS.WINDOWS, disabledReason = "the words are those of Windows")
  @CsvSource(
      delimiter = '|',
      textBlock = """
          69 | WSAECONNREFUSED | load --connect 127.0.0.1:1
          69 | epoll is a part of Linux | echo --listen 127.0.0.1:0 --engine epoll
          69 | use auto, or one of the engines here: iocp, afd, emulated | echo --listen 127.0.0.1:0 --engine epoll
          69 | engine iocp has no Unix sockets (AF_UNIX) (WSAEPFNOSUPPORT 10046); use engine afd or emulated | echo --listen unix:x --engine iocp
          69 | engine iocp has no Unix sockets (AF_UNIX) (WSAEPFNOSUPPORT 10046); use engine afd or emulated | load --connect unix:x --engine iocp
          69 | io_uring is a part of Linux | load --connect 127.0.0.1:1 --engine uring
          69 | a part of io_uring, and the engine is iocp | echo --listen 127.0.0.1:0 --descriptors direct
          69 | a part of io_uring, and the engine is afd | echo --listen 127.0.0.1:0 --engine afd --descriptors direct
          69 | a part of io_uring, and the engine is iocp | load --connect 127.0.0.1:1 --descriptors direct
          69 | sending without a copy is a part of io_uring | echo --listen 127.0.0.1:0 --engine emulated --zero-copy 64k
          69 | --descriptors direct is a part of io_uring | compare --descriptors direct
          64 | auto, iocp, afd, emulated; | echo --listen 127.0.0.1:0 --engine foo
          73 | create it with `mkdir Q:\\no | compare --out Q:\\no\\such.md
          64 | --out | compare --out a*b.md
          64 | 107 | echo --listen unix:C:\\0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345
          """)
  void what_windows_lacks_or_refuses_is_told_in_one_line(int code, String part, String arguments) {
    is_told_in_one_line(code, part, arguments);
  }

  @Test
  void no_file_is_no_folder() {
    CommandRun run = CommandRun.of("compare", "--out", "");
    assertThat(run.code()).isEqualTo(64);
    assertThat(run.err()).containsExactly("janus: --out \"\" names no file; name one");
  }

  /** A pipe without a reader would hold the command up, and one with a reader would be ended by a first look. */
  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "a pipe in the file system is Linux's")
  void what_linux_knows_beside_files_is_left_alone_until_there_is_a_result(@TempDir Path folder)
      throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nothing"));
    for (Path path : List.of(pipe, link)) {
      CommandRun run = CommandRun.of("compare", "--out", path.toString(), "--rounds", "1");
      assertThat(run.err()).singleElement().asString().contains("--rounds is 1; it must be even");
    }
    assertThat(folder.resolve("nothing")).doesNotExist();
    assertThat(link).isSymbolicLink();
  }

  /** A script that asked for JSON reads JSON whatever happens, and the line for people stays where it was. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock = """
          64 | Unknown option | load --json --bogus
          64 | -c is 0        | load --json --connect 127.0.0.1:1 -c 0
          69 | ECONNREFUSED   | load --connect 127.0.0.1:1 --json
          73 | does not exist | echo --listen unix:/no/such/folder/socket --json
          73 | does not exist | compare --json --out /no/such/folder/result.md
          """)
  void is_told_as_json_as_well(int code, String part, String arguments) {
    CommandRun run = CommandRun.of(arguments.split(" "));
    assertThat(run.code()).isEqualTo(code);
    assertThat(run.err()).singleElement().asString().contains(part);
    assertThat(run.out()).hasSize(1);
    Map<String, Object> told = JsonText.object(run.out().getFirst());
    assertThat(told).containsEntry("exitCode", (double) code);
    assertThat(run.err().getFirst()).isEqualTo("janus: " + told.get("error"));
  }

  /** One table for all: what a command can end with stands in its help, in the words of the table. */
  @Test
  void every_exit_code_is_in_the_one_table() throws Exception {
    Map<String, String> table = ExitCode.table();
    for (Field field : ExitCode.class.getFields()) {
      int code = field.getInt(null);
      String first = Integer.toString(code == ExitCode.SIGNAL ? code + 2 : code);
      assertThat(table.keySet()).as(field.getName()).anyMatch(key -> key.strip().equals(first));
    }
    String help = String.join("\n", CommandRun.of("load", "--help").out());
    table.forEach((code, words) -> assertThat(help).contains(code.strip()).contains(words));
  }

  /** Whatever its width: no line is longer than the narrowest terminal, and none is broken before it must be. */
  @ParameterizedTest
  @CsvSource({"echo", "load", "compare", "doctor"})
  void help_fits_a_narrow_terminal_and_breaks_no_line_early(String command) {
    List<String> help = CommandRun.of(command, "--help").out();
    assertThat(help).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
    String before = "";
    for (String line : help) {
      boolean goesOn = line.startsWith("          ") && !before.matches("\\s*(-\\S+)+");
      if (goesOn && !before.startsWith("Usage:")) {
        String word = line.strip().split(" ")[0];
        assertThat(before.length() + 1 + word.length()).as(before + "\n" + line)
            .isGreaterThan(78);
      }
      before = line;
    }
  }

  @ParameterizedTest
  @CsvSource({"echo", "load", "compare", "doctor"})
  void help_has_examples_and_exit_codes(String command) {
    CommandRun run = CommandRun.of(command, "--help");
    assertThat(run.code()).isZero();
    assertThat(String.join("\n", run.out()))
        .contains("Examples:")
        .contains("janus " + command)
        .contains("Exit codes:");
  }
}
