package io.shardway.proxy.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;

class StalledWritesTest {

    private final StalledWrites writes = new StalledWrites();

    @Test
    void aClientThatTakesNothingIsStalledSinceItWasFirstSeen() {
        assertThat(writes.stalledNanos(true, 500, 10)).isZero();
        assertThat(writes.stalledNanos(true, 500, 20)).isEqualTo(10);
        assertThat(writes.stalledNanos(true, 500, 35)).isEqualTo(25);
    }

    @Test
    void aByteTakenIsProgressHoweverFullTheQueueIs() {
        writes.stalledNanos(true, 500, 10);
        assertThat(writes.stalledNanos(true, 501, 20)).isZero();
        assertThat(writes.stalledNanos(true, 501, 30)).isEqualTo(10);
    }

    @Test
    void aClientThatKeepsUpIsNotWatched() {
        writes.stalledNanos(true, 500, 10);
        assertThat(writes.stalledNanos(false, 500, 20)).isZero();
        assertThat(writes.stalledNanos(true, 500, 30)).isZero();
    }

    @Test
    void whatIsWrittenAndNotFlushedIsNotTaken() {
        var bytes = new TakenBytes();
        var channel = new EmbeddedChannel(bytes, new ChannelOutboundHandlerAdapter());
        channel.write(Unpooled.wrappedBuffer(new byte[100]));
        assertThat(bytes.taken(channel)).isZero();
        channel.flush();
        assertThat(bytes.taken(channel)).isEqualTo(100);
        channel.finishAndReleaseAll();
    }
}
