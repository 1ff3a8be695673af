/** Reading SQL: tokens, digests, literals. */
@NullMarked
package io.shardway.router.sql;

import org.jspecify.annotations.NullMarked;
