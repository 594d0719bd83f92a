package directory

import (
	"fmt"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// ParameterVersion is one version of a parameter, which never changes.
type ParameterVersion struct {
	Number         int64             `cbor:"1,keyasint"`
	Region         string            `cbor:"2,keyasint"` // with Name, whose version it is
	Name           string            `cbor:"3,keyasint"`
	Type           string            `cbor:"4,keyasint"`
	Value          string            `cbor:"5,keyasint,omitempty"` // of a String or StringList
	Sealed         []byte            `cbor:"6,keyasint,omitempty"` // of a SecureString: its value, sealed to this record's key
	KeyID          string            `cbor:"7,keyasint,omitempty"` // of a SecureString: the KMS key that was asked for
	Modified       Millis            `cbor:"8,keyasint"`
	ModifiedBy     string            `cbor:"9,keyasint"` // an ARN
	Description    string            `cbor:"10,keyasint,omitempty"`
	AllowedPattern string            `cbor:"11,keyasint,omitempty"`
	DataType       string            `cbor:"12,keyasint"`
	Tier           string            `cbor:"13,keyasint"`
	Policies       []ParameterPolicy `cbor:"14,keyasint,omitempty"`
}

// ParameterPolicy says when a parameter expires, or what to notify of.
type ParameterPolicy struct {
	Type string `cbor:"1,keyasint"`
	Text string `cbor:"2,keyasint"` // JSON
}

// ParameterGone is what is left of a deleted parameter: the versions that are to be
// removed.
type ParameterGone struct {
	Next int64 `cbor:"1,keyasint"`
	Last int64 `cbor:"2,keyasint"`
}

// ParameterLabels are the labels of a parameter's versions.
type ParameterLabels struct {
	Region string           `cbor:"1,keyasint"` // with Name, whose labels they are
	Name   string           `cbor:"2,keyasint"`
	List   []ParameterLabel `cbor:"3,keyasint,omitempty"` // in the order of adding; no label twice
}

// ParameterLabel is a name of a version.
type ParameterLabel struct {
	Label   string `cbor:"1,keyasint"`
	Version int64  `cbor:"2,keyasint"`
}

func parameterVersionKey(a ids.Account, id string, number int64) string {
	return fmt.Sprintf("%s%s/%s/%020d", parameterVersions, a, id, number)
}

func parameterLabelsKey(a ids.Account, id string) string {
	return parameterLabels + string(a) + "/" + id
}

func parametersGoneKey(a ids.Account, id string) string {
	return parametersGone + string(a) + "/" + id
}

// Version returns a version of the parameter, or nil.
func (p *Parameter) Version(r store.Reader, number int64) (*ParameterVersion, error) {
	if number < p.First || number > p.Last {
		return nil, nil
	}
	key := parameterVersionKey(p.Account, p.ID, number)
	v, err := getLarge[ParameterVersion](r, key)
	if err == nil && v == nil {
		err = fmt.Errorf("%s does not exist", key)
	}
	return v, err
}

// getLarge is get for records too large to be remembered.
func getLarge[T any](r store.Reader, key string) (*T, error) {
	raw, ok, err := r.Get(key)
	if err != nil || !ok {
		return nil, err
	}
	return decode[T](key, raw)
}

// PutVersion stores a version of the parameter. The value of a SecureString is put in
// by Seal first.
func (p *Parameter) PutVersion(tx store.Tx, v *ParameterVersion) error {
	return put(tx, parameterVersionKey(p.Account, p.ID, v.Number), v)
}

// DeleteVersion removes a version of the parameter.
func (p *Parameter) DeleteVersion(tx store.Tx, number int64) error {
	return tx.Delete(parameterVersionKey(p.Account, p.ID, number))
}

// Seal puts a value into v, a version of p, so that it opens only as v's.
func (p *Parameter) Seal(ring *seal.Keyring, v *ParameterVersion, value string) (err error) {
	v.Sealed, err = ring.Seal([]byte(value), parameterVersionKey(p.Account, p.ID, v.Number))
	return err
}

// Open returns the value that Seal put in.
func (p *Parameter) Open(ring *seal.Keyring, v *ParameterVersion) (string, error) {
	key := parameterVersionKey(p.Account, p.ID, v.Number)
	value, err := ring.Open(v.Sealed, key)
	if err != nil {
		return "", fmt.Errorf("%s: %w", key, err)
	}
	return string(value), nil
}

// Labels are the labels of the parameter's versions.
func (p *Parameter) Labels(r store.Reader) (*ParameterLabels, error) {
	l, err := getLarge[ParameterLabels](r, parameterLabelsKey(p.Account, p.ID))
	if err == nil && l == nil {
		l = &ParameterLabels{Region: p.Region, Name: p.Name}
	}
	return l, err
}

// PutLabels stores the labels of the parameter's versions.
func (p *Parameter) PutLabels(tx store.Tx, l *ParameterLabels) error {
	key := parameterLabelsKey(p.Account, p.ID)
	if len(l.List) == 0 {
		return tx.Delete(key)
	}
	return put(tx, key, l)
}

// Of are the labels of a version.
func (l *ParameterLabels) Of(version int64) []string {
	labels := []string{}
	for _, x := range l.List {
		if x.Version == version {
			labels = append(labels, x.Label)
		}
	}
	return labels
}

// Version is the version that has a label; 0 for none.
func (l *ParameterLabels) Version(label string) int64 {
	for _, x := range l.List {
		if x.Label == label {
			return x.Version
		}
	}
	return 0
}

func putGone(tx store.Tx, a ids.Account, id string, g *ParameterGone) error {
	key := parametersGoneKey(a, id)
	if g.Next > g.Last {
		return tx.Delete(key)
	}
	return put(tx, key, g)
}

// SweepParameters removes versions of parameters that the account has deleted, with at
// most that many writes. Whatever writes parameters does some of it, so that they don't
// pile up.
func SweepParameters(tx store.Tx, a ids.Account, writes int) error {
	space := parametersGoneKey(a, "")
	for pair, err := range tx.Scan(space, store.PrefixEnd(space)) {
		if err != nil {
			return err
		}
		if writes < 2 {
			return nil
		}
		g, err := decode[ParameterGone](pair.Key, pair.Value)
		if err != nil {
			return err
		}
		id := strings.TrimPrefix(pair.Key, space)
		for ; g.Next <= g.Last && writes > 1; writes-- {
			if err := tx.Delete(parameterVersionKey(a, id, g.Next)); err != nil {
				return err
			}
			g.Next++
		}
		if err := putGone(tx, a, id, g); err != nil {
			return err
		}
		writes--
	}
	return nil
}
