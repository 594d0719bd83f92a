package directory

import (
	"fmt"
	"iter"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// The tiers of parameters.
const (
	StandardTier = "Standard"
	AdvancedTier = "Advanced"
)

// Parameter is a parameter of Parameter Store: what is true of all its versions, which
// are kept beside it under its ID. Its name is unique in a region of an account, and a
// leading slash does not count: "/a" and "a" have the same ARN.
type Parameter struct {
	ID      string      `cbor:"1,keyasint"` // never used again
	Account ids.Account `cbor:"2,keyasint"`
	Region  string      `cbor:"3,keyasint"`
	Name    string      `cbor:"4,keyasint"` // as given
	Tags    []Tag       `cbor:"5,keyasint,omitempty"`
	First   int64       `cbor:"6,keyasint"` // the oldest version that is kept; all up to Last are
	Last    int64       `cbor:"7,keyasint"`
	Tier    string      `cbor:"8,keyasint"`           // of the last version
	Expires Millis      `cbor:"9,keyasint,omitempty"` // from when on there is no such parameter; zero for never
}

// ParameterCount is how many parameters of each tier a region of an account has.
type ParameterCount struct {
	Standard int `cbor:"1,keyasint"`
	Advanced int `cbor:"2,keyasint"`
}

// foldName is a parameter's name without its leading slash.
func foldName(name string) string { return strings.TrimPrefix(name, "/") }

func parameterKey(a ids.Account, region, name string) string {
	return parameters + string(a) + "/" + region + "/" + foldName(name)
}

func parameterCountKey(a ids.Account, region string) string {
	return parameterCounts + string(a) + "/" + region
}

// ParameterARN names a parameter, whether there is one or not.
func ParameterARN(a ids.Account, region, name string) string {
	return "arn:aws:ssm:" + region + ":" + string(a) + ":parameter/" + foldName(name)
}

// ARN names the parameter.
func (p *Parameter) ARN() string { return ParameterARN(p.Account, p.Region, p.Name) }

// GetParameter returns the parameter of that name, or nil. One that has expired is
// still there.
func GetParameter(r store.Reader, a ids.Account, region, name string) (*Parameter, error) {
	return get[Parameter](r, parameterKey(a, region, name))
}

// ListParameters yields the parameters of a region whose names begin with prefix, in
// the order of names, from the first behind after, which "" is before. A leading slash
// counts in neither.
func ListParameters(r store.Reader, a ids.Account, region, prefix, after string) iter.Seq2[*Parameter, error] {
	from := parameterKey(a, region, prefix)
	to := store.PrefixEnd(from)
	if after != "" {
		from = parameterKey(a, region, after) + "\x00"
	}
	return func(yield func(*Parameter, error) bool) {
		for pair, err := range r.Scan(from, to) {
			if err != nil {
				yield(nil, err)
				return
			}
			p, err := decode[Parameter](pair.Key, pair.Value)
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// PutParameter stores p, and counts it. was is the record that it replaces, nil for a
// new one.
func PutParameter(tx store.Tx, was, p *Parameter) error {
	if was == nil || was.Tier != p.Tier {
		if err := countParameter(tx, was, p); err != nil {
			return err
		}
	}
	return put(tx, parameterKey(p.Account, p.Region, p.Name), p)
}

// DeleteParameter removes p and its labels. A transaction may not write enough to
// remove all its versions, too: SweepParameters does.
func DeleteParameter(tx store.Tx, p *Parameter) error {
	if err := countParameter(tx, p, nil); err != nil {
		return err
	}
	if err := tx.Delete(parameterLabelsKey(p.Account, p.ID)); err != nil {
		return err
	}
	if err := putGone(tx, p.Account, p.ID, &ParameterGone{Next: p.First, Last: p.Last}); err != nil {
		return err
	}
	return tx.Delete(parameterKey(p.Account, p.Region, p.Name))
}

// ParametersIn counts the parameters in a region of an account.
func ParametersIn(r store.Reader, a ids.Account, region string) (ParameterCount, error) {
	n, err := get[ParameterCount](r, parameterCountKey(a, region))
	if err != nil || n == nil {
		return ParameterCount{}, err
	}
	return *n, nil
}

// countParameter counts what becomes of a parameter, which is nil before it was made
// and after it is deleted.
func countParameter(tx store.Tx, was, is *Parameter) error {
	of := is
	if is == nil {
		of = was
	}
	n, err := ParametersIn(tx, of.Account, of.Region)
	if err != nil {
		return err
	}
	n.add(was, -1)
	n.add(is, 1)
	if n.Standard < 0 || n.Advanced < 0 {
		return fmt.Errorf("%s counts less than there is", parameterCountKey(of.Account, of.Region))
	}
	return put(tx, parameterCountKey(of.Account, of.Region), &n)
}

func (n *ParameterCount) add(p *Parameter, by int) {
	switch {
	case p == nil:
	case p.Tier == AdvancedTier:
		n.Advanced += by
	default:
		n.Standard += by
	}
}
