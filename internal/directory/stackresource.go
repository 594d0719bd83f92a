package directory

import (
	"slices"
	"strconv"

	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// StackResource is a resource of a stack, by its logical ID.
type StackResource struct {
	Logical string `cbor:"1,keyasint"`
	Type    string `cbor:"2,keyasint"`
	Status  string `cbor:"3,keyasint"`
	Reason  string `cbor:"4,keyasint,omitempty"`
	Updated Millis `cbor:"5,keyasint"`
	// Now is what it is; nil before it is made.
	Now *Incarnation `cbor:"6,keyasint,omitempty"`
	// Operation is the Mark of the one that last touched the resource. While it goes on, Before is what
	// the resource was (nil for a new one), Begun says that a step is under way, and Done
	// what has finished with it.
	Operation string       `cbor:"7,keyasint,omitempty"`
	Before    *Incarnation `cbor:"8,keyasint,omitempty"`
	Begun     bool         `cbor:"9,keyasint,omitempty"`
	Done      string       `cbor:"10,keyasint,omitempty"`
	Step      string       `cbor:"11,keyasint,omitempty"` // the token of the step that is under way
	// Tried is what a step was to make of the resource and failed: some of it may be so. Nil
	// if the last step went well, or made nothing.
	Tried *Incarnation `cbor:"12,keyasint,omitempty"`
	Gone  string       `cbor:"14,keyasint,omitempty"` // the physical ID that it had, of one that was removed with its stack
}

// Physical is the resource's physical ID, or the one that it had last; "" for none.
func (r *StackResource) Physical() string {
	switch {
	case r.Now != nil:
		return r.Now.Physical
	case r.Tried != nil:
		return r.Tried.Physical
	}
	return r.Gone
}

// Incarnations are all that the resource is, was and may be.
func (r *StackResource) Incarnations() []*Incarnation {
	return slices.DeleteFunc([]*Incarnation{r.Now, r.Before, r.Tried}, func(i *Incarnation) bool { return i == nil })
}

// Incarnation is one physical resource that a StackResource is, or was.
type Incarnation struct {
	Type     string `cbor:"1,keyasint"`
	Physical string `cbor:"2,keyasint"`
	State    int    `cbor:"3,keyasint"` // the number of its StackState
}

// StackState is what is known of an Incarnation. It holds secrets.
type StackState struct {
	Properties string            `cbor:"1,keyasint,omitempty"` // JSON; "" for none
	Masked     string            `cbor:"2,keyasint,omitempty"` // the same for people to see
	Attrs      map[string]string `cbor:"3,keyasint,omitempty"`
	Tags       []Tag             `cbor:"4,keyasint,omitempty"` // of the stack, when it was made so
	Literal    string            `cbor:"5,keyasint,omitempty"` // Properties with dynamic references as they are written
	Metadata   string            `cbor:"6,keyasint,omitempty"`
}

func (s *Stack) resourceKey(logical string) string { return s.below(stackResources) + logical }

// GetResource returns the resource of that logical ID, or nil.
func (s *Stack) GetResource(r store.Reader, logical string) (*StackResource, error) {
	return get[StackResource](r, s.resourceKey(logical))
}

// Resources are the stack's, by logical ID.
func (s *Stack) Resources(r store.Reader) ([]*StackResource, error) {
	return all[StackResource](r, s.below(stackResources))
}

// all decodes the records whose keys begin with prefix.
func all[T any](r store.Reader, prefix string) ([]*T, error) {
	var list []*T
	for pair, err := range r.Scan(prefix, store.PrefixEnd(prefix)) {
		if err != nil {
			return nil, err
		}
		rec, err := decode[T](pair.Key, pair.Value)
		if err != nil {
			return nil, err
		}
		list = append(list, rec)
	}
	return list, nil
}

// PutResource stores a resource, and that the stack has what it is now.
func (s *Stack) PutResource(tx store.Tx, res *StackResource) error {
	if err := s.indexResource(tx, res.Logical, res.physicalID()); err != nil {
		return err
	}
	return put(tx, s.resourceKey(res.Logical), res)
}

// DeleteResource removes a resource; its states are the caller's to remove.
func (s *Stack) DeleteResource(tx store.Tx, logical string) error {
	if err := s.indexResource(tx, logical, ""); err != nil {
		return err
	}
	return tx.Delete(s.resourceKey(logical))
}

func (s *Stack) stateKey(n int) string { return s.below(stackStates) + strconv.Itoa(n) }

// PutState stores the state of that number.
func (s *Stack) PutState(tx store.Tx, ring *seal.Keyring, n int, state *StackState) error {
	return putBlob(tx, ring, s.stateKey(n), state)
}

// GetState is the state of an incarnation.
func (s *Stack) GetState(r store.Reader, ring *seal.Keyring, of *Incarnation) (*StackState, error) {
	state, err := getBlob[StackState](r, ring, s.stateKey(of.State))
	if err == nil && state == nil {
		state = &StackState{}
	}
	return state, err
}

// DeleteState removes the state of that number.
func (s *Stack) DeleteState(tx store.Tx, n int) error { return deleteBlob(tx, s.stateKey(n)) }
