// Package pebble keeps a store in one folder on this machine's disk, in a
// Pebble database (an LSM tree with a write-ahead log).
//
// # The life of a commit
//
//  1. Update waits for the turn. One transaction has it at a time, so the
//     closure reads the latest state and nobody can change what it read: that is
//     all there is to serializability, and why a closure runs only once.
//  2. The closure's writes gather in an indexed batch, which scans of the same
//     transaction see merged with the database.
//  3. Still in its turn, the batch, with its commit number n beside the records,
//     goes into the log's buffer and into memory. From here the next closure
//     sees it; Views do not.
//  4. Still in its turn, the hot cache learns which keys n wrote, and a snapshot
//     is taken. Nobody else applies a batch, so it holds the commits 1 to n and
//     no other.
//  5. The turn ends. Update waits until the log is synced. One sync serves all
//     batches that were in the buffer when it began, so writers share syncs, and
//     a writer who is alone waits for nobody.
//  6. The snapshot of n becomes the one that Views read, unless that of a later
//     commit already is, and Update returns.
//
// # Why a View never shows what a crash could take back
//
// A View reads a snapshot that step 6 published. The log is written and synced
// in the order of the commits, so when n is synced, all of 1 to n are: what the
// snapshot holds is durable. And it is fresh: an Update that returned has
// published its number or found a later one published.
//
// A transaction in its turn does read commits that are not durable yet. What it
// answers without a commit of its own, be it a result or an error, therefore
// waits for the newest commit that it could have read. One that commits waits
// anyway, for a later sync.
//
// After Open all is durable: Pebble writes what it replays from the log to
// tables, and syncs those, before Open returns.
//
// # When a sync fails
//
// Nobody can say then what is on the disk, and asking again proves nothing (the
// kernel may have dropped the pages), so the store takes no more writes. Commits
// whose sync had not been reported return store.ErrUncertain, as do the
// transactions that read them; later Updates return ErrFailed without running.
// Views go on, with the last state known to be durable. Opening the folder again
// decides: it holds the commits up to some number, each of them whole.
//
// The same failure in Pebble's background work (its manifest, say) leaves it no
// way to go on: it ends the process, with a message.
//
// # Snapshots
//
// Taking Pebble's snapshot and closing it costs 2.4 us and its mutex. It is done
// once a commit, not once a View: Views share the published one and count their
// references to it, so a load of reads alone takes no lock of Pebble's. Taking
// it later, when somebody reads, would be wrong without stopping the writers: by
// then a younger commit may be in it that is not durable.
package pebble
