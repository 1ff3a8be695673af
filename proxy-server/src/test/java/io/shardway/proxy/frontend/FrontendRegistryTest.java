package io.shardway.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FrontendRegistryTest {

    @Test
    void givesIdsOfFourBytesThatNameTheirProxyEvenAfterTheCounterWraps() {
        var registry = new FrontendRegistry(1023, 10, _ -> {});
        long last = 0;
        for (int i = 0; i < (1 << 22) + 10; i++) {
            long id = registry.nextId();
            if (id == last || id >>> 32 != 0 || FrontendRegistry.proxyNumberOf(id) != 1023) {
                assertThat(id).as("number %d", i).isEqualTo(-1);
            }
            last = id;
        }
    }

    @Test
    void takesNoMoreConnectionsThanItMay() {
        var registry = new FrontendRegistry(1, 2, _ -> {});
        assertThat(registry.enter()).isTrue();
        assertThat(registry.enter()).isTrue();
        assertThat(registry.enter()).isFalse();
        registry.left();
        assertThat(registry.enter()).isTrue();
    }
}
