package io.janus.readiness.afd;

import static org.assertj.core.api.Assertions.assertThat;

import io.janus.readiness.Interest;
import io.janus.readiness.Ready;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

/** Every state that a registration can come to, and everything that can happen in it; on every system. */
class AfdStateTest {
  private static final int ENDED = -1;
  private static final int[] ANSWERS = {
    0, Ready.READ, Ready.WRITE, Ready.URGENT, Ready.READ | Ready.WRITE, Ready.READ | Ready.FIN,
    Ready.READ | Ready.WRITE | Ready.URGENT, Ready.ERROR | Ready.READ | Ready.WRITE,
    Ready.ERROR | Ready.READ | Ready.WRITE | Ready.FIN, AfdState.CLOSED,
    AfdState.CLOSED | Ready.READ | Ready.FIN
  };

  private final Set<Integer> states = new HashSet<>();
  private final Deque<Integer> open = new ArrayDeque<>();

  @Test
  void everyStateKeepsEveryPromiseWhateverHappens() {
    for (int interest = 0; interest < 8; interest++) {
      for (int slot : new int[] {0, AfdState.LISTED}) {
        reach(0, AfdState.add(slot, interest, false));
        reach(0, AfdState.add(slot, interest, true));
      }
    }
    while (!open.isEmpty()) {
      int state = open.pop();
      holds(state);
      if ((state & AfdState.REMOVED) == 0) {
        for (int interest = 0; interest < 8; interest++) {
          changed(state, interest);
        }
        removed(state);
      }
      rearmed(state);
      if (AfdState.poll(state) != AfdState.IDLE) {
        for (int bits : ANSWERS) {
          answered(state, bits);
        }
      }
    }
    assertThat(states).as("states that a registration can come to").hasSizeBetween(100, 2_000);
    assertSomeState("rests", state -> (state & AfdState.RESTING) != 0);
    assertSomeState("is cancelled and removed", state -> AfdState.poll(state) == AfdState.CANCELLED
        && (state & AfdState.REMOVED) != 0);
    assertSomeState("waits for more than is wanted",
        state -> (AfdState.asked(state) & ~AfdState.interest(state)) != 0);
    assertSomeState("comes back for want of more",
        state -> (AfdState.interest(state) & ~AfdState.asked(state)) != 0
            && AfdState.poll(state) == AfdState.CANCELLED);
  }

  /** What is true of every state at rest. */
  private static void holds(int state) {
    int poll = AfdState.poll(state);
    int interest = AfdState.interest(state);
    boolean wants = interest != Interest.NONE && (state & AfdState.RESTING) == 0;
    assertThat(poll).as(name(state)).isIn(AfdState.IDLE, AfdState.PENDING, AfdState.CANCELLED);
    assertThat(AfdState.asked(state) != 0).as("a poll is out, and it asks for something: %s",
        name(state)).isEqualTo(poll != AfdState.IDLE);
    if (wants && (state & AfdState.REMOVED) == 0) {
      boolean heard = switch (poll) {
        case AfdState.IDLE -> (state & AfdState.LISTED) != 0;
        case AfdState.PENDING -> (interest & ~AfdState.asked(state)) == 0;
        default -> true;
      };
      assertThat(heard).as("what is wanted will be heard of: %s", name(state)).isTrue();
    }
    if ((state & AfdState.REMOVED) != 0) {
      assertThat(poll).as("a removed one waits for its cancelled poll: %s", name(state))
          .isEqualTo(AfdState.CANCELLED);
    }
    if ((state & AfdState.RESTING) != 0) {
      assertThat(poll).as("a resting one has no poll: %s", name(state)).isEqualTo(AfdState.IDLE);
    }
  }

  private void changed(int state, int interest) {
    int answer = AfdState.change(state, interest);
    assertThat(answer & (AfdState.REPORT | AfdState.LIST | AfdState.END | AfdState.GONE))
        .as("a change only submits or cancels: %s", name(state))
        .isZero();
    assertThat(AfdState.interest(answer)).isEqualTo(interest);
    if (AfdState.poll(state) == AfdState.PENDING) {
      boolean covered = (interest & ~AfdState.asked(state)) == 0;
      assertThat((answer & AfdState.CANCEL) != 0).as("a poll that hears enough goes on: %s",
          name(state)).isEqualTo(!covered);
    }
    reach(state, answer);
  }

  private void removed(int state) {
    int answer = AfdState.remove(state);
    boolean idle = AfdState.poll(state) == AfdState.IDLE;
    assertThat((answer & AfdState.END) != 0).as("gone now if no poll is out: %s", name(state))
        .isEqualTo(idle);
    assertThat((answer & AfdState.CANCEL) != 0).as("one poll is cancelled once: %s", name(state))
        .isEqualTo(AfdState.poll(state) == AfdState.PENDING);
    assertThat(answer & (AfdState.REPORT | AfdState.GONE | AfdState.SUBMIT)).isZero();
    reach(state, answer);
  }

  private void rearmed(int state) {
    int answer = AfdState.rearm(state);
    assertThat(answer & (AfdState.LISTED | AfdState.LIST)).as("off the list: %s", name(state))
        .isZero();
    assertThat(answer & (AfdState.REPORT | AfdState.GONE | AfdState.END | AfdState.CANCEL))
        .isZero();
    if ((state & AfdState.LISTED) != 0) {
      reach(state, answer);
      if ((answer & AfdState.SUBMIT) != 0) {
        reach(AfdState.state(answer), AfdState.refused(AfdState.state(answer)));
      }
    }
  }

  private void answered(int state, int bits) {
    int answer = AfdState.packet(state, bits);
    int interest = AfdState.interest(state);
    boolean removed = (state & AfdState.REMOVED) != 0;
    boolean closed = (bits & AfdState.CLOSED) != 0;
    assertThat((answer & AfdState.GONE) != 0).as("its user hears that it is gone: %s", name(state))
        .isEqualTo(removed);
    assertThat((answer & AfdState.END) != 0).as("a closed socket ends it: %s", name(state))
        .isEqualTo(closed && !removed);
    boolean told = (bits & interest) != 0 || (bits & Ready.ERROR) != 0 && interest != 0;
    assertThat((answer & AfdState.REPORT) != 0).as("told what is wanted, bits %d: %s", bits,
        name(state)).isEqualTo(told && !removed && !closed);
    if ((answer & AfdState.REPORT) != 0) {
      int reported = AfdState.reported(AfdState.state(answer), bits);
      assertThat(reported & ~bits).as("nothing is made up").isZero();
      assertThat(reported & (interest | Ready.ERROR)).isNotZero();
      assertThat((answer & AfdState.SUBMIT)).as("asked again by the next wait only").isZero();
      assertThat((answer & AfdState.RESTING) != 0).as("a shot is fired once: %s", name(state))
          .isEqualTo((state & AfdState.ONESHOT) != 0);
    }
    reach(state, answer);
    if ((answer & AfdState.SUBMIT) != 0) {
      reach(AfdState.state(answer), AfdState.refused(AfdState.state(answer)));
    }
  }

  /** What is true of every step, and then the state that it leads to. */
  private void reach(int before, int answer) {
    int next = (answer & (AfdState.END | AfdState.GONE)) != 0 ? ENDED : AfdState.state(answer);
    if ((answer & AfdState.SUBMIT) != 0) {
      assertThat(next).as("the end of a registration submits nothing").isNotEqualTo(ENDED);
      assertThat(AfdState.poll(next)).isEqualTo(AfdState.PENDING);
      assertThat(AfdState.asked(next)).as("a poll asks for what is wanted, no more and no less")
          .isEqualTo(AfdState.interest(next))
          .isNotZero();
      assertThat(next & (AfdState.REMOVED | AfdState.RESTING)).isZero();
    }
    if ((answer & AfdState.CANCEL) != 0) {
      assertThat(AfdState.poll(before)).isEqualTo(AfdState.PENDING);
      assertThat(AfdState.poll(next)).isEqualTo(AfdState.CANCELLED);
    }
    if ((answer & AfdState.LIST) != 0) {
      assertThat(before & AfdState.LISTED).as("on the list once").isZero();
      assertThat(next & AfdState.LISTED).isNotZero();
    }
    if (next != ENDED && states.add(next)) {
      open.push(next);
    }
  }

  private void assertSomeState(String what, IntPredicate condition) {
    assertThat(states.stream().mapToInt(state -> state).anyMatch(condition)).as(what).isTrue();
  }

  private static String name(int state) {
    String poll = switch (AfdState.poll(state)) {
      case AfdState.IDLE -> "IDLE";
      case AfdState.PENDING -> "PENDING";
      default -> "CANCELLED";
    };
    return poll + " wants " + AfdState.interest(state) + " asked " + AfdState.asked(state)
        + " flags " + Integer.toBinaryString(state & 0xfc);
  }
}
