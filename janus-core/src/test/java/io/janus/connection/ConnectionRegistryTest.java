package io.janus.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.limit.SlotArray;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tokens name one connection for ever: the next one in a slot is another one. */
class ConnectionRegistryTest {
  private final ConnectionRegistry registry = new ConnectionRegistry();

  @Test
  void tokenFindsItsConnectionInEveryPieceOfTheTable() {
    List<Connection> all = new ArrayList<>();
    for (int i = 0; i < 2 * SlotArray.PIECE + 1; i++) {
      all.add(added());
    }
    assertThat(registry.size()).isEqualTo(all.size());
    for (Connection connection : all) {
      assertThat(connection.token).isNotNegative();
      assertThat(registry.find(connection.token)).isSameAs(connection);
    }
    Set<Connection> visited = new HashSet<>();
    registry.forEach(visited::add);
    assertThat(visited).hasSameSizeAs(all);
  }

  @Test
  void tokenOfAConnectionThatIsGoneFindsNobody() {
    Connection gone = added();
    registry.remove(gone);
    assertThat(registry.find(gone.token)).isNull();
    assertThat(registry.size()).isZero();
    registry.touch(gone.token);
  }

  @Test
  void tokenOfAConnectionThatIsGoneDoesNotFindTheNextOneInItsSlot() {
    Connection gone = added();
    for (int reuse = 1; reuse <= 1_000; reuse++) {
      registry.remove(gone);
      Connection next = added();
      assertThat((int) next.token).as("slot").isEqualTo((int) gone.token);
      assertThat(registry.find(gone.token)).as("found by the old token").isNull();
      assertThat(registry.find(next.token)).isSameAs(next);
      gone = next;
    }
  }

  @Test
  void tokenThatWasNeverGivenFindsNobody() {
    Connection only = added();
    for (long token : new long[] {-1, Long.MIN_VALUE, only.token + 1, only.token + (1L << 32),
      only.token + SlotArray.PIECE, Long.MAX_VALUE}) {
      assertThat(registry.find(token)).as("token %d", token).isNull();
    }
  }

  /** A connection's manager is not asked by the registry. */
  private Connection added() {
    Connection connection = new Connection(null, RefusedHandler.INSTANCE, Connection.NO_HANDLE);
    registry.add(connection);
    return connection;
  }
}
