package io.shardway.router;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
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
class RouterWallsTest {

    /** From the top down; each may use those below it, never above. */
    private static final List<String> ORDER =
            List.of("plan", "merge", "sql", "schema", "topology", "change", "keyspace");

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.shardway.router");

    @TestFactory
    Stream<DynamicTest> usesOnlyPackagesBelow() {
        return Stream.iterate(1, index -> index < ORDER.size(), index -> index + 1)
                .map(index -> DynamicTest.dynamicTest(ORDER.get(index), () -> checkOrder(index)));
    }

    private static void checkOrder(int index) {
        String[] above =
                ORDER.stream().limit(index).map(RouterWallsTest::tree).toArray(String[]::new);
        noClasses()
                .that()
                .resideInAPackage(tree(ORDER.get(index)))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(above)
                .because(
                        "packages use those below them. Move the type that is needed down, or take"
                                + " its value as an argument")
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void everyPackageHasItsPlaceInTheOrder() {
        String[] known =
                Stream.concat(
                                Stream.of("io.shardway.router"),
                                ORDER.stream().map(RouterWallsTest::tree))
                        .toArray(String[]::new);
        classes()
                .should()
                .resideInAnyPackage(known)
                .because("a new package takes its place in ORDER, in README.md and in DESIGN.md")
                .check(CLASSES);
    }

    @Test
    void knowsNeitherNettyNorSpringNorDebezium() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.netty..",
                        "org.springframework..",
                        "io.debezium..",
                        "io.shardway.proxy..",
                        "io.shardway.cluster..",
                        "io.shardway.cli..")
                .because(
                        "the router is shared by the serving and the moving side. Put the code into"
                                + " the module that serves, and hand values to the router")
                .check(CLASSES);
    }

    @Test
    void onlyTheStoreKnowsZooKeeper() {
        noClasses()
                .that(not(resideInAnyPackage("io.shardway.router.topology.zookeeper..")))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.zookeeper..",
                        "org.apache.curator..",
                        "io.shardway.router.topology.zookeeper..")
                .because(
                        "the rest sees the store through the interfaces of topology. Add what is"
                                + " missing there")
                .check(CLASSES);
    }

    private static String tree(String name) {
        return "io.shardway.router." + name + "..";
    }
}
