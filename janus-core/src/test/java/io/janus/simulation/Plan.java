package io.janus.simulation;

import io.janus.buffer.BufferPool;
import io.janus.limit.Limits;

/** What one seed sets up: limits of the engine, sizes of the kernel, how many clients, and how wild handlers are. */
final class Plan {
  final Limits limits;
  final int connections;
  final int kernelBytes;
  final int descriptors;
  final int clients;
  final int outgoing;
  final int cuts;
  final long chaosNanos;
  final boolean closesAbruptly;
  final boolean drains;

  /** Only with room enough: with few places or buffers, connections of an engine to itself could wait for each other for ever. */
  final boolean connectsToItself;

  /** What handlers do beside echoing, in cases of a thousand. */
  final int pauses;
  final int keeps;
  final int copies;
  final int failures;
  final int closes;
  final int tasks;

  /** What raw peers do beside talking, in cases of a thousand. */
  final int peerEnds;
  final int peerStalls;

  Plan(Dice dice) {
    int bufferBytes = dice.oneOf(64, 64, 128, 256, 1024, 4096);
    int pool = dice.oneOf(2, 3, 4, 8, 64, 64);
    limits =
        Limits.defaults()
            .withBatchEvents(dice.between(1, 8))
            .withReadsPerTurn(dice.between(1, 4))
            .withReadBytesPerTurn(dice.oneOf(64, 512, 8192))
            .withAcceptsPerTurn(dice.between(1, 4))
            .withOutboundBytes(dice.oneOf(1, 64, 100, 500, 4096, 16_384))
            .withBufferBytes(bufferBytes)
            .withPoolBytes(BufferPool.bytesOf(bufferBytes, pool))
            .withOperations(dice.oneOf(16, 16, 32, 64, 1024))
            .withMailboxTasks(dice.oneOf(16, 64, 1024))
            .withBacklog(dice.between(1, 16))
            .withAcceptPauseMillis(dice.between(1, 50))
            .withIdleMillis(dice.oneOf(0, 0, 200, 2_000))
            .withWriteMillis(dice.oneOf(0, 500, 5_000))
            .withConnectMillis(dice.oneOf(0, 100, 2_000))
            .withLingerMillis(dice.oneOf(50, 500, 2_000))
            .withBlockedMillis(0);
    connections = dice.oneOf(1, 3, 8, 40);
    kernelBytes = dice.oneOf(16, 64, 300, 1024, 8192);
    descriptors = dice.oneOf(4, 8, 20, 1000, 1000);
    clients = dice.between(1, 16);
    outgoing = dice.oneOf(0, 0, 1, 4);
    cuts = dice.oneOf(0, 0, 1, 4);
    chaosNanos = dice.between(5, 400) * SimNetwork.MILLI;
    closesAbruptly = dice.below(8) == 0;
    drains = dice.below(4) == 0;
    connectsToItself = connections >= 40 && descriptors >= 1_000 && pool >= 64;
    pauses = some(dice, 150);
    keeps = some(dice, 200);
    copies = some(dice, 500);
    failures = some(dice, 20);
    closes = some(dice, 30);
    tasks = some(dice, 150);
    peerEnds = some(dice, 40);
    peerStalls = some(dice, 100);
  }

  private static int some(Dice dice, int most) {
    return dice.below(2) == 0 ? 0 : dice.between(1, most);
  }
}
