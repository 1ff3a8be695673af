package io.shardway.router.plan;

import java.util.Set;

/** Built-in functions whose value may differ between servers that run the same. Stateless. */
public final class UnequalFunctions {

    /** In lower case. */
    public static final Set<String> NAMES = WordList.load("unequal-functions.txt");

    private UnequalFunctions() {}
}
