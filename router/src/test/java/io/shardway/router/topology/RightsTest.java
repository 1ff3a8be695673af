package io.shardway.router.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RightsTest {

    private static final AccountRight READ = AccountRight.READ;
    private static final AccountRight WRITE = AccountRight.WRITE;
    private static final AccountRight ADMIN = AccountRight.ADMIN;

    @Test
    void holdsInItsKeyspaceOnly() {
        Rights rights = Rights.NONE.with("store", WRITE);
        assertThat(rights.allow("store", READ)).isTrue();
        assertThat(rights.allow("store", WRITE)).isTrue();
        assertThat(rights.allow("store", ADMIN)).isFalse();
        assertThat(rights.allow("Store", READ)).isFalse();
        assertThat(rights.allowEverywhere(READ)).isFalse();
    }

    @Test
    void theLargerOfBothRightsCounts() {
        Rights rights = Rights.everywhere(READ).with("store", WRITE);
        assertThat(rights.allow("other", READ)).isTrue();
        assertThat(rights.allow("other", WRITE)).isFalse();
        assertThat(rights.allow("store", WRITE)).isTrue();
    }

    @Test
    void givingALesserRightTakesNothing() {
        Rights rights = Rights.everywhere(ADMIN).with("store", WRITE);
        assertThat(rights.with("store", READ)).isEqualTo(rights);
        assertThat(rights.withEverywhere(READ)).isEqualTo(rights);
    }

    @Test
    void takingARightTakesThoseAboveItToo() {
        Rights rights = Rights.everywhere(READ).with("store", ADMIN);
        assertThat(rights.without("store", ADMIN).byKeyspace()).isEqualTo(Map.of("store", WRITE));
        assertThat(rights.without("store", WRITE).byKeyspace()).isEqualTo(Map.of("store", READ));
        assertThat(rights.without("store", READ).byKeyspace()).isEmpty();
        assertThat(rights.without("store", READ).everywhere()).isEqualTo(Optional.of(READ));
        assertThat(rights.withoutEverywhere(READ).everywhere()).isEmpty();
        assertThat(rights.withoutEverywhere(WRITE)).isEqualTo(rights);
        assertThat(rights.without("other", READ)).isEqualTo(rights);
    }
}
