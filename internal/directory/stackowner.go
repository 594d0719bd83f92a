package directory

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// ownersOf is where the stacks are that have a physical resource. What belongs to IAM is
// the same in all regions.
func ownersOf(a ids.Account, region, typ, physical string) string {
	if strings.HasPrefix(typ, "AWS::IAM::") {
		region = ""
	}
	sum := sha256.Sum256([]byte(region + "\x00" + typ + "\x00" + physical))
	return stackOwners + string(a) + "/" + hex.EncodeToString(sum[:]) + "/"
}

func (s *Stack) ownerKey(of *Incarnation) string {
	return ownersOf(s.Account, s.Region, of.Type, of.Physical) + s.ID
}

// StackWith returns a stack that has a physical resource, or nil.
func StackWith(r store.Reader, a ids.Account, region, typ, physical string) (*Stack, error) {
	from := ownersOf(a, region, typ, physical)
	for pair, err := range r.Scan(from, store.PrefixEnd(from)) {
		if err != nil {
			return nil, err
		}
		return get[Stack](r, string(pair.Value))
	}
	return nil, nil
}

// own notes what a resource of the stack, which may be new, is now; nil for nothing.
func (s *Stack) own(tx store.Tx, logical string, now *Incarnation) error {
	was, err := s.GetResource(tx, logical)
	if err != nil {
		return err
	}
	if was != nil && was.Now != nil {
		if now != nil && s.ownerKey(was.Now) == s.ownerKey(now) {
			return nil
		}
		if err := tx.Delete(s.ownerKey(was.Now)); err != nil {
			return err
		}
	}
	if now == nil {
		return nil
	}
	return tx.Put(s.ownerKey(now), []byte(s.key()))
}
