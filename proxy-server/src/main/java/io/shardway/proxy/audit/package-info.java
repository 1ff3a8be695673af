/** Who logged in and who administered, in a log of its own. */
@NullMarked
package io.shardway.proxy.audit;

import org.jspecify.annotations.NullMarked;
