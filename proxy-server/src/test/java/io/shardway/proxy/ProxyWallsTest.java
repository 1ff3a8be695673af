package io.shardway.proxy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What each package of this module may know. */
class ProxyWallsTest {

    /** From the top down; each may use those below it, never above. */
    private static final List<String> ORDER =
            List.of(
                    "management",
                    "admin",
                    "frontend",
                    "auth",
                    "query",
                    "execution",
                    "gate",
                    "cache",
                    "session",
                    "backend",
                    "protocol",
                    "settings",
                    "metrics");

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.shardway.proxy");

    @TestFactory
    Stream<DynamicTest> usesOnlyPackagesBelow() {
        return Stream.iterate(0, index -> index < ORDER.size(), index -> index + 1)
                .map(index -> DynamicTest.dynamicTest(ORDER.get(index), () -> checkOrder(index)));
    }

    private static void checkOrder(int index) {
        // The package io.shardway.proxy itself puts the parts together: it stands above them all.
        String[] above =
                Stream.concat(
                                Stream.of("io.shardway.proxy"),
                                ORDER.stream().limit(index).map(ProxyWallsTest::tree))
                        .toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(tree(ORDER.get(index)))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(above)
                .because(
                        "packages use those below them. Let the lower package own an interface that"
                                + " the upper one implements (as query does for admin), or take a"
                                + " value")
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void everyPackageHasItsPlaceInTheOrder() {
        String[] known =
                Stream.concat(
                                Stream.of("io.shardway.proxy"),
                                ORDER.stream().map(ProxyWallsTest::tree))
                        .toArray(String[]::new);
        classes()
                .should()
                .resideInAnyPackage(known)
                .because("a new package takes its place in ORDER and in README.md")
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

    private static String tree(String name) {
        return "io.shardway.proxy." + name + "..";
    }
}
