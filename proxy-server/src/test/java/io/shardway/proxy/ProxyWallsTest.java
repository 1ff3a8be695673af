package io.shardway.proxy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What each package of this module may know. */
class ProxyWallsTest {

    /** From the top down; each may use those below it, never above. Each of them exists. */
    private static final List<String> ORDER =
            List.of(
                    "management",
                    "admin",
                    "reference",
                    "frontend",
                    "auth",
                    "definition",
                    "query",
                    "execution",
                    "sequence",
                    "session",
                    "backend",
                    "protocol",
                    "audit",
                    "settings",
                    "metrics");

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.shardway.proxy");

    @Test
    void everyPackageUsesOnlyThoseBelowIt() {
        var layers = layeredArchitecture().consideringOnlyDependenciesInLayers();
        for (String name : ORDER) {
            layers.layer(name).definedBy("io.shardway.proxy." + name + "..");
        }
        // The package io.shardway.proxy itself puts the parts together: it stands above them all.
        layers.layer("whole").definedBy("io.shardway.proxy");
        layers.whereLayer("whole").mayNotBeAccessedByAnyLayer();
        var above = new ArrayList<>(List.of("whole"));
        for (String name : ORDER) {
            layers.whereLayer(name).mayOnlyBeAccessedByLayers(above.toArray(String[]::new));
            above.add(name);
        }
        layers.ensureAllClassesAreContainedInArchitecture()
                .because(
                        "packages use those below them. Let the lower package own an interface that"
                                + " the upper one implements (as query does for admin), or take a"
                                + " value; a new package takes its place in ORDER and in README.md")
                .check(CLASSES);
    }

    @Test
    void onlyManagementKnowsSpring() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.shardway.proxy.management..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.springframework..")
                .because(
                        "Spring comes up after the proxy serves and can be switched off. Tell"
                                + " management through query.ProxyStatus or a meter")
                .check(CLASSES);
    }

    @Test
    void knowsNothingOfTheMovingSide() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.debezium..",
                        "com.github.shyiko..",
                        "io.shardway.rebalancer..",
                        "io.shardway.cluster..",
                        "io.shardway.cli..")
                .because(
                        "proxy and rebalancer act on each other only through the topology. Put what"
                                + " both need into the router")
                .check(CLASSES);
    }

    @Test
    void onlySettingsReadYaml() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.shardway.proxy.settings..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.yaml..")
                .because("settings are records by the time they are used. Add a key in settings")
                .check(CLASSES);
    }
}
