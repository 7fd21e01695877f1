package io.laminardb.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.laminardb.core.durable.BackupInfo;
import io.laminardb.core.durable.Checkpoint;
import io.laminardb.core.durable.CheckpointInfo;
import io.laminardb.core.durable.Storage;
import io.laminardb.core.durable.StorageOptions;
import io.laminardb.core.durable.StorageProvider;
import io.laminardb.core.durable.StorageReport;
import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import io.laminardb.storage.file.SimulatedFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryStorageTest {
  private static final StorageOptions SMALL =
      StorageOptions.DEFAULT.withSegmentBytes(4096).withKeptCheckpoints(2);

  @TempDir Path temporary;
  private Path directory;

  @BeforeEach
  void nameDirectory() {
    directory = temporary.resolve("data/db");
  }

  @Test
  void isFoundByServiceLoader() {
    assertThat(ServiceLoader.load(StorageProvider.class))
        .singleElement()
        .isInstanceOf(DirectoryStorageProvider.class);
  }

  @Test
  void goesOnFromTheLastCheckpointAndTheRecordsBehindIt() {
    try (TestDatabase database = TestDatabase.open(directory, SMALL)) {
      assertThat(database.position()).isZero();
      database.add(300, 40);
      assertThat(database.checkpoint().position()).isEqualTo(300);
      database.add(50, 40);
    }
    try (TestDatabase database = reopen()) {
      assertThat(database.position()).isEqualTo(350);
      assertThat(database.replayed()).isEqualTo(50);
      database.add(7, 40);
    }
    try (TestDatabase database = reopen()) {
      assertThat(database.position()).isEqualTo(357);
      assertThat(database.replayed()).isEqualTo(57);
      database.checkpoint();
    }
    try (TestDatabase database = reopen()) {
      assertThat(database.position()).isEqualTo(357);
      assertThat(database.replayed()).isZero();
      assertThat(database.warnings()).isEmpty();
    }
  }

  @Test
  void aReadThatFailsOnceIsNoDamage() throws IOException {
    boolean failed = true;
    for (int call = 0; failed; call++) {
      SimulatedFileSystem files = new SimulatedFileSystem(1);
      files.createDirectories(directory);
      Supplier<Storage> opening =
          () -> new SimulatedStorageProvider(files).open(directory, StorageOptions.DEFAULT);
      try (TestDatabase database = TestDatabase.open(opening)) {
        database.add(300, 40);
        database.checkpoint();
        database.add(50, 40);
      }
      long before = files.calls();
      files.failIn(call);
      try (TestDatabase database = TestDatabase.open(opening)) {
        assertThat(database.warnings()).as("call %d fails", call).isEmpty();
        assertThat(database.replayed()).as("call %d fails", call).isEqualTo(50);
        failed = files.calls() - before > call;
      } catch (LaminarException e) {
        assertThat(e.code()).as("call %d fails", call).isEqualTo(ErrorCode.IO_ERROR);
      }
    }
  }

  @Test
  void keepsAsManyCheckpointsAsItIsToldAndTheJournalTheyNeed() throws IOException {
    try (TestDatabase database = TestDatabase.open(directory, SMALL)) {
      long segments = 0;
      for (int i = 1; i <= 10; i++) {
        database.add(200, 40);
        database.checkpoint();
        assertThat(database.checkpoints())
            .extracting(CheckpointInfo::id)
            .isEqualTo(i == 1 ? List.of(1L) : List.of(i - 1L, (long) i));
        if (i == 3) {
          segments = count("journal");
        } else if (i > 3) {
          assertThat(count("journal")).isBetween(segments - 1, segments + 1);
        }
      }
      assertThat(count("checkpoints")).isEqualTo(2);
    }
    assertThat(directory.resolve("parts")).doesNotExist();
  }

  @Test
  void keepsTheJournalForItsHistory() throws IOException {
    StorageOptions history = SMALL.withRetainHistory(Duration.ofDays(1));
    try (TestDatabase database = TestDatabase.open(directory, history)) {
      for (int i = 0; i < 5; i++) {
        database.add(200, 40);
        database.checkpoint();
      }
    }
    StorageReport report = new DirectoryStorageProvider().check(directory);
    assertThat(report.firstPosition()).isEqualTo(1);
    assertThat(report.lastPosition()).isEqualTo(1000);
  }

  @Test
  void aCheckpointSaysWhatItTook() {
    try (TestDatabase database = TestDatabase.open(directory, SMALL)) {
      database.add(TestDatabase.SUMS, 16);
      CheckpointInfo first = database.checkpoint();
      assertThat(first.parts()).isEqualTo(TestDatabase.SUMS);
      assertThat(first.writtenParts()).isEqualTo(TestDatabase.SUMS);
      assertThat(first.pauseNs()).isEqualTo(1000);
      assertThat(first.durationNs()).isPositive();
      database.add(3, 16);
      CheckpointInfo second = database.checkpoint();
      assertThat(second.writtenParts()).isEqualTo(3);
      assertThat(second.takenAt()).isAfter(first.takenAt());
      assertThat(database.checkpoints()).containsExactly(first, second);
    }
  }

  @Test
  void aBackupIsTheDatabaseAsItWasAndTheOriginalGoesItsOwnWay() {
    Path target = temporary.resolve("backups/monday");
    try (TestDatabase database = TestDatabase.open(directory, SMALL)) {
      database.add(500, 40);
      database.checkpoint();
      for (int i = 0; i < 10; i++) { // so that some end where a segment does
        database.add(13, 40);
        database.sync();
        Path each = target.resolve("" + i);
        BackupInfo info = database.backup(each);
        assertThat(info.position()).isEqualTo(database.position());
        assertThat(info.checkpoint()).isEqualTo(1);
        assertThat(info.linkedBytes()).isPositive();
        try (TestDatabase copy = TestDatabase.open(each, SMALL)) {
          assertHolds(copy, info.position());
          copy.add(200, 40);
          copy.checkpoint();
          copy.checkpoint();
        }
      }
      assertThatThrownBy(() -> database.backup(target)).hasMessageContaining("not empty");
      database.checkpoint();
      database.checkpoint();
      database.checkpoint();
      database.add(100, 40);
    }
    try (TestDatabase database = reopen()) {
      assertThat(database.position()).isEqualTo(730);
    }
    assertThat(new DirectoryStorageProvider().check(directory).isWhole()).isTrue();
    assertThat(new DirectoryStorageProvider().check(target.resolve("7")).isWhole()).isTrue();
  }

  @Test
  void aBackupBeforeTheFirstCheckpointIsTheJournal() {
    Path target = temporary.resolve("backup");
    try (TestDatabase database = TestDatabase.open(directory, SMALL)) {
      database.add(500, 40);
      database.sync();
      assertThat(database.backup(target).checkpoint()).isZero();
    }
    try (TestDatabase copy = TestDatabase.open(target, SMALL)) {
      assertHolds(copy, 500);
    }
  }

  @Test
  void acceptingTheLossOfABackupLeavesTheOriginalAlone() throws IOException {
    Path target = temporary.resolve("backup");
    try (TestDatabase database = TestDatabase.open(directory, SMALL)) {
      database.add(500, 40);
      database.sync();
      assertThat(database.backup(target).linkedBytes()).isPositive();
    }
    Path segment = list("journal").get(1);
    byte[] bytes = Files.readAllBytes(segment);
    bytes[2000] ^= 1;
    Files.write(segment, bytes); // in place: under both names
    try (TestDatabase copy = TestDatabase.open(target, SMALL.withAcceptLoss(true))) {
      assertHolds(copy, copy.position());
      assertThat(copy.position()).isLessThan(500);
      copy.add(100, 40);
    }
    assertThat(segment).hasBinaryContent(bytes);
  }

  @Test
  void aSecondDatabaseIsRefusedAndTheFirstGoesOn() {
    try (TestDatabase database = TestDatabase.open(directory, SMALL)) {
      database.add(5, 40);
      for (Runnable other :
          List.<Runnable>of(
              () -> TestDatabase.open(directory, SMALL),
              () -> new DirectoryStorageProvider().check(directory))) {
        assertThatThrownBy(other::run)
            .isInstanceOfSatisfying(
                LaminarException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.STATE_DIR_LOCKED));
      }
      database.add(5, 40);
    }
    try (TestDatabase database = reopen()) {
      assertThat(database.position()).isEqualTo(10);
    }
  }

  @Test
  void aJournalThatIsGoneIsNoticed() throws IOException {
    writeTwoCheckpoints();
    delete("journal");
    assertRefused("the journal is gone, so records behind 400, if there were any, are lost");
    try (TestDatabase database = TestDatabase.open(directory, SMALL.withAcceptLoss(true))) {
      assertHolds(database, 400);
      assertThat(database.warnings()).isNotEmpty();
      database.add(10, 40);
    }
    try (TestDatabase database = reopen()) {
      assertThat(database.position()).isEqualTo(410);
    }
  }

  @Test
  void aJournalWithoutItsEndAndItsMarkIsNoticed() throws IOException {
    writeTwoCheckpoints();
    Files.delete(directory.resolve("journal/durable"));
    List<Path> segments = list("journal");
    for (Path segment : segments.subList(1, segments.size())) {
      Files.delete(segment);
    }
    assertRefused("the journal ends with record");
  }

  @Test
  void checkpointsThatAreGoneAreNoticed() throws IOException {
    writeTwoCheckpoints();
    delete("checkpoints");
    assertRefused("the journal begins with record");
    try (TestDatabase database = TestDatabase.open(directory, SMALL.withAcceptLoss(true))) {
      assertHolds(database, 0);
    }
    assertThat(list("lost/1/journal")).isNotEmpty();
    try (TestDatabase database = reopen()) {
      assertThat(database.warnings()).isEmpty();
    }
  }

  @Test
  void damageThatCheckpointsShareIsMadeUpForOnlyByTheWholeJournal() throws IOException {
    writeTwoCheckpoints();
    Path shared = null;
    for (Path each : list("checkpoints/0000000002")) {
      if (each.toString().endsWith(".blob")) {
        shared = each;
      }
    }
    byte[] bytes = Files.readAllBytes(shared);
    bytes[bytes.length / 2] ^= 4;
    Files.write(shared, bytes); // in place: under all its names
    assertThat(new DirectoryStorageProvider().check(directory).damage())
        .hasSizeBetween(1, 2)
        .allSatisfy(damage -> assertThat(damage.what()).isEqualTo("has a wrong checksum"));
  }

  @Test
  void aCheckpointThatWasDoneWithoutIsNeverUsedAgain() throws IOException {
    writeTwoCheckpoints();
    Path damaged = directory.resolve("checkpoints/0000000002.damaged");
    Path manifest = directory.resolve("checkpoints/0000000002/MANIFEST");
    byte[] readable = Files.readAllBytes(manifest);
    Files.writeString(manifest, "cannot be read now");
    try (TestDatabase database = reopen()) {
      assertThat(database.replayed()).isEqualTo(200);
      assertThat(database.warnings()).anyMatch(each -> each.contains("checkpoint 2 is damaged"));
    }
    Files.write(damaged.resolve("MANIFEST"), readable); // and can be the next time
    try (TestDatabase database = reopen()) {
      assertThat(database.replayed()).isEqualTo(200);
      assertThat(database.warnings()).isEmpty();
      assertThat(damaged).isDirectory();
      database.checkpoint();
      assertThat(damaged).doesNotExist();
    }
  }

  @Test
  void aCheckpointIsNotReadOnceTheJournalIsWritten() {
    try (TestDatabase database = TestDatabase.open(directory, SMALL)) {
      database.add(5, 40);
      database.checkpoint();
    }
    try (Storage storage = new DirectoryStorageProvider().open(directory, SMALL)) {
      Checkpoint checkpoint = storage.checkpoint();
      storage.journal();
      assertThatThrownBy(() -> checkpoint.part("sum/1")).isInstanceOf(IllegalStateException.class);
      assertThat(storage.checkpoint().info().position()).isEqualTo(5);
    }
  }

  @Test
  void whatIsLeftOfACheckpointThatWasNeverEndedIsRemoved() throws IOException {
    writeTwoCheckpoints();
    for (String name : List.of("0000000003.new", "0000000003.new.tmp", "0000000001.old")) {
      Files.createDirectories(directory.resolve("checkpoints").resolve(name));
      Files.writeString(directory.resolve("checkpoints").resolve(name).resolve("000009.sst"), "x");
    }
    try (TestDatabase database = reopen()) {
      assertThat(database.warnings()).isEmpty();
      database.checkpoint();
    }
    assertThat(count("checkpoints")).isEqualTo(2);
  }

  @Test
  void aCheckpointThatFailsCostsNothing() throws IOException {
    try (TestDatabase database = TestDatabase.open(directory, SMALL)) {
      database.add(100, 40);
      database.checkpoint();
      Path inTheWay = directory.resolve("checkpoints/0000000002.new/x");
      Files.createDirectories(inTheWay);
      database.add(100, 40);
      assertThatThrownBy(database::checkpoint)
          .isInstanceOfSatisfying(
              LaminarException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IO_ERROR));
      database.add(100, 40);
      assertThat(database.checkpoint().position()).isEqualTo(300);
      assertThat(database.checkpoints())
          .extracting(CheckpointInfo::position)
          .containsExactly(100L, 300L);
      database.add(100, 40);
    }
    try (TestDatabase database = reopen()) {
      assertThat(database.replayed()).isEqualTo(100);
      assertThat(database.warnings()).isEmpty();
    }
  }

  @Test
  void filesOfOthersAreLeftAlone() throws IOException {
    writeTwoCheckpoints();
    for (String name :
        List.of("notes.txt", "checkpoints/.DS_Store", "checkpoints/7", "journal/x")) {
      Files.writeString(directory.resolve(name), "x");
    }
    try (TestDatabase database = reopen()) {
      assertThat(database.warnings()).isEmpty();
      database.checkpoint();
    }
    assertThat(directory.resolve("checkpoints/.DS_Store")).exists();
    assertThat(new DirectoryStorageProvider().check(directory).isWhole()).isTrue();
  }

  @Test
  void filesAreFoundAgainWhereDigitsAreWrittenOtherwise() {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG"));
    try {
      writeTwoCheckpoints();
    } finally {
      Locale.setDefault(before);
    }
    assertThat(directory.resolve("checkpoints/0000000002")).isDirectory();
    try (TestDatabase database = reopen()) {
      assertThat(database.position()).isEqualTo(400);
      assertThat(database.warnings()).isEmpty();
    }
  }

  @Test
  void checkingSaysThatThereIsNothing() {
    assertThatThrownBy(() -> new DirectoryStorageProvider().check(directory))
        .hasMessageStartingWith("IO_ERROR: there is no directory");
  }

  /** Checkpoints of records 200 and 400; the journal does not reach back to the first record. */
  private void writeTwoCheckpoints() {
    try (TestDatabase database = TestDatabase.open(directory, SMALL)) {
      database.add(200, 40);
      database.checkpoint();
      database.add(200, 40);
      database.checkpoint();
    }
  }

  private void assertRefused(String why) {
    assertThatThrownBy(() -> TestDatabase.open(directory, SMALL))
        .isInstanceOfSatisfying(
            LaminarException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STATE_CORRUPT))
        .hasMessageContaining(why)
        .hasMessageContaining("acceptLoss");
    assertThat(new DirectoryStorageProvider().check(directory).loss()).contains(why);
  }

  private void delete(String name) throws IOException {
    try (Stream<Path> all = Files.walk(directory.resolve(name))) {
      for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  private List<Path> list(String name) throws IOException {
    try (Stream<Path> all = Files.list(directory.resolve(name))) {
      return all.sorted().toList();
    }
  }

  private TestDatabase reopen() {
    TestDatabase database = TestDatabase.open(directory, SMALL);
    assertHolds(database, database.position());
    return database;
  }

  private static void assertHolds(TestDatabase database, long position) {
    assertThat(database.position()).isEqualTo(position);
    assertThat(database.sums()).isEqualTo(TestDatabase.expected(position));
  }

  private long count(String name) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve(name))) {
      return files.count();
    }
  }
}
