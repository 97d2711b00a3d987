package io.janus.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.house.Sources.Source;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What docs/DESIGN.md says of every file. */
class HouseRulesTest {
  private static final int METHOD_LINES = 60;
  private static final int FILE_LINES = 400;
  private static final Pattern FORBIDDEN_NAME =
      Pattern.compile("Abstract.*|.*Helper|.*Impl|.*Utils?");

  @Test
  void aFileHasAtMost400Lines() {
    assertThat(Sources.all()).filteredOn(source -> source.lines().size() > FILE_LINES).isEmpty();
  }

  @Test
  void aMethodFitsAScreen() {
    List<String> tooLong = new ArrayList<>();
    for (Source source : Sources.all()) {
      addLongMethods(source, 0, source.lines().size(), 2, tooLong);
    }
    assertThat(tooLong).isEmpty();
  }

  /** Looks at the members of a type, which lie at one indentation; the layout is checked by the build. */
  private static void addLongMethods(Source source, int from, int to, int indent,
      List<String> tooLong) {
    Pattern member = Pattern.compile(" {" + indent + "}[A-Za-z<].*");
    String close = " ".repeat(indent) + "}";
    for (int i = from; i < to; i++) {
      if (!member.matcher(source.lines().get(i)).matches()) {
        continue;
      }
      int head = i;
      while (head < to - 1 && !source.lines().get(head).matches(".*[;{}]")) {
        head++;
      }
      if (!source.lines().get(head).endsWith("{")) {
        continue;
      }
      int end = head;
      while (end < to - 1 && !source.lines().get(end).startsWith(close)) {
        end++;
      }
      if (source.lines()
          .get(i)
          .matches(".*\\b(class|record|enum|interface) .*\\{|.*\\brecord .*")) {
        addLongMethods(source, head + 1, end, indent + 2, tooLong);
      } else if (end - i >= METHOD_LINES) {
        tooLong.add(source + ":" + (i + 1) + " has " + (end - i + 1) + " lines");
      }
      i = end;
    }
  }

  @Test
  void noNameSaysOnlyThatSomethingHelps() {
    assertThat(Sources.all()).allSatisfy(source -> {
      assertThat(source.name()).doesNotMatch(FORBIDDEN_NAME);
      for (var part : source.path()) {
        assertThat(part.toString()).isNotIn("util", "utils", "common", "impl", "helper", "misc");
      }
    });
  }

  @Test
  void everyPackageHasItsSignOnTheDoor() {
    Set<String> packages = new TreeSet<>();
    Set<String> signed = new TreeSet<>();
    for (Source source : Sources.main()) {
      if (source.path().getNameCount() > 5) {
        packages.add(source.path().getParent().toString());
      }
      if (source.name().equals("package-info")) {
        signed.add(source.path().getParent().toString());
        String text = String.join("\n", source.lines());
        assertThat(text).as(source.toString())
            .contains("Comes from:", "Goes to:", "Owns:", "Never:", "@NullMarked");
      }
    }
    assertThat(signed).isEqualTo(packages).isNotEmpty();
  }

  @Test
  void nothingIsLeftToDo() {
    Pattern unfinished = Pattern.compile("\\b(TO" + "DO|FIX" + "ME|X" + "XX|HA" + "CK)\\b");
    assertThat(Sources.all()).filteredOn(
        source -> source.lines().stream().anyMatch(line -> unfinished.matcher(line).find()))
        .isEmpty();
  }

  @Test
  void classNamesOfABackendCarryTheirKernelWord() {
    for (Source source : Sources.main()) {
      String parent = source.path().getParent().getFileName().toString();
      if (Set.of("epoll", "uring", "iocp", "afd").contains(parent)
          && !source.name().equals("package-info")) {
        String word = parent.substring(0, 1).toUpperCase(Locale.ROOT)
            + parent.substring(1);
        boolean kernelNoun = Set.of("SubmissionRing", "CompletionRing", "ProvidedBuffers",
            "DirectDescriptors", "SocketExtensions", "OverlappedSlab", "CompletionEntries",
            "AcceptSockets").contains(source.name());
        assertThat(kernelNoun || source.name().startsWith(word)).as(source.toString()).isTrue();
      }
    }
  }

  @Test
  void testsWaitForConditionsAndSleepNowhereElse() {
    Pattern sleep = Pattern.compile("\\b(Thread|MILLISECONDS|SECONDS|NANOSECONDS)\\.sleep\\(");
    assertThat(Sources.tests()).filteredOn(source -> !source.name().equals("Wait"))
        .filteredOn(
            source -> source.lines().stream().anyMatch(line -> sleep.matcher(line).find()))
        .isEmpty();
  }

  @Test
  void namedMethodsOfTheTourExist() throws Exception {
    String tour = Files.readString(Sources.project().resolve("docs/TOUR.md"));
    List<String> missing = new ArrayList<>();
    var tokens = Pattern.compile("`([A-Z][A-Za-z0-9]*)\\.([a-z][A-Za-z0-9]*)(\\([^`]*\\))?`")
        .matcher(tour);
    int found = 0;
    while (tokens.find()) {
      found++;
      if (!declares(tokens.group(1), tokens.group(2))) {
        missing.add(tokens.group());
      }
    }
    assertThat(missing).as("named by the tour but not there").isEmpty();
    assertThat(found).as("methods named by the tour").isPositive();
  }

  @Test
  void aMemberExistsOnlyWhereItIsDeclared() {
    assertThat(declares("EventLoop", "turn")).isTrue();
    assertThat(declares("EventLoop", "mailbox")).isTrue();
    assertThat(declares("EventLoop", "fallAsleep")).as("called there, declared elsewhere")
        .isFalse();
    assertThat(declares("EventLoop", "trn")).isFalse();
    assertThat(declares("EvntLoop", "turn")).as("a class that is not there").isFalse();
  }

  /** True if a class of the core declares a method or field of the name; a class of that name elsewhere does not count. */
  private static boolean declares(String type, String member) {
    return RoomsTest.CLASSES.stream()
        .filter(found -> found.getSimpleName().equals(type))
        .flatMap(found -> found.getMembers().stream())
        .anyMatch(found -> found.getName().equals(member));
  }
}
