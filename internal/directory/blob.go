package directory

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"

	"github.com/fxamacker/cbor/v2"

	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// A blob is a record that may be larger than one value of the store, and may hold
// secrets: it is compressed, sealed and cut into chunks, <key>/<n> for n from 100.
const (
	chunkSize  = store.MaxValue - 1<<10
	firstChunk = 100
	mostChunks = 9
	// MaxBlob is the most bytes that a blob has before it is compressed.
	MaxBlob = 8 << 20
)

func chunkKey(key string, i int) string { return fmt.Sprintf("%s/%d", key, firstChunk+i) }

// putBlob stores a blob in the place of the one before. One that is too large for a
// transaction is store.ErrTooLarge.
func putBlob(tx store.Tx, ring *seal.Keyring, key string, rec any) error {
	raw, err := encoding.Marshal(rec)
	if err != nil {
		return fmt.Errorf("record %s: %w", key, err)
	}
	if len(raw) > MaxBlob {
		return store.ErrTooLarge
	}
	sealed, err := ring.Seal(pack(raw), key)
	if err != nil {
		return err
	}
	if len(sealed) > mostChunks*chunkSize {
		return store.ErrTooLarge
	}
	if err := deleteBlob(tx, key); err != nil {
		return err
	}
	for i := 0; len(sealed) > 0; i++ {
		n := min(len(sealed), chunkSize)
		if err := tx.Put(chunkKey(key, i), sealed[:n]); err != nil {
			return err
		}
		sealed = sealed[n:]
	}
	return nil
}

// getBlob reads a blob; nil when there is none.
func getBlob[T any](r store.Reader, ring *seal.Keyring, key string) (*T, error) {
	var sealed []byte
	for i := range mostChunks {
		chunk, ok, err := r.Get(chunkKey(key, i))
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		sealed = append(sealed, chunk...)
	}
	if sealed == nil {
		return nil, nil
	}
	packed, err := ring.Open(sealed, key)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", key, err)
	}
	raw, err := unpack(packed)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", key, err)
	}
	rec := new(T)
	if err := cbor.Unmarshal(raw, rec); err != nil {
		return nil, fmt.Errorf("record %s: %w", key, err)
	}
	return rec, nil
}

// deleteBlob removes a blob; an absent one is no error.
func deleteBlob(tx store.Tx, key string) error {
	for i := range mostChunks {
		k := chunkKey(key, i)
		_, ok, err := tx.Get(k)
		if err != nil || !ok {
			return err
		}
		if err := tx.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// worthPacking is from how many bytes on a blob is compressed: a compressor costs more
// than it saves on less.
const worthPacking = 4 << 10

// pack compresses raw where that is worth it; its first byte says so.
func pack(raw []byte) []byte {
	if len(raw) < worthPacking {
		return append([]byte{0}, raw...)
	}
	packed := bytes.NewBuffer([]byte{1})
	w, err := flate.NewWriter(packed, flate.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	_, _ = w.Write(raw) // into a Buffer: neither fails
	_ = w.Close()
	return packed.Bytes()
}

func unpack(packed []byte) ([]byte, error) {
	if packed[0] == 0 {
		return packed[1:], nil
	}
	return io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed[1:])), MaxBlob))
}
