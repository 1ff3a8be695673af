/** The speed report: the same load directly, through HAProxy and through Shardway, in one run. */
@NullMarked
package io.shardway.cli.bench;

import org.jspecify.annotations.NullMarked;
