package io.janus.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Calls go down, events come up: a room may use rooms with a smaller number only. */
class RoomsTest {
  private static final Map<String, Integer> ROOMS = Map.of("limit", 0, "ffi", 1, "buffer", 2,
      "socket", 3, "readiness", 4, "completion", 4, "emulation", 5, "loop", 6, "connection", 7);
  private static final int DOOR = 8;
  static final JavaClasses CLASSES = new ClassFileImporter()
      .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
      .importPath(Sources.project().resolve("janus-core/target/classes"));

  @Test
  void everyPackageIsARoomOrThePartOfOne() {
    assertThat(CLASSES).isNotEmpty().allSatisfy(type -> {
      String room = room(type);
      assertThat(room.isEmpty() || ROOMS.containsKey(room)).as(type.getName()).isTrue();
    });
  }

  @Test
  void roomsUseRoomsWithASmallerNumberOnly() {
    TreeSet<String> upwards = new TreeSet<>();
    for (JavaClass user : CLASSES) {
      user.getDirectDependenciesFromSelf().forEach(dependency -> {
        JavaClass used = dependency.getTargetClass().getBaseComponentType();
        if (used.getPackageName().startsWith("io.janus") && !room(user).equals(room(used))
            && number(used) >= number(user)) {
          upwards.add(user.getName() + " uses " + used.getName());
        }
      });
    }
    assertThat(upwards).isEmpty();
  }

  @Test
  void onlyRoomOneTouchesTheLinker() {
    List<String> native_ = CLASSES.stream()
        .filter(type -> type.getDirectDependenciesFromSelf()
            .stream()
            .anyMatch(dependency -> List
                .of("java.lang.foreign.Linker", "java.lang.foreign.SymbolLookup")
                .contains(dependency.getTargetClass().getName())))
        .filter(type -> !room(type).equals("ffi"))
        .map(JavaClass::getName)
        .toList();
    assertThat(native_).isEmpty();
  }

  /** Whoever is on neither list works on both systems, because it cannot name one. */
  @Test
  void bindingsOfOneSystemAreUsedByFewAndByTheBackendsOfThatSystem() {
    assertThat(users("io.janus.ffi.linux", "completion.uring", "readiness.epoll"))
        .containsExactlyInAnyOrder(
            "OsError", "NativeMemory", "LinuxSockets", "SystemLimits", "EventfdWaker");
    assertThat(users("io.janus.ffi.windows", "completion.iocp", "readiness.afd"))
        .containsExactlyInAnyOrder("OsError", "ProcessMemory", "SystemVersion", "NativeMemory",
            "WindowsSockets");
  }

  private static Set<String> users(String bindings, String... backends) {
    return CLASSES.stream()
        .filter(type -> !type.getPackageName().equals(bindings))
        .filter(type -> List.of(backends)
            .stream()
            .noneMatch(backend -> type.getPackageName().equals("io.janus." + backend)))
        .filter(type -> type.getDirectDependenciesFromSelf()
            .stream()
            .anyMatch(
                dependency -> dependency.getTargetClass().getPackageName().equals(bindings)))
        .map(type -> type.getName().replaceAll(".*\\.|\\$.*", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void coreUsesNothingButTheJdk() {
    TreeSet<String> foreign = new TreeSet<>();
    for (JavaClass user : CLASSES) {
      user.getDirectDependenciesFromSelf().forEach(dependency -> {
        JavaClass used = dependency.getTargetClass().getBaseComponentType();
        if (!used.isPrimitive()
            && !used.getPackageName().matches("(java|io\\.janus|org\\.jspecify)(\\..*)?")) {
          foreign.add(user.getName() + " uses " + used.getName());
        }
      });
    }
    assertThat(foreign).isEmpty();
  }

  private static String room(JavaClass type) {
    String[] parts = type.getPackageName().split("\\.");
    return parts.length > 2 ? parts[2] : "";
  }

  private static int number(JavaClass type) {
    return ROOMS.getOrDefault(room(type), DOOR);
  }
}
