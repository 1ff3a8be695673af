package io.shardway.router.topology.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardway.router.Deadline;
import io.shardway.router.ErrorCode;
import io.shardway.router.ShardwayException;
import io.shardway.router.keyspace.ShardId;
import io.shardway.router.topology.DefinitionChange;
import io.shardway.router.topology.DefinitionEntry;
import io.shardway.router.topology.DefinitionJournal;
import io.shardway.router.topology.DefinitionProgress;
import io.shardway.router.topology.DefinitionProgress.State;
import io.shardway.router.topology.DefinitionStatement;
import io.shardway.router.topology.DefinitionStep;
import io.shardway.router.topology.OpenDefinition;
import io.shardway.router.topology.TableEntry;
import io.shardway.router.topology.TableKind;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DefinitionJournalIT {

    private static final int MANY = 100;

    @TempDir Path directory;
    private TestZooKeeper zookeeper;
    private DefinitionJournal journal;
    private DefinitionJournal other;

    @BeforeEach
    void start() throws Exception {
        zookeeper = new TestZooKeeper(directory);
        journal = zookeeper.connect().definitionJournal();
        other = zookeeper.connect().definitionJournal();
    }

    @AfterEach
    void stop() {
        zookeeper.close();
    }

    @Test
    void keepsAnEntryAsItWasRecordedAndNoted() {
        DefinitionEntry entry = journal.record(draft("store"), MANY);
        assertThat(entry.number()).isEqualTo(1);
        assertThat(other.find(1)).contains(entry);
        assertThat(other.open()).containsExactly(entry);

        DefinitionStep step = entry.steps().getFirst();
        DefinitionEntry noted =
                journal.note(entry.with(step.in(DefinitionStep.State.BEGUN).done("after")));
        assertThat(other.find(1)).contains(noted);

        DefinitionEntry over = journal.note(in(noted, State.DONE));
        assertThat(other.open()).isEmpty();
        assertThat(other.entries()).containsExactly(over);
    }

    @Test
    void hasOneOpenEntryInAKeyspace() {
        DefinitionEntry first = journal.record(draft("store"), MANY);
        assertThatThrownBy(() -> other.record(draft("store"), MANY))
                .isInstanceOfSatisfying(
                        ShardwayException.class,
                        refused -> assertThat(refused.code()).isEqualTo(ErrorCode.DEFINITION_OPEN))
                .hasMessageContaining("DDL 1");
        assertThat(other.record(draft("shop"), MANY).number()).isEqualTo(2);
        journal.note(in(first, State.HALF_DONE));
        assertThatThrownBy(() -> other.record(draft("store"), MANY))
                .hasMessageContaining("SW-3042");
        journal.note(in(first.stored(1, 1), State.FAILED));
        assertThat(other.record(draft("store"), MANY).number()).isEqualTo(3);
    }

    @Test
    void letsOnlyOneNoteWhatTwoHaveRead() {
        DefinitionEntry entry = journal.record(draft("store"), MANY);
        other.note(in(entry, State.HALF_DONE));
        assertThatThrownBy(() -> journal.note(in(entry, State.DONE)))
                .isInstanceOfSatisfying(
                        ShardwayException.class,
                        refused ->
                                assertThat(refused.code())
                                        .isEqualTo(ErrorCode.DEFINITION_TAKEN_OVER));
        assertThat(journal.open()).hasSize(1);
    }

    @Test
    void forgetsTheOldestThatAreOver() {
        DefinitionEntry open = journal.record(draft("open"), 3);
        for (int i = 0; i < 6; i++) {
            journal.note(in(journal.record(draft("store"), 3), State.DONE));
        }
        assertThat(journal.entries())
                .extracting(DefinitionEntry::number)
                .containsExactly(7L, 6L, open.number());
    }

    @Test
    void findsOutWhatBecameOfAWriteWhoseAnswerWasLost() throws Exception {
        try (var link = new LossyLink(zookeeper.port())) {
            DefinitionJournal distant =
                    zookeeper
                            .connect(TestZooKeeper.settings(link.port(), Optional.empty()))
                            .definitionJournal();
            link.loseTheNextTransactionsAnswer();
            DefinitionEntry entry = distant.record(draft("store"), MANY);
            assertThat(link.hasLostAnAnswer()).isTrue();
            assertThat(journal.entries()).containsExactly(entry);

            link.loseTheNextTransactionsAnswer();
            DefinitionEntry noted =
                    distant.note(
                            entry.with(entry.steps().getFirst().in(DefinitionStep.State.BEGUN)));
            assertThat(link.hasLostAnAnswer()).isTrue();
            assertThat(journal.find(entry.number())).contains(noted);

            link.loseTheNextTransactionsAnswer();
            distant.note(in(noted, State.DONE));
            assertThat(link.hasLostAnAnswer()).isTrue();
            assertThat(journal.open()).isEmpty();
        }
    }

    @Test
    void givesTheLockToOneAtATimeAndNamesWhoHasIt() throws Exception {
        assertThat(journal.lockedBy("store")).isEmpty();
        var held = journal.lock("store", "one", soon());
        held.requireHeld();
        assertThat(other.lockedBy("store")).contains("one");
        assertThatThrownBy(() -> other.lock("store", "two", Deadline.after(Duration.ofMillis(200))))
                .hasMessageContaining("SW-3041")
                .hasMessageContaining("one");
        other.lock("shop", "two", soon()).close();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var waiting = threads.submit(() -> other.lock("store", "two", soon()));
            held.close();
            waiting.get(20, TimeUnit.SECONDS).close();
        }
        assertThat(journal.lockedBy("store")).isEmpty();
    }

    @Test
    void losesTheLockWithTheSessionAndLeavesTheNextOneAlone() throws Exception {
        ZooKeeperClient client = zookeeper.connect();
        var lost = client.definitionJournal().lock("store", "lost", soon());
        zookeeper.expire(client);
        TestZooKeeper.await("the lock is free", () -> other.lockedBy("store").isEmpty());
        try (var _ = other.lock("store", "next", soon())) {
            assertThatThrownBy(lost::requireHeld).hasMessageContaining("SW-3043");
            lost.close();
            assertThat(journal.lockedBy("store")).contains("next");
        }
    }

    private static Deadline soon() {
        return Deadline.after(Duration.ofSeconds(20));
    }

    private static DefinitionEntry in(DefinitionEntry entry, State state) {
        return entry.with(entry.progress().in(state, "why", Instant.ofEpochMilli(7)));
    }

    private static DefinitionEntry draft(String keyspace) {
        var view = new TableEntry("v", TableKind.SHARDED, Optional.of("user_id"), List.of("t"));
        return new DefinitionEntry(
                0,
                0,
                new DefinitionStatement(
                        keyspace, "", "ALTER \u00e4\n'\"\0", Map.of("sql_mode", "''"), "app@h"),
                new DefinitionChange(
                        List.of("t", "v"),
                        Optional.of(OpenDefinition.Use.NAMED_COLUMNS),
                        List.of("t"),
                        List.of(view),
                        true,
                        List.of("undo"),
                        ""),
                List.of(
                        new DefinitionStep(
                                new ShardId("s1"),
                                "sql",
                                DefinitionStep.State.PENDING,
                                "before",
                                "")),
                new DefinitionProgress(
                        State.RUNNING,
                        "run",
                        "p1",
                        "",
                        Instant.ofEpochMilli(5),
                        Instant.ofEpochMilli(6)));
    }
}
