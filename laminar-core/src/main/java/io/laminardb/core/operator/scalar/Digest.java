package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** MD5, SHA1 and the kinds of SHA2 as lower-case hexadecimal digits. */
public final class Digest {
  private final MessageDigest md5 = algorithm("MD5");
  private final MessageDigest sha1 = algorithm("SHA-1");
  private final MessageDigest sha224 = algorithm("SHA-224");
  private final MessageDigest sha384 = algorithm("SHA-384");
  private final MessageDigest sha256 = algorithm("SHA-256");
  private final MessageDigest sha512 = algorithm("SHA-512");

  public Utf8 md5(Utf8Buffer buffer, Utf8 text) {
    return digest(md5, buffer, text);
  }

  public Utf8 sha1(Utf8Buffer buffer, Utf8 text) {
    return digest(sha1, buffer, text);
  }

  public Utf8 sha256(Utf8Buffer buffer, Utf8 text) {
    return digest(sha256, buffer, text);
  }

  public Utf8 sha224(Utf8Buffer buffer, Utf8 text) {
    return digest(sha224, buffer, text);
  }

  public Utf8 sha384(Utf8Buffer buffer, Utf8 text) {
    return digest(sha384, buffer, text);
  }

  /** SHA2 of a length: 224, 256, 384 or 512 bits; 0 is 256. */
  public Utf8 sha2(Utf8Buffer buffer, Utf8 text, int bits) {
    return switch (bits) {
      case 224 -> sha224(buffer, text);
      case 0, 256 -> sha256(buffer, text);
      case 384 -> sha384(buffer, text);
      case 512 -> sha512(buffer, text);
      default -> throw Failures.argument("SHA2 has 224, 256, 384 or 512 bits, not " + bits + ".");
    };
  }

  public Utf8 sha512(Utf8Buffer buffer, Utf8 text) {
    return digest(sha512, buffer, text);
  }

  private static Utf8 digest(MessageDigest digest, Utf8Buffer buffer, Utf8 text) {
    byte[] bytes = new byte[text.length];
    Memory.copyToHeap(text.address, bytes, 0, text.length);
    return buffer.setString(HexFormat.of().formatHex(digest.digest(bytes)));
  }

  private static MessageDigest algorithm(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has " + name, e);
    }
  }
}
