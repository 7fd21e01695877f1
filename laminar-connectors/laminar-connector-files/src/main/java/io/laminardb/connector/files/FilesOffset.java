package io.laminardb.connector.files;

import io.laminardb.core.error.ErrorCode;
import io.laminardb.core.error.LaminarException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How far files were read, as bytes and back.
 *
 * @param next the file that is read next, empty for none; where files are not followed, those with names
 *     before it have been read
 * @param places how far files were read, by path
 */
record FilesOffset(String next, Map<String, FilesOffset.Place> places) {
  /**
   * How far one file was read.
   *
   * @param offset bytes of the inflated file that rows were given out of
   * @param line the line from 1 that comes next
   * @param done whether it was read to its end and will not grow
   * @param fingerprint of its first bytes, see {@link FileInput#fingerprint}
   */
  record Place(long offset, long line, boolean done, long fingerprint) {}

  private static final int VERSION = 2;

  static byte[] encode(String next, Map<String, Place> places) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(VERSION);
      out.writeUTF(next);
      out.writeInt(places.size());
      for (Map.Entry<String, Place> entry : places.entrySet()) {
        Place place = entry.getValue();
        out.writeUTF(entry.getKey());
        out.writeLong(place.offset());
        out.writeLong(place.line());
        out.writeBoolean(place.done());
        out.writeLong(place.fingerprint());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a path beyond 64 KiB: no file system has one
    }
    return bytes.toByteArray();
  }

  static FilesOffset decode(byte[] bytes) {
    String next;
    Map<String, Place> places = new LinkedHashMap<>();
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readByte();
      if (version != VERSION) {
        throw corrupt("version " + version + " is unknown");
      }
      next = in.readUTF();
      for (int left = in.readInt(); left > 0; left--) {
        String path = in.readUTF();
        places.put(path, new Place(in.readLong(), in.readLong(), in.readBoolean(), in.readLong()));
      }
    } catch (IOException e) {
      throw corrupt("it is cut off");
    }
    return new FilesOffset(next, places);
  }

  private static LaminarException corrupt(String reason) {
    return new LaminarException(
            ErrorCode.STATE_CORRUPT, "this is no offset of a FILES source: " + reason + ".")
        .mend("Restore from another checkpoint.");
  }
}
