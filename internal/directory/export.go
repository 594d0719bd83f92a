package directory

import (
	"iter"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// Export is an output that other stacks of the region may import.
type Export struct {
	Name   string `cbor:"1,keyasint"`
	Stack  string `cbor:"2,keyasint"` // the ID of the stack that exports it
	Sealed []byte `cbor:"3,keyasint"`
}

func exportKey(a ids.Account, region, name string) string {
	return place(exports, a, region) + name
}

// GetExport returns the export of that name, or nil.
func GetExport(r store.Reader, a ids.Account, region, name string) (*Export, error) {
	return get[Export](r, exportKey(a, region, name))
}

// ListExports yields the exports of a region by name, from the first behind after.
func ListExports(r store.Reader, a ids.Account, region, after string) iter.Seq2[*Export, error] {
	from := place(exports, a, region)
	to := store.PrefixEnd(from)
	if after != "" {
		from += after + "\x00"
	}
	return func(yield func(*Export, error) bool) {
		for pair, err := range r.Scan(from, to) {
			if err != nil {
				yield(nil, err)
				return
			}
			e, err := decode[Export](pair.Key, pair.Value)
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}

// Value is what is exported.
func (e *Export) Value(ring *seal.Keyring, a ids.Account, region string) (string, error) {
	b, err := ring.Open(e.Sealed, exportKey(a, region, e.Name))
	return string(b), err
}

// PutExport exports a value of the stack.
func (s *Stack) PutExport(tx store.Tx, ring *seal.Keyring, name, value string) error {
	key := exportKey(s.Account, s.Region, name)
	sealed, err := ring.Seal([]byte(value), key)
	if err != nil {
		return err
	}
	return put(tx, key, &Export{Name: name, Stack: s.ID, Sealed: sealed})
}

// DeleteExport ends an export.
func (s *Stack) DeleteExport(tx store.Tx, name string) error {
	return tx.Delete(exportKey(s.Account, s.Region, name))
}

func importKey(a ids.Account, region, name string) string {
	return place(imports, a, region) + name + "\x00"
}

// PutImport remembers that the stack imports what has that name, DeleteImport that it
// does not any more.
func (s *Stack) PutImport(tx store.Tx, name string) error {
	return tx.Put(importKey(s.Account, s.Region, name)+s.ID, []byte(s.Name))
}

// DeleteImport is the opposite of PutImport.
func (s *Stack) DeleteImport(tx store.Tx, name string) error {
	return tx.Delete(importKey(s.Account, s.Region, name) + s.ID)
}

// ListImports yields the names of the stacks that import what has that name, from the
// first behind the stack with the ID after.
func ListImports(r store.Reader, a ids.Account, region, name, after string) iter.Seq2[Import, error] {
	from := importKey(a, region, name)
	to := store.PrefixEnd(from)
	prefix := len(from)
	if after != "" {
		from += after + "\x00"
	}
	return func(yield func(Import, error) bool) {
		for pair, err := range r.Scan(from, to) {
			var i Import
			if err == nil {
				i = Import{ID: strings.Clone(pair.Key[prefix:]), Name: string(pair.Value)}
			}
			if !yield(i, err) || err != nil {
				return
			}
		}
	}
}

// Import is a stack that imports an export.
type Import struct{ ID, Name string }
