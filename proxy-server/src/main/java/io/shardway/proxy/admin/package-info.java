/**
 * The statements that begin with SHARDWAY. Those that tell only where rows live (HELP, EXPLAIN,
 * SHOW TABLES, SHOW BUCKETS) are open to every account: an application's developer needs them. All
 * others need the admin right.
 */
@NullMarked
package io.shardway.proxy.admin;

import org.jspecify.annotations.NullMarked;
