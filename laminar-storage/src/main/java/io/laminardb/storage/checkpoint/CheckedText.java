package io.laminardb.storage.checkpoint;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Lines of text of which the last one is the CRC32C of all before it. */
public final class CheckedText {
  private static final String CRC = "crc32c ";

  private CheckedText() {}

  /** The bytes of lines that end with a line feed, and the line that checks them. */
  public static byte[] encode(String lines) {
    return (lines + check(lines)).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The lines that {@link #encode} was given.
   *
   * @throws Damage where that is not what they are, bit by bit
   */
  public static String decode(byte[] bytes) throws Damage {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new Damage("it is not text");
    }
    int last = text.lastIndexOf('\n', text.length() - 2) + 1;
    String lines = text.substring(0, last);
    if (!text.substring(last).equals(check(lines))) {
      throw new Damage("its checksum is wrong");
    }
    return lines;
  }

  private static String check(String lines) {
    CRC32C crc = new CRC32C();
    crc.update(lines.getBytes(StandardCharsets.UTF_8));
    return CRC + String.format("%08x", crc.getValue()) + '\n';
  }

  /** The text is damaged; the message says how, as the rest of a sentence. */
  public static final class Damage extends Exception {
    private static final long serialVersionUID = 1L;

    public Damage(String message) {
      super(message);
    }
  }
}
