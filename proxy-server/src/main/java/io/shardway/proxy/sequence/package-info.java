/** Keys that the proxy draws: blocks of them, the table they come from, and who waits for one. */
@NullMarked
package io.shardway.proxy.sequence;

import org.jspecify.annotations.NullMarked;
