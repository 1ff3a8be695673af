package io.shardway.proxy.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.shardway.router.keyspace.ShardId;
import org.junit.jupiter.api.Test;

class TransactionTest {

    private final Transaction transaction = new Transaction();

    @Test
    void isOpenFromBeginToItsEnd() {
        assertThat(transaction.isOpen()).isFalse();
        transaction.begin("START TRANSACTION");
        transaction.writes(new ShardId("s1"));
        assertThat(transaction.isOpen()).isTrue();
        transaction.ended();
        assertThat(transaction.isOpen()).isFalse();
        assertThat(transaction.writtenShards()).isEmpty();
        assertThat(transaction.savepoints()).isEmpty();
    }

    @Test
    void staysOpenWhenItFailedUntilItsEnd() {
        transaction.fail();
        assertThat(transaction.isOpen()).isTrue();
        transaction.ended();
        assertThat(transaction.isFailed()).isFalse();
    }

    @Test
    void usesCharacteristicsOnce() {
        transaction.setNext("READ ONLY");
        transaction.setNext("ISOLATION LEVEL READ COMMITTED");
        transaction.begin("START TRANSACTION");
        assertThat(transaction.characteristics())
                .isEqualTo("READ ONLY, ISOLATION LEVEL READ COMMITTED");
        assertThat(transaction.nextCharacteristics()).isEmpty();
        transaction.ended();
        assertThat(transaction.characteristics()).isEmpty();
    }

    @Test
    void forgetsSavepointsAsMySqlDoes() {
        transaction.addSavepoint("a");
        transaction.addSavepoint("b");
        transaction.addSavepoint("A");
        assertThat(transaction.savepoints()).containsExactly("b", "A");
        assertThat(transaction.rollbackTo("B")).isTrue();
        assertThat(transaction.savepoints()).containsExactly("b");
        assertThat(transaction.release("b")).isTrue();
        assertThat(transaction.savepoints()).isEmpty();
    }

    @Test
    void saysNoToSavepointsItDoesNotKnow() {
        transaction.addSavepoint("a");
        assertThat(transaction.rollbackTo("b")).isFalse();
        assertThat(transaction.release("b")).isFalse();
        assertThat(transaction.savepoints()).containsExactly("a");
    }

    @Test
    void staysPinnedAtItsEnd() {
        transaction.pin();
        transaction.ended();
        assertThat(transaction.isPinned()).isTrue();
        transaction.unpin();
        assertThat(transaction.isPinned()).isFalse();
    }
}
