package io.laminardb.storage.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Files in memory, which do what a disk may do: for tests, of this library and of those who embed it.
 * All chance comes from one seed. As long as the calls come in the same order, the same happens again.
 *
 * <h2>Fault model</h2>
 *
 * <ul>
 *   <li><b>Crash</b> ({@link #crashIn}, {@link #restart}): between any two calls, or inside one. A
 *       write during which it happens has put any number of its first bytes into the file. Afterwards
 *       every call on an open file fails. Then, with equal chances:
 *       <ul>
 *         <li>The process has died: all that was written is there.
 *         <li>The power has gone, and what was written since the last force of a file is there up to
 *             some call, and of that one up to some byte.
 *         <li>The power has gone, and each 512-byte sector of a file is as it was after the last force
 *             or after any of the writes since, each by itself, and so is the file's size. What was
 *             never written reads as zeros.
 *       </ul>
 *       After the power has gone, of the names made, changed and removed in a directory since it was
 *       forced either all up to some call are there, or any of them, each by itself. Directories
 *       themselves are made and removed durably at once; a renamed one, which must have been forced
 *       itself, has its old name or its new one.
 *   <li><b>Full disk</b> ({@link #fullIn}): a write puts some of its bytes into the file and fails, and
 *       so does every one after it until the next restart.
 *   <li><b>Failing force</b> ({@link #failForceIn}): one force fails; any part of what was to be forced
 *       is durable, and the rest never will be, though it can be read until the power goes and later
 *       forces succeed.
 *   <li><b>Failing read or write</b> ({@link #failIn}): one call fails; a write has put some of its
 *       bytes into the file.
 *   <li><b>Bit rot</b> ({@link #flip}, {@link #scribble}): a bit, or a run of bytes in one sector, of a
 *       file changes at rest.
 * </ul>
 *
 * <p>Not modelled: a disk that answers a force and loses the data later, apart from bit rot. Any
 * thread; one call at a time.
 */
public final class SimulatedFileSystem implements FileSystem {
  private static final int NEVER = Integer.MAX_VALUE;

  private final SplittableRandom random;
  private final TreeSet<Path> directories = new TreeSet<>();
  private final TreeSet<Path> durableDirectories = new TreeSet<>();
  private final TreeMap<Path, SimulatedContent> names = new TreeMap<>();
  private final TreeMap<Path, SimulatedContent> durableNames = new TreeMap<>();
  private final List<NameChange> nameChanges = new ArrayList<>();
  private int generation;
  private int callsToCrash = NEVER;
  private int writesToFull = NEVER;
  private int forcesToFailure = NEVER;
  private int callsToFailure = NEVER;
  private boolean crashed;
  private long calls;

  /** A name that is another file's from now on, or nobody's; both together if it was moved. */
  private record NameChange(Path directory, Path removed, Path set, SimulatedContent content) {
    /** Whether it is the directory {@code removed} that was moved, with all in it. */
    boolean isOfDirectory() {
      return removed != null && set != null && content == null;
    }

    /** The new path of what is in the moved directory, or is it. */
    Path moved(Path path) {
      return set.resolve(removed.relativize(path));
    }
  }

  public SimulatedFileSystem(long seed) {
    random = new SplittableRandom(seed);
  }

  /** How many calls were made in all. */
  public synchronized long calls() {
    return calls;
  }

  /** Crashes in the call after so many more; 0 is the next one. */
  public synchronized void crashIn(int callCount) {
    callsToCrash = callCount;
  }

  /** Is full in the write after so many more. */
  public synchronized void fullIn(int writeCount) {
    writesToFull = writeCount;
  }

  /** Fails the force of a file after so many more. */
  public synchronized void failForceIn(int forceCount) {
    forcesToFailure = forceCount;
  }

  /** Fails the read, write, or other call after so many more. */
  public synchronized void failIn(int callCount) {
    callsToFailure = callCount;
  }

  /** Whether the crash that was asked for has happened. */
  public synchronized boolean hasCrashed() {
    return crashed;
  }

  /** Crashes, if that has not happened yet, and starts again with what is left. No fault is pending. */
  public synchronized void restart() {
    callsToCrash = NEVER;
    writesToFull = NEVER;
    forcesToFailure = NEVER;
    callsToFailure = NEVER;
    crashed = false;
    generation++;
    int kind = random.nextInt(3);
    if (kind > 0) {
      loseNames();
      for (SimulatedContent content : new TreeSet<>(names.values())) {
        content.lose(random, kind == 2);
      }
    }
  }

  /**
   * Changes a bit of some file that is not empty.
   *
   * @return what was done, or null if there is no such file
   */
  public synchronized String flip() {
    return damage(1);
  }

  /** Changes a run of bytes, in one sector of some file that is not empty; answers as {@link #flip}. */
  public synchronized String scribble() {
    return damage(random.nextInt(2, 200));
  }

  private String damage(int bytes) {
    List<Path> candidates = names.keySet().stream().filter(p -> names.get(p).size() > 0).toList();
    if (candidates.isEmpty()) {
      return null;
    }
    Path path = candidates.get(random.nextInt(candidates.size()));
    return path + " " + names.get(path).damage(random, bytes);
  }

  @Override
  public synchronized void createDirectories(Path directory) throws IOException {
    call(directory);
    for (Path path = directory; path != null; path = path.getParent()) {
      directories.add(path);
      durableDirectories.add(path);
    }
  }

  @Override
  public synchronized boolean exists(Path path) throws IOException {
    call(path);
    return names.containsKey(path) || directories.contains(path);
  }

  @Override
  public synchronized boolean isDirectory(Path path) throws IOException {
    call(path);
    return directories.contains(path);
  }

  @Override
  public synchronized List<String> list(Path directory) throws IOException {
    call(directory);
    if (!directories.contains(directory)) {
      throw new NoSuchFileException(directory.toString());
    }
    TreeSet<String> found = new TreeSet<>();
    for (Path path : names.keySet()) {
      if (directory.equals(path.getParent())) {
        found.add(path.getFileName().toString());
      }
    }
    for (Path path : directories) {
      if (directory.equals(path.getParent())) {
        found.add(path.getFileName().toString());
      }
    }
    return List.copyOf(found);
  }

  @Override
  public synchronized long size(Path file) throws IOException {
    call(file);
    return existing(file).size();
  }

  @Override
  public synchronized StorageFile read(Path file) throws IOException {
    call(file);
    return new SimulatedFile(file, existing(file), generation);
  }

  @Override
  public synchronized StorageFile write(Path file) throws IOException {
    call(file);
    SimulatedContent content = names.get(file);
    if (content == null) {
      inDirectory(file);
      content = new SimulatedContent();
      change(new NameChange(file.getParent(), null, file, content));
    }
    return new SimulatedFile(file, content, generation);
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    call(from);
    if (!from.getParent().equals(to.getParent())) {
      throw new IOException("not simulated: a move into another directory: " + to);
    }
    SimulatedContent content = directories.contains(from) ? null : existing(from);
    if (content == null && nameChanges.stream().anyMatch(c -> c.directory().startsWith(from))) {
      throw new IOException("not simulated: renaming a directory that was not forced: " + from);
    }
    change(new NameChange(from.getParent(), from, to, content));
  }

  @Override
  public synchronized void link(Path existing, Path name) throws IOException {
    call(name);
    if (names.containsKey(name)) {
      throw new FileAlreadyExistsException(name.toString());
    }
    inDirectory(name);
    change(new NameChange(name.getParent(), null, name, existing(existing)));
  }

  @Override
  public synchronized void delete(Path path) throws IOException {
    call(path);
    if (names.containsKey(path)) {
      change(new NameChange(path.getParent(), path, null, null));
    } else if (directories.remove(path)) {
      durableDirectories.remove(path);
      force(path); // what was in it cannot be there again without it
    }
  }

  @Override
  public synchronized void forceDirectory(Path directory) throws IOException {
    call(directory);
    force(directory);
  }

  private void force(Path directory) {
    for (NameChange change : nameChanges) {
      if (change.directory().equals(directory)) {
        apply(change, durableNames, durableDirectories);
      }
    }
    nameChanges.removeIf(change -> change.directory().equals(directory));
  }

  private void change(NameChange change) {
    apply(change, names, directories);
    nameChanges.add(change);
  }

  private static void apply(
      NameChange change, TreeMap<Path, SimulatedContent> to, TreeSet<Path> in) {
    if (change.isOfDirectory()) {
      for (Path path : List.copyOf(to.keySet())) {
        if (path.startsWith(change.removed())) {
          to.put(change.moved(path), to.remove(path));
        }
      }
      for (Path path : List.copyOf(in)) {
        if (path.startsWith(change.removed())) {
          in.remove(path);
          in.add(change.moved(path));
        }
      }
      return;
    }
    if (change.removed() != null) {
      to.remove(change.removed());
    }
    if (change.set() != null) {
      to.put(change.set(), change.content());
    }
  }

  private void loseNames() {
    boolean inOrder = random.nextBoolean();
    int kept = random.nextInt(nameChanges.size() + 1);
    names.clear();
    for (int i = 0; i < nameChanges.size(); i++) {
      if (inOrder ? i < kept : random.nextBoolean()) {
        apply(nameChanges.get(i), durableNames, durableDirectories);
      }
    }
    nameChanges.clear();
    names.putAll(durableNames);
    directories.clear();
    directories.addAll(durableDirectories);
  }

  private SimulatedContent existing(Path file) throws IOException {
    SimulatedContent content = names.get(file);
    if (content == null) {
      throw new NoSuchFileException(file.toString());
    }
    return content;
  }

  private void inDirectory(Path file) throws IOException {
    if (!directories.contains(file.getParent())) {
      throw new NoSuchFileException(file.getParent().toString());
    }
  }

  /** Counts a call, and fails where one is to fail. */
  private void call(Path path) throws IOException {
    dies(path);
    if (fails()) {
      throw new IOException(path + ": Input/output error");
    }
  }

  private void dies(Path path) throws IOException {
    calls++;
    if (crashed || callsToCrash != NEVER && callsToCrash-- == 0) {
      crashed = true;
      throw new IOException(path + ": the machine has crashed");
    }
  }

  private boolean fails() {
    return callsToFailure != NEVER && callsToFailure-- == 0;
  }

  private final class SimulatedFile implements StorageFile {
    private final Path path;
    private final SimulatedContent content;
    private final int openedIn;
    private boolean closed;

    SimulatedFile(Path path, SimulatedContent content, int openedIn) {
      this.path = path;
      this.content = content;
      this.openedIn = openedIn;
    }

    @Override
    public Path path() {
      return path;
    }

    @Override
    public long size() throws IOException {
      synchronized (SimulatedFileSystem.this) {
        alive();
        call(path);
        return content.size();
      }
    }

    @Override
    public int read(ByteBuffer to, long offset) throws IOException {
      synchronized (SimulatedFileSystem.this) {
        alive();
        call(path);
        return content.read(to, offset);
      }
    }

    @Override
    public void write(ByteBuffer from, long offset) throws IOException {
      synchronized (SimulatedFileSystem.this) {
        alive();
        byte[] bytes = new byte[from.remaining()];
        from.get(bytes);
        boolean wasCrashed = crashed;
        try {
          dies(path);
        } catch (IOException dead) {
          if (!wasCrashed) {
            writeSome(bytes, offset);
          }
          throw dead;
        }
        if (writesToFull == 0 || writesToFull != NEVER && --writesToFull == 0) {
          writeSome(bytes, offset);
          throw new IOException(path + ": No space left on device");
        }
        if (fails()) {
          writeSome(bytes, offset);
          throw new IOException(path + ": Input/output error");
        }
        // In one piece mostly, as a disk may take it in two.
        int first = random.nextInt(4) == 0 ? random.nextInt(bytes.length + 1) : bytes.length;
        content.write(bytes, 0, first, offset);
        content.write(bytes, first, bytes.length, offset);
      }
    }

    private void writeSome(byte[] bytes, long offset) {
      content.write(bytes, 0, random.nextInt(bytes.length + 1), offset);
    }

    @Override
    public void truncate(long size) throws IOException {
      synchronized (SimulatedFileSystem.this) {
        alive();
        call(path);
        content.truncate(size);
      }
    }

    @Override
    public void force() throws IOException {
      synchronized (SimulatedFileSystem.this) {
        alive();
        call(path);
        if (forcesToFailure != NEVER && forcesToFailure-- == 0) {
          content.failToForce(random);
          throw new IOException(path + ": Input/output error");
        }
        content.force();
      }
    }

    @Override
    public void close() {
      closed = true;
    }

    private void alive() throws IOException {
      if (closed || openedIn != generation) {
        throw new IOException(path + ": closed");
      }
    }
  }
}
