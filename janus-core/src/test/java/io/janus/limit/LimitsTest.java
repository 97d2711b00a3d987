package io.janus.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class LimitsTest {
  @Test
  void eachWithChangesItsOwnBoundAndNothingElse() throws ReflectiveOperationException {
    Limits defaults = Limits.defaults();
    for (RecordComponent bound : Limits.class.getRecordComponents()) {
      String name = bound.getName();
      Method with = Limits.class.getMethod(
          "with" + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1),
          bound.getType());
      Object other = name.equals("mailboxTasks") ? (Object) 32
          : bound.getType() == long.class ? (Object) 777_777L
          : (Object) 7_777;
      Limits changed = (Limits) with.invoke(defaults, other);
      for (RecordComponent any : Limits.class.getRecordComponents()) {
        Object expected = any.getName().equals(name) ? other : any.getAccessor().invoke(defaults);
        assertThat(any.getAccessor().invoke(changed)).as(name + " changed, " + any.getName())
            .isEqualTo(expected);
      }
    }
  }

  @Test
  void everyBadBoundIsToldByNameAndValue() throws ReflectiveOperationException {
    for (RecordComponent bound : Limits.class.getRecordComponents()) {
      String name = bound.getName();
      Method with = Limits.class.getMethod(
          "with" + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1),
          bound.getType());
      Object bad = bound.getType() == long.class ? (Object) (-5L) : (Object) (-5);
      assertThatThrownBy(() -> with.invoke(Limits.defaults(), bad)).cause()
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(name)
          .hasMessageContaining("-5");
    }
  }

  @Test
  void mailboxMustBeAPowerOfTwo() {
    assertThatThrownBy(() -> Limits.defaults().withMailboxTasks(100))
        .hasMessageContaining("power of two");
  }

  @Test
  void countersAddUpAndTellBatchSizes() {
    Counters one = new Counters();
    Counters two = new Counters();
    one.increment(Counter.SEND_CALLS);
    one.add(Counter.BYTES_SENT, 10);
    one.batch(0);
    one.batch(1);
    one.batch(5);
    one.batch(1 << 20);
    two.addAll(one);
    two.addAll(one);
    assertThat(two.get(Counter.BYTES_SENT)).isEqualTo(20);
    assertThat(two.get(Counter.BATCHES)).isEqualTo(6);
    assertThat(two.batchSizes()[0]).isEqualTo(2);
    assertThat(two.batchSizes()[2]).isEqualTo(2);
    assertThat(two.systemCalls()).isEqualTo(2);
    assertThat(two.toMap()).hasSize(Counter.values().length);
  }
}
