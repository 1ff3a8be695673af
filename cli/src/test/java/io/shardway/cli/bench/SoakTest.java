package io.shardway.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SoakTest {

    @Test
    void addsTheGenerationsOfParallelGc() {
        String info =
                """
                4242:
                 PSYoungGen      total 76288K, used 5243K [0x1, 0x2, 0x3)
                  eden space 65536K, 8% used [0x1,0x2,0x3)
                 ParOldGen       total 175104K, used 1200K [0x1, 0x2, 0x3)
                  object space 175104K, 0% used [0x1,0x2,0x3)
                 Metaspace       used 7000K, committed 7168K, reserved 1114112K
                """;
        assertThat(Soak.usedKibibytes(info)).isEqualTo(6_443);
    }

    @Test
    void readsTheOneHeapOfG1() {
        assertThat(Soak.usedKibibytes(" garbage-first heap   total 264192K, used 2048K [0x1, 0x2)"))
                .isEqualTo(2_048);
    }
}
