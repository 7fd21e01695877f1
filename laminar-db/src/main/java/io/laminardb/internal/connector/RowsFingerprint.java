package io.laminardb.internal.connector;

import io.laminardb.core.batch.Batch;
import io.laminardb.core.batch.BatchCodec;
import io.laminardb.core.batch.Schema;
import io.laminardb.core.memory.Memory;
import java.util.zip.CRC32C;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;

/** Tells rows that were read again from others: by the length and the CRC32C of their bytes. One thread. */
final class RowsFingerprint {
  private final BatchCodec codec;
  private final BufferAllocator allocator;
  private final CRC32C crc = new CRC32C();
  private byte[] bytes = {};

  RowsFingerprint(Schema schema, BufferAllocator allocator) {
    this.codec = new BatchCodec(schema);
    this.allocator = allocator;
  }

  /** Of the rows on loan, whose columns are the caller's to write to. */
  long of(Batch batch) {
    for (int i = 0; i < batch.schema().size(); i++) {
      batch.column(i).clearNulls(batch.to());
    }
    int length;
    try (ArrowBuf written = allocator.buffer(codec.maxLength(batch))) {
      length = codec.write(batch, written.memoryAddress());
      bytes = bytes.length < length ? new byte[length] : bytes;
      Memory.copyToHeap(written.memoryAddress(), bytes, 0, length);
    }
    crc.reset();
    crc.update(bytes, 0, length);
    return (long) length << 32 | crc.getValue();
  }
}
