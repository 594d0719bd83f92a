package directory

import (
	"slices"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/store"
)

// ResourceDrift is how a resource of a stack differed from what its stack says when
// somebody last looked. It is of no use once the resource has another state.
type ResourceDrift struct {
	Logical     string       `cbor:"1,keyasint"`
	State       int          `cbor:"2,keyasint"` // the number of the StackState that it was compared with
	Status      string       `cbor:"3,keyasint"`
	Checked     Millis       `cbor:"4,keyasint"`
	Expected    string       `cbor:"5,keyasint,omitempty"` // JSON, for people to see
	Actual      string       `cbor:"6,keyasint,omitempty"`
	Differences []Difference `cbor:"7,keyasint,omitempty"`
}

// Difference is a property, or a part of one, that is not what it should be.
type Difference struct {
	Path     string `cbor:"1,keyasint"` // a JSON pointer
	Expected string `cbor:"2,keyasint"`
	Actual   string `cbor:"3,keyasint"`
	Kind     string `cbor:"4,keyasint"`
}

// PutDrifts stores the drift of the stack's resources, by logical ID.
func (s *Stack) PutDrifts(tx store.Tx, ring *seal.Keyring, drifts []ResourceDrift) error {
	return putBlob(tx, ring, s.below(stackDrifts)+"now", &drifts)
}

// Drifts are what PutDrifts stored.
func (s *Stack) Drifts(r store.Reader, ring *seal.Keyring) ([]ResourceDrift, error) {
	drifts, err := getBlob[[]ResourceDrift](r, ring, s.below(stackDrifts)+"now")
	if err != nil || drifts == nil {
		return nil, err
	}
	return *drifts, nil
}

// DriftDetection is one look at the drift of a stack.
type DriftDetection struct {
	ID      string `cbor:"1,keyasint"` // a UUID
	Stack   string `cbor:"2,keyasint"` // its ARN
	Status  string `cbor:"3,keyasint"`
	Reason  string `cbor:"4,keyasint,omitempty"`
	Drift   string `cbor:"5,keyasint"` // of the stack
	Drifted int    `cbor:"6,keyasint"` // how many of its resources have
	Began   Millis `cbor:"7,keyasint"`
}

// mostDetections is how many of a stack's detections are remembered.
const mostDetections = 20

func detectionKey(a ids.Account, region, id string) string {
	return place(driftDetections, a, region) + id
}

// GetDetection returns the detection with that ID, or nil.
func GetDetection(r store.Reader, a ids.Account, region, id string) (*DriftDetection, error) {
	return get[DriftDetection](r, detectionKey(a, region, id))
}

// AddDetection stores a detection, and forgets the oldest of too many. PutStack must
// follow.
func (s *Stack) AddDetection(tx store.Tx, d *DriftDetection) error {
	s.Detections = append(slices.Clone(s.Detections), d.ID)
	for len(s.Detections) > mostDetections {
		if err := tx.Delete(detectionKey(s.Account, s.Region, s.Detections[0])); err != nil {
			return err
		}
		s.Detections = s.Detections[1:]
	}
	return put(tx, detectionKey(s.Account, s.Region, d.ID), d)
}
