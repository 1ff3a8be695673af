package io.shardway.proxy.settings;

import static io.shardway.proxy.settings.Setting.often;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Everything one proxy is told at its start. Immutable.
 *
 * @param name as given; {@link #nameOr} has the default
 */
public record ProxySettings(
        String name,
        FrontendSettings frontend,
        BackendSettings backend,
        SessionSettings session,
        PlanSettings plan,
        ReferenceSettings reference,
        SequenceSettings sequence,
        DefinitionSettings definition,
        MetadataSettings metadata,
        AssembleSettings assemble,
        LoadSettings load,
        ZooKeeperSettings zookeeper,
        AuditSettings audit,
        ManagementSettings management) {

    static final Setting<String> NAME =
            often(
                    "proxy.name",
                    Kind.Text.matching(
                            "[A-Za-z0-9._:-]{0,64}", "at most 64 letters, digits, '.', '_', ':'"),
                    "",
                    "The proxy's name in the topology, unique in its cluster; empty: host:port.");

    static final List<Setting<?>> ALL =
            Stream.of(
                            List.<Setting<?>>of(NAME),
                            FrontendSettings.ALL,
                            BackendSettings.ALL,
                            SessionSettings.ALL,
                            PlanSettings.ALL,
                            ReferenceSettings.ALL,
                            SequenceSettings.ALL,
                            DefinitionSettings.ALL,
                            MetadataSettings.ALL,
                            AssembleSettings.ALL,
                            LoadSettings.ALL,
                            ZooKeeperSettings.ALL,
                            AuditSettings.ALL,
                            ManagementSettings.ALL)
                    .<Setting<?>>flatMap(List::stream)
                    .toList();

    public ProxySettings {
        NAME.check(name);
    }

    /** All defaults. */
    public static ProxySettings defaults() {
        return of(Map.of());
    }

    /** Defaults, but for the given keys, such as {@code frontend.port}; for code and tests. */
    public static ProxySettings of(Map<String, String> values) {
        return SettingsLoader.load(Optional.empty(), Map.of(), values);
    }

    /**
     * The file's values over the defaults, the environment's over the file's, {@code values} (from
     * the command line) over all.
     *
     * @param environment also holds the passwords that {@code ...-password-env} names
     */
    public static ProxySettings load(
            Optional<Path> file, Map<String, String> environment, Map<String, String> values) {
        return SettingsLoader.load(file, environment, values);
    }

    /** The name that was set, or else {@code machine:port} with the port really bound. */
    public String nameOr(String machine, int boundPort) {
        return name.isEmpty() ? machine + ":" + boundPort : name;
    }

    static ProxySettings of(SettingValues values) {
        return new ProxySettings(
                values.get(NAME),
                FrontendSettings.of(values),
                BackendSettings.of(values),
                SessionSettings.of(values),
                PlanSettings.of(values),
                ReferenceSettings.of(values),
                SequenceSettings.of(values),
                DefinitionSettings.of(values),
                MetadataSettings.of(values),
                AssembleSettings.of(values),
                LoadSettings.of(values),
                ZooKeeperSettings.of(values),
                AuditSettings.of(values),
                ManagementSettings.of(values));
    }

    /** Every key and the value in force, in the order of the reference; no passwords. */
    public Map<String, String> describe() {
        return SettingsReference.valuesOf(this);
    }
}
