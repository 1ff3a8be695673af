/** Tables and columns of a keyspace as MySQL has them. */
@NullMarked
package io.shardway.router.schema;

import org.jspecify.annotations.NullMarked;
