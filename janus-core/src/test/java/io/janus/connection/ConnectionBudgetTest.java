package io.janus.connection;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ConnectionBudgetTest {
  @Test
  void budgetGivesNoMoreThanItHasAndTakesBack() {
    ConnectionBudget budget = new ConnectionBudget(2);
    assertThat(budget.take()).isTrue();
    assertThat(budget.take()).isTrue();
    assertThat(budget.take()).isFalse();
    assertThat(budget.used()).isEqualTo(2);
    budget.giveBack();
    assertThat(budget.take()).isTrue();
    assertThat(budget.most()).isEqualTo(2);
  }

  @Test
  void reachedBoundIsToldWithWhatHelps() {
    assertThat(new ConnectionBudget(2).reached()).isEqualTo(
        "the limit of 2 connections is reached; raise it (Limits.connections, echo --max-connections) or wait");
    assertThat(new ConnectionBudget(1, ", none is free; wait").ofALoop(8).reached())
        .isEqualTo("the limit of 1 connection is reached, none is free; wait");
  }
}
