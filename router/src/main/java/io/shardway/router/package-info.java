/** What the serving side and the moving side must agree on. */
@NullMarked
package io.shardway.router;

import org.jspecify.annotations.NullMarked;
