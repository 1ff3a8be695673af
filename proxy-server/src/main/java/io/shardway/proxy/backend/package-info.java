/** Connections to the nodes: following answers, pools, leases. */
@NullMarked
package io.shardway.proxy.backend;

import org.jspecify.annotations.NullMarked;
