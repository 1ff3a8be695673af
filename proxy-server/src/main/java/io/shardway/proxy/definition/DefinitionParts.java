package io.shardway.proxy.definition;

import io.shardway.proxy.settings.DefinitionSettings;
import io.shardway.router.topology.DefinitionJournal;
import java.time.Clock;

/** What every definition works with. Immutable; its parts are thread-safe. */
record DefinitionParts(
        DefinitionSite site,
        DefinitionJournal journal,
        Publication publication,
        DefinitionSettings settings,
        Clock clock) {}
