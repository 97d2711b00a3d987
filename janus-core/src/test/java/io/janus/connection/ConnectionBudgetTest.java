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
}
