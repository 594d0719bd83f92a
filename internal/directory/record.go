package directory

import (
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/iamd-project/iamd/internal/store"
)

// Millis is a moment in milliseconds since 1970, as records keep it. Zero means never.
type Millis int64

// At returns the Millis of t.
func At(t time.Time) Millis { return Millis(t.UnixMilli()) }

// Time returns m in UTC; the zero time for never.
func (m Millis) Time() time.Time {
	if m == 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m)).UTC()
}

// Records are maps from small numbers to values, so that a field can be added
// (and an older iamd skips it) but a number is never used twice.
var encoding = func() cbor.EncMode {
	mode, err := cbor.EncOptions{}.EncMode()
	if err != nil {
		panic(err) // the options above are constants
	}
	return mode
}()

// get reads the record at key; nil when there is none. The record may be shared:
// see Cached.
func get[T any](r store.Reader, key string) (*T, error) {
	raw, ok, err := r.Get(key)
	if err != nil || !ok {
		return nil, err
	}
	known := cacheOf(r)
	if rec, ok := known.find(key, raw).(*T); ok {
		return rec, nil
	}
	rec, err := decode[T](key, raw)
	if err == nil {
		known.keep(key, raw, rec)
	}
	return rec, err
}

func decode[T any](key string, raw []byte) (*T, error) {
	rec := new(T)
	if err := cbor.Unmarshal(raw, rec); err != nil {
		return nil, fmt.Errorf("record %s: %w", key, err)
	}
	return rec, nil
}

func put(tx store.Tx, key string, rec any) error {
	raw, err := encoding.Marshal(rec)
	if err != nil {
		return fmt.Errorf("record %s: %w", key, err)
	}
	return tx.Put(key, raw)
}
