package io.laminardb.core.durable;

import java.nio.file.Path;

/** Opens directories of databases; found by {@link java.util.ServiceLoader}. */
public interface StorageProvider {
  /**
   * Opens a directory, and makes it where there is none.
   *
   * @throws io.laminardb.core.error.LaminarException STATE_DIR_LOCKED where another process, or another
   *     database of this one, has it: the message names the holder
   */
  Storage open(Path directory, StorageOptions options);

  /**
   * Makes a place for state that the memory of a database without a directory of its own has no room for.
   *
   * @param directory is made where there is none; a folder in it is used, and deleted in the end
   * @throws io.laminardb.core.error.LaminarException STATE_DIR_LOCKED where another database has it;
   *     IO_ERROR
   */
  SpillStore spill(Path directory);

  /**
   * Reads every byte of a directory that nobody has open, and compares it with its checksums. Nothing is
   * changed.
   *
   * @throws io.laminardb.core.error.LaminarException STATE_DIR_LOCKED where it is open; IO_ERROR where
   *     there is no such directory
   */
  StorageReport check(Path directory);

  /**
   * Opens a directory that nobody has open, to read what was. Nothing is changed, and nobody else can open
   * it until that is closed.
   *
   * @throws io.laminardb.core.error.LaminarException STATE_DIR_LOCKED where it is open; IO_ERROR where
   *     there is no such directory
   */
  History history(Path directory);
}
