/** The copies of reference tables: watched, repaired, compared. */
@NullMarked
package io.shardway.proxy.reference;

import org.jspecify.annotations.NullMarked;
