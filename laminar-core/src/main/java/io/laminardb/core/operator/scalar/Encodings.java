package io.laminardb.core.operator.scalar;

import io.laminardb.core.memory.Memory;
import io.laminardb.core.memory.Utf8;
import io.laminardb.core.memory.Utf8Buffer;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;

/** Texts and bytes in other alphabets, and the parts of URLs. */
public final class Encodings {
  private static final String HEX_DIGITS = "0123456789ABCDEF";

  private Encodings() {}

  /** A random UUID. */
  public static Utf8 uuid(Utf8Buffer buffer) {
    return buffer.setString(java.util.UUID.randomUUID().toString());
  }

  /** The bytes as capital hexadecimal digits. */
  public static Utf8 hex(Utf8Buffer buffer, Utf8 bytes) {
    if (bytes.length > 32 << 20) {
      throw Failures.argument("HEX of more than 32 MiB.");
    }
    long to = buffer.reserve(Math.max(1, bytes.length * 2));
    for (int i = 0; i < bytes.length; i++) {
      byte c = Memory.getByte(bytes.address + i);
      Memory.putByte(to + i * 2L, (byte) HEX_DIGITS.charAt(c >> 4 & 15));
      Memory.putByte(to + i * 2L + 1, (byte) HEX_DIGITS.charAt(c & 15));
    }
    buffer.length = bytes.length * 2;
    return buffer;
  }

  /** A number as capital hexadecimal digits; a negative one as 64 bits. */
  public static Utf8 hex(Utf8Buffer buffer, long value) {
    return Texts.toHex(buffer, value);
  }

  /** The bytes that hexadecimal digits stand for. */
  public static Utf8 fromHex(Utf8Buffer buffer, Utf8 digits) {
    String text = digits.toString();
    try {
      return buffer.setBytes(HexFormat.of().parseHex(text.length() % 2 == 0 ? text : "0" + text));
    } catch (IllegalArgumentException e) {
      throw Failures.argument("'" + Failures.shortened(digits) + "' is not hexadecimal.");
    }
  }

  public static Utf8 toBase64(Utf8Buffer buffer, Utf8 bytes) {
    return buffer.setBytes(Base64.getEncoder().encode(copy(bytes)));
  }

  public static Utf8 fromBase64(Utf8Buffer buffer, Utf8 text) {
    try {
      return buffer.setBytes(Base64.getDecoder().decode(copy(text)));
    } catch (IllegalArgumentException e) {
      throw Failures.argument("'" + Failures.shortened(text) + "' is not base 64.");
    }
  }

  private static byte[] copy(Utf8 text) {
    byte[] bytes = new byte[text.length];
    Memory.copyToHeap(text.address, bytes, 0, text.length);
    return bytes;
  }

  /** Letters, digits and {@code -_.~} as they are, other bytes as {@code %XX}. */
  public static Utf8 urlEncode(Utf8Buffer buffer, Utf8 text) {
    if (text.length > 20 << 20) {
      throw Failures.argument("URL_ENCODE of more than 20 MiB.");
    }
    long to = buffer.reserve(Math.max(1, text.length * 3));
    int length = 0;
    for (int i = 0; i < text.length; i++) {
      byte c = Memory.getByte(text.address + i);
      boolean plain =
          c >= 'a' && c <= 'z'
              || c >= 'A' && c <= 'Z'
              || c >= '0' && c <= '9'
              || c == '-'
              || c == '_'
              || c == '.'
              || c == '~';
      if (plain) {
        Memory.putByte(to + length++, c);
      } else {
        Memory.putByte(to + length++, (byte) '%');
        Memory.putByte(to + length++, (byte) HEX_DIGITS.charAt(c >> 4 & 15));
        Memory.putByte(to + length++, (byte) HEX_DIGITS.charAt(c & 15));
      }
    }
    buffer.length = length;
    return buffer;
  }

  /** The reverse of {@link #urlEncode}; what is no code stays as it is. */
  public static Utf8 urlDecode(Utf8Buffer buffer, Utf8 text) {
    long to = buffer.reserve(Math.max(1, text.length));
    int length = 0;
    for (int i = 0; i < text.length; i++) {
      byte c = Memory.getByte(text.address + i);
      if (c == '%' && i + 2 < text.length) {
        int high = Character.digit(Memory.getByte(text.address + i + 1), 16);
        int low = Character.digit(Memory.getByte(text.address + i + 2), 16);
        if (high >= 0 && low >= 0) {
          c = (byte) (high << 4 | low);
          i += 2;
        }
      }
      Memory.putByte(to + length++, c);
    }
    buffer.length = length;
    return buffer;
  }

  /** A part of a URL, in capitals as in PARSE_URL of Hive and Flink; null when it has none. */
  public static Utf8 urlPart(Utf8Buffer buffer, Utf8 url, Utf8 part) {
    URI uri = uri(url);
    if (uri == null) {
      return null;
    }
    String value =
        switch (part.toString().toUpperCase(Locale.ROOT)) {
          case "HOST" -> uri.getHost();
          case "PATH" -> uri.getRawPath();
          case "QUERY" -> uri.getRawQuery();
          case "REF" -> uri.getRawFragment();
          case "PROTOCOL" -> uri.getScheme();
          case "AUTHORITY" -> uri.getRawAuthority();
          case "USERINFO" -> uri.getRawUserInfo();
          case "FILE" ->
              uri.getRawQuery() == null
                  ? uri.getRawPath()
                  : uri.getRawPath() + "?" + uri.getRawQuery();
          default ->
              throw Failures.argument(
                  "'"
                      + part
                      + "' is no part of a URL: HOST, PATH, QUERY, REF, PROTOCOL, FILE, AUTHORITY"
                      + " or USERINFO.");
        };
    return value == null ? null : buffer.setString(value);
  }

  /** The value of a key in the query of a URL, decoded; null when there is none. */
  public static Utf8 urlPart(Utf8Buffer buffer, Utf8 url, Utf8 part, Utf8 key) {
    if (!part.toString().equalsIgnoreCase("QUERY")) {
      throw Failures.argument("only the part QUERY of a URL has keys, not '" + part + "'.");
    }
    URI uri = uri(url);
    if (uri == null || uri.getRawQuery() == null) {
      return null;
    }
    String wanted = key.toString();
    for (String pair : uri.getRawQuery().split("&")) {
      int equals = pair.indexOf('=');
      if (equals >= 0 && decoded(pair.substring(0, equals)).equals(wanted)) {
        return buffer.setString(decoded(pair.substring(equals + 1)));
      }
    }
    return null;
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  private static URI uri(Utf8 url) {
    try {
      return new URI(url.toString());
    } catch (URISyntaxException e) {
      return null;
    }
  }

  /** In another base, with digits and capital letters. */
  public static Utf8 toBase(Utf8Buffer buffer, long value, int base) {
    if (base < Character.MIN_RADIX || base > Character.MAX_RADIX) {
      throw Failures.argument("TO_BASE takes a base from 2 to 36, not " + base + ".");
    }
    if (value < 0) {
      throw Failures.argument("TO_BASE takes no negative number, such as " + value + ".");
    }
    return buffer.setString(Long.toString(value, base).toUpperCase(Locale.ROOT));
  }

  /** In base 2; a negative number as 64 bits. */
  public static Utf8 bin(Utf8Buffer buffer, long value) {
    return buffer.setString(Long.toBinaryString(value));
  }

  /** Without accents: é becomes e. */
  public static Utf8 stripAccents(Utf8Buffer buffer, Utf8 text) {
    String parts = Normalizer.normalize(text.toString(), Normalizer.Form.NFD);
    StringBuilder result = new StringBuilder(parts.length());
    for (int i = 0; i < parts.length(); i++) {
      if (Character.getType(parts.charAt(i)) != Character.NON_SPACING_MARK) {
        result.append(parts.charAt(i));
      }
    }
    return buffer.setString(result.toString());
  }
}
