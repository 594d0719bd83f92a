package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// physicalID is the physical ID that the resource has; "" before it is made, and when it
// is gone.
func (r *StackResource) physicalID() string {
	if r.Now == nil {
		return ""
	}
	return r.Now.Physical
}

// physicalPlace is below which a physical ID leads to resources. The ID may be of any
// length, and hold anything.
func physicalPlace(a ids.Account, physical string) string {
	sum := sha256.Sum256([]byte(physical))
	return stackPhysicals + string(a) + "/" + hex.EncodeToString(sum[:]) + "/"
}

func (s *Stack) physicalKey(logical, physical string) string {
	return physicalPlace(s.Account, physical) + s.Region + "/" + s.ID + "/" + logical
}

// indexResource makes a resource's physical ID lead to it, in the place of the one that it
// had; "" is none.
func (s *Stack) indexResource(tx store.Tx, logical, physical string) error {
	was, err := s.GetResource(tx, logical)
	if err != nil {
		return err
	}
	if was != nil && was.physicalID() != "" && was.physicalID() != physical {
		if err := tx.Delete(s.physicalKey(logical, was.physicalID())); err != nil {
			return err
		}
	}
	if physical == "" || was != nil && was.physicalID() == physical {
		return nil
	}
	return tx.Put(s.physicalKey(logical, physical), []byte(logical))
}

// StackOfPhysical is the stack that has a resource of that physical ID, or nil. It is the
// first of several.
func StackOfPhysical(r store.Reader, a ids.Account, region, physical string) (*Stack, error) {
	from := physicalPlace(a, physical) + region + "/"
	for pair, err := range r.Scan(from, store.PrefixEnd(from)) {
		if err != nil {
			return nil, err
		}
		id, _, _ := strings.Cut(pair.Key[len(from):], "/")
		return GetStack(r, a, region, strings.Clone(id))
	}
	return nil, nil
}

// StackWith is a stack that has a physical resource of a type, or nil. What belongs to IAM
// is the same in all regions.
func StackWith(r store.Reader, a ids.Account, region, typ, physical string) (*Stack, error) {
	from := physicalPlace(a, physical)
	for pair, err := range r.Scan(from, store.PrefixEnd(from)) {
		if err != nil {
			return nil, err
		}
		part := strings.SplitN(pair.Key[len(from):], "/", 3)
		if part[0] != region && !strings.HasPrefix(typ, "AWS::IAM::") {
			continue
		}
		s, err := GetStack(r, a, part[0], part[1])
		if err != nil || s == nil {
			return nil, err
		}
		res, err := s.GetResource(r, part[2])
		if err != nil || res != nil && res.Type == typ {
			return s, err
		}
	}
	return nil, nil
}

func operationKey(a ids.Account, region, id string) string {
	return place(stackOperations, a, region) + id
}

// PutOperation makes the ID of an operation lead to the stack.
func (s *Stack) PutOperation(tx store.Tx, id string) error {
	return tx.Put(operationKey(s.Account, s.Region, id), []byte(s.ID))
}

// StackOfOperation is the stack that an operation is, or was, on; nil for none.
func StackOfOperation(r store.Reader, a ids.Account, region, id string) (*Stack, error) {
	stack, ok, err := r.Get(operationKey(a, region, id))
	if err != nil || !ok {
		return nil, err
	}
	return GetStack(r, a, region, string(stack))
}
