package directory

import (
	"iter"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// Stack is a CloudFormation stack: what is true of all of it. What it was asked to be is
// in its StackInputs, what it is made of in its StackResources. A deleted one is kept
// for 90 days, and found by its ID alone.
type Stack struct {
	ID      string      `cbor:"1,keyasint"` // a UUID
	Account ids.Account `cbor:"2,keyasint"`
	Region  string      `cbor:"3,keyasint"`
	Name    string      `cbor:"4,keyasint"`
	Status  string      `cbor:"5,keyasint"`
	Reason  string      `cbor:"6,keyasint,omitempty"`
	Created Millis      `cbor:"7,keyasint"`
	Updated Millis      `cbor:"8,keyasint,omitempty"` // when an update last began
	Deleted Millis      `cbor:"9,keyasint,omitempty"`
	// Inputs are those in force: of the operation that is going on, if there is one.
	Inputs          string          `cbor:"10,keyasint,omitempty"`
	DisableRollback bool            `cbor:"11,keyasint,omitempty"`
	Protected       bool            `cbor:"12,keyasint,omitempty"` // from DeleteStack
	Timeout         int             `cbor:"13,keyasint,omitempty"` // of its creation, in minutes; 0 for none
	Parent          string          `cbor:"14,keyasint,omitempty"` // the ARN of the stack that this one is nested in
	Root            string          `cbor:"15,keyasint,omitempty"` // and of the outermost
	ChangeSet       string          `cbor:"16,keyasint,omitempty"` // the ARN of the one that was executed last
	Operation       *StackOperation `cbor:"17,keyasint,omitempty"` // that is going on, or waits for somebody to continue it
	Events          int64           `cbor:"18,keyasint,omitempty"` // how many there are
	LastEvent       Millis          `cbor:"19,keyasint,omitempty"`
	Token           string          `cbor:"20,keyasint,omitempty"` // the client's, of the last operation
	Drift           string          `cbor:"21,keyasint,omitempty"` // as last detected; "" for never
	DriftChecked    Millis          `cbor:"22,keyasint,omitempty"`
	Policy          string          `cbor:"23,keyasint,omitempty"` // the stack policy; "" for none
	RoleARN         string          `cbor:"24,keyasint,omitempty"`
	// LastOperations are the newest few that are over or going on, the newest first.
	LastOperations []OperationEntry `cbor:"25,keyasint,omitempty"`
	DeletionMode   string           `cbor:"26,keyasint,omitempty"`
	RetainOnCreate bool             `cbor:"27,keyasint,omitempty"`
	OnFailure      string           `cbor:"28,keyasint,omitempty"`
	States         int              `cbor:"29,keyasint,omitempty"` // how many StackStates have been made
	// Detections are the IDs of the newest few DriftDetections, the newest last.
	Detections []string `cbor:"30,keyasint,omitempty"`
}

// OperationEntry is an operation as DescribeStacks lists it.
type OperationEntry struct {
	ID   string `cbor:"1,keyasint"`
	Kind string `cbor:"2,keyasint"`
}

// StackOperation is the work on a stack that is going on.
type StackOperation struct {
	ID    string     `cbor:"1,keyasint"` // a UUID
	Kind  string     `cbor:"2,keyasint"` // what was asked for
	Phase StackPhase `cbor:"3,keyasint"`
	As    Standing   `cbor:"4,keyasint"` // who the calls are made as
	// Former are the Inputs to go back to; "" for none, as when the stack is being made.
	Former string `cbor:"5,keyasint,omitempty"`
	Began  Millis `cbor:"6,keyasint"`
	// Cancelled asks an update to go back.
	Cancelled bool `cbor:"7,keyasint,omitempty"`
	// KeepOnFailure leaves what was done when a step fails, for a later operation.
	KeepOnFailure bool `cbor:"8,keyasint,omitempty"`
	// DeleteOnFailure removes a stack that could not be made.
	DeleteOnFailure bool `cbor:"9,keyasint,omitempty"`
	// Retain are the resources not to be deleted, or not to be gone back for.
	Retain []string `cbor:"10,keyasint,omitempty"`
	// Force gives up on resources that can't be deleted.
	Force bool `cbor:"11,keyasint,omitempty"`
	// Failed are resources whose step failed in this phase.
	Failed []string `cbor:"12,keyasint,omitempty"`
	// Held waits, before cleaning up, for the stack that this one is nested in.
	Held bool `cbor:"13,keyasint,omitempty"`
	// Imports are the resources that are to be taken in rather than made, by logical ID,
	// with the properties that say which they are.
	Imports map[string]map[string]string `cbor:"14,keyasint,omitempty"`
	// Executes a change set: all of the stack go.
	Executes bool `cbor:"19,keyasint,omitempty"`
	// Importing does nothing but to take the Imports in.
	Importing bool `cbor:"21,keyasint,omitempty"`
	// Policy is the stack policy while this operation goes on; "" for the stack's own.
	// NewPolicy is the stack's own once it has gone well; "" for the one that it has.
	Policy    string `cbor:"16,keyasint,omitempty"`
	NewPolicy string `cbor:"18,keyasint,omitempty"`
	// Continues is the ID of the operation that this one goes on with, or takes back; ""
	// for none. What that one has touched, this one has.
	Continues string `cbor:"17,keyasint,omitempty"`
	// Why is what began the operation to go back, for the last status.
	Why string `cbor:"15,keyasint,omitempty"`
}

// Mark is what the resources have that the operation has touched.
func (o *StackOperation) Mark() string {
	if o.Continues != "" {
		return o.Continues
	}
	return o.ID
}

// StackPhase is a part of a StackOperation; the engine says what each does.
type StackPhase string

// StackStuck is the phase of an operation that nobody works on.
const StackStuck StackPhase = "stuck"

// LastOperation is the ID of the operation that began last; "" for none.
func (s *Stack) LastOperation() string {
	if len(s.LastOperations) == 0 {
		return ""
	}
	return s.LastOperations[0].ID
}

// Clone is a copy that may be changed.
func (s *Stack) Clone() *Stack {
	c := *s
	if s.Operation != nil {
		op := *s.Operation
		c.Operation = &op
	}
	return &c
}

// StackInputs are what a stack is asked to be.
type StackInputs struct {
	Template         string            `cbor:"1,keyasint"` // as submitted
	Processed        string            `cbor:"2,keyasint,omitempty"`
	Parameters       map[string]string `cbor:"3,keyasint,omitempty"` // as given
	Resolved         map[string]string `cbor:"4,keyasint,omitempty"` // values of those that name SSM parameters
	Tags             []Tag             `cbor:"5,keyasint,omitempty"`
	NotificationARNs []string          `cbor:"6,keyasint,omitempty"`
	Capabilities     []string          `cbor:"7,keyasint,omitempty"`
	// Rollback triggers are recorded only.
	MonitoringMinutes *int32            `cbor:"8,keyasint,omitempty"`
	Triggers          []RollbackTrigger `cbor:"9,keyasint,omitempty"`
	Description       string            `cbor:"10,keyasint,omitempty"` // of the template
	Order             []string          `cbor:"11,keyasint,omitempty"` // the parameters, as the template orders them
	NoEcho            []string          `cbor:"12,keyasint,omitempty"` // those that nobody is shown
}

// RollbackTrigger is an alarm that AWS would watch.
type RollbackTrigger struct {
	ARN  string `cbor:"1,keyasint"`
	Type string `cbor:"2,keyasint"`
}

// StackOutput is one output of a stack.
type StackOutput struct {
	Key         string `cbor:"1,keyasint"`
	Value       string `cbor:"2,keyasint"`
	Description string `cbor:"3,keyasint,omitempty"`
	Export      string `cbor:"4,keyasint,omitempty"`
}

// StackARN names a stack.
func StackARN(a ids.Account, region, name, id string) string {
	return "arn:aws:cloudformation:" + region + ":" + string(a) + ":stack/" + name + "/" + id
}

// ARN names the stack.
func (s *Stack) ARN() string { return StackARN(s.Account, s.Region, s.Name, s.ID) }

// place is where the stacks of a region are, below a space of keys.
func place(space string, a ids.Account, region string) string {
	return space + string(a) + "/" + region + "/"
}

// below is the stack's own place below a space of keys.
func (s *Stack) below(space string) string { return place(space, s.Account, s.Region) + s.ID + "/" }

func (s *Stack) key() string { return place(stacks, s.Account, s.Region) + s.ID }

func (s *Stack) nameKey() string { return place(stackNames, s.Account, s.Region) + s.Name }

func (s *Stack) madeKey() string {
	return place(stacksMade, s.Account, s.Region) + TimeKey(s.Created) + "/" + s.ID
}

func (s *Stack) workKey() string { return stackWork + s.ID }

func (s *Stack) goneKey() string { return stacksGone + TimeKey(s.Deleted) + "/" + s.ID }

// GetStack returns the stack with that ID, or nil.
func GetStack(r store.Reader, a ids.Account, region, id string) (*Stack, error) {
	return get[Stack](r, place(stacks, a, region)+id)
}

// StackNamed returns the stack that has the name and is not deleted, or nil.
func StackNamed(r store.Reader, a ids.Account, region, name string) (*Stack, error) {
	id, ok, err := r.Get(place(stackNames, a, region) + name)
	if err != nil || !ok {
		return nil, err
	}
	return GetStack(r, a, region, string(id))
}

// ListStacks yields the stacks of a region, the newest first, deleted ones too, from the
// first behind after, a StackCursor; "" is before all.
func ListStacks(r store.Reader, a ids.Account, region, after string) iter.Seq2[*Stack, error] {
	from := place(stacksMade, a, region)
	to := store.PrefixEnd(from)
	if after != "" {
		to = from + after
	}
	return func(yield func(*Stack, error) bool) {
		for pair, err := range r.ScanBack(from, to) {
			if err != nil {
				yield(nil, err)
				return
			}
			s, err := GetStack(r, a, region, string(pair.Value))
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// StackCursor is where ListStacks has got to with s.
func StackCursor(s *Stack) string { return TimeKey(s.Created) + "/" + s.ID }

// CreateStack stores a new stack under its name.
func CreateStack(tx store.Tx, s *Stack) error {
	for _, key := range []string{s.nameKey(), s.madeKey()} {
		if err := tx.Put(key, []byte(s.ID)); err != nil {
			return err
		}
	}
	if err := addCount(tx, s.Account, Stacks, 1); err != nil {
		return err
	}
	return PutStack(tx, s)
}

// PutStack stores a stack, and remembers whether there is work on it going on.
func PutStack(tx store.Tx, s *Stack) error {
	var err error
	if s.Operation != nil && s.Operation.Phase != StackStuck {
		err = tx.Put(s.workKey(), []byte(s.key()))
	} else {
		err = tx.Delete(s.workKey())
	}
	if err != nil {
		return err
	}
	return put(tx, s.key(), s)
}

// Retire frees the name of a stack that has been deleted. PutStack must follow.
func (s *Stack) Retire(tx store.Tx) error {
	if err := tx.Delete(s.nameKey()); err != nil {
		return err
	}
	if err := tx.Put(s.goneKey(), []byte(s.key())); err != nil {
		return err
	}
	return addCount(tx, s.Account, Stacks, -1)
}

// StacksAtWork are the stacks that have an operation going on, of all accounts.
func StacksAtWork(r store.Reader) ([]*Stack, error) {
	var all []*Stack
	for pair, err := range r.Scan(stackWork, store.PrefixEnd(stackWork)) {
		if err != nil {
			return nil, err
		}
		s, err := get[Stack](r, string(pair.Value))
		if err != nil {
			return nil, err
		}
		if s != nil {
			all = append(all, s)
		}
	}
	return all, nil
}

// PutInputs stores the inputs of a stack, or of a change set of it, under an ID.
func (s *Stack) PutInputs(tx store.Tx, ring *seal.Keyring, id string, in *StackInputs) error {
	return putBlob(tx, ring, s.below(stackInputs)+id, in)
}

// GetInputs are the inputs of that ID.
func (s *Stack) GetInputs(r store.Reader, ring *seal.Keyring, id string) (*StackInputs, error) {
	in, err := getBlob[StackInputs](r, ring, s.below(stackInputs)+id)
	if err == nil && in == nil {
		in = &StackInputs{}
	}
	return in, err
}

// DeleteInputs removes the inputs of that ID.
func (s *Stack) DeleteInputs(tx store.Tx, id string) error {
	return deleteBlob(tx, s.below(stackInputs)+id)
}

// PutOutputs stores the stack's outputs.
func (s *Stack) PutOutputs(tx store.Tx, ring *seal.Keyring, outputs []StackOutput) error {
	if len(outputs) == 0 {
		return deleteBlob(tx, s.below(stackOutputs)+"now")
	}
	return putBlob(tx, ring, s.below(stackOutputs)+"now", &outputs)
}

// GetOutputs are the stack's outputs.
func (s *Stack) GetOutputs(r store.Reader, ring *seal.Keyring) ([]StackOutput, error) {
	all, err := getBlob[[]StackOutput](r, ring, s.below(stackOutputs)+"now")
	if err != nil || all == nil {
		return nil, err
	}
	return *all, nil
}
