package io.shardway.router;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What each package of this module may know. */
class RouterWallsTest {

    /** From the top down; each may use those below it, never above. Each of them exists. */
    private static final List<String> ORDER =
            List.of("plan", "sql", "schema", "topology", "keyspace");

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("io.shardway.router");

    @Test
    void everyPackageUsesOnlyThoseBelowIt() {
        var layers = layeredArchitecture().consideringOnlyDependenciesInLayers();
        for (String name : ORDER) {
            layers.layer(name).definedBy("io.shardway.router." + name + "..");
        }
        // Errors and deadlines, which all of them use.
        layers.layer("errors").definedBy("io.shardway.router");
        layers.whereLayer("errors").mayNotAccessAnyLayer();
        layers.whereLayer(ORDER.getFirst()).mayNotBeAccessedByAnyLayer();
        for (int index = 1; index < ORDER.size(); index++) {
            String[] above = ORDER.subList(0, index).toArray(String[]::new);
            layers.whereLayer(ORDER.get(index)).mayOnlyBeAccessedByLayers(above);
        }
        layers.ensureAllClassesAreContainedInArchitecture()
                .because(
                        "packages use those below them. Move the type that is needed down, or take"
                                + " its value as an argument; a new package takes its place in"
                                + " ORDER, in README.md and in DESIGN.md")
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
}
