package directory

import (
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// ChangeSet is a change of a stack that is proposed.
type ChangeSet struct {
	ID          string `cbor:"1,keyasint"` // a UUID, and that of its StackInputs
	Name        string `cbor:"2,keyasint"`
	Description string `cbor:"3,keyasint,omitempty"`
	Kind        string `cbor:"4,keyasint"` // CREATE, UPDATE or IMPORT
	Created     Millis `cbor:"5,keyasint"`
	Status      string `cbor:"6,keyasint"`
	Reason      string `cbor:"7,keyasint,omitempty"`
	Execution   string `cbor:"8,keyasint"`
	Token       string `cbor:"9,keyasint,omitempty"`
	RoleARN     string `cbor:"10,keyasint,omitempty"`
	Nested      bool   `cbor:"11,keyasint,omitempty"` // IncludeNestedStacks
	OnFailure   string `cbor:"12,keyasint,omitempty"`
	// ImportExisting takes resources in that exist already under the name that they are to have.
	ImportExisting bool                         `cbor:"13,keyasint,omitempty"`
	Imports        map[string]map[string]string `cbor:"14,keyasint,omitempty"`
	// Base is the stack's LastOperation when the change set was made: after another one, it
	// is of no use any more.
	Base string `cbor:"16,keyasint,omitempty"`
}

// ChangeSetARN names a change set of the stack.
func (s *Stack) ChangeSetARN(c *ChangeSet) string {
	return "arn:aws:cloudformation:" + s.Region + ":" + string(s.Account) + ":changeSet/" + c.Name + "/" + c.ID
}

func (s *Stack) changeSetKey(id string) string { return s.below(changeSets) + id }

// ChangeSets are those of the stack.
func (s *Stack) ChangeSets(r store.Reader) ([]*ChangeSet, error) {
	return all[ChangeSet](r, s.below(changeSets))
}

// GetChangeSet returns the change set with that ID, or nil.
func (s *Stack) GetChangeSet(r store.Reader, id string) (*ChangeSet, error) {
	return get[ChangeSet](r, s.changeSetKey(id))
}

// StackOfChangeSet is the stack that the change set of that ID is of, or nil.
func StackOfChangeSet(r store.Reader, id string) (*Stack, error) {
	key, ok, err := r.Get(changeSetStacks + id)
	if err != nil || !ok {
		return nil, err
	}
	return get[Stack](r, string(key))
}

// PutChangeSet stores a change set.
func (s *Stack) PutChangeSet(tx store.Tx, c *ChangeSet) error {
	if err := tx.Put(changeSetStacks+c.ID, []byte(s.key())); err != nil {
		return err
	}
	return put(tx, s.changeSetKey(c.ID), c)
}

// PutChanges stores what a change set would do: JSON.
func (s *Stack) PutChanges(tx store.Tx, ring *seal.Keyring, id, changes string) error {
	return putBlob(tx, ring, s.below(stackChanges)+id, &changes)
}

// GetChanges is what PutChanges stored.
func (s *Stack) GetChanges(r store.Reader, ring *seal.Keyring, id string) (string, error) {
	text, err := getBlob[string](r, ring, s.below(stackChanges)+id)
	if err != nil || text == nil {
		return "", err
	}
	return *text, nil
}

// DeleteChangeSet removes a change set, and its inputs unless the stack has taken them.
func (s *Stack) DeleteChangeSet(tx store.Tx, id string) error {
	if err := deleteBlob(tx, s.below(stackChanges)+id); err != nil {
		return err
	}
	if s.Inputs != id {
		if err := s.DeleteInputs(tx, id); err != nil {
			return err
		}
	}
	if err := tx.Delete(changeSetStacks + id); err != nil {
		return err
	}
	return tx.Delete(s.changeSetKey(id))
}
