package io.janus.simulation;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static org.assertj.core.api.Assertions.assertThat;

import io.janus.completion.OperationTable;
import io.janus.contract.ChildJvm;
import io.janus.limit.SlotArray;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The simulation would find the defects that matter most in the real emulation, and in the real registry of connections above the pollers:
 * each is planted in the engine's own class files, which a JVM of its own then runs, and found within a few seeds. Without it the same seeds
 * keep every promise: {@link SeedTest}.
 */
@Timeout(120)
class PlantedEmulationBugTest {
  private static final String MOST_SEEDS = "100";
  private static final String ENOUGH = "3";
  private static final ClassDesc PLANTED = ClassDesc.of(PlantedInEmulation.class.getName());
  private static final ClassDesc FREES = ClassDesc.of(PlantedInRing.class.getName());
  private static final ClassDesc TABLE = ClassDesc.of(OperationTable.class.getName());
  private static final ClassDesc SLOTS = ClassDesc.of(SlotArray.class.getName());
  private static final String HANDLES_FILE = "io/janus/completion/HandleTable";
  private static final String WAITING_FILE = "io/janus/emulation/WaitingOperations";
  private static final String DONE_FILE = "io/janus/completion/DoneQueue";
  private static final String REGISTRY_FILE = "io/janus/connection/ConnectionRegistry";
  private static final ClassDesc CONNECTION = ClassDesc.of("io.janus.connection.Connection");

  private static final Map<String, Planting> PLANTINGS =
      Map.of(
          "GENERATION_CHECK_SKIPPED in the port",
          new Planting(HANDLES_FILE, "find", "(J)", PlantedEmulationBugTest::findAnyHandle),
          "GENERATION_CHECK_SKIPPED in the manager",
          new Planting(REGISTRY_FILE, "find", "(J)", PlantedEmulationBugTest::findAnyConnection),
          "BUFFER_FREED_AT_CLOSE in the port",
          new Planting(WAITING_FILE, "cancel", "(Lio/janus/emulation/PollingHandle;I)",
              code -> code.aload(0)
                  .getfield(owner(WAITING_FILE), "operations", TABLE)
                  .iload(2)
                  .invokestatic(FREES, "free", MethodTypeDesc.of(CD_void, TABLE, CD_int))),
          "COMPLETION_DROPPED in the port",
          new Planting(DONE_FILE, "add", "(IIJLio/janus/socket/Address;Z)",
              PlantedEmulationBugTest::dropOne));

  @TempDir Path planted;

  @ParameterizedTest
  @CsvSource({
    "GENERATION_CHECK_SKIPPED in the port, EPOLL_EMULATED, STALE_TOKENS",
    "GENERATION_CHECK_SKIPPED in the port, AFD_EMULATED, STALE_TOKENS",
    "GENERATION_CHECK_SKIPPED in the manager, EPOLL, STALE_TOKENS",
    "GENERATION_CHECK_SKIPPED in the manager, AFD, STALE_TOKENS",
    "BUFFER_FREED_AT_CLOSE in the port, EPOLL_EMULATED, NONE",
    "BUFFER_FREED_AT_CLOSE in the port, AFD_EMULATED, NONE",
    "COMPLETION_DROPPED in the port, EPOLL_EMULATED, NONE",
    "COMPLETION_DROPPED in the port, AFD_EMULATED, NONE"
  })
  void aBugPlantedInTheRealCodeIsFound(String bug, Backend backend, PlantedBug below)
      throws Exception {
    Objects.requireNonNull(PLANTINGS.get(bug), bug).into(planted);

    ChildJvm.Ended ended =
        ChildJvm.runWithFirst(
            List.of(planted), PlantedInEmulation.class, backend.name(), MOST_SEEDS, ENOUGH,
            below.name());

    assertThat(ended.code()).as(ended.output()).isZero();
    assertThat(ended.output().lines().toList()).as("seeds that find %s on %s", bug, backend)
        .last()
        .isEqualTo("found by " + ENOUGH);
  }

  /** The check that is planted over above is what keeps this harmless: with it nothing is found. */
  @ParameterizedTest
  @EnumSource(value = Backend.class, mode = EnumSource.Mode.INCLUDE,
      names = {"EPOLL", "AFD", "EPOLL_EMULATED", "AFD_EMULATED"})
  void tokensOfRegistrationsThatAreOverReachNobody(Backend backend) {
    for (long seed = 1; seed <= Integer.parseInt(MOST_SEEDS); seed++) {
      Replay.requireKept(backend, seed, PlantedBug.STALE_TOKENS);
    }
  }

  private static ClassDesc owner(String file) {
    return ClassDesc.of(file.replace('/', '.'));
  }

  private static void findAnyHandle(CodeBuilder code) {
    // id = current(slots, id)
    code.aload(0)
        .getfield(owner(HANDLES_FILE), "slots", SLOTS)
        .lload(1)
        .invokestatic(PLANTED, "current", MethodTypeDesc.of(CD_long, SLOTS, CD_long))
        .lstore(1);
  }

  private static void findAnyConnection(CodeBuilder code) {
    // if ((int) token >= 0) return slots.get((int) token)
    Label goOn = code.newLabel();
    code.lload(1)
        .l2i()
        .iflt(goOn)
        .aload(0)
        .getfield(owner(REGISTRY_FILE), "slots", SLOTS)
        .lload(1)
        .l2i()
        .invokevirtual(SLOTS, "get", MethodTypeDesc.of(CD_Object, CD_int))
        .checkcast(CONNECTION)
        .areturn()
        .labelBinding(goOn);
  }

  private static void dropOne(CodeBuilder code) {
    Label goOn = code.newLabel();
    // The slot, the result, the handle with two places and the peer come before whether it goes on.
    code.iload(6)
        .invokestatic(PLANTED, "drops", MethodTypeDesc.of(CD_boolean, CD_boolean))
        .ifeq(goOn)
        .return_()
        .labelBinding(goOn);
  }
}
