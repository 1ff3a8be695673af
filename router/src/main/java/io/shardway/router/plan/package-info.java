/** What to do with a shape of SQL, and where one execution of it goes. */
@NullMarked
package io.shardway.router.plan;

import org.jspecify.annotations.NullMarked;
