/**
 * The journal: what a database took in, in its order, in files of which only the last is written to.
 * {@link io.laminardb.storage.journal.JournalDirectory} is what is found on opening, {@link
 * io.laminardb.storage.journal.FileJournal} what is written.
 *
 * <p>The format is in {@code RecordFormat} and {@code Segment}. What a crash left unfinished and what
 * a disk damaged are told apart record by record, see {@code JournalScanner}: the first is cut
 * silently, as nobody was told that it is durable, the second is refused with what is lost.
 *
 * <p>Threads: the one that makes records never waits; one writes; one forces. Memory: a ring off the
 * heap, freed by {@code close}.
 */
package io.laminardb.storage.journal;
