package io.janus.simulation;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.janus.completion.OperationTable;
import io.janus.contract.ChildJvm;
import io.janus.ffi.call.SystemName;
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

/**
 * The simulated ring would find the defects that matter most in the real port above it: each is planted in that port's own class files,
 * which a JVM of its own then runs, and found within a few seeds. Without it the same seeds keep every promise: {@link SeedTest}.
 */
@Timeout(120)
class PlantedRingBugTest {
  private static final String MOST_SEEDS = "100";
  private static final String ENOUGH = "3";
  private static final ClassDesc PLANTED = ClassDesc.of(PlantedInRing.class.getName());
  private static final ClassDesc TABLE = ClassDesc.of(OperationTable.class.getName());
  private static final String TABLE_FILE = "io/janus/completion/OperationTable";
  private static final String REAPER_FILE = "io/janus/completion/uring/UringReaper";
  private static final String SENT_FILE = "io/janus/completion/uring/UringSendReaper";
  private static final String SENT_PARAMETERS =
      "(Lio/janus/completion/uring/UringHandle;ILio/janus/completion/uring/UringUncopiedSend;I)";
  private static final ClassDesc SENT = ClassDesc.of(SENT_FILE.replace('/', '.'));
  private static final ClassDesc SEND = ClassDesc.of("io.janus.completion.uring.UringUncopiedSend");
  private static final ClassDesc REAPER = ClassDesc.of(REAPER_FILE.replace('/', '.'));

  private static final Map<PlantedBug, Planting> PLANTINGS =
      Map.of(
          PlantedBug.GENERATION_CHECK_SKIPPED,
          new Planting(TABLE_FILE, "find", "(J)",
              code -> code.aload(0)
                  .lload(1)
                  .invokestatic(PLANTED, "find", MethodTypeDesc.of(CD_int, TABLE, CD_long))
                  .ireturn()),
          PlantedBug.BUFFER_FREED_AT_CLOSE,
          new Planting(REAPER_FILE, "cancel", "(I)",
              code -> code.aload(0)
                  .getfield(REAPER, "operations", TABLE)
                  .iload(1)
                  .invokestatic(PLANTED, "free", MethodTypeDesc.of(CD_void, TABLE, CD_int))),
          PlantedBug.COMPLETION_DROPPED,
          new Planting(REAPER_FILE, "take", "(JIILio/janus/completion/Completions;)",
              PlantedRingBugTest::dropOne),
          PlantedBug.BUFFER_FREED_WHEN_SENT,
          new Planting(SENT_FILE, "gone", SENT_PARAMETERS,
              code -> code.aload(0)
                  .getfield(SENT, "operations", TABLE)
                  .iload(2)
                  .invokestatic(PLANTED, "free", MethodTypeDesc.of(CD_void, TABLE, CD_int))),
          PlantedBug.PINNED_ENTRY_FORGOTTEN,
          new Planting(SENT_FILE, "gone", SENT_PARAMETERS, PlantedRingBugTest::forgetAnEntry));

  @TempDir Path planted;

  @ParameterizedTest
  @CsvSource({
    "GENERATION_CHECK_SKIPPED, RING",
    "BUFFER_FREED_AT_CLOSE, RING",
    "COMPLETION_DROPPED, RING",
    "BUFFER_FREED_WHEN_SENT, RING",
    "PINNED_ENTRY_FORGOTTEN, RING",
    "GENERATION_CHECK_SKIPPED, RING_DIRECT",
    "BUFFER_FREED_AT_CLOSE, RING_DIRECT",
    "COMPLETION_DROPPED, RING_DIRECT",
    "BUFFER_FREED_WHEN_SENT, RING_DIRECT",
    "PINNED_ENTRY_FORGOTTEN, RING_DIRECT"
  })
  void aBugPlantedInTheRealPortIsFound(PlantedBug bug, Backend backend) throws Exception {
    assumeTrue(SystemName.LINUX, "the real port is Linux's");
    Objects.requireNonNull(PLANTINGS.get(bug)).into(planted);

    ChildJvm.Ended ended =
        ChildJvm.runWithFirst(
            List.of(planted), PlantedInRing.class, backend.name(), MOST_SEEDS, ENOUGH);

    assertThat(ended.code()).as(ended.output()).isZero();
    assertThat(ended.output().lines().toList()).as("seeds that find %s on %s", bug, backend)
        .last()
        .isEqualTo("found by " + ENOUGH);
  }

  private static void forgetAnEntry(CodeBuilder code) {
    // send.pinned = Math.min(1, send.pinned)
    code.aload(3)
        .aload(3)
        .getfield(SEND, "pinned", CD_int)
        .iconst_1()
        .invokestatic(
            ClassDesc.of(Math.class.getName()), "min",
            MethodTypeDesc.of(CD_int, CD_int, CD_int))
        .putfield(SEND, "pinned", CD_int);
  }

  private static void dropOne(CodeBuilder code) {
    Label goOn = code.newLabel();
    // The operation takes two places, the result one, and then come the flags.
    code.iload(4)
        .invokestatic(PLANTED, "drops", MethodTypeDesc.of(CD_boolean, CD_int))
        .ifeq(goOn)
        .return_()
        .labelBinding(goOn);
  }
}
