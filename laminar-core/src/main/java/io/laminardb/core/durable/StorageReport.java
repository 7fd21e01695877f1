package io.laminardb.core.durable;

import java.util.List;

/**
 * What was found in a directory of which every byte was read.
 *
 * @param checkpoints those that are whole, oldest first
 * @param firstPosition of the journal's first record, or of the one it would begin with
 * @param lastPosition of the journal's last record; {@code firstPosition - 1} where it has none
 * @param files how many were read
 * @param bytes of all of them
 * @param damage everything that is not as it was written
 * @param loss what would be lost if it were opened, as the refusal to open says it; null for nothing
 */
public record StorageReport(
    List<CheckpointInfo> checkpoints,
    long firstPosition,
    long lastPosition,
    long files,
    long bytes,
    List<Damage> damage,
    String loss) {

  /**
   * A file that is not as it was written.
   *
   * @param file its name, from the directory on
   * @param what is wrong with it, as the rest of a sentence that begins with its name
   */
  public record Damage(String file, String what) {
    @Override
    public String toString() {
      return file + " " + what;
    }
  }

  public StorageReport {
    checkpoints = List.copyOf(checkpoints);
    damage = List.copyOf(damage);
  }

  /** Whether nothing is damaged. */
  public boolean isWhole() {
    return damage.isEmpty() && loss == null;
  }
}
