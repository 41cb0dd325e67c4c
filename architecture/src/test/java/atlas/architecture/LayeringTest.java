package atlas.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URL;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the shape of the house: imports go down only, and rooms never know each other. */
class LayeringTest {
    private static final List<String> ROOMS =
            List.of(
                    "identity",
                    "policy",
                    "vault",
                    "journal",
                    "registry",
                    "guard",
                    "segmentation",
                    "watch",
                    "export",
                    "backup",
                    "vectors",
                    "posture");
    private static final List<String> PROCESSES = List.of("gateway", "node", "control");

    private static final JavaClasses ATLAS =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("atlas");

    @Test
    void packagesHaveNoCycles() {
        slices().matching("atlas.(**)").should().beFreeOfCycles().check(ATLAS);
    }

    @Test
    void roomsKnowOnlyCore() {
        for (String room : ROOMS) {
            String[] forbidden =
                    Stream.of(ROOMS, PROCESSES, List.of("runtime", "cli"))
                            .flatMap(List::stream)
                            .filter(other -> !other.equals(room))
                            .map(LayeringTest::everythingIn)
                            .toArray(String[]::new);
            check(
                    noClasses()
                            .that()
                            .resideInAPackage(everythingIn(room))
                            .should()
                            .dependOnClassesThat()
                            .resideInAnyPackage(forbidden));
        }
    }

    @Test
    void theGroundFloorKnowsNobodyAbove() {
        String[] above =
                Stream.of(ROOMS, PROCESSES, List.of("cli"))
                        .flatMap(List::stream)
                        .map(LayeringTest::everythingIn)
                        .toArray(String[]::new);
        check(
                noClasses()
                        .that()
                        .resideInAnyPackage("atlas.core..", "atlas.tlog..", "atlas.runtime..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage(above));
        check(
                noClasses()
                        .that()
                        .resideInAPackage("atlas.core..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage("atlas.runtime..", "atlas.tlog.."));
        check(
                noClasses()
                        .that()
                        .resideInAPackage("atlas.tlog..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage("atlas.runtime..", "java.net..", "java.nio.file.."));
    }

    @Test
    void processesAreKnownToTheCommandLineOnly() {
        for (String process : PROCESSES) {
            check(
                    noClasses()
                            .that()
                            .resideOutsideOfPackages(everythingIn(process), "atlas.cli..")
                            .should()
                            .dependOnClassesThat()
                            .resideInAPackage(everythingIn(process)));
        }
        check(
                noClasses()
                        .that()
                        .resideOutsideOfPackage("atlas.cli..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("atlas.cli.."));
    }

    @Test
    void coreTouchesNoOutsideWorld() {
        check(
                noClasses()
                        .that()
                        .resideInAPackage("atlas.core")
                        .should()
                        .dependOnClassesThat()
                        .resideInAnyPackage("java.net..", "java.nio.file..", "java.sql.."));
    }

    @Test
    void onlyTheEdgeSpeaksNetty() {
        check(
                noClasses()
                        .that()
                        .resideOutsideOfPackage("atlas.runtime..")
                        .should()
                        .dependOnClassesThat()
                        .resideInAPackage("io.netty.."));
    }

    @Test
    void nobodyReadsTheWallClockDirectly() {
        check(
                noClasses()
                        .that()
                        .resideOutsideOfPackages("atlas.cli..")
                        .should()
                        .callMethod(java.time.Instant.class, "now"));
        check(noClasses().should().callConstructor(java.util.Random.class));
        check(noClasses().should().callConstructor(java.util.Random.class, long.class));
        check(noClasses().should().callMethod(Math.class, "random"));
    }

    @Test
    void everyPackageOfTheHouseIsKnown() {
        List<String> known =
                Stream.of(List.of("core", "tlog", "runtime", "cli"), ROOMS, PROCESSES)
                        .flatMap(List::stream)
                        .map(name -> "atlas." + name)
                        .toList();
        assertThat(ATLAS).isNotEmpty();
        for (JavaClass type : ATLAS) {
            assertThat(known)
                    .as(type.getName() + " lives in a known room")
                    .anyMatch(name ->
                            type.getPackageName().equals(name)
                                    || type.getPackageName().startsWith(name + "."));
        }
    }

    @Test
    void doorsAreNarrow() throws IOException {
        Set<String> exported = exported();
        for (String room : ROOMS) {
            long open =
                    ATLAS.stream()
                            .filter(c -> c.getPackageName().startsWith("atlas." + room))
                            .filter(c -> exported.contains(c.getPackageName()))
                            .filter(JavaClass::isTopLevelClass)
                            .filter(c -> c.getModifiers().contains(JavaModifier.PUBLIC))
                            .count();
            assertThat(open).as("public top-level types of " + room).isLessThanOrEqualTo(DOOR);
        }
        check(
                classes()
                        .that()
                        .resideInAnyPackage("atlas.gateway", "atlas.node", "atlas.control")
                        .and()
                        .areTopLevelClasses()
                        .and()
                        .arePublic()
                        .should()
                        // What processes in homes of their own have in place of the trust root.
                        .haveNameMatching(
                                ".*(Process|Config|Parts|TrustRoot.*|Exception)"
                                        + "|.*[.](ControlLink|(Workload|Witness)Home)"));
    }

    /** House rule is 15 for a room; what it exports in sub-packages counts together. */
    private static final long DOOR = 30;

    /** The compiler holds this between modules; tests and programs run without them. */
    @Test
    void nobodyGoesAroundADoor() throws IOException {
        Set<String> exported = exported();
        for (JavaClass type : ATLAS) {
            String from = type.getPackageName();
            for (var dependency : type.getDirectDependenciesFromSelf()) {
                String to = dependency.getTargetClass().getBaseComponentType().getPackageName();
                assertThat(!to.startsWith("atlas.") || exported.contains(to) || sameRoom(from, to))
                        .as(type.getName() + " uses " + dependency.getTargetClass().getName())
                        .isTrue();
            }
        }
    }

    private static boolean sameRoom(String one, String other) {
        return one.split("\\.")[1].equals(other.split("\\.")[1]);
    }

    /** The packages that modules of the house show to everybody. */
    private static Set<String> exported() throws IOException {
        Set<String> exported = new HashSet<>();
        for (URL place :
                Collections.list(
                        LayeringTest.class.getClassLoader().getResources("module-info.class"))) {
            try (InputStream in = place.openStream()) {
                ModuleDescriptor module = ModuleDescriptor.read(in);
                if (module.name().startsWith("atlas.")) {
                    module.exports().forEach(export -> exported.add(export.source()));
                }
            }
        }
        assertThat(exported).contains("atlas.core", "atlas.journal");
        return exported;
    }

    private static String everythingIn(String name) {
        return "atlas." + name + "..";
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(ATLAS);
    }
}
