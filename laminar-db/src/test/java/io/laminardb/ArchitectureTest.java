package io.laminardb;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The layers of {@code docs/ARCHITECTURE.md}: imports point one way, between the modules and between
 * the packages of the core. A rule about a package that does not exist yet holds.
 */
class ArchitectureTest {
  private static final String CORE = "io.laminardb.core..";
  private static final String SQL = "io.laminardb.sql..";
  private static final String STORAGE = "io.laminardb.storage..";
  private static final String CONNECTOR = "io.laminardb.connector..";
  private static final String API = "io.laminardb";
  private static final String INTERNAL = "io.laminardb.internal..";
  private static final String CLI = "io.laminardb.cli..";
  private static final String BENCH = "io.laminardb.bench..";

  /** Lowest first: a package may use those before it. */
  private static final List<String> CORE_LAYERS =
      List.of(
          "error",
          "file",
          "time",
          "memory",
          "durable",
          "batch",
          "ring",
          "state",
          "operator",
          "graph",
          "reactor",
          "runtime");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.laminardb");

  @Test
  void coreKnowsNoOtherModule() {
    check(notUse(CORE, SQL, STORAGE, CONNECTOR, API, INTERNAL, CLI, BENCH));
  }

  @Test
  void sqlKnowsOnlyCore() {
    check(notUse(SQL, STORAGE, CONNECTOR, API, INTERNAL, CLI, BENCH));
  }

  @Test
  void storageKnowsOnlyCore() {
    check(notUse(STORAGE, SQL, CONNECTOR, API, INTERNAL, CLI, BENCH));
  }

  @Test
  void connectorsKnowOnlyCore() {
    check(notUse(CONNECTOR, SQL, STORAGE, API, INTERNAL, CLI, BENCH));
  }

  @Test
  void theDatabaseFindsStorageAndConnectorsThroughServiceLoaderOnly() {
    check(notUse(API, STORAGE, CONNECTOR, CLI, BENCH));
    check(notUse(INTERNAL, STORAGE, CONNECTOR, CLI, BENCH));
  }

  @Test
  void coreKnowsNoSqlPlannerNoStateStoreAndNoFileFormat() {
    check(
        notUse(
            CORE,
            "org.apache.calcite..",
            "org.rocksdb..",
            "com.fasterxml.jackson..",
            "de.siegmar.fastcsv..",
            "org.apache.kafka.."));
  }

  static Stream<String> coreLayers() {
    return CORE_LAYERS.stream();
  }

  @ParameterizedTest
  @MethodSource("coreLayers")
  void aCorePackageUsesOnlyThePackagesBelowIt(String layer) {
    String[] above =
        CORE_LAYERS.stream()
            .skip(CORE_LAYERS.indexOf(layer) + 1L)
            .map(ArchitectureTest::corePackage)
            .toArray(String[]::new);
    if (above.length > 0) {
      check(notUse(corePackage(layer), above));
    }
  }

  @Test
  void theConnectorContractKnowsNothingThatRunsQueries() {
    check(
        notUse(
            corePackage("connector"),
            corePackage("graph"),
            corePackage("reactor"),
            corePackage("runtime")));
  }

  @Test
  void corePackagesHaveNoCycles() {
    check(slices().matching("io.laminardb.core.(*)..").should().beFreeOfCycles());
  }

  @Test
  void sqlPackagesHaveNoCycles() {
    check(slices().matching("io.laminardb.sql.(*)..").should().beFreeOfCycles());
  }

  @Test
  void everyCorePackageHasItsPlaceInTheLayers() {
    Set<String> unknown = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      String[] names = type.getPackageName().split("\\.");
      if (names.length > 3 && names[2].equals("core") && !CORE_LAYERS.contains(names[3])) {
        unknown.add(names[3]);
      }
    }
    unknown.remove("connector");
    assertThat(unknown).as("packages of io.laminardb.core without a layer").isEmpty();
  }

  @Test
  void onlyCoreMemoryTouchesRawAddresses() {
    check(
        noClasses()
            .that()
            .resideOutsideOfPackage(corePackage("memory"))
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("sun.misc.Unsafe")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.agrona.UnsafeAccess")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.apache.arrow.memory.util.MemoryUtil"));
  }

  @Test
  void slf4jIsTheOnlyLoggingApi() {
    check(
        notUse(
            "io.laminardb..",
            "java.util.logging..",
            "org.apache.commons.logging..",
            "org.apache.logging..",
            "ch.qos.logback.."));
  }

  private static String corePackage(String name) {
    return "io.laminardb.core." + name + "..";
  }

  private static ArchRule notUse(String user, String... used) {
    return noClasses()
        .that()
        .resideInAPackage(user)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(used);
  }

  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CLASSES);
  }
}
