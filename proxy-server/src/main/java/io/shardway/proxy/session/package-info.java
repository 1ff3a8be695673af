/** What a client owns between statements. */
@NullMarked
package io.shardway.proxy.session;

import org.jspecify.annotations.NullMarked;
