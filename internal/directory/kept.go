package directory

import (
	"fmt"
	"iter"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// KeptType is a type of resource of which there is nothing but its Kept.
type KeptType string

// The types of resources that are kept so.
const (
	KMSKey        KeptType = "kms-key"   // its name is its ID
	KMSAlias      KeptType = "kms-alias" // its name begins with "alias/"
	ECRRepository KeptType = "ecr-repository"
)

// Kept is a resource of a service that iamd does not run: its name, which is unique
// in a region of an account, and nothing that it could do.
type Kept struct {
	Type    KeptType    `cbor:"1,keyasint"`
	Account ids.Account `cbor:"2,keyasint"`
	Region  string      `cbor:"3,keyasint"`
	Name    string      `cbor:"4,keyasint"`
	Created Millis      `cbor:"5,keyasint"`
	Target  string      `cbor:"6,keyasint,omitempty"` // of an alias: the ID of its key
}

// ARN names the resource.
func (k *Kept) ARN() string {
	service, resource := "kms", k.Name
	switch k.Type {
	case KMSKey:
		resource = "key/" + k.Name
	case ECRRepository:
		service, resource = "ecr", "repository/"+k.Name
	}
	return "arn:aws:" + service + ":" + k.Region + ":" + string(k.Account) + ":" + resource
}

func keptSpace(t KeptType, a ids.Account, region string) string {
	return kept + string(t) + "/" + string(a) + "/" + region + "/"
}

func (k *Kept) key() string { return keptSpace(k.Type, k.Account, k.Region) + k.Name }

// GetKept returns the resource of that type and name, or nil.
func GetKept(r store.Reader, t KeptType, a ids.Account, region, name string) (*Kept, error) {
	return get[Kept](r, keptSpace(t, a, region)+name)
}

// PutKept stores a resource.
func PutKept(tx store.Tx, k *Kept) error { return put(tx, k.key(), k) }

// DeleteKept removes a resource.
func DeleteKept(tx store.Tx, k *Kept) error { return tx.Delete(k.key()) }

// ListKept yields the resources of a type in a region, by name, from the first behind
// after, which "" is before.
func ListKept(r store.Reader, t KeptType, a ids.Account, region, after string) iter.Seq2[*Kept, error] {
	from := keptSpace(t, a, region)
	to := store.PrefixEnd(from)
	if after != "" {
		from += after + "\x00"
	}
	return func(yield func(*Kept, error) bool) {
		for pair, err := range r.Scan(from, to) {
			var k *Kept
			if err == nil {
				k, err = decode[Kept](pair.Key, pair.Value)
			}
			if !yield(k, err) || err != nil {
				return
			}
		}
	}
}

// kept checks one of these records.
func (c *checker) kept(key string, value []byte) error {
	k, err := decode[Kept](key, value)
	if err != nil {
		return err
	}
	if k.key() != key {
		c.problem("%s: holds %s %s of account %s in %s", key, k.Type, k.Name, k.Account, k.Region)
	}
	if (k.Target != "") != (k.Type == KMSAlias) {
		c.problem("%s: a %s that leads to %q", key, k.Type, k.Target)
	}
	a, err := GetAccount(c.r, k.Account)
	if err == nil && a == nil {
		err = fmt.Errorf("account %s does not exist", k.Account)
	}
	return err
}
