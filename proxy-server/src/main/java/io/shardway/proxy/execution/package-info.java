/** Carrying out routes: leasing, sending, relaying. */
@NullMarked
package io.shardway.proxy.execution;

import org.jspecify.annotations.NullMarked;
